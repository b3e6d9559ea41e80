"""What routing knows of a case: the readings of its posts, tied to the bureau's own registry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from config.schema import Config
from config.schema.registry import Policy, Registry, School
from pipeline.domain.posts import Post
from pipeline.domain.readings import Accusation, Clue, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, Nature, RedLine, Scope

SURE = 0.5
"""A school link below this is no link: it is shown as 待确认 and nothing is handed over on it."""
BESIDE, ELSEWHERE = 0.4, 0.5
"""How sure a topic must be to count beside the main one, and to count when only another post of the case has it."""
DISCIPLINE, DIRECTOR, DEPUTY, DESK = "discipline", "director", "deputy", "desk"
DEPUTY_HEAD = re.compile("副[\u4e00-\u9fff]?局长")
OF_A_SECTION = re.compile("股|科(?!任)")
UNIT = re.compile("(?:股室|科室|办公室|股|科|室|办|处)$")
SECTION_WORDS = re.compile("(?:[县市区]?教(?:育体育|育|体)局的?)?(?P<name>[\u4e00-\u9fff]{2,12}?(?:股室|科室|中心|办公室|股|科|办|室|组))")
IN_OFFICE = (AccusedKind.HEAD, AccusedKind.BUREAU)
TITLE = 6
"""A quoted title shorter than this names no policy."""

Naming = Literal["none", "one", "several", "ambiguous", "unknown"]


@dataclass(frozen=True, slots=True)
class NamedSchool:
    """A school that the text is about, with the school that answers for it (回应主体); None where nobody can answer."""

    mention: SchoolMention
    school: School
    answers: School | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides who answers. Spans and word positions are those of `text`, the first post's title and body."""

    text: str
    scope: Scope
    topics: tuple[TopicScore, ...] = ()
    nature: Nature = Nature.OTHER
    redline: RedLine | None = None
    redline_words: tuple[Span, ...] = ()
    accused: tuple[Accusation, ...] = ()
    schools: tuple[NamedSchool, ...] = ()
    unlinked: tuple[SchoolMention, ...] = ()
    policies: tuple[Policy, ...] = ()
    foreign_place: str = ""
    sources: frozenset[str] = frozenset()
    public: bool = True
    accusation: bool = False
    clues: tuple[Clue, ...] = ()

    @property
    def topic(self) -> str:
        """The main topic's code; empty where none was read."""
        return self.topics[0].code if self.topics else ""

    @property
    def answering(self) -> tuple[School, ...]:
        """The 回应主体 of every school named, each once."""
        return tuple({n.answers.code: n.answers for n in self.schools if n.answers}.values())

    @property
    def about(self) -> tuple[str, ...]:
        """The schools that the matter is about, by their own names, each once; a teaching point too, whoever answers for it."""
        return tuple(dict.fromkeys(n.school.name for n in self.schools))

    @property
    def naming(self) -> Naming:
        """How schools are named: two names of one 回应主体 are one school; a name that cannot be told apart counts only alone."""
        if any(n.answers is None for n in self.schools):
            return "ambiguous"
        if self.answering:
            return "one" if len(self.answering) == 1 else "several"
        if not self.unlinked:
            return "none"
        return "ambiguous" if any(m.candidates or m.code for m in self.unlinked) else "unknown"

    @property
    def guarded(self) -> bool:
        """Whether this is an accusation (检举控告), or accuses a head or the bureau's own people, whatever else the writer wants: then the
        accused must not learn of it from us."""
        return self.accusation or any(a.kind in IN_OFFICE for a in self.accused)

    @property
    def foreign(self) -> bool:
        """Whether it is another county's matter: a place elsewhere and no school of ours."""
        return bool(self.foreign_place) and not self.schools


def of_reading(reading: Reading, post: Post, config: Config) -> Facts:
    """The facts of one post alone."""
    return of_readings([(post, reading)], config)


def of_readings(pairs: Sequence[tuple[Post, Reading]], config: Config) -> Facts:
    """The facts of a case: its first post that speaks of education leads, the others add schools, red lines and accused. One post
    that denounces somebody (举报) makes the whole case an accusation; a complaint that merely names a person does not."""
    post, lead = next((p for p in pairs if p[1].relevant), pairs[0])
    readings = [lead, *(r for _, r in pairs if r is not lead)]
    mentions = [m for r in readings for m in r.subjects]
    named = [n for m in mentions if (n := _named(m, config.registry))]
    redline = next((r.redline for r in sorted(readings, key=lambda r: not (r.redline and r.redline.legal)) if r.redline), None)
    accused = tuple(a for r in readings for a in r.accused)
    return Facts(
        text=post.text, scope=lead.scope, topics=_topics(readings), nature=lead.nature, redline=redline,
        redline_words=lead.redline_words, accused=accused, schools=tuple(named),
        unlinked=tuple(m for m in mentions if _named(m, config.registry) is None),
        policies=_policies(post.text, config.registry), foreign_place=lead.foreign_place or "",
        sources=frozenset(p.source for p, _ in pairs), public=all(p.public for p, _ in pairs),
        accusation=any(r.nature is Nature.ACCUSATION and r.accused for r in readings), clues=lead.clues,
    )


