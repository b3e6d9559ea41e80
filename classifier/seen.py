"""What the model sees in a text, led back to where it stands there: words, pairs of characters, turns of phrase (句式)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from classifier import cues
from classifier.columns import DIGITS
from classifier.features import CODED, LANDMARK, PLACE, Masked, kind
from pipeline.domain.readings import Span

CUE_NAMES = {
    "asks": "询问语", "question_mark": "问号", "asks_title": "标题在询问", "helps": "求助语",
    "accuses": "举报语", "accuses_title": "标题在举报", "complains": "投诉语", "suggests": "建议语", "suggests_title": "标题在建议",
    "praises": "表扬语", "praises_title": "标题在表扬", "reports": "新闻语", "notices": "公告语", "adverts": "广告语",
    "hotline": "热线记录语", "letter": "来信语", "pupils": "说到学生",
    "parents": "说到家长", "teachers": "说到教师", "bureau": "说到教育部门", "policy": "说到政策", "places": "说到招生入学",
    "school": "说到校园", "training": "说到培训机构", "higher": "说到高校与成人考试", "homes": "说到房产物业", "city": "说到市政",
    "country": "说到村务", "health": "说到医疗", "works": "说到劳务", "court": "说到公安司法",
}  # fmt: skip
"""The turns of phrase by the words that staff read."""
TITLE_ONLY = (r"^[^\n]*", r"[^\n]*\n")


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as the model sees it, with names of schools masked, and for each of its characters the stretch of the post behind it."""

    post: str
    text: str
    stretches: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, post: str, folded: str, schools: Sequence[Masked]) -> Seen:
        """`post` is the text as written, `folded` its normal form, `schools` the names that are masked in it."""
        cells = list(_masked(folded, schools))
        joined, kept, at = "".join(c for c, _, _ in cells), [], 0
        for place in CODED.finditer(joined):
            kept += [*cells[at : place.start()], (PLACE, cells[place.start()][1], cells[place.end() - 1][2])]
            at = place.end()
        kept += cells[at:]
        return cls(post, "".join(c for c, _, _ in kept), tuple((s, e) for _, s, e in kept))

    def span(self, start: int, end: int) -> Span:
        """Where a stretch of the seen text stands in the post."""
        begin, stop = self.stretches[start][0], self.stretches[end - 1][1]
        return Span(self.post[begin:stop], begin, stop)

    def first(self, word: str) -> Span | None:
        """Where a word or pair of the model first stands; None where the cutter alone saw it."""
        at = self.text.translate(DIGITS).find(word)
        return self.span(at, at + len(word)) if at >= 0 and word else None


def _masked(folded: str, schools: Sequence[Masked]) -> Iterable[tuple[str, int, int]]:
    at = 0
    for school in sorted(schools, key=lambda s: s.start):
        if school.start < at:
            continue
        yield from ((c, i, i + 1) for i, c in enumerate(folded[at : school.start], at))
        yield LANDMARK if school.landmark else kind(folded[school.start : school.end]), school.start, school.end
        at = school.end
    yield from ((c, i, i + 1) for i, c in enumerate(folded[at:], at))


@dataclass(frozen=True, slots=True)
class CueSaid:
    """A turn of phrase that a text has, and the words that are it."""

    name: str
    words: tuple[Span, ...]

    @property
    def zh(self) -> str:
        """As staff read it."""
        return CUE_NAMES.get(self.name, self.name)


def cues_said(seen: Seen) -> list[CueSaid]:
    """The turns of phrase that fired, in the order in which the program knows them."""
    everywhere, _ = cues.counts(seen.text)
    return [CueSaid(name, tuple(_words(name, seen))) for name, count in zip(cues.NAMES, everywhere, strict=True) if count]


def _words(name: str, seen: Seen) -> Iterable[Span]:
    pattern, in_title = _pattern(name)
    end = seen.text.find("\n") if in_title else len(seen.text)
    return (seen.span(*match.span()) for match in pattern.finditer(seen.text, 0, end) if match.group())


@cache
def _pattern(name: str) -> tuple[re.Pattern[str], bool]:
    """The words of a turn of phrase, without what spans the rest of a title; whether only the title counts."""
    whole = cues.CUES[name]
    if not whole.startswith(TITLE_ONLY[0]):
        return re.compile(whole), False
    return re.compile(whole.removeprefix(TITLE_ONLY[0]).removesuffix(TITLE_ONLY[1])), True
