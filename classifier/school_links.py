"""Which registry row a found name leads to: by the place before it, the places around it, and what else the text names.

Rules 3 (bare names), 4 (townships, neighbours, the city) and 5 (places and people) of the page on schools.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from classifier.aliases import NOBODYS, Alias, Strength
from classifier.places import Gazetteer, Place
from classifier.words import tagged

PREFIX = re.compile(r"((?:[a-z]\d{0,3}(?:省|市|县|区))+|[\u4e00-\u9fff]{2,3}(?:省|市|县|区|镇|乡)|(?<![一-鿿])[市县区镇乡])$")
ZONED = re.compile(r"(?:[a-z]\d{0,3}市)?(?:[\u4e00-\u9fff]{2})??(?:经济开发区|经济技术开发区|开发区|高新区|经开区|管理区)$")
CLASS_ONLY = re.compile(r"([市县区镇乡])$")
VAGUE = re.compile(r"^(?:我们?|本|全|该|各|咱们?|贵|外|邻)")
NAMES = frozenset({"nr", "ns", "nz", "nt", "nrt", "nrfg", "j"})
SINGLES = frozenset({"n", "ng", "a", "ag", "g", "x", "b", "nr", "ns", "j", "zg"})  # single characters that are pieces of names
UNKNOWN, UNSURE = 0.5, 0.35


@dataclass(frozen=True, slots=True)
class Home:
    """Where a school stands: names of its counties and its city, the nearest one whole, and its township."""

    counties: frozenset[str]
    county: str
    towns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch that names a school, with the registry names that it equals."""

    start: int
    end: int
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What the text and its source say of places."""

    places: tuple[Place, ...]
    here: frozenset[str]
    homes: tuple[Home, ...]
    gazetteer: Gazetteer

    def near(self, names: frozenset[str], at: int) -> int | None:
        """How far from a position the nearest of these places is named; None when none is."""
        return min((abs(p.start - at) for p in self.places if p.name in names), default=None)

    def elsewhere(self) -> bool:
        """Whether the text names foreign counties and none of ours."""
        own = any(self.gazetteer.is_own(p.name) for p in self.places)
        return not own and any(self.gazetteer.foreign(p.name) for p in self.places)


@dataclass(frozen=True, slots=True)
class Link:
    """A found name with the registry row it leads to, if it does."""

    start: int
    end: int
    school: int | None
    confidence: float
    candidates: tuple[int, ...] = ()


def resolve(found: Sequence[Found], context: Context, folded: str) -> list[Link]:
    """Links every found name; what stays open is settled by a school that the same text names beyond doubt."""
    links: list[Link] = []
    floor = 0
    for name in found:
        link = _link(name, context, folded, floor)
        links += [link] if link else []
        floor = name.end
    sure = frozenset(link.school for link in links if link.school is not None and link.confidence >= 0.8)
    return [_settled(link, sure) for link in links]


def _settled(link: Link, sure: frozenset[int]) -> Link:
    if link.school is None:
        named = [c for c in link.candidates if c in sure]
        if len(named) == 1:
            return replace(link, school=named[0], confidence=0.8)
    return link


def _link(found: Found, context: Context, folded: str, floor: int) -> Link | None:
    if not found.aliases:
        return Link(found.start, found.end, None, UNKNOWN)
    start, place = _prefix(found.start, context, folded, floor)
    fits = [a for a in found.aliases if _fits(context.homes[a.school], place)]
    if not fits and NOBODYS.match(found.aliases[0].text):
        return None  # another county's 幼儿园 is any of them
    if not fits:
        return Link(start, found.end, None, UNKNOWN)
    if not place:
        start = found.start
    chosen = _narrowed(fits, context, found.start)
    schools = tuple(dict.fromkeys(a.school for a in chosen))
    if len(schools) > 1:
        return Link(start, found.end, None, UNSURE, schools)
    confidence = _confidence(chosen[0], place, context, found.start)
    if confidence < 0.6:
        return Link(start, found.end, None, UNSURE, schools)
    return Link(start, found.end, schools[0], confidence)


def _prefix(start: int, context: Context, folded: str, floor: int) -> tuple[int, str]:
    """The place that stands directly before a name, and where it begins."""
    # A name may begin with the class word of its county: 县一中 in 湘潭县一中.
    ends = (start, start + 1) if folded[start] in "县市区镇乡" else (start,)
    known = [p for p in context.places if p.end in ends and floor <= p.start < start]
    if known:
        widest = min(known, key=lambda p: p.start)
        return widest.start, widest.name
    if len(ends) > 1 and start and folded[start - 1] in "邻外别某":
        return start - 1, folded[start - 1 : start + 1]
    for end in reversed(ends):
        place = _place_before(folded, end, floor)
        if place:
            return end - len(place), place
    window = folded[max(floor, start - 9) : start]
    lone = CLASS_ONLY.search(window)
    return (start - 1, lone.group()) if lone else (start, "")


def _place_before(folded: str, end: int, floor: int) -> str:
    """The place that ends here with its class word: 云岭县, A7县; 今天, 听说 and 为什么 before 县一中 are none."""
    zone = ZONED.search(folded[max(floor, end - 9) : end])
    if zone:
        return zone.group()
    match = PREFIX.search(folded[max(floor, end - 9) : end])
    if not match or len(match.group()) == 1:
        return ""
    if match.group()[0] <= "z":
        return match.group()
    words = list(tagged(folded[max(floor, end - 9) : end - 1]))
    word, kind = words[-1]
    name = word if kind in (NAMES if len(word) > 1 else SINGLES) else ""
    if len(name) == 1:
        before, its = words[-2] if len(words) > 1 else ("", "")
        name = before + name if len(before) == 1 and its in SINGLES else ""
    return "" if not name or VAGUE.match(name) or len(name) > 3 else name + folded[end - 1]


def _fits(home: Home, place: str) -> bool:
    """Whether a school can be meant when this place stands before the name."""
    if not place:
        return True
    if place in home.counties or place in home.towns:
        return True
    if place in "市县区":
        return home.county.endswith(place) or not home.county
    if place in "镇乡":
        return bool(home.towns)
    return any(place.endswith(p) for p in (*home.counties, *home.towns) if len(p) > 1)


def _narrowed(aliases: Sequence[Alias], context: Context, at: int) -> list[Alias]:
    """The candidates that places in the text speak for; all of them when none does."""
    left = list(aliases)
    if len({a.school for a in left}) > 1:
        left = _nearest(left, {a: context.near(context.homes[a.school].towns, at) for a in left})
        left = _nearest(left, {a: context.near(context.homes[a.school].counties, at) for a in left})
    strongest = max(a.strength for a in left)
    return [a for a in left if a.strength == strongest] if len({a.school for a in left}) > 1 else left


def _nearest(aliases: Sequence[Alias], distances: Mapping[Alias, int | None]) -> list[Alias]:
    """Those whose place is named nearest; all of them when no place of theirs is named."""
    reached = {a: d for a in aliases if (d := distances[a]) is not None}
    return [a for a, d in reached.items() if d == min(reached.values())] or list(aliases)


def _confidence(alias: Alias, place: str, context: Context, at: int) -> float:
    home = context.homes[alias.school]
    if alias.strength is Strength.FULL or (place and place not in "市县区镇乡" and alias.strength is not Strength.PART):
        return 0.98
    in_county = context.near(home.counties, at) is not None
    posted_here = bool(context.here & home.counties) and not context.elsewhere()
    if alias.strength is Strength.AMBIGUOUS:
        return UNSURE
    if alias.strength is Strength.PART:
        return 0.65 if in_county or posted_here else UNSURE
    if alias.strength is Strength.TOWN:
        return 0.85 if context.near(home.towns, at) is not None else UNSURE
    if in_county:
        return 0.95
    if alias.strength is Strength.LOCAL:
        return 0.6 if context.elsewhere() else 0.9 if posted_here else 0.8
    return 0.85 if posted_here else UNSURE
