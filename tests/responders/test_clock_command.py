"""`huiyin clock`: what a clerk reads of each limit, and what a program gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.registry import party_entries
from config.schema import Config
from pipeline.domain.reports import InstructionKind
from pipeline.domain.terms import AnswerKind, Disclosure, Grade, Nature, ObligationKind, RedLine
from pipeline.faults import Unusable
from pipeline.moments import parse, to_text
from pipeline.store import assignments, cases, obligations, parties
from pipeline.store.db import Store
from responders import actions
from responders.clock_commands import clock
from responders.commands import remind

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}
NUMBER = "教舆-2026-00001"
FRIDAY = parse("2026-11-20 16:30")


@pytest.fixture(autouse=True)
def known(store: Store, config: Config, now: datetime) -> None:
    """The county's schools and sections, by their names."""
    with store.transaction():
        parties.sync(store, party_entries(config.registry), now)


@pytest.fixture
def told(store: Store, config: Config, gathered: Go, routed: Go) -> Go:
    """What the command says of a case found on a Friday afternoon; `block` is the part on one limit."""
    case_id = gathered("清源一中食堂有虫，电话13800001111", "A5", read=READ, at=FRIDAY)
    with store.transaction():
        store.execute("UPDATE case_ SET published_at = ?", to_text(FRIDAY - timedelta(hours=6, minutes=30)))
    routed(FRIDAY)

    def say(block: str = "", at: datetime = FRIDAY) -> str:
        text = clock(store, config, NUMBER, at).text
        return next((part for part in text.split("\n\n") if part.startswith(f"【{block}】")), "") if block else text

    assert case_id == 1
    return say


@pytest.fixture
def do(store: Store, config: Config) -> Go:
    """Does something to the case."""

    def act(what: Go, *args: Any, at: datetime = FRIDAY, **more: Any) -> Any:
        case = cases.get(store, 1)
        assert case is not None
        return what(store, config, 1, case.version, *args, **more, now=at)

    return act


def test_the_whole_account_of_a_working_clock(told: Go) -> None:
    assert told("研判") == (
        "【研判】内控时限，舆情值班室承担，还剩 2天19小时\n"
        "  起算　2026-11-20 周五 16:30，自发现起算（首发 2026-11-20 10:00，早 6小时30分）\n"
        "  时长　4工作小时，只计上班时间\n"
        "  计算　2026-11-20 周五 16:30 至 17:30　工作日，计 1 小时\n"
        "  　　　2026-11-20 周五 17:30 至 2026-11-23 周一 08:30　周末，不计\n"
        "  　　　2026-11-23 周一 08:30 至 11:30　工作日，计 3 小时，累计 4\n"
        "  临期　2026-11-22 18:45 起提示\n"
        "  到期　2026-11-23 周一 11:30（此刻仍在时限内，晚一秒即超期）\n"
        "  依据　本局内控时限：4个工作小时内研判\n"
        "  现状　未到期\n"
        "  催办　不另发通知，列入控制台和舆情日报"
    )


def test_a_natural_clock_says_that_the_weekend_counts_and_whom_the_next_rung_tells(told: Go) -> None:
    block = told("政务舆情回应")
    assert block.startswith("【政务舆情回应】法定时限，清源县第一中学承担，还剩 2天")
    assert "夜间、周末、节假日都计，计 48 小时" in block
    assert "下一级 2026-11-22 04:30 通知舆情值班室：48小时回应时限只剩12小时" in block


def test_the_head_masks_what_identifies_a_person(told: Go) -> None:
    head = told().split("\n\n")[0]
    assert "13800001111" not in head
    assert "首发 2026-11-20 10:00　发现 2026-11-20 16:30（首发后 6小时30分）" in head


