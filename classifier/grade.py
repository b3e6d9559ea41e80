"""The suggested grade (建议等级) of a post and of a case; a person confirms it. Heat only raises; another county's events never do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from config.schema.sources import Source
from config.schema.topics import Topic
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import Grade, Nature, RedLine, gravest

RAISING_RISK = 3
HEATED_POSTS, HEATED_PLATFORMS = 3, 2
GATHERING = re.compile(r"横幅|堵|围|聚|罢|静坐|上访")
REACH = {"local": Grade.IV, "county": Grade.III, "city": Grade.II, "national": Grade.II}


def grade_post(reading: Reading, topics: Mapping[str, Topic]) -> Grade | None:
    """What one post deserves by itself; None where it asks nothing of this bureau."""
    if not reading.relevant and reading.redline is None:
        return None
    if reading.foreign_place or (reading.nature is Nature.PRAISE and reading.redline is None):
        return Grade.IV
    risk = max((topics[t.code].risk for t in reading.topics[:1] if t.code in topics), default=1)
    by_risk = Grade.III if risk >= RAISING_RISK else Grade.IV
    return gravest(by_risk, _of_redline(reading))


def _of_redline(reading: Reading) -> Grade:
    if reading.redline is None:
        return Grade.IV
    gathered = any(GATHERING.search(span.surface) for span in reading.redline_words)
    return Grade.II if reading.redline.legal or (reading.redline is RedLine.JOINT_ACTION and gathered) else Grade.III


def heat(posts_of_source: Mapping[str, int], sources: Mapping[str, Source]) -> Grade:
    """What the spread deserves: three posts on two platforms, or one on a medium that the county or the city reads."""
    known = {s: sources[s] for s in posts_of_source if s in sources}
    platforms = {(known[s].platform or s) if s in known else s for s in posts_of_source}
    spread = sum(posts_of_source.values()) >= HEATED_POSTS and len(platforms) >= HEATED_PLATFORMS
    return gravest(Grade.III if spread else Grade.IV, *(REACH[s.reach] for s in known.values()))


def national(posts_of_source: Mapping[str, int], sources: Mapping[str, Source]) -> bool:
    """Whether a medium of national reach tells of it."""
    return any(sources[s].reach == "national" for s in posts_of_source if s in sources)


def combined(own: Iterable[Grade], posts_of_source: Mapping[str, int], sources: Mapping[str, Source]) -> Grade:
    """The grade of a case from its posts' own grades and its spread: Ⅱ and national spread make Ⅰ."""
    by_posts = gravest(Grade.IV, *own)
    if by_posts is Grade.II and national(posts_of_source, sources):
        return Grade.I
    return gravest(by_posts, heat(posts_of_source, sources))


def grade_case(readings: Sequence[Reading], posts: Sequence[Post], sources: Mapping[str, Source], topics: Mapping[str, Topic]) -> Grade:
    """What a case deserves by all its posts."""
    ours = [(r, p) for r, p in zip(readings, posts, strict=True) if not r.foreign_place]
    grades = [g for r, _ in ours if (g := grade_post(r, topics)) is not None]
    return combined(grades, Counter(p.source for _, p in ours), sources)