def as_ours(facts: Facts) -> Facts:
    """The same facts for a case that stands: a person or a red line has made it ours, whatever its scope was read as."""
    return facts if facts.redline and facts.scope is not Scope.K12 else replace(facts, scope=Scope.K12)


def accused_parties(facts: Facts, registry: Registry) -> frozenset[str]:
    """The codes of every party that must not learn of the matter from us (信访工作条例第三十条): the accused school with its
    回应主体, the accused section; where the bureau as a whole is accused, its heads; where the accused's school or section is not
    known, every one of them."""
    if not facts.guarded:
        return frozenset()
    found: set[str] = set()
    for accusation in facts.accused:
        sections = _sections(accusation.span.surface, registry)
        school = _school(accusation.code or "", registry)
        if school:
            found |= {school.code, registry.answering(school).code}
        elif not sections and accusation.kind is not AccusedKind.BUREAU:
            found |= _all_named(facts)
        if not sections and accusation.kind is AccusedKind.BUREAU:
            found |= {DIRECTOR, DEPUTY} | _any_section(accusation.span.surface, registry)
        found |= sections
    return frozenset(found if facts.accused else _all_named(facts))


def _any_section(surface: str, registry: Registry) -> set[str]:
    """Where some section is meant and nobody can tell which: every one but those that receive accusations."""
    return {s.code for s in registry.sections if s.code not in (DISCIPLINE, DESK)} if OF_A_SECTION.search(surface) else set()


def _all_named(facts: Facts) -> set[str]:
    named = {n.school.code for n in facts.schools} | {n.answers.code for n in facts.schools if n.answers}
    return named | {code for m in facts.unlinked for code in m.candidates}


def bureau_accused(facts: Facts, registry: Registry) -> bool:
    """Whether an accusation is against the bureau as a whole: none of its sections, nor one of its heads, is meant."""
    whole = [a for a in facts.accused if a.kind is AccusedKind.BUREAU and not _sections(a.span.surface, registry)]
    return facts.guarded and bool(whole)


def _sections(surface: str, registry: Registry) -> set[str]:
    """The sections that these words mean; the heads of the bureau go by their office, whatever name stands with it."""
    found = {s.code for s in registry.sections if s.code not in (DIRECTOR, DEPUTY) and _same(s.name, surface)}
    heads = DEPUTY_HEAD.findall(surface)
    found |= {DEPUTY} if heads else set()
    return found | ({DIRECTOR} if "局长" in DEPUTY_HEAD.sub("", surface) else set())


def _same(section: str, surface: str) -> bool:
    """「教育局」 is the bureau, and no section whose name begins with it; 「基教股」「招生办」「人事科」 go by short names."""
    if len(surface) > 1 and (section in surface or (surface in section and not surface.endswith("局"))):
        return True
    said = SECTION_WORDS.match(surface)
    short = UNIT.sub("", said["name"]) if said else ""
    rest = iter(section)
    return len(short) > 1 and all(character in rest for character in short)


def _school(code: str, registry: Registry) -> School | None:
    if not code:
        return None
    return registry.school(code) or next((s for s in registry.schools if s.national_code == code), None)


def _named(mention: SchoolMention, registry: Registry) -> NamedSchool | None:
    school = _school(mention.code or "", registry)
    if school is None or mention.confidence < SURE:
        return None
    answers = registry.answering(school)
    return NamedSchool(mention, school, answers if answers.legal_person and answers.open else None)


def _topics(readings: Sequence[Reading]) -> tuple[TopicScore, ...]:
    """The leading post's main topic, whatever its share, then all of which some post is sure enough: a reply's guess moves nothing."""
    found = {t.code: t for t in readings[0].topics[:1]}
    for sure, topic in ((BESIDE if r is readings[0] else ELSEWHERE, t) for r in readings for t in r.topics):
        if topic.p >= sure:
            found.setdefault(topic.code, topic)
    return tuple(found.values())


def _policies(text: str, registry: Registry) -> tuple[Policy, ...]:
    """The policies that the text names: by number, by title, or by a good part of the title in 《》."""
    quoted = [q.split("》")[0] for q in text.split("《")[1:]]
    return tuple(
        p for p in registry.policies
        if (p.number and p.number in text) or p.title in text or any(len(q) >= TITLE and q in p.title for q in quoted)
    )
