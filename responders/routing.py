"""Who answers (谁主管谁负责): the first rule of routing.toml that holds, and a guard that keeps a matter from those it accuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from config.schema import Config
from config.schema.registry import School
from config.schema.rules import BY_HAND_ONLY, RoutingRule, When
from pipeline.domain.cases import Decision
from pipeline.domain.parties import OUTSIDE
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, Span
from pipeline.domain.terms import OwnerKind, Role
from responders.facts import Facts, accused_parties, as_ours, of_reading, of_readings

__all__ = ["Facts", "as_ours", "of_reading", "of_readings", "route", "route_reading"]

DESK = "desk"
NOBODY = "无"
UNCONFIRMED = "待确认"
AUTO_LINK = 0.7
"""How sure the school must be for a hand-over without a click."""
MOST_WORDS = 12
LAST_RESORT = RoutingRule(order=10**9, owner=OwnerKind.BUREAU, party=DESK, reason="没有规则适用，由舆情值班室核定", pending=UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a matter can be given to; a missing code stands for nobody."""

    code: str
    name: str
    kind: OwnerKind
    pending: str = ""


def route_reading(reading: Reading, post: Post, config: Config) -> Decision:
    """Who would answer one post, without a database."""
    return route(of_reading(reading, post, config), config)


def route(facts: Facts, config: Config) -> Decision:
    """The decision of the first rule that holds; the default always does. The accused are never among those it names.

    A rule that hands over by itself promises so in its reason: where a person must decide, it does not hold and the next one speaks.
    """
    for name, rule in sorted(config.routing.items(), key=lambda item: item[1].order):
        words = evidence(rule.when, facts, config)
        parties = _parties(rule.party, facts, config) if words is not None else ()
        if words is not None and len(parties) == 1:
            decision = _guarded(_decision(name, rule, parties[0], words, facts, config), facts, config)
            if decision.auto or not rule.auto:
                return decision
    desk = _section(DESK, config)
    return _guarded(_decision("default", LAST_RESORT, desk, (), facts, config), facts, config)


def evidence(when: When, facts: Facts, config: Config) -> tuple[Span, ...] | None:
    """The words by which a rule holds, with their positions; None when it does not hold."""
    hits = [facts_words(facts, words) for words in (when.words, when.words_too) if words]
    if not all(_conditions(when, facts, config)) or not all(hits) or facts_words(facts, when.not_words):
        return None
    spans = [span for found in hits for span in found]
    if when.redline:
        spans += facts.redline_words
    if when.accused:
        spans += [a.span for a in facts.accused]
    if when.schools or when.lead == "school":
        spans += [n.mention.span for n in facts.schools] + [m.span for m in facts.unlinked]
    if when.topics or when.topics_any or when.lead:
        spans += _topic_words(facts, config)
    here = {s for s in spans if facts.text[s.start : s.end] == s.surface}  # another post's words have no place in this text
    return tuple(sorted(here, key=lambda s: (s.start, s.end))[:MOST_WORDS])


def _topic_words(facts: Facts, config: Config) -> list[Span]:
    """What a reason may quote for the main topic: words of some topic's lexicon, never single characters or parts of words."""
    known = {w.lower() for topic in config.topics.values() for w in (*topic.words, *topic.more_words) if len(w) > 1}
    return [c.span for c in facts.clues if c.about == facts.topic and c.weight > 0 and c.span.surface.lower() in known]


def facts_words(facts: Facts, words: tuple[str, ...]) -> list[Span]:
    """Where these words first stand in the text."""
    found = ((w, facts.text.find(w)) for w in words)
    return [Span(w, at, at + len(w)) for w, at in found if at >= 0]


def _conditions(when: When, facts: Facts, config: Config) -> Iterator[bool]:
    topic = config.topics.get(facts.topic)
    yield not when.scope or facts.scope in when.scope
    yield not when.topics or facts.topic in when.topics
    yield not when.topics_any or any(t.code in when.topics_any for t in facts.topics)
    yield not when.nature or facts.nature in when.nature or (facts.accusation and "举报" in when.nature)
    yield not when.redline or facts.redline in when.redline
    yield not when.accused or any(a.kind in when.accused for a in facts.accused)
    yield not when.schools or facts.naming in when.schools
    yield not when.ownership or any(n.school.ownership in when.ownership for n in facts.schools)
    yield not when.stage or any(stage in n.school.stage for n in facts.schools for stage in when.stage)
    yield when.lead is None or (topic is not None and topic.lead == when.lead)
    yield not when.sources or bool(facts.sources & set(when.sources))
    yield when.public in (None, facts.public)
    yield when.foreign in (None, facts.foreign)


def _decision(name: str, rule: RoutingRule, lead: Party, words: tuple[Span, ...], facts: Facts, config: Config) -> Decision:
    guides = _codes(rule.guides, lead, facts, config)
    pending = rule.pending or lead.pending
    decision = Decision(
        kind=lead.kind, party=lead.code, name=lead.name, role=Role.LEAD, rule=name,
        version=config.versions.get("routing.toml", ""), reason=_reason(rule, words, facts, config), words=words,
        confidence=_confidence(rule, facts, pending), guides=guides, pending=pending,
        supports=tuple(c for c in _codes(rule.supports, lead, facts, config) if c not in guides),
    )
    names = tuple((code, named(code, config).name) for code in (*decision.guides, *decision.supports))
    return replace(decision, names=names, auto=rule.auto and may_go_by_itself(decision, facts))


