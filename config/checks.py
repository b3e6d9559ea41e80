"""What must hold between topics, routing rules, deadlines and the ladder: who answers is never undefined, no clock hangs loose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from config.documents import Document
from config.schema.rules import BY_HAND_ONLY, ObligationRule, RoutingRule, RungRule, When
from config.schema.topics import Topic
from pipeline.domain.parties import OUTSIDE
from pipeline.domain.terms import Nature, ObligationKind, OwnerKind
from pipeline.faults import Fault

DEFAULT = "default"
PARTY_WORDS = frozenset({"school", "topic_section", "drafting_section"})
GUIDE_WORDS = PARTY_WORDS | {"supervising_section"}
SUPPORT_WORDS = GUIDE_WORDS | {"schools"}


@dataclass(frozen=True, slots=True)
class Known:
    """The names that other files may use: topic codes, section codes, source ids."""

    topics: frozenset[str]
    sections: frozenset[str]
    sources: frozenset[str]


def check_topics(document: Document, topics: Mapping[str, Topic], known: Known, faults: list[Fault]) -> None:
    """Codes have their form, and each topic's section exists."""
    for code, topic in topics.items():
        if not re.fullmatch(r"[A-Z]\d{1,2}", code):
            faults.append(Fault(document.at(code), f"主题代码 {code} 写法不对", "一个大写字母加一或两位数字，如 A5"))
        if topic.section not in known.sections:
            what = f"主题 {code} 的股室 {topic.section} 不在 sections.csv 中"
            faults.append(Fault(document.at(code, "section"), what, "改成已有的股室编号，或在 sections.csv 补这个股室"))


def check_routing(document: Document, rules: Mapping[str, RoutingRule], known: Known, faults: list[Fault]) -> None:
    """Exactly one rule without conditions, `default`, and it is the last; parties exist; `auto` stays within its bounds."""
    faults.extend(_default(document, rules))
    faults.extend(_orders(document, rules))
    for name, rule in rules.items():
        faults.extend(_unknown(document, (name, "when"), "topics", rule.when.topics, known.topics))
        faults.extend(_unknown(document, (name, "when"), "topics_any", rule.when.topics_any, known.topics))
        faults.extend(_unknown(document, (name, "when"), "sources", rule.when.sources, known.sources))
        faults.extend(_parties(document, name, rule, known))
        faults.extend(_conditions(document, name, rule))
        if rule.auto:
            faults.extend(Fault(document.at(name, "auto"), f"规则 {name} 不得自行交办：{why}", mend) for why, mend in _auto(rule))


def check_deadlines(
    document: Document, rules: Mapping[ObligationKind, ObligationRule], known: Known, faults: list[Fault]
) -> None:
    """The topics that limits are given for exist, and a limit is extended on the clock that it runs on."""
    for kind, rule in rules.items():
        if rule.extension and rule.extension.clock is not rule.clock:
            what = f"时限 {kind.value} 按{rule.clock.zh}计，延长却按{rule.extension.clock.zh}计"
            faults.append(Fault(document.at(kind.value, "extension"), what, f"写 clock = \"{rule.clock.value}\""))
        faults.extend(_unknown(document, (kind.value, "applies"), "topics", rule.applies.topics, known.topics))


def check_ladder(document: Document, rungs: Mapping[str, RungRule], obligations: Iterable[str], faults: list[Fault]) -> None:
    """Each rung belongs to a limit that exists, and has exactly one moment and somebody to tell."""
    kinds = set(obligations)
    for name, rung in rungs.items():
        if rung.obligation.value not in kinds:
            what = f"台阶 {name} 的时限 {rung.obligation.value} 不在 deadlines.toml 中"
            faults.append(Fault(document.at(name, "obligation"), what, f"可用：{'、'.join(sorted(kinds))}"))
        if [rung.after is not None, rung.before is not None, rung.missed].count(True) != 1:
            what = f"台阶 {name} 应在 after、before、missed 中恰好写一个"
            faults.append(Fault(document.at(name), what, "after 起算后多久，before 到期前多久，missed = true 超期时"))
        if rung.or_after and not rung.after:
            what = f"台阶 {name} 的 or_after 只能与 after 同用"
            faults.append(Fault(document.at(name, "or_after"), what, "补写 after，或删去 or_after"))
        for key, values in (("to", rung.to), ("grades", rung.grades)):
            if not values:
                faults.append(Fault(document.at(name, key), f"台阶 {name} 的 {key} 是空的", "至少写一个"))
        if rung.repeat and (rung.repeat.every_hours is None) == (not rung.repeat.at):
            faults.append(Fault(document.at(name, "repeat"), f"台阶 {name} 的 repeat 应写 every_hours 或 at 之一", "二者写一个"))


