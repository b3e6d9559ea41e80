"""What of a post is compared with others: its words and names, its schools, districts and numbers (归并的依据)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from classifier.duplicates import Fingerprint, prints
from classifier.rarity import Rarity, terms
from classifier.words import fold
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import RedLine, Scope
from pipeline.spread import moment

NAMED, RED = "名:", "红线:"
LONGEST = 4_000
KEYS, HEAVIEST = 16, 160
DOUBTFUL = 0.05
"""Below this relevance nobody takes a post for education."""
PLAIN = 1.0
"""Words below this weight say nothing of the matter."""
TITLE = 3.0
"""A word of the title is so much likelier to name the matter."""
NAMELESS = re.compile(r"^第?[一二三四五六七八九十\d]{1,3}[中小幼高]")
SUM = re.compile(r"(?<![\d.])\d{2,}(?:\.\d+)?(?![\d.]|年|月|日|号|点|时|岁|周|级|届|:)")
YEAR = re.compile(r"^(?:19|20)\d\d$")
DISTRICT = re.compile(r"([\u4e00-\u9fff]{2}|[a-z]\d{0,2})[区县](?!域|别|分|长|委|里)")
NO_DISTRICT = re.compile(r".*(?:[小社地校片学园辖城市郊山库各本我该全两新景厂矿灾林牧战特省个开几到内住五]|住宅|开发)$")
"""What stands before 区 or 县 in plain prose (小区、学区、开发区)."""
Weights = Mapping[str, float]
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What of a post is compared: its pairs of characters, its words and names with their weights and what of them remains beside the
    names of its schools (`matter`), its schools (by code, else by name), topics, districts, numbers, red line and moment; the post itself,
    and its meaning as a unit vector where somebody has made one."""

    print: Fingerprint
    words: Weights
    names: Weights
    matter: Weights
    title: Weights
    schools: frozenset[str]
    topics: tuple[str, ...]
    districts: frozenset[str]
    numbers: frozenset[str]
    redline: RedLine | None
    at: datetime
    rare: tuple[str, ...]
    post: Post
    vector: Vector | None = None

    @property
    def matters(self) -> tuple[str, ...]:
        """What beside a school makes two posts worth comparing: the topic, and the red line."""
        return tuple(m for m in (*self.topics[:1], f"{RED}{self.redline.value}" if self.redline else "") if m)


def told(
    posts: Sequence[Post], readings: Sequence[Reading], vectors: Sequence[Vector | None] | None = None, *, rarity: Rarity
) -> list[Told]:
    """What each post of a batch tells; `vectors` are their meanings, of length 1, where somebody has made them. Of a post that is surely
    no education no word is weighed: only its copies are sought."""
    folded = [fold(p.text[:LONGEST]) for p in posts]
    weighed = [r.scope is not Scope.NONE or r.redline is not None or r.relevance >= DOUBTFUL for r in readings]
    heads = [terms(text[: len(p.title)]) if worth else [] for text, p, worth in zip(folded, posts, weighed, strict=True)]
    cut = [title + (terms(text[len(p.title) :]) if worth else [])
           for title, text, p, worth in zip(heads, folded, posts, weighed, strict=True)]  # fmt: skip
    rarity.see(cut)
    rows = zip(posts, readings, folded, heads, cut, prints(folded), vectors or [None] * len(posts), strict=True)
    return [_told(p, r, text, title, words, f, v, rarity) for p, r, text, title, words, f, v in rows]


def _told(
    post: Post, reading: Reading, text: str, title: list[str], cut: list[str], fingerprint: Fingerprint, vector: Vector | None,
    rarity: Rarity,
) -> Told:
    heavy = _heavy(Counter(cut), rarity)
    headed = heavy.keys() & set(title)
    rare = nsmallest(KEYS, heavy, key=lambda w: (-heavy[w] * (TITLE if w in headed else 1), w))
    known = rarity.known
    names = {w: n for w, n in heavy.items() if w not in known}
    words = {w: n for w, n in heavy.items() if w in known}
    schools = {word for m in reading.subjects for word in terms(fold(m.span.surface))}
    matter = {w: n for w, n in heavy.items() if w not in schools}
    return Told(
        fingerprint, unit(words), unit(names), unit(matter), unit({w: heavy[w] for w in headed}), keys(reading),
        tuple(t.code for t in reading.topics),
        _districts(text), _numbers(text), reading.redline, moment(post), tuple(rare), post, vector,
    )  # fmt: skip


def _heavy(counts: Counter[str], rarity: Rarity) -> Weights:
    """The weightiest words of a post; one that comes again counts more, but not as much again."""
    table = rarity.weights(counts)
    weighed = {w: table[w] if n == 1 else table[w] * (0.5 + 0.5 * min(n, 5)) for w, n in counts.items() if table[w] >= PLAIN}
    if len(weighed) <= HEAVIEST:
        return weighed
    return dict(sorted(weighed.items(), key=lambda pair: (-pair[1], pair[0]))[:HEAVIEST])


def _districts(text: str) -> frozenset[str]:
    names = (m.group(1) for m in DISTRICT.finditer(text[:400]))
    return frozenset(n for n in names if not NO_DISTRICT.match(n))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(n for n in SUM.findall(text) if not YEAR.match(n))


def keys(reading: Reading) -> frozenset[str]:
    """The schools that a post is about: registry codes, and names of their own that no registry knows."""
    found = set()
    for mention in reading.subjects:
        if mention.code:
            found.add(mention.code)
        elif not mention.candidates and len(mention.span.surface) > 3 and not NAMELESS.match(fold(mention.span.surface)):
            found.add(f"{NAMED}{fold(mention.span.surface)}")
    return frozenset(found)


def unit(weights: Weights) -> Weights:
    """The same list with length 1."""
    length = sqrt(sum(w * w for w in weights.values()))
    return {word: weight / length for word, weight in weights.items()} if length else {}


def meet(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two sets of schools have one in common; of two names, one may be the longer form of the other."""
    mine, theirs = set(one), set(other)
    if mine & theirs:
        return True
    named = [(a[len(NAMED) :], b[len(NAMED) :]) for a in mine for b in theirs if a.startswith(NAMED) and b.startswith(NAMED)]
    return any(a.endswith(b) or b.endswith(a) for a, b in named)
