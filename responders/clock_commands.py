"""`huiyin clock CASE`: every due instant of a case, explained step by step."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from config.schema.rules import Amount
from pipeline.domain.cases import Case, Obligation, Rung
from pipeline.domain.terms import RungState
from pipeline.faults import unusable
from pipeline.masking import masked
from pipeline.moments import local, shown
from pipeline.outcome import Outcome
from pipeline.store import cases, parties
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import dossier
from responders.clock_text import Account, Step, account_row, account_text
from responders.counting import Stretch, stretches
from responders.deadlines import Matter, obligations, reckoned
from responders.escalation import due
from responders.telling import DEPUTY, DIRECTOR, DUTY_ONLY, HIDDEN, Holders, To, addressees, rung_words
from responders.wording import length
from responders.worktime import CalendarMissing

WHO = {"duty": "联络员", "principal": "负责人"}
"""Whom of a party a notice asks for first."""


def clock(store: Store, config: Config, which: str, now: datetime) -> Outcome:
    """What is owed on a case of its present round, and how each due instant came about. `which` is its number (教舆-2026-00001), or the
    number of its page. Raises `Unusable` where there is none."""
    case = _find(store, which)
    found, faults = accounts(store, config, case, now)
    data = {
        "case": case.number, "generation": case.generation, "state": case.state.value, "grade": case.grade.value, "now": _iso(now),
        "emergency_grade": case.emergency_grade.value if case.emergency_grade else None,
        "found": _iso(case.found_at), "published": _iso(case.published_at) if case.published_at else None,
        "clocks": [account_row(a, now) for a in found], "faults": list(faults),
    }
    parts = [_head(case, now), *(account_text(a, case, now) for a in found), *faults]
    return Outcome(data, "\n\n".join(parts if found or faults else [*parts, _none(case)]))


def accounts(store: Store, config: Config, case: Case, now: datetime) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """What is owed on a case, the soonest first and what has ended last; and, in words, what cannot be computed."""
    papers = dossier.load(store, case)
    matter, holders = papers.matter(), papers.holders(config)
    owed = sorted(stored.of_case(store, case), key=lambda o: (not o.running, o.due_at))
    return tuple(_account(store, config, case, matter, holders, o, now) for o in owed), obligations(matter, config).faults


def _find(store: Store, which: str) -> Case:
    text = which.strip()
    found = cases.by_number(store, text)
    if found is None and text.isascii() and text.isdigit() and len(text) < 12:
        found = cases.get(store, int(text))
    if found is None:
        raise unusable(which, "没有这个事件", "写事件编号，如 教舆-2026-00001，或控制台网址里 /cases/ 后面的数字")
    return found


def _account(
    store: Store, config: Config, case: Case, matter: Matter, holders: Holders, owed: Obligation, now: datetime
) -> Account:
    rule = config.deadlines.get(owed.kind)
    counted: tuple[Stretch, ...] = ()
    gap = ""
    try:
        whole = Amount(amount=owed.amount, clock=owed.clock)
        counted = stretches(owed.start_at, whole, config.calendar, config.settings.clocks.working_hours)
    except CalendarMissing as missing:
        gap = str(missing)
    rungs = stored.rungs(store, owed.id)
    waiting = due(rungs, owed, now, live=True).fire or min(
        (r for r in rungs if r.state is RungState.PENDING), key=lambda r: (r.due_at, r.n), default=None
    )
    return Account(
        owed, parties.name_of(store, owed.party), bool(rule and rule.statutory), counted, gap, _anew(owed, matter, config),
        len(rungs), sum(r.state is RungState.FIRED for r in rungs), _step(store, config, case, holders, owed, waiting) if waiting else None,
    )


def _anew(owed: Obligation, matter: Matter, config: Config) -> datetime | None:
    """When the rules of today would have it due from the same start; None where they cannot say, where it has ended, was extended,
    or was set by a 批示 or 来文 and not by a rule."""
    ruled = owed.running and not owed.extended_from and not owed.about
    found = reckoned(owed.kind, matter, config, owed.start_at) if ruled else None
    return found[1] if found else None


def _step(store: Store, config: Config, case: Case, holders: Holders, owed: Obligation, rung: Rung) -> Step:
    rule = config.ladder.get(rung.name)
    told = tuple(_who(store, to) for to in addressees(rule.to if rule else ("desk",), holders, config))
    return Step(rung.name, rung.due_at, told, rung_words(rung, rule, owed, case, holders, config))


def _who(store: Store, to: To) -> str:
    if to.roles == DUTY_ONLY:
        return "当班值班员"
    in_office = to.party in (DEPUTY, DIRECTOR) or (to.roles[0] == "duty" and not to.school)
    return parties.name_of(store, to.party) + ("" if in_office else WHO[to.roles[0]])


def _head(case: Case, now: datetime) -> str:
    title = HIDDEN if case.accusation else masked(case.title)
    grade = case.grade.zh + ("" if case.grade_confirmed else "（建议等级）")
    emergency = f"　突发事件等级：{case.emergency_grade.zh}" if case.emergency_grade else ""
    again = f"　第 {case.generation} 次办理" if case.generation > 1 else ""
    since = f"首发 {shown(case.published_at)}　发现 {shown(case.found_at)}"
    if case.published_at and case.published_at < case.found_at:
        since += f"（首发后 {length(case.found_at - case.published_at)}）"
    return f"{case.number}　{title}\n{grade}{emergency}　{case.state.zh}{again}\n{since}　现在 {shown(now)}"


def _none(case: Case) -> str:
    return "没有起算的时限：" + ("存量信息，有人接办后才计时" if case.dormant else "尚未起算，或事件已了结")


def _iso(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")