def _default(document: Document, rules: Mapping[str, RoutingRule]) -> Iterator[Fault]:
    rule = rules.get(DEFAULT)
    if DEFAULT not in document.table:
        mend = f"补一条 [{DEFAULT}]，order 最大，不写 when，party = \"desk\""
        yield Fault(document.at(), "缺少默认规则：没有规则符合时，事项将无人负责", mend)
    if rule and rule.when != When():
        yield Fault(document.at(DEFAULT, "when"), f"默认规则 {DEFAULT} 不能有条件", "删去它的 when")
    if rule and (rule.owner, rule.party) != (OwnerKind.BUREAU, "desk"):
        yield Fault(document.at(DEFAULT, "party"), "默认规则须归教育局的舆情值班室", "写 owner = \"bureau\"，party = \"desk\"")
    for name, other in rules.items():
        if rule and name != DEFAULT and other.order > rule.order:
            what = f"规则 {name}（order = {other.order}）排在默认规则之后，永远轮不到"
            yield Fault(document.at(name, "order"), what, f"改成小于 {rule.order} 的数")


def _orders(document: Document, rules: Mapping[str, RoutingRule]) -> Iterator[Fault]:
    first: dict[int, str] = {}
    for name, rule in rules.items():
        if (earlier := first.setdefault(rule.order, name)) != name:
            what = f"规则 {name} 与 {earlier} 的 order 都是 {rule.order}，先后不明"
            yield Fault(document.at(name, "order"), what, "各规则的 order 各不相同，小的先判")


def _conditions(document: Document, name: str, rule: RoutingRule) -> Iterator[Fault]:
    if name != DEFAULT and rule.when == When():
        yield Fault(document.at(name), f"规则 {name} 没有条件，它之后的规则永远轮不到", "补写 when；无条件的只能是 default")


def _parties(document: Document, name: str, rule: RoutingRule, known: Known) -> Iterator[Fault]:
    """A party is a word of the rule language, a section's code, or an outside department as `外部:名称`."""
    if rule.owner is not OwnerKind.NONE:
        yield from _party(document, (name, "party"), rule.party, PARTY_WORDS, known)
    for party in rule.guides:
        yield from _party(document, (name, "guides"), party, GUIDE_WORDS, known)
    for party in rule.supports:
        yield from _party(document, (name, "supports"), party, SUPPORT_WORDS, known)


def _party(document: Document, path: tuple[str, str], party: str, words: frozenset[str], known: Known) -> Iterator[Fault]:
    if party in words or party in known.sections or (party.startswith(OUTSIDE) and party != OUTSIDE):
        return
    mend = f"填 {'、'.join(sorted(words))}，或 sections.csv 中的编号，或 {OUTSIDE}部门名称（英文冒号）"
    yield Fault(document.at(*path), f"规则 {path[0]} 的 {path[1]} 写了「{party}」，没有这个股室", mend)


def _auto(rule: RoutingRule) -> Iterator[tuple[str, str]]:
    """Why a rule may not hand over by itself: it must exclude, by its own words, all that a person has to confirm."""
    when = rule.when
    if when.public is not True:
        yield "可能用于来信、热线等非公开来源", "在 when 中写 public = true"
    if not when.topics:
        yield "没有限定主题", f"在 when 中列出主题（不得有 {'、'.join(sorted(BY_HAND_ONLY))}）"
    if forbidden := [code for code in (*when.topics, *when.topics_any) if code in BY_HAND_ONLY]:
        yield f"包含须由人确认的主题 {'、'.join(forbidden)}", "从主题中删去，或删去 auto"
    if not when.nature or Nature.ACCUSATION in when.nature:
        yield "可能用于检举控告", "在 when 中用 nature 列出诉求性质，不含「举报」"
    if when.redline or when.accused:
        yield "用于红线事项或针对个人、单位的指控", "删去 redline、accused，或删去 auto"
    if rule.owner is not OwnerKind.SCHOOL or when.schools != ("one",):
        yield "只有涉及一所明确学校的事项可以自行交办", "写 owner = \"school\"，并在 when 中写 schools = [\"one\"]"


def _unknown(
    document: Document, path: tuple[str, ...], key: str, values: Iterable[str], known: frozenset[str]
) -> Iterator[Fault]:
    file, label = ("sources.toml", "代号为 {} 的信源") if key == "sources" else ("topics.toml", "代码为 {} 的主题")
    for value in values:
        if value not in known:
            yield Fault(document.at(*path, key), f"没有{label.format(value)}", f"填 {file} 中已有的")
