"""`remind`, and what `explain` and `analyse` say of owner and clocks; texts are read by staff, data by programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from config.schema import Config
from pipeline.domain.cases import Case, Decision, Obligation
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, Span
from pipeline.domain.terms import CaseState, Grade, OwnerKind
from pipeline.moments import local, shown
from pipeline.outcome import Outcome
from pipeline.stage import run
from pipeline.store import cases, notices
from pipeline.store.db import Store
from responders import telling
from responders.clocks import STAGE
from responders.deadlines import Matter, Owed, obligations
from responders.facts import of_reading
from responders.routing import outside, route
from responders.stages import ROUTE, miss_stage, remind_stage
from responders.worktime import CalendarMissing, missing_year

AGAIN = timedelta(days=1)
TIGHTEST = 2


def remind(store: Store, config: Config, now: datetime) -> Outcome:
    """Records misses and fires the rungs that are due. Doing it again at once does nothing."""
    _calendar(store, config, now)
    _once_more(store, now)
    missed = run(miss_stage(store, now), store, lambda: now)
    climbed = run(remind_stage(store, config, now), store, lambda: now)
    text = f"超期记录 {missed} 项，触发升级台阶 {climbed} 项" if missed or climbed else "没有到期的升级台阶"
    return Outcome({"missed": missed, "fired": climbed}, text)


def clocks_preview(reading: Reading, post: Post, config: Config, now: datetime) -> Outcome:
    """Which clocks a text would start if it came now as a case of its own, each with its basis."""
    owed = _owed(reading, post, config, now)
    data = [clock_row(o) for o in owed.obligations] + [{"error": fault} for fault in owed.faults]
    lines = [f"· {o.kind.zh}：{shown(o.due_at)} 到期（自{o.start_basis.zh}起{length_text(o)}）；依据：{o.basis}" for o in owed.obligations]
    lines += [f"· {fault}" for fault in owed.faults]
    return Outcome(data, "\n".join(["时限：", *(lines or ["· 不起算时限"])]))


def owner_row(decision: Decision, full: bool = False) -> dict[str, Any]:
    """Who answers, as `analyse` prints it; `full` adds what `explain` shows."""
    row: dict[str, Any] = {
        "kind": decision.kind.value, "party": decision.party or None, "role": decision.role.value, "rule": decision.rule,
        "reason": decision.reason,
    }
    if full:
        row |= {
            "name": decision.name, "version": decision.version, "confidence": decision.confidence, "pending": decision.pending or None,
            "words": [_span(w) for w in decision.words], "guides": list(decision.guides), "supports": list(decision.supports),
            "auto": decision.auto,
        }
    return row


def owner_pieces(decision: Decision) -> list[str]:
    """Who answers and why, in a few words."""
    if decision.kind is OwnerKind.NONE:
        return ["无，不需回应", decision.reason]
    return [f"{decision.name}（{decision.kind.zh}）", *filter(None, [decision.pending]), decision.reason]


def tightest(clocks: Outcome) -> list[str]:
    """Of the clocks of a preview those that end first, and how many more there are."""
    known = sorted((c for c in clocks.data if "error" not in c), key=lambda c: datetime.fromisoformat(c["due"]))
    said = [f"{c['name']} {shown(datetime.fromisoformat(c['due']))}" for c in known[:TIGHTEST]]
    more = [f"另有 {len(known) - TIGHTEST} 项"] if len(known) > TIGHTEST else []
    return [*said, *more, *(c["error"] for c in clocks.data if "error" in c)] or ["不起算时限"]


def owner_text(decision: Decision) -> str:
    """The same for people, with rule, words and who helps."""
    if decision.kind is OwnerKind.NONE:
        return f"回应主体：无，不需回应\n规则：{decision.rule}　版本：{decision.version or '—'}\n理由：{decision.reason}"
    lines = [f"回应主体：{decision.name}（{decision.kind.zh}，{decision.role.zh}）" + (f"　{decision.pending}" if decision.pending else "")]
    lines.append(f"规则：{decision.rule}　版本：{decision.version or '—'}　把握：{decision.confidence:.2f}")
    lines.append(f"理由：{decision.reason}")
    if decision.words:
        lines.append("词语：" + "、".join(f"{w.surface}（{w.start}–{w.end}）" for w in decision.words))
    if decision.supports or decision.guides:
        names = dict(decision.names)
        supports, guides = ("、".join(names.get(c, outside(c)) for c in codes) or "无" for codes in (decision.supports, decision.guides))
        lines.append(f"配合：{supports}　指导：{guides}")
    return "\n".join(lines)


def clock_row(owed: Obligation) -> dict[str, Any]:
    """One clock as programs read it; moments carry the bureau's offset."""
    return {
        "kind": owed.kind.value, "name": owed.kind.zh, "amount": owed.amount, "clock": owed.clock.value,
        "start": _wall(owed.start_at), "start_basis": owed.start_basis.value, "warn": _wall(owed.warn_at), "due": _wall(owed.due_at),
        "basis": owed.basis, "party": owed.party,
    }


def _wall(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")


def length_text(owed: Obligation) -> str:
    """How long: `48自然小时`."""
    return f"{owed.amount:g}{owed.clock.zh}"


def _owed(reading: Reading, post: Post, config: Config, now: datetime) -> Owed:
    if not reading.relevant and reading.redline is None:
        return Owed()
    facts = of_reading(reading, post, config)
    decision = route(facts, config)
    case = Case(
        id=0, number="", generation=1, state=CaseState.TRIAGE, title=post.title, topic=facts.topic or None,
        grade=reading.grade or Grade.IV, public=post.public, dormant=False, found_at=post.collected_at if post.id else now,
        published_at=post.published_at, version=1, redline=reading.redline, accusation=facts.accusation,
    )
    return obligations(Matter(case=case, lead=decision.party, owner=decision.kind, sources=frozenset({post.source})), config)


def _span(span: Span) -> dict[str, Any]:
    return {"surface": span.surface, "start": span.start, "end": span.end}


def _once_more(store: Store, now: datetime) -> None:
    """A case that the router had to set aside is tried again after a day, or after a change of configuration."""
    set_aside = cases.set_aside_before(store, ROUTE, now - AGAIN)
    if not set_aside:
        return
    with store.transaction():
        for number in set_aside:
            case = cases.by_number(store, number)
            cases.resolve_setback(store, ROUTE, number, now)  # if it fails once more, that is a setback of its own
            if case:
                cases.ask_again(store, case.id)


def _calendar(store: Store, config: Config, now: datetime) -> None:
    """Says 60 days ahead that a year has no calendar; once it has one, the cases that lacked it are looked at again."""
    year = missing_year(config.calendar, now)
    mended = [s.split(":") for s in cases.open_setbacks(store, STAGE)]
    again = [number for number, missing in mended if int(missing) in config.calendar.years]
    if year is None and not again:
        return
    with store.transaction():
        if year:
            notices.put(store, telling.no_calendar(year, str(CalendarMissing(year)), now))
        for case in filter(None, (cases.by_number(store, number) for number in again)):
            cases.ask_again(store, case.id)
