"""Finds the schools that a text names: one pass of an automaton over all derived names, then boundaries, places, types.

Rules 7 (campuses, groups, former names) and 8 (several schools, their spans and order) of the page on schools.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ahocorasick_rs import AhoCorasick

from classifier import boundaries, school_names
from classifier.aliases import Alias, Strength, derive, parts, short
from classifier.places import Gazetteer, Place, said
from classifier.school_links import Context, Found, Home, Link, resolve
from classifier.words import fold
from config.schema.registry import Registry
from pipeline.domain.readings import SchoolMention, Span

MOST, MOST_KNOWN = 60, 300
# What stands between a school's name and its other name.
OTHER_NAME = re.compile(
    r"[，,、]?(?:[（(](?:原|现|即|即?现在的?|又名|原名|曾用名|以下简称|简称)?[:：为]?|(?:也就是|即现在|现在|原来|以前)的?|"
    r"即|又名|原名|现名|[改更]名为?|现为|现改为|原)"
)
CODE = re.compile(r"[a-z]\d{0,3}$")
# A number alone, in passing; not where it does the same: 一中也补课.
NUMBER = re.compile(r"第?[一二三四五六七八九十\d]{1,3}[中小幼高]学?")
TOO = re.compile(r"也|同样|都|和|与|、")
COUNTY_CLASS = ("县", "市", "区", "旗", "省", "州", "盟")
CLASS_WORDS = (*COUNTY_CLASS, "镇", "乡")


@dataclass(frozen=True, slots=True)
class _Hit:
    """One pattern of the automaton in the text."""

    text: str
    start: int
    end: int


class SchoolIndex:
    """All names of a registry's schools. Built once; `find` is called for each text.

    `places` are the bureau's own, its county first; the `city` above it is in full names but is not ours: its 一中 is another one.
    """

    def __init__(self, registry: Registry, places: Sequence[str] = (), neighbours: Sequence[str] = (), city: str = "") -> None:
        own = _with_short(map(fold, places))
        county = _with_short(fold(p) for p in places if p[-1:] in COUNTY_CLASS)
        self._schools = registry.schools
        before = (*county, *_with_short([fold(city)] if city else []))
        self._homes = tuple(_home(fold(s.name), fold(s.township), before, county) for s in registry.schools)
        towns = {t for h in self._homes for t in h.towns}
        counties = {c for h in self._homes for c in h.counties}
        self.gazetteer = Gazetteer.of((*own, *(towns if own else ())), tuple(map(fold, neighbours)))
        self._places = frozenset({*own, *towns, *counties, *self.gazetteer.neighbours})
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        for position, school in enumerate(registry.schools):
            for alias in derive(school, position, before):
                self._aliases[alias.text].append(alias)
        self._blockers = frozenset(fold(x) for s in registry.schools for x in s.excludes)
        self._endings = frozenset(school_names.ENDINGS)
        self._patterns = sorted({*self._aliases, *self._blockers, *self._endings, *self._places} - {""})
        self._automaton = AhoCorasick(self._patterns)

    def find(self, text: str, place: str | None = None) -> tuple[SchoolMention, ...]:
        """The schools of a text, each once, the one that it is most likely about first. Spans count code points of `text`.

        `place` is where the text was posted (`市/县` or a county), for names that every county has.
        """
        folded = fold(text)
        found, context = self.scan(folded, place)
        return self.mentions(text, folded, found, context)

    def mentions(self, text: str, folded: str, found: Sequence[Found], context: Context) -> tuple[SchoolMention, ...]:
        """What `scan` found, led to the registry, each school once."""
        if not found:
            return ()
        links = resolve(found, context, folded)
        selling = boundaries.sells(folded)
        mentions = [self._mention(text, folded, link, selling) for link in links]
        return _ranked(mentions, text)

    def scan(self, folded: str, place: str | None = None) -> tuple[list[Found], Context]:
        """Every stretch that names a school, known or not, in order, and the places that stand around them."""
        hits = [_Hit(self._patterns[i], s, e) for i, s, e in self._automaton.find_matches_as_indexes(folded, overlapping=True)]
        context = self._context(folded, hits, place)
        found = self._known(folded, hits)
        return _branches(folded, sorted(found + self._unknown(folded, hits, found), key=lambda f: f.start)), context

    def _known(self, folded: str, hits: Sequence[_Hit]) -> list[Found]:
        """Registry names, leftmost-longest after boundaries; an excluded phrase (排除语) covers what it holds."""
        names = [h for h in hits if h.text in self._blockers or h.text in self._aliases]
        names.sort(key=lambda h: (h.start, -h.end))
        found: list[Found] = []
        covered = 0
        for hit in names:
            if hit.start < covered or not boundaries.stands_alone(folded, hit.start, hit.end, hit.text):
                continue
            floor, covered = covered, hit.end
            if hit.text not in self._blockers and len(found) < MOST_KNOWN:
                found.append(self._another(folded, hit, floor) or Found(hit.start, hit.end, tuple(self._aliases[hit.text])))
        return found

    def _another(self, folded: str, hit: _Hit, floor: int) -> Found | None:
        """The school of its own name that ends with what every county has: 景川一中, 玉溪湾中心小学; places are weighed later."""
        if any(a.strength > Strength.TOWN for a in self._aliases[hit.text]) or hit.text[0] in COUNTY_CLASS:
            return None
        begin = school_names.fronted(folded, hit.start, hit.end, floor)
        if begin is None or folded[hit.start - 1] in CLASS_WORDS or any(p in self._places for p in _endings(folded[begin : hit.start])):
            return None
        return Found(begin, hit.end, ())

    def _unknown(self, folded: str, hits: Sequence[_Hit], known: Sequence[Found]) -> list[Found]:
        """Names that no registry knows; the longest type word at a place counts."""
        ends = sorted((h for h in hits if h.text in self._endings), key=lambda h: (h.start, -h.end))
        if not ends:
            return []
        taken = [(f.start, f.end) for f in known]
        taken += [(h.start, h.end) for h in hits if h.text in self._blockers]
        found: list[Found] = []
        covered = 0
        for hit in ends:
            if hit.start < covered or any(s < hit.end and hit.start < e for s, e in taken):
                continue
            if not boundaries.stands_alone(folded, hit.start, hit.end, hit.text):
                continue
            covered = hit.end
            floor = max([e for _, e in taken if e <= hit.start] + [f.end for f in found[-1:]], default=0)
            begin = school_names.whole(folded, hit.start, hit.end, floor)
            if begin is not None:
                found.append(Found(begin, hit.end, ()))
                if len(found) >= MOST:
                    break
        return found

    def _context(self, folded: str, hits: Iterable[_Hit], place: str | None) -> Context:
        named = [Place(h.text, h.start, h.end) for h in hits if h.text in self._places]
        spoken = [p for p in said(folded) if not any(n.start <= p.start and p.end <= n.end for n in named)]
        here = _with_short(fold(p) for p in (place or "").split("/") if p)
        return Context(tuple(sorted(named + spoken, key=lambda p: (p.start, -p.end))), frozenset(here), self._homes, self.gazetteer)

    def _mention(self, text: str, folded: str, link: Link, selling: bool) -> SchoolMention:
        span = Span(text[link.start : link.end], link.start, link.end)
        landmark = selling or boundaries.is_landmark(folded, link.start, link.end)
        candidates = tuple(self._schools[i].code for i in link.candidates)
        if link.school is None:
            return SchoolMention(span, None, None, link.confidence, landmark, candidates)
        school = self._schools[link.school]
        return SchoolMention(span, school.name, school.code, link.confidence, landmark, candidates)


def _branches(folded: str, found: Sequence[Found]) -> list[Found]:
    """One name where a branch follows the school that lends it its name: 一中云湖学校, 师大附中云湖中学."""
    joined: list[Found] = []
    for name in found:
        mother = joined[-1] if joined else None
        if mother and mother.end == name.start and not name.aliases and folded[mother.end - 1] == "中" and folded[name.end - 1] in "学校":
            place = CODE.search(folded, max(0, mother.start - 4), mother.start) if folded[mother.start] in CLASS_WORDS else None
            joined[-1] = Found(place.start() if place else mother.start, name.end, ())
        else:
            joined.append(name)
    return joined


def _endings(text: str) -> Iterable[str]:
    return (text[i:] for i in range(len(text)))


def _home(name: str, township: str, before: Sequence[str], county: Sequence[str]) -> Home:
    """Where a school stands, by its full name, else in the bureau's own county."""
    cut = parts(name.partition("(")[0], before)
    said_there = [c for c in cut.counties if c in county or c not in before]
    whole = said_there[-1] if said_there else next((c for c in county if c[-1] in COUNTY_CLASS), "")
    counties = set(_with_short(said_there))
    if not said_there or any(c in county for c in said_there):
        counties |= set(county)
    return Home(frozenset(counties), whole, frozenset(_with_short(t for t in (cut.town, township) if t)))


