"""Places in a text: the bureau's own, its neighbours, coded ones (A7县), and the counties and cities that a dictionary knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from classifier.aliases import short
from classifier.words import cutter

CODED = re.compile(r"[a-z]\d{0,3}(?:省|市|县|区)")
CLASS = re.compile(r"[县市旗](?![场民政委级内里外区直属长局])")
# A dictionary also calls these places.
NO_PLACE = re.compile(r"各|强县$|^自治县$|^[外非]|超市$|门市$|(?:大|中|周边|后方|宜居|文明|港口|田园|第九)城市$|[色角半极阳环]旗$")
LISTED = re.compile(rb"^(\S+(?:\xe5\x8e\xbf|\xe5\xb8\x82|\xe6\x97\x97)) \d+ ns\r?$", re.M)  # … 县, 市, 旗
# Counties of two characters, but for those whose first one is also a word before 县 (和县, 应县, 外县) or no county at all.
TWO = re.compile(rb"^((?:[\xe4-\xe9][\x80-\xbf]{2})\xe5\x8e\xbf) \d{2,} ns\r?$", re.M)
NO_TWO = frozenset("和应成通同大外中上东北西南地山入五达开连富易高新旧古文安定达府郡云")
SHORTEST, LONGEST, BEFORE = 2, 14, 12
HAN = re.compile(r"[\u4e00-\u9fff]*$")


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a text, by its folded name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Folded place names: ours (county, city, townships; whole and short) and the neighbours'."""

    own: frozenset[str]
    neighbours: frozenset[str]

    @classmethod
    def of(cls, own: Sequence[str], neighbours: Sequence[str]) -> Gazetteer:
        """From configured names, whole ones; the short forms are added."""
        ours = frozenset(own) | frozenset(map(short, own))
        others = frozenset(neighbours) | frozenset(map(short, neighbours))
        return cls(ours, others - ours)

    def is_own(self, name: str) -> bool:
        """Whether a place is ours, in either form."""
        return name in self.own

    def foreign(self, name: str) -> bool:
        """Whether a name is somebody else's county; nothing is, where the bureau has not said its own place.

        A bureau that has said only its city may have any county or district: there only another city is somebody else's.
        """
        if not self.own or name in self.own:
            return False
        others = "县市区" if any(own[-1:] in ("县", "区") for own in self.own) else "市"
        return name in self.neighbours or name[-1:] in others


@cache
def known() -> frozenset[str]:
    """Counties and cities by the dictionary of the word cutter; empty where it is not installed. Of two characters: 沛县, 歙县.

    The file is read without its package: that one prepares far more than is needed here.
    """
    spec = find_spec("jieba")
    files = [Path(folder) / "dict.txt" for folder in (spec.submodule_search_locations or ())] if spec else []
    texts = [file.read_bytes() for file in files if file.exists()]
    names = (m.decode() for text in texts for m in LISTED.findall(text))
    counties = (m.decode() for text in texts for m in TWO.findall(text))
    return frozenset(n for n in names if len(n) > 2 and not NO_PLACE.search(n)) | {n for n in counties if n[0] not in NO_TWO}


def said(folded: str) -> list[Place]:
    """Places that carry their class word (临川县, A7县), in the first four thousand characters.

    Only coded ones and those that a dictionary knows: before 县一中 may stand any word (今天县一中, 反映县一中).
    """
    text = folded[:4000]
    found = [Place(m.group(), m.start(), m.end()) for m in CODED.finditer(text)]
    found += [place for m in CLASS.finditer(text) if (place := _listed(text, m.end()))]
    return sorted(found, key=lambda p: p.start)


def _listed(text: str, end: int) -> Place | None:
    """The longest known place that ends here and begins where a word begins (应城市 does not in 相应城市)."""
    if text[end - 2 : end] not in _tails():
        return None
    names = known()
    for length in range(min(LONGEST, end), SHORTEST - 1, -1):
        name = text[end - length : end]
        if name in names and end - length in _beginnings(text, end):
            return Place(name, end - length, end)
    return None


@cache
def _tails() -> frozenset[str]:
    """The last two characters of every known place: most class words follow none of them."""
    return frozenset(name[-2:] for name in known())


def _beginnings(text: str, end: int) -> Iterator[int]:
    """Where words begin in the run of characters before a class word."""
    start = end - len(HAN.search(text[max(0, end - LONGEST - BEFORE) : end]).group())  # type: ignore[union-attr]  # it may be empty
    for word in cutter().cut(text[start : end + 2]):
        yield start
        start += len(word)


def foreign(folded: str, gazetteer: Gazetteer, city: str, own_school: bool) -> str | None:
    """The other county in which a text's matter happened; None where it is ours or nobody says.

    A person who moved here names the old home too, so it takes a place in the title or at the head of the news, and no word of ours.
    """
    if own_school or not gazetteer.own:
        return None
    title, _, body = folded.partition("\n")
    head = f"{title}\n{body[:60]}"
    near = [p for p in said(head) if gazetteer.foreign(p.name) and not _ours(p.name, gazetteer, city)]
    near += [Place(n, head.find(n), 0) for n in gazetteer.neighbours if n in head]
    if not near or any(own in folded for own in gazetteer.own if len(own) > 1):
        return None
    first = min(near, key=lambda p: (p.start, -len(p.name)))  # 云岭县 rather than its short form, which begins there too
    if re.search(r"(?:来自|老家|户口|户籍|迁|原籍|嫁|搬|转学|籍|娘家|在).{0,4}$", head[max(0, first.start - 6) : first.start]):
        return None
    return first.name


def _ours(name: str, gazetteer: Gazetteer, city: str) -> bool:
    return (bool(city) and name in (city, short(city))) or any(name.endswith(own) for own in gazetteer.own if len(own) > 1)
