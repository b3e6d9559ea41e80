"""Finds the schools that a text names: one pass of an automaton over all derived names, then boundaries, places, types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from classifier import boundaries, school_names
from classifier.aliases import Alias, derive, parts, short
from classifier.places import Gazetteer, Place, said
from classifier.school_links import Context, Found, Home, Link, resolve
from classifier.words import fold
from config.schema.registry import Registry
from pipeline.domain.readings import SchoolMention, Span

MOST = 60
COUNTY_CLASS = ("县", "市", "区", "旗", "省", "州", "盟")


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
        links = resolve(found, context, folded)
        selling = boundaries.sells(folded)
        mentions = [self._mention(text, folded, link, selling) for link in links]
        return _ranked(mentions, text.find("\n"))

    def scan(self, folded: str, place: str | None = None) -> tuple[list[Found], Context]:
        """Every stretch that names a school, known or not, in order, and the places that stand around them."""
        hits = [_Hit(self._patterns[i], s, e) for i, s, e in self._automaton.find_matches_as_indexes(folded, overlapping=True)]
        context = self._context(folded, hits, place)
        found = self._known(folded, hits)
        return sorted(found + self._unknown(folded, hits, found), key=lambda f: f.start), context

    def _known(self, folded: str, hits: Sequence[_Hit]) -> list[Found]:
        """Registry names, leftmost-longest after boundaries; an excluded phrase (排除语) covers what it holds."""
        names = [h for h in hits if h.text in self._blockers or h.text in self._aliases]
        names.sort(key=lambda h: (h.start, -h.end))
        found, covered = [], 0
        for hit in names:
            if hit.start < covered or not boundaries.stands_alone(folded, hit.start, hit.end, hit.text):
                continue
            covered = hit.end
            if hit.text not in self._blockers:
                found.append(Found(hit.start, hit.end, tuple(self._aliases[hit.text])))
        return found

    def _unknown(self, folded: str, hits: Sequence[_Hit], known: Sequence[Found]) -> list[Found]:
        """Names that no registry knows; the longest type word at a place counts."""
        taken = [(f.start, f.end) for f in known]
        taken += [(h.start, h.end) for h in hits if h.text in self._blockers]
        found: list[Found] = []
        ends = sorted((h for h in hits if h.text in self._endings), key=lambda h: (h.start, -h.end))
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


def _ranked(mentions: Sequence[SchoolMention], title_end: int) -> tuple[SchoolMention, ...]:
    """One mention a school: subjects before landmarks, the title before the body, the often named before the rarely named."""
    groups: list[list[SchoolMention]] = []
    for mention in mentions:
        group = next((g for g in groups if _same(g[0], mention)), None)
        if group is None:
            groups.append([mention])
        else:
            group.append(mention)
    kept = []
    for group in groups:
        best = max(group, key=lambda m: (m.code is not None, not m.landmark, m.confidence, len(m.span.surface), -m.span.start))
        in_title = any(m.span.end <= title_end and not m.landmark for m in group)
        kept.append(((best.landmark, not in_title, -len(group), best.span.start), best))
    return tuple(m for _, m in sorted(kept, key=lambda pair: pair[0]))


def _same(one: SchoolMention, other: SchoolMention) -> bool:
    if one.code is not None and other.code is not None:
        return one.code == other.code
    a, b = one.span.surface, other.span.surface
    if one.code is None and other.code is None:
        return a in b or b in a
    return a.endswith(b) or b.endswith(a) or (one.code or other.code) in (*one.candidates, *other.candidates)