def _with_short(places: Iterable[str]) -> tuple[str, ...]:
    """Each place and its short form, the longer ones first."""
    named = [p for p in places if p]
    return tuple(sorted({*named, *map(short, named)}, key=lambda p: (-len(p), p)))


def _ranked(mentions: Sequence[SchoolMention], text: str) -> tuple[SchoolMention, ...]:
    """One mention a school: subjects before landmarks, the title before the body, the often named before the rarely named."""
    groups = _grouped(mentions, text)
    title_end = text.find("\n")
    titled = [any(m.span.end <= title_end and not m.landmark for m in g) for g in groups]
    leading = any((t or len(g) > 1) and any(m.code or m.candidates for m in g) for t, g in zip(titled, groups, strict=True))
    kept = []
    for group, in_title in zip(groups, titled, strict=True):
        best = max(group, key=_telling)
        if not in_title and len(group) == 1 and ((leading and best.code is None) or (any(titled) and _bare(best, text))):
            best = replace(best, landmark=True)  # named once in passing, beside the school that the post is about
        kept.append(((best.landmark, not in_title, -len(group), best.span.start), best))
    return tuple(m for _, m in sorted(kept, key=lambda pair: pair[0]))


def _bare(mention: SchoolMention, text: str) -> bool:
    """Whether a name is but a number, said of a school that something is compared with or comes from (像一中, 从一中调来)."""
    return bool(NUMBER.fullmatch(_plain(mention.span.surface))) and not TOO.match(text, mention.span.end)