def test_an_accusation_is_named_and_not_told(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    read = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    gathered("举报清源一中校长吃回扣", "F3", read=read)
    routed(now)
    assert "吃回扣" not in clock(store, config, "1", now).text


def test_a_limit_that_was_missed_says_so_with_what_was_said(store: Store, config: Config, told: Go) -> None:
    late = FRIDAY + timedelta(days=3)
    remind(store, config, late)
    block = told("政务舆情回应", late)
    assert "已超期 1天" in block
    assert "超期；2026-11-23 16:30 记录超期" in block
    assert "已催办 1 次；各级都已触发，逐日列入舆情日报" in block


@pytest.mark.parametrize(("hours", "says"), [(1, "按时完成：2026-11-20 17:30 乙，凭据 https://jyj.example/1"), (50, "逾期完成，晚 2小时")])
def test_a_limit_that_was_met_names_its_proof(do: Go, told: Go, hours: int, says: str) -> None:
    at = FRIDAY + timedelta(hours=hours)
    do(actions.choose_answer, AnswerKind.PUBLIC, "", "甲")
    do(
        actions.record_answer, url="https://jyj.example/1", published_at=at, wording="已整改", disclosure=Disclosure.ACTIVE,
        channel="局网站", evidence=None, who="乙", at=at,
    )
    assert says in told("政务舆情回应", at)


def test_what_two_people_waived_names_both(store: Store, config: Config, told: Go) -> None:
    [owed] = [o for o in obligations.of_case(store, cases.get(store, 1)) if o.kind is ObligationKind.RESPONSE]  # type: ignore[arg-type]
    actions.waive(store, config, owed.id, "甲", "乙", "县政府统一回应", FRIDAY)
    block = told("政务舆情回应")
    assert "现状　已免除：县政府统一回应（2026-11-20 16:30 甲、乙）" in block
    assert block.startswith("【政务舆情回应】法定时限，清源县第一中学承担，已免除")
    assert "催办　已停止" in block


def test_after_an_outage_it_says_which_one_rung_will_fire(told: Go) -> None:
    block = told("政务舆情回应", FRIDAY + timedelta(hours=47))
    assert "下一级 2026-11-22 12:30 已到，即将 通知舆情值班室：48小时回应时限只剩4小时" in block


def test_a_lowered_grade_says_that_the_earlier_instant_stands(store: Store, config: Config, do: Go, told: Go) -> None:
    lead = assignments.lead(store, cases.get(store, 1))  # type: ignore[arg-type]
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", FRIDAY)
    do(actions.confirm_grade, Grade.II, "", "甲")
    do(actions.confirm_grade, Grade.IV, "热度下降", "甲", second="乙")
    block = told("反馈核查结果")
    assert "到期　2026-11-20 周五 18:30" in block
    assert "按现在的等级和规则重算是 2026-11-21 16:30；已起算的时限只提前、不推后，仍以上面的到期为准" in block


def test_an_extension_names_the_first_limit_and_both_people(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    rules = {
        kind: rule.model_copy(update={"applies": rule.applies.model_copy(update={"sources": ("forum",)})}) if rule.applies.sources else rule
        for kind, rule in config.deadlines.items()
    }
    settled = replace(config, deadlines=rules)
    gathered("清源一中食堂有虫", "A5", read=READ, public=False)
    routed(now, settled)
    [close] = [o for o in obligations.of_case(store, cases.get(store, 1)) if o.kind is ObligationKind.PETITION_CLOSE]  # type: ignore[arg-type]
    actions.extend(store, settled, close.id, "甲", "乙", "须外出调查", now)
    text = clock(store, settled, "1", now).text
    assert "原到期 2027-01-18 00:00；甲、乙 两人同意延长：须外出调查" in text
    assert "2026-11-19 周四 至 2027-02-16 周二　夜间、周末、节假日都计，计 90 天" in text


def test_a_suspected_red_line_shows_the_duty_officers_limit_first(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    gathered("清源一中有人想轻生", "A4", read=READ | {"redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    parts = clock(store, config, NUMBER, now).text.split("\n\n")
    assert parts[1].startswith("【红线核实】内控时限，舆情值班室承担，还剩 30分钟")
    assert "通知当班值班员：疑似红线已15分钟，尚未核实" in parts[1]


def test_a_program_gets_the_same(store: Store, config: Config, told: Go) -> None:
    assert told()
    data = clock(store, config, NUMBER, FRIDAY).data
    triage = next(c for c in data["clocks"] if c["kind"] == "triage")
    assert triage["count"] == [
        {"from": "2026-11-20T16:30:00+08:00", "to": "2026-11-20T17:30:00+08:00", "counted": 1.0, "why": "工作日"},
        {"from": "2026-11-20T17:30:00+08:00", "to": "2026-11-23T08:30:00+08:00", "counted": 0, "why": "周末"},
        {"from": "2026-11-23T08:30:00+08:00", "to": "2026-11-23T11:30:00+08:00", "counted": 3.0, "why": "工作日"},
    ]
    assert (triage["status"], triage["statutory"], triage["next_rung"], triage["met"]) == ("pending", False, None, None)
    response = next(c for c in data["clocks"] if c["kind"] == "response")
    assert response["next_rung"]["to"] == ["舆情值班室"]
    assert response["due"] == response["due_by_present_rules"]
    assert [c["due"] for c in data["clocks"]] == sorted(c["due"] for c in data["clocks"])


def test_a_year_without_calendar_is_said_in_the_place_of_the_limit(
    store: Store, config: Config, gathered: Go, routed: Go
) -> None:
    late = parse("2026-12-31 17:00")
    gathered("清源一中食堂有虫", "A5", read=READ, at=late)
    routed(late)
    found = clock(store, config, NUMBER, late)
    assert "「研判」无法计算到期时间：calendar.csv 没有 2027 年的放假安排" in found.text
    assert len(found.data["faults"]) == 1


@pytest.mark.parametrize("which", ["教舆-2026-99999", "99", "食堂", "", "1 OR 1", "²"])
def test_a_case_that_does_not_exist_is_unusable_input(store: Store, config: Config, now: datetime, which: str) -> None:
    with pytest.raises(Unusable, match="没有这个事件"):
        clock(store, config, which, now)


def test_a_dormant_case_says_why_nothing_runs(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5", read=READ, dormant=1)
    routed(now)
    assert "没有起算的时限：存量信息，有人接办后才计时" in clock(store, config, "1", now).text


def test_an_instruction_is_explained_from_its_own_limit(told: Go, do: Go) -> None:
    do(
        actions.instruct, kind=InstructionKind.LETTER, sender="市教育局", number="市教函〔2026〕8号", words="请报告",
        limit_at=FRIDAY + timedelta(hours=30), received_at=FRIDAY, attachment=None, who="甲",
    )
    said = told("批示来文报告")
    assert said.startswith("【批示来文报告】批示来文所定时限，舆情值班室承担，还剩 1天6小时\n")
    for words in (
        "2026-11-20 周五 16:30，自收文起算", "30自然小时", "夜间、周末、节假日都计，计 30 小时", "2026-11-21 周六 22:30",
        "市教育局来文（市教函〔2026〕8号）注明的时限",
    ):
        assert words in said, words
    assert "按现在的等级和规则重算" not in said
