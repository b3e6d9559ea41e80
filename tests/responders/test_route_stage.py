"""Cases get owner, clocks and notices once; what was decided by people stays; rungs fire once, through outages and all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.commands import accept_registry
from config.schema import Config
from pipeline.domain.terms import AnswerKind, Nature, OwnerKind, RedLine, RungState
from pipeline.moments import parse
from pipeline.stage import digest
from pipeline.store import assignments, audit, cases, config_versions, obligations
from pipeline.store.db import Store
from responders import actions, dossier
from responders.commands import remind
from responders.mail.compose import compose
from responders.stages import route_stage

Go = Callable[..., Any]


def told(store: Store) -> list[tuple[str, str]]:
    """Whom every notice goes to, and what it is about."""
    return [(r["party"], r["key"].split(":")[0]) for r in store.rows("SELECT party, key FROM notice ORDER BY id")]


def counts(store: Store) -> list[int]:
    """How many rows stand wherever the answering side writes."""
    tables = ("assignment", "obligation", "rung", "notice", "audit_entry", "setback")
    return [store.value(f"SELECT count(*) FROM {t}") for t in tables] + [store.value("SELECT sum(version) FROM case_")]


def test_a_case_gets_lead_guides_clocks_and_the_desk_hears_of_it(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    case = cases.get(store, gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}}))
    assert case is not None
    routed(now)
    assert [(a.party, a.role, a.state, a.rule) for a in assignments.of_case(store, case)] == [
        ("QY001", "lead", "proposed", "one-school"),
        ("safety", "guide", "proposed", "one-school"),
        ("basic", "guide", "proposed", "one-school"),
    ]
    assert [(o.kind, o.party) for o in obligations.of_case(store, case)] == [("triage", "desk"), ("response", "QY001")]
    assert told(store) == [("desk", "case")]
    assert [e.action for e in audit.history(store, case.id)] == ["拟交办", "起算时限"]
    assert store.value("SELECT waiting FROM case_") is None


def test_routing_an_unchanged_case_again_changes_nothing(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    read = {"schools": {"清源一中": "QY001", "清源二中": "QY002"}, "redline": RedLine.JOINT_ACTION}
    case_id = gathered("清源一中和清源二中都补课", "D4", read=read)
    routed(now)
    before = counts(store)
    with store.transaction():
        cases.ask_again(store, case_id)
    routed(now + timedelta(minutes=5))
    assert counts(store) == before


def test_a_dormant_case_has_an_owner_and_no_clock(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}, "redline": RedLine.FOOD_ILLNESS}, dormant=1)
    routed(now)
    assert store.value("SELECT count(*) FROM assignment") == 4
    assert (store.value("SELECT count(*) FROM obligation"), store.value("SELECT count(*) FROM rung"), told(store)) == (0, 0, [])


def test_an_unconfirmed_red_line_rings_the_duty_officer_only(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中有人想轻生", "A4", read={"schools": {"清源一中": "QY001"}, "redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    ring = store.row("SELECT party, roles, urgency, phone, text FROM notice WHERE key LIKE 'redline:%'")
    assert ring is not None
    assert (ring["party"], ring["roles"], ring["urgency"], ring["phone"]) == ("desk", '["duty"]', "urgent", 1)
    assert {party for party, _ in told(store)} == {"desk"}
    assert "当班：" in ring["text"]
    assert "无人" not in ring["text"]


def test_a_graver_post_tightens_and_never_loosens(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    lead = assignments.lead(store, case)
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now)
    before = {o.kind: o for o in obligations.of_case(store, case)}
    joined(case_id, "清源一中食堂吃坏了", "A5", now + timedelta(hours=1), read={"schools": {"清源一中": "QY001"}}, grade="Ⅲ")
    routed(now + timedelta(hours=1))
    after = {o.kind: o for o in obligations.of_case(store, case)}
    assert after["acknowledge"].due_at == now + timedelta(hours=1)
    assert after["findings"].due_at == now + timedelta(hours=6)
    assert all(after[k].due_at <= before[k].due_at and after[k].start_at == before[k].start_at for k in before)
    assert {"first_report", "first_response"} <= set(after)
    assert ("desk", "grade") in told(store)
    assert "ack-3-principal" in {r.name for r in obligations.rungs(store, after["acknowledge"].id) if r.state is RungState.PENDING}
    assert "ack-4-principal" not in {r.name for r in obligations.rungs(store, after["acknowledge"].id) if r.state is RungState.PENDING}


def test_an_accusation_that_joins_takes_the_case_from_the_school(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    accusing = {"schools": {"清源一中": "QY001"}, "accused": {"清源一中校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    joined(case_id, "举报清源一中校长吃回扣", "F3", now, read=accusing, accusation=1)
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    live = [a for a in assignments.of_case(store, case) if a.state.live]
    assert [(a.party, a.role) for a in live] == [("discipline", "lead")]
    assert {o.party for o in obligations.of_case(store, case)} == {"desk", "discipline"}


def test_the_accused_who_already_has_it_hears_nothing_more(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    lead = store.row("SELECT id, version FROM assignment WHERE role = 'lead'") or {}
    actions.hand_over(store, config, lead["id"], lead["version"], "请核实", "甲", now)
    accusing = {"schools": {"清源一中": "QY001"}, "accused": {"清源一中校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    joined(case_id, "举报清源一中校长吃回扣", "F3", now, read=accusing, accusation=1)
    routed(now)
    assert ("desk", "accused") in told(store)
    sent = len(told(store))
    remind(store, config, now + timedelta(days=3))
    assert all(party != "QY001" for party, _ in told(store)[sent:])
    assert "desk" in {party for party, _ in told(store)[sent:]}


def test_a_decision_of_staff_stays_when_posts_join(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    lead = store.row("SELECT id, version FROM assignment WHERE role = 'lead'") or {}
    actions.reassign(store, config, lead["id"], lead["version"], "safety", "由股室直接办", "甲", now)
    joined(case_id, "清源一中食堂又有虫", "A5", now, read={"schools": {"清源一中": "QY001"}})
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    assert (assignments.lead(store, case) or lead).party == "safety"


def test_a_second_school_becomes_a_support(store: Store, gathered: Go, joined: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("清源一中补课", "D4", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    joined(case_id, "清源二中也补课", "D4", now, read={"schools": {"清源二中": "QY002"}})
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    live = [(a.party, a.role) for a in assignments.of_case(store, case) if a.state.live]
    assert live == [("basic", "lead"), ("QY001", "support"), ("QY002", "support")]


def test_the_ordered_everyday_goes_to_the_school_at_once(store: Store, county: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("清源一中食堂有虫，电话13900001111", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now, county)
    case = cases.get(store, case_id)
    assert case is not None
    lead = assignments.lead(store, case)
    assert lead is not None
    assert (lead.state, case.handed_over_at) == ("confirmed", now)
    assert "涉及清源县第一中学的反映，主题为「食堂与食品安全（校园餐）」。网帖标题：清源一中食堂有虫，电话［手机号］。" in lead.summary
    assert {"acknowledge", "findings", "closing"} <= {o.kind.value for o in obligations.of_case(store, case)}
    mail = store.row("SELECT subject, text FROM notice WHERE party = 'QY001'") or {}
    assert "有虫" not in mail["subject"]
    assert "139" not in mail["subject"] + mail["text"]
    assert "规则 qingyuan-everyday" in {e.who for e in audit.history(store, case_id)}
    desk = store.row("SELECT subject, text FROM notice WHERE key LIKE 'case:%'") or {}
    assert "已按规则「qingyuan-everyday」自动交办清源县第一中学，请复核" in desk["text"]
    assert "待研判" not in desk["subject"]
    assert "请研判并确认交办" not in desk["text"]


def test_a_case_from_a_letter_never_goes_by_itself(store: Store, county: Config, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}}, public=False)
    routed(now, county)
    assert {r["state"] for r in store.rows("SELECT state FROM assignment")} == {"proposed"}
    assert {r["kind"] for r in store.rows("SELECT kind FROM obligation")} == {"triage", "letter"}


def test_after_three_days_outage_one_rung_fires_and_the_miss_is_recorded_once(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}}, grade="Ⅱ")
    routed(now)
    late = now + timedelta(days=3)
    assert remind(store, config, late).data == {"missed": 3, "fired": 2}
    assert remind(store, config, late).data == {"missed": 0, "fired": 0}
    sql = """SELECT r.state FROM rung r JOIN obligation o ON o.id = r.obligation_id
             WHERE r.due_at <= '2026-11-21T02:00:00Z' AND o.kind = 'response' ORDER BY r.n"""
    states = [r["state"] for r in store.rows(sql)]
    assert states == ["collapsed"] * (len(states) - 1) + ["fired"]
    assert [e.action for e in audit.history(store, case_id)].count("超期") == 3
    assert [key for _, key in told(store)].count("rung") == 2


def test_a_clock_set_back_fires_nothing_again(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    remind(store, config, now + timedelta(hours=36))
    fired = told(store)
    for at in (now, now + timedelta(hours=35), now + timedelta(hours=37)):
        remind(store, config, at)
    assert told(store) == fired


def test_until_staff_decide_every_rung_goes_to_the_desk(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    remind(store, config, now + timedelta(hours=44))
    assert {party for party, _ in told(store)} == {"desk"}


def test_after_the_decision_the_section_and_the_director_hear(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    actions.choose_answer(store, config, case_id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    for hours in (36, 44):
        remind(store, config, now + timedelta(hours=hours))
    assert [party for party, key in told(store) if key == "rung"] == ["safety", "director"]


def test_a_muted_case_keeps_its_clocks_and_tells_the_highest_rung_afterwards(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    with store.transaction():
        store.execute("UPDATE case_ SET muted_until = '2026-11-20T00:00:00Z' WHERE id = ?", case_id)
    assert remind(store, config, now + timedelta(hours=37)).data["fired"] == 0
    assert remind(store, config, now + timedelta(hours=49)).data == {"missed": 1, "fired": 1}


def test_a_year_without_a_calendar_is_shown_and_mended(store: Store, config: Config, gathered: Go, routed: Go) -> None:
    at = parse("2026-12-31 17:00")
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}}, at=at)
    routed(at)
    assert [r["kind"] for r in store.rows("SELECT kind FROM obligation")] == ["response"]
    assert store.value("SELECT error FROM setback WHERE resolved_at IS NULL")
    assert ("desk", "calendar") in told(store)
    mended = replace(config, calendar=replace(config.calendar, years=config.calendar.years | {2027}))
    remind(store, mended, at + timedelta(hours=1))
    routed(at + timedelta(hours=1), mended)
    assert {r["kind"] for r in store.rows("SELECT kind FROM obligation")} == {"response", "triage"}
    assert store.value("SELECT count(*) FROM setback WHERE resolved_at IS NULL") == 0


def test_a_case_that_staff_changed_meanwhile_waits_for_the_next_round(store: Store, config: Config, gathered: Go, now: datetime) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    stage = route_stage(store, config)
    batch = stage.select(10)
    with store.transaction():
        store.execute("UPDATE case_ SET version = version + 1 WHERE id = ?", case_id)
    digest(stage, store, batch, now)
    assert stage.waiting() == 1
    assert store.value("SELECT count(*) FROM assignment") == 0


def test_a_reopened_case_starts_clocks_of_its_own(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    case = actions.choose_answer(store, config, case_id, case.version, AnswerKind.REPORT, "移交", "甲", now)
    actions.close(store, config, case_id, case.version, "完毕", "甲", now)
    later = now + timedelta(days=20)
    with store.transaction():
        store.execute("UPDATE case_ SET generation = 2, state = 'triage', redline = 'food_illness', grade = 'Ⅱ' WHERE id = ?", case_id)
    joined(case_id, "清源一中多名学生呕吐", "A5", later, read={"schools": {"清源一中": "QY001"}, "redline": RedLine.FOOD_ILLNESS})
    routed(later)
    reopened = cases.get(store, case_id)
    assert reopened is not None
    assert reopened.answer_kind is None
    assert {(o.kind.value, o.start_at) for o in obligations.of_case(store, reopened)} >= {("response", later)}
    assert ("desk", "redline") in told(store)


def test_a_rung_that_the_ladder_no_longer_knows_still_reaches_the_desk(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    remind(store, replace(config, ladder={}), now + timedelta(hours=36))
    assert ("desk", "rung") in told(store)


ACCUSING = {"schools": {"清源一中": "QY001"}, "accused": {"清源一中校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
SUMMARIES = [
    ("清源一中补课", "D4", {"schools": {"清源一中": "QY001"}}, {}, "一项涉及清源县第一中学的反映", "网帖标题：清源一中补课。"),
    ("云雾教学点漏水", "A7", {"schools": {"云雾教学点": "QY036"}}, {}, "涉及清源县青山镇云雾教学点的反映", "网帖标题：云雾教学点漏水。"),
    ("县里学区怎么划", "C1", {}, {}, "发现一项反映，", "网帖标题：县里学区怎么划。"),
    ("小饭桌不卫生", "D3", {}, {}, "发现一项反映，", "网帖标题"),
    ("清源一中补课", "D4", {"schools": {"清源一中": "QY001"}}, {"public": False}, "发现一项反映，", ""),
    ("举报清源一中校长吃回扣", "F3", ACCUSING, {}, "发现一项反映，", ""),
]


@pytest.mark.parametrize(
    ("text", "topics", "read", "given", "about", "title"), SUMMARIES,
    ids=["a school", "a teaching point", "a section leads", "an office leads", "a letter", "an accusation"],
)
def test_a_summary_names_the_subject_and_never_the_owner(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, text: str, topics: str, read: Any, given: Any, about: str,
    title: str,
) -> None:
    case = cases.get(store, gathered(text, topics, read=read, **given))
    assert case is not None
    routed(now)
    lead = assignments.lead(store, case)
    said = dossier.load(store, case).summary(config)
    assert about in said
    assert title in said
    assert ("网帖标题" in said) is bool(title)
    assert topics not in said
    assert lead is not None
    assert lead.owner is OwnerKind.SCHOOL or lead.party_name not in said


def test_the_desk_finds_the_first_public_post_but_not_that_of_an_accusation(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中有人想轻生", "A4", read={"schools": {"清源一中": "QY001"}, "redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    accusing = {"accused": {"清源一中校长": ("head", "QY001")}, "nature": Nature.ACCUSATION, "redline": RedLine.SUICIDE_RISK}
    gathered("举报清源一中校长吃回扣", "F3", read=accusing)
    with store.transaction():
        store.execute("UPDATE post SET url = 'http://bbs.example/t/' || id")
    routed(now)
    texts = {r["key"]: r["text"] for r in store.rows("SELECT key, text FROM notice")}
    for key, text in texts.items():
        assert ("http://bbs.example/t/1" in text) is (key.split(":")[1] == "1"), key
        assert "http://bbs.example/t/2" not in text
    assert len(texts) == 4


def test_the_duty_officers_number_reaches_the_desk_unmasked(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("清源一中有人想轻生", "A4", read={"schools": {"清源一中": "QY001"}, "redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    officer = config.registry.on_duty(now)
    assert officer is not None
    with store.transaction():
        accept_registry(store, config, now, "test")
    compose(store, config, now)
    mails = [r["text"] for r in store.rows("SELECT text FROM message")]
    assert any(f"当班：{officer.name} {officer.phone}" in text for text in mails)


def test_what_waits_for_a_person_is_said_once(store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    gathered("食堂有虫", "A5")
    gathered("举报某校长吃回扣", "F3", read={"accused": {"某校长": ("head", None)}, "nature": Nature.ACCUSATION})
    routed(now)
    first, second = (r["text"] for r in store.rows("SELECT text FROM notice WHERE key LIKE 'case:%' ORDER BY id"))
    assert "待确认：主责单位" in first
    assert "待确认：移送部门" in second
    assert "待确认：待确认" not in first + second


@pytest.mark.parametrize("hours", [44, 50], ids=["in time", "late"])
def test_a_reminder_that_fires_late_gives_no_time_that_has_passed(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, hours: int
) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    routed(now)
    remind(store, config, now + timedelta(hours=hours))
    subject, text, urgency = store.db.execute(
        "SELECT n.subject, n.text, n.urgency FROM notice n JOIN obligation o ON o.id = n.obligation_id WHERE o.kind = 'response'"
    ).fetchone()
    late = hours > 48
    assert ("只剩" in subject) is not late
    assert ("已超期，请立即办理（2026-11-20 10:00 到期）" in subject) is late
    assert not text.startswith(subject.partition("催办：")[2])
    assert text.startswith("事件：")
    assert urgency == "routine"


HEADS = [
    ("举报副局长王某受贿", "副局长王某", {"deputy"}), ("举报王副局长受贿", "王副局长", {"deputy"}), ("举报局长受贿", "局长", {"director"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "who", "spared"), HEADS, ids=[row[1] for row in HEADS])
def test_a_head_of_the_bureau_hears_nothing_of_an_accusation_against_them(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, text: str, who: str, spared: set[str]
) -> None:
    case_id = gathered(text, "F3", read={"accused": {who: ("bureau", None)}, "nature": Nature.ACCUSATION}, grade="Ⅱ")
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    assert dossier.load(store, case).accused(config) == spared
    actions.choose_answer(store, config, case_id, case.version, AnswerKind.PUBLIC, "经纪检同意公开", "甲", now)
    for hours in range(1, 60):
        remind(store, config, now + timedelta(hours=hours))
    assert not spared & {party for party, _ in told(store)}


def test_of_an_accusation_against_the_bureau_only_discipline_is_reminded(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    read = {"accused": {"县教育局": ("bureau", None)}, "nature": Nature.ACCUSATION}
    case_id = gathered("举报县教育局不作为", "F3", read=read, grade="Ⅱ")
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    assert [a.party for a in assignments.of_case(store, case)] == ["discipline"]
    actions.choose_answer(store, config, case_id, case.version, AnswerKind.PUBLIC, "经纪检同意公开", "甲", now)
    for hours in range(1, 60):
        remind(store, config, now + timedelta(hours=hours))
    assert {party for party, key in told(store) if key == "rung"} == {"discipline"}


@pytest.mark.parametrize(("later", "changed", "again"), [(1, False, False), (24, False, True), (1, True, True)])
def test_a_case_that_was_set_aside_is_tried_again_on_another_day_or_with_another_configuration(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, later: int, changed: bool, again: bool
) -> None:
    gathered("清源一中食堂有虫", "A5", read={"schools": {"清源一中": "QY001"}})
    poison = replace(config, routing={"bad": replace_rule(config, "{nothing}")})
    routed(now, poison)
    assert cases.open_setbacks(store, "route") == ["教舆-2026-00001"]
    at = now + timedelta(hours=later)
    if changed:
        with store.transaction():
            config_versions.record(store, {"routing.toml": "x"}, at, "甲")
    remind(store, config, at)
    routed(at)
    assert (store.value("SELECT count(*) FROM assignment") > 0) is again
    assert (cases.open_setbacks(store, "route") == []) is again


def replace_rule(config: Config, reason: str) -> Any:
    """A rule that holds for everything and cannot say why."""
    return config.routing["default"].model_copy(update={"order": 0, "reason": reason})