def _telling(mention: SchoolMention) -> tuple[bool, bool, float, bool, int, int]:
    """How well a mention stands for its school: known, a subject, sure, in words of the full name, long, early."""
    full = bool(mention.name) and _plain(mention.span.surface) in _plain(mention.name or "")
    surface = mention.span
    return mention.code is not None, not mention.landmark, mention.confidence, full, len(surface.surface), -surface.start


def _grouped(mentions: Sequence[SchoolMention], text: str) -> list[list[SchoolMention]]:
    """The mentions of each school together, its other name (原××, 现××, in brackets) among them."""
    groups: list[list[SchoolMention]] = []
    also: dict[str, SchoolMention] = {}
    for first, second in pairwise(mentions):
        between = text[first.span.end : second.span.start]
        if OTHER_NAME.fullmatch(between) and (between not in ("（", "(") or text[second.span.end : second.span.end + 1] in ("）", ")")):
            kept, other = (second, first) if second.code and not first.code else (first, second)
            also |= dict.fromkeys({other.code or other.span.surface, *other.candidates} - {kept.code}, kept)
    for mention in mentions:
        meant = also.get(mention.code or mention.span.surface, mention)
        group = next((g for g in groups if any(_same(m, meant) for m in g)), None)
        if group is None:
            groups.append([meant])
        else:
            group.append(meant)
    return groups


def _same(one: SchoolMention, other: SchoolMention) -> bool:
    if one.code is not None and other.code is not None:
        return one.code == other.code
    a, b = _plain(one.span.surface), _plain(other.span.surface)
    if (one.code or other.code) in (*one.candidates, *other.candidates):
        return True
    named = [_plain(m.name) for m in (one, other) if m.name]
    return a == b or school_names.kin(a, b) or any(school_names.kin(name, b if one.name else a) for name in named)


@lru_cache(4096)
def _plain(name: str) -> str:
    return fold(name)
