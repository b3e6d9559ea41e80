"""How a clock came to its due instant, in the words of staff and as data: start, count, warning, due, basis, standing, what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import Clock, ObligationStatus, StartBasis
from pipeline.moments import local, shown
from responders.commands import clock_row, length_text
from responders.counting import Stretch
from responders.deadlines import ended_word
from responders.wording import length, remaining, weekday

WIDE = "　"
DAYS = (Clock.DAYS, Clock.WORKING_DAYS)


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of the ladder (升级台阶) that is still to come, with whom it tells what."""

    name: str
    at: datetime
    to: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """One obligation with what explains it. `gap` says why the count cannot be shown; `anew` is when the rules of today would have it
    due, where they say otherwise; `rungs` is how many its ladder has, `fired` how many of them have told somebody, `next` the one that
    comes."""

    owed: Obligation
    party: str
    statutory: bool
    stretches: tuple[Stretch, ...]
    gap: str = ""
    anew: datetime | None = None
    rungs: int = 0
    fired: int = 0
    next: Step | None = None


def account_row(account: Account, now: datetime) -> dict[str, Any]:
    """The account as programs read it."""
    owed, step = account.owed, account.next
    return {
        **clock_row(owed), "status": owed.status(now).value, "statutory": account.statutory, "party_name": account.party,
        "count": [
            {"from": _iso(s.begin), "to": _iso(s.end), "counted": round(s.counted, 4), "why": s.why} for s in account.stretches
        ],
        "gap": account.gap or None, "due_by_present_rules": _iso(account.anew),
        "met": {"at": _iso(owed.met_at), "by": owed.met_by, "evidence": owed.evidence} if owed.met_at else None,
        "ended": {
            "at": _iso(owed.waived_at), "by": owed.waived_by, "second": owed.waived_second, "reason": owed.waive_reason,
        } if owed.waived_at else None,
        "extended": {
            "from": _iso(owed.extended_from), "by": owed.extended_by, "second": owed.extended_second, "reason": owed.extend_reason,
        } if owed.extended_from else None,
        "miss_recorded": _iso(owed.missed_at), "rungs_fired": account.fired,
        "next_rung": {"name": step.name, "at": _iso(step.at), "to": list(step.to), "words": step.words} if step else None,
    }


def account_text(account: Account, case: Case, now: datetime) -> str:
    """The account on one screen, a line a step."""
    lines = (f"  {label or WIDE * 2}{WIDE}{said}" for label, said in steps(account, case, now))
    return "\n".join([f"【{account.owed.kind.zh}】{heading(account, now)}", *lines])


def heading(account: Account, now: datetime) -> str:
    """Whose limit it is, by law, by the bureau's own rule or by a 批示 or 来文, and what is left of it."""
    owed = account.owed
    left = remaining(owed.due_at, now) if owed.running else _standing_word(owed, now)
    source = "批示来文所定时限" if owed.about else "法定时限" if account.statutory else "内控时限"
    return f"{source}，{account.party}承担，{left}"


def steps(account: Account, case: Case, now: datetime) -> tuple[tuple[str, str], ...]:
    """From the start to what comes next, each step with its label; a step that goes on has none."""
    owed = account.owed
    return (
        ("起算", _start(owed, case)), ("时长", f"{length_text(owed)}{_scale(owed)}"), *_count(account),
        ("临期", f"{shown(owed.warn_at)} 起提示"), ("到期", f"{_exactly(owed.due_at)}（此刻仍在时限内，晚一秒即超期）"),
        *(("", note) for note in _notes(account)),
        ("依据", owed.basis), ("现状", _standing(owed, now)), ("催办", _ladder(account, now)),
    )


def _iso(moment: datetime | None) -> str | None:
    return local(moment).isoformat(timespec="seconds") if moment else None


def _exactly(moment: datetime) -> str:
    there = local(moment)
    return f"{weekday(there.date())} {_hour(there)}"


def _hour(there: datetime) -> str:
    return f"{there:%H:%M:%S}" if there.second else f"{there:%H:%M}"