def may_go_by_itself(decision: Decision, facts: Facts) -> bool:
    """Whether a hand-over without a click is thinkable at all; routing.toml cannot widen this."""
    delicate = any(t.code in BY_HAND_ONLY for t in facts.topics) or facts.guarded or facts.accused or facts.redline
    sure = all(n.mention.confidence >= AUTO_LINK for n in facts.schools)
    return facts.public and sure and not delicate and not decision.pending and decision.kind is OwnerKind.SCHOOL


def _guarded(decision: Decision, facts: Facts, config: Config) -> Decision:
    """Takes every accused party out, whichever rule named it; what they led falls to 纪检, else to the desk, else to the director."""
    accused = accused_parties(facts, config.registry)
    if not accused:
        return decision
    safe = replace(
        decision, auto=False, guides=tuple(c for c in decision.guides if c not in accused),
        supports=tuple(c for c in decision.supports if c not in accused),
    )
    if decision.party not in accused:
        return safe
    code = next(c for c in ("discipline", DESK, "director", "") if c not in accused and (c == "" or _known(c, config)))
    party = _section(code or DESK, config)
    reason = f"{decision.reason}；涉及对该单位的检举控告，依信访工作条例第三十条不得转交，改由{party.name}处理"
    return replace(safe, kind=OwnerKind.BUREAU, party=party.code, name=party.name, reason=reason, pending=UNCONFIRMED)


def _known(code: str, config: Config) -> bool:
    return not config.registry.sections or config.registry.section(code) is not None


def _codes(words: tuple[str, ...], lead: Party, facts: Facts, config: Config) -> tuple[str, ...]:
    """The parties that these words of a rule stand for, each once, the leading one left out."""
    found = [p.code for word in words for p in _parties(word, facts, config)]
    return tuple(c for c in dict.fromkeys(found) if c and c != lead.code)


def _parties(word: str, facts: Facts, config: Config) -> tuple[Party, ...]:
    """Whom a word of routing.toml stands for in this case; nobody, where the case does not say."""
    topic = config.topics.get(facts.topic)
    if word == "school":
        return tuple(map(_school, facts.answering)) if facts.naming == "one" else ()
    if word == "schools":
        return tuple(map(_school, facts.answering))
    if word == "topic_section":
        return (_section(topic.section, config),) if topic else ()
    if word == "drafting_section":
        return tuple(_section(p.section, config) for p in facts.policies[:1])
    if word == "supervising_section":
        return tuple(_section(n.school.section, config) for n in facts.schools[:1] if n.school.section)
    if word == NOBODY:
        return (Party("", NOBODY, OwnerKind.NONE),)
    if word.startswith(OUTSIDE):
        name = word.removeprefix(OUTSIDE).format_map({"place": facts.foreign_place or "外地"})
        return (Party(OUTSIDE + name, name, OwnerKind.EXTERNAL),)
    return (_section(word, config),)


def outside(name: str) -> str:
    """A party's name as staff read it: an outside department without the mark that it bears in routing.toml."""
    return name.removeprefix(OUTSIDE)


def named(code: str, config: Config) -> Party:
    """The party with this code, as staff call it."""
    school = config.registry.school(code)
    if school:
        return _school(school)
    if code.startswith(OUTSIDE):
        return Party(code, code.removeprefix(OUTSIDE), OwnerKind.EXTERNAL)
    return _section(code, config)


def _school(school: School) -> Party:
    return Party(school.code, school.name, OwnerKind.SCHOOL)


def _section(code: str, config: Config) -> Party:
    """A section of the bureau; one that sections.csv does not have falls to the desk, and says so."""
    section = config.registry.section(code)
    if section:
        return Party(code, section.name, OwnerKind.BUREAU)
    if not config.registry.sections or code == DESK:
        return Party(code, config.settings.bureau.name, OwnerKind.BUREAU)
    desk = config.registry.section(DESK)
    name = desk.name if desk else config.settings.bureau.name
    return Party(DESK, name, OwnerKind.BUREAU, f"{UNCONFIRMED}：名册中没有编号为 {code} 的股室")


def _reason(rule: RoutingRule, words: tuple[Span, ...], facts: Facts, config: Config) -> str:
    topic = config.topics.get(facts.topic)
    schools = "、".join(dict.fromkeys(n.school.name for n in facts.schools)) or "、".join(m.span.surface for m in facts.unlinked)
    said = "、".join(dict.fromkeys(w.surface for w in words))
    template = rule.reason if said else rule.reason.replace("（{words}）", "")
    return template.format_map({
        "topic": f"{facts.topic} {topic.name}" if topic else "主题不明", "school": schools or "未写明学校", "words": said or "（无）",
        "place": facts.foreign_place or "外地", "policy": "、".join(p.title for p in facts.policies) or "（无）",
    })


def _confidence(rule: RoutingRule, facts: Facts, pending: str) -> float:
    """The weakest of what the rule leans on; a decision that a person must settle is never more than even."""
    when, leans = rule.when, [1.0]
    if (when.topics or when.topics_any or when.lead) and facts.topics:
        leans.append(facts.topics[0].p)
    if when.schools or rule.party == "school":
        leans += [n.mention.confidence for n in facts.schools]
    return round(min(min(leans), 0.5 if pending else 1.0), 3)
