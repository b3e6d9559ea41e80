"""Which posts tell one matter (同一件事): copies, the same school, topic and words, or the same school and red line within days.

A wrong merge is worse than a missed one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from classifier.duplicates import Fingerprint, fingerprints, likeness
from classifier.words import fold, tokens
from config.schema.settings import GatherSettings
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import RedLine

LONGEST = 4_000
SURE_COPY = 0.95
SAME_GRAVE_EVENT, GRAVE_DAYS = 0.2, timedelta(days=3)
COMMON = frozenset(
    re.findall(
        r"\w+",
        "学校 学生 孩子 家长 老师 教师 领导 尊敬 您好 希望 我们 他们 你们 自己 这个 那个 一个 没有 什么 怎么 因为 所以 但是 "
        "如果 可以 应该 已经 现在 问题 情况 反映 投诉 有关 相关 部门 教育局 教育 政府 解决 处理 感谢 谢谢 请问 时候 时间 今年 "
        "去年 就是 还是 不是 这样 进行 要求 知道 觉得 为了 通过 以及 或者 而且 并且 其他 大家 小学 中学 幼儿园 我家 小孩 班级 "
        "来电 来电人 市民 县委 书记 局长 校长 这种 这些 一直 一下 多次 是否 如何 能够 回复 答复 能否 恳请 请求",
    )
)
NAMED, RED = "名:", "红线:"
NAMELESS = re.compile(r"^第?[一二三四五六七八九十\d]{1,3}[中小幼高]")


@dataclass(frozen=True, slots=True)
class Told:
    """What of a post is compared: its text as pairs and as words, its schools (by code, else by name), topic, red line and moment."""

    print: Fingerprint
    words: frozenset[str]
    schools: frozenset[str]
    topic: str
    redline: RedLine | None
    at: datetime

    @property
    def matters(self) -> tuple[str, ...]:
        """What beside a school makes two posts worth comparing: the topic, and the red line."""
        return tuple(m for m in (self.topic, f"{RED}{self.redline.value}" if self.redline else "") if m)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two posts are, and in which way."""

    how: str
    value: float


def told(posts: Sequence[Post], readings: Sequence[Reading]) -> list[Told]:
    """What each post of a batch tells."""
    prints = fingerprints([p.text for p in posts])
    return [_told(p, r, f) for p, r, f in zip(posts, readings, prints, strict=True)]


def _told(post: Post, reading: Reading, fingerprint: Fingerprint) -> Told:
    words = frozenset(w for w in tokens(fold(post.text[:LONGEST])) if len(w) > 1 and w not in COMMON)
    topic = reading.topics[0].code if reading.topics else ""
    return Told(fingerprint, words, keys(reading), topic, reading.redline, moment(post))


def moment(post: Post) -> datetime:
    """When a post was published, as far as that is believed; else when it was collected."""
    known = post.published_at
    return known if known and known <= post.collected_at else post.collected_at


def keys(reading: Reading) -> frozenset[str]:
    """The schools that a post is about: registry codes, and names of their own that no registry knows."""
    found = set()
    for mention in reading.subjects:
        if mention.code:
            found.add(mention.code)
        elif not mention.candidates and len(mention.span.surface) > 3 and not NAMELESS.match(fold(mention.span.surface)):
            found.add(f"{NAMED}{fold(mention.span.surface)}")
    return frozenset(found)


def alike(one: Told, other: Told, settings: GatherSettings) -> Likeness | None:
    """Whether two posts tell one matter. Different schools never do, unless the text is a plain copy."""
    if abs(one.at - other.at) > timedelta(days=settings.window_days):
        return None
    copied = likeness(one.print.pairs, other.print.pairs)
    apart = bool(one.schools and other.schools) and not _meet(one.schools, other.schools)
    if copied >= (SURE_COPY if apart else settings.duplicate):
        return Likeness("duplicate", round(copied, 4))
    if apart or not one.schools or not other.schools:
        return None
    shared = _cosine(one.words, other.words)
    grave = one.redline is not None and one.redline is other.redline and abs(one.at - other.at) <= GRAVE_DAYS
    # The same school of the registry with the same red line in the same days: people tell it in different words.
    if grave and any(not school.startswith(NAMED) for school in one.schools & other.schools):
        return Likeness("same_matter", round(shared, 4))
    if not one.topic or one.topic != other.topic:
        return None
    if shared >= (SAME_GRAVE_EVENT if grave else settings.same_matter):
        return Likeness("same_matter", round(shared, 4))
    return None


def _meet(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two sets of schools have one in common; of two names, one may be the longer form of the other."""
    named = [(a[2:], b[2:]) for a in one for b in other if a.startswith(NAMED) and b.startswith(NAMED)]
    return bool(set(one) & set(other)) or any(a.endswith(b) or b.endswith(a) for a, b in named)


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def group(posts: Sequence[Post], readings: Sequence[Reading], settings: GatherSettings) -> list[int]:
    """An event number for each post: posts with the same number tell one matter. One pass, over bands and schools, oldest first."""
    everything = told(posts, readings)
    order = sorted(range(len(posts)), key=lambda i: (everything[i].at, i))
    by_band: dict[int, list[int]] = defaultdict(list)
    by_matter: dict[tuple[str, str], list[int]] = defaultdict(list)
    event = list(range(len(posts)))
    for i in order:
        one = everything[i]
        if not (readings[i].relevant or readings[i].redline):
            continue
        near = {j for b in one.print.bands for j in by_band[b][-50:]} | {
            j for s in one.schools for m in one.matters for j in by_matter[s, m][-50:]
        }
        found = [(match.value, -j, j) for j in near if (match := alike(one, everything[j], settings))]
        if found:
            event[i] = event[max(found)[2]]
        for band in one.print.bands:
            by_band[band].append(i)
        for school in one.schools:
            for matter in one.matters:
                by_matter[school, matter].append(i)
    return event