def _start(owed: Obligation, case: Case) -> str:
    said = f"{_exactly(owed.start_at)}，自{owed.start_basis.zh}起算"
    if owed.start_basis is not StartBasis.FOUND or not case.published_at or case.published_at >= owed.start_at:
        return said
    return f"{said}（首发 {shown(case.published_at)}，早 {length(owed.start_at - case.published_at)}）"


def _scale(owed: Obligation) -> str:
    return {
        Clock.HOURS: "，从起算时刻逐秒计", Clock.WORKING_HOURS: "，只计上班时间",
        Clock.DAYS: "，次日起计，末日二十四时止", Clock.WORKING_DAYS: "，次日起计，末日下班时止",
    }[owed.clock]


def _count(account: Account) -> Iterator[tuple[str, str]]:
    if account.gap:
        yield "计算", f"不能逐段列出：{account.gap}"
    total = 0.0
    for number, stretch in enumerate(account.stretches):
        sum_up = f"，累计 {_number(total + stretch.counted)}" if total else ""
        added = f"计 {_number(stretch.counted)} {_unit(account.owed)}{sum_up}" if stretch.counted else "不计"
        total += stretch.counted
        yield "计算" if not number else "", f"{_span(stretch, account.owed.clock)}{WIDE}{stretch.why}，{added}"


def _number(amount: float) -> str:
    return f"{round(amount, 2):g}"


def _unit(owed: Obligation) -> str:
    return "天" if owed.clock in DAYS else "小时"


def _span(stretch: Stretch, clock: Clock) -> str:
    """On a clock of days the days from the first to the last; else the hours, the day once where it is one."""
    if clock in DAYS:
        first, last = stretch.begin.date(), (stretch.end - timedelta(seconds=1)).date()
        return weekday(first) if first == last else f"{weekday(first)} 至 {weekday(last)}"
    same = stretch.begin.date() == stretch.end.date()
    return f"{_exactly(stretch.begin)} 至 {_hour(stretch.end) if same else _exactly(stretch.end)}"


def _notes(account: Account) -> Iterator[str]:
    """Why the due instant is another than the count or the rules of today would give."""
    owed = account.owed
    if owed.extended_from:
        yield f"原到期 {shown(owed.extended_from)}；{owed.extended_by}、{owed.extended_second} 两人同意延长：{owed.extend_reason}"
    end = account.stretches[-1].end if account.stretches else None
    if end and abs(end - owed.due_at) >= timedelta(minutes=1):
        yield f"数到 {shown(end)}；因合并或等级变化以更早的为准：已起算的时限只提前、不推后"
    if account.anew and account.anew != owed.due_at:
        yield f"按现在的等级和规则重算是 {shown(account.anew)}；已起算的时限只提前、不推后，仍以上面的到期为准"


def _standing_word(owed: Obligation, now: datetime) -> str:
    return ended_word(owed).split("：")[0] or owed.status(now).zh


def _standing(owed: Obligation, now: datetime) -> str:
    missed = f"；{shown(owed.missed_at)} 记录超期" if owed.missed_at else ""
    if owed.met_at:
        late = f"，晚 {length(owed.met_at - owed.due_at)}" if owed.status(now) is ObligationStatus.LATE else ""
        return f"{owed.status(now).zh}{late}：{shown(owed.met_at)} {owed.met_by or ''}，凭据 {owed.evidence or '未写明'}{missed}"
    if owed.waived_at:
        people = "、".join(filter(None, (owed.waived_by, owed.waived_second)))
        return f"{ended_word(owed)}（{shown(owed.waived_at)} {people}）{missed}"
    return f"{owed.status(now).zh}{missed}"


def _ladder(account: Account, now: datetime) -> str:
    said = f"已催办 {account.fired} 次；" if account.fired else ""
    step = account.next
    if step is None:
        more = "各级都已触发，逐日列入舆情日报" if account.rungs else "不另发通知，列入控制台和舆情日报"
        return said + (more if account.owed.running else "已停止")
    when = shown(step.at) if step.at > now else f"{shown(step.at)} 已到，即将"
    return f"{said}下一级 {when} 通知{'、'.join(step.to)}：{step.words}"
