"""What a case was once known for — a red line, an accusation, a letter among its posts — guards it for good, whatever is read later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.commands import accept_registry
from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import AnswerKind, Disclosure, Nature, Precision, RedLine
from pipeline.store import assignments, cases, obligations, posts, readings
from pipeline.store.db import Store
from responders import actions
from responders.commands import remind
from responders.mail.compose import compose
from responders.mail.grouping import DESK

Go = Callable[..., Any]
SCHOOL = {"清源一中": "QY001"}
ACCUSING = {"schools": SCHOOL, "accused": {"清源一中校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}


def edited(store: Store, reading: Go, text: str, topics: str, at: datetime, **read: Any) -> None:
    """The newest post of the store gets another text, is read anew, and its case waits for the router."""
    title, _, body = text.partition("\n")
    key = store.value("SELECT key FROM post ORDER BY id DESC LIMIT 1")
    posts.add(store, [RawPost("forum", key, title, body, published_at=at, precision=Precision.MINUTE)], at, public=True, dormant=[False])
    stored = posts.waiting(store, "read", 1)[0]
    with store.transaction():
        readings.save(store, [(stored, reading(text, topics, **read))], at)
        readings.drop(store, stored.id)
        store.execute("UPDATE case_ SET waiting = 'route'")


def the(store: Store, case_id: int) -> Case:
    case = cases.get(store, case_id)
    assert case is not None
    return case


def leads(store: Store, case_id: int) -> list[tuple[str, str]]:
    """Who leads the case now, and how far that is."""
    return [(a.party, a.state) for a in assignments.of_case(store, the(store, case_id)) if a.role == "lead" and a.state.live]


def test_a_red_line_that_was_edited_away_is_not_handed_over_by_itself(
    store: Store, county: Config, gathered: Go, reading: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中有人想轻生", "A5", read={"schools": SCHOOL, "redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now, county)
    edited(store, reading, "清源一中食堂有虫", "A5", now, schools=SCHOOL)
    routed(now, county)
    assert leads(store, case_id) == [("QY001", "proposed")]


def test_an_accusation_that_was_edited_away_still_keeps_the_case_from_the_accused(
    store: Store, county: Config, gathered: Go, reading: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("举报清源一中校长吃回扣，食堂有虫", "A5", read=ACCUSING)
    routed(now, county)
    edited(store, reading, "清源一中食堂有虫", "A5", now, schools=SCHOOL)
    routed(now, county)
    assert [party for party, _ in leads(store, case_id)] == ["discipline"]


def test_a_case_that_holds_a_letter_is_not_handed_over_by_itself(
    store: Store, county: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL}, public=False)
    joined(case_id, "清源一中食堂又有虫", "A5", now, read={"schools": SCHOOL}, public=1)
    routed(now, county)
    assert leads(store, case_id) == [("QY001", "proposed")]


def test_an_accusation_of_an_earlier_round_keeps_the_case_from_the_accused(
    store: Store, county: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("举报清源一中校长吃回扣，食堂有虫", "A5", read=ACCUSING)
    routed(now, county)
    case = the(store, case_id)
    actions.choose_answer(store, county, case_id, case.version, AnswerKind.REPORT, "已移交", "甲", now)
    actions.close(store, county, case_id, the(store, case_id).version, "已办", "乙", now)
    actions.reopen(store, county, case_id, the(store, case_id).version, "又有新情况", "甲", now)
    joined(case_id, "清源一中食堂又有虫", "A5", now, read={"schools": SCHOOL})
    routed(now, county)
    assert [party for party, _ in leads(store, case_id)] == ["discipline"]
    lead = assignments.lead(store, the(store, case_id))
    assert lead is not None
    with pytest.raises(actions.Refused, match="第三十条"):
        actions.reassign(store, county, lead.id, lead.version, "QY001", "请学校办", "甲", now)


def test_a_case_always_has_a_lead_even_when_the_new_one_already_supports(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中和清源二中都补课", "D4", read={"schools": SCHOOL | {"清源二中": "QY002"}})
    routed(now)
    support = next(a for a in assignments.of_case(store, the(store, case_id)) if a.party == "QY001")
    actions.hand_over(store, config, support.id, support.version, "请提供情况", "甲", now)
    with store.transaction():
        store.execute("DELETE FROM case_post")
    joined(case_id, "清源一中食堂有虫", "A5", now, read={"schools": SCHOOL})
    routed(now)
    assert leads(store, case_id) == [("QY001", "proposed")]


def test_an_old_case_that_a_new_post_wakes_is_told_to_the_desk(
    store: Store, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL}, dormant=1)
    routed(now)
    assert store.value("SELECT count(*) FROM notice") == 0
    joined(case_id, "清源一中食堂又有虫", "A5", now, read={"schools": SCHOOL}, dormant=0)
    routed(now)
    assert store.value("SELECT key FROM notice") == f"case:{case_id}:1"


def test_a_reminder_of_what_was_met_before_it_was_written_is_not_sent(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL})
    routed(now)
    case = actions.choose_answer(store, config, case_id, the(store, case_id).version, AnswerKind.PUBLIC, "", "甲", now)
    late = now.replace(day=19, hour=14, minute=1)
    remind(store, config, late)
    assert store.value("SELECT count(*) FROM notice WHERE key LIKE 'rung:%' AND obligation_id IS NOT NULL") == 1
    actions.record_answer(
        store, config, case_id, case.version, url="https://edu.example/1.html", published_at=late.replace(hour=12), wording="已整改",
        disclosure=Disclosure.ACTIVE, channel="网站", evidence=None, who="乙", now=late.replace(minute=5),
    )
    compose(store, config, late.replace(minute=30))
    assert store.value("SELECT dropped FROM notice WHERE key LIKE 'rung:%'") == "时限事项已完成"


def test_what_an_earlier_round_still_owed_ends_with_it(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL})
    routed(now)
    joined(case_id, "清源一中食堂吃坏了多人", "A5", now, read={"schools": SCHOOL, "redline": RedLine.FOOD_ILLNESS}, generation=2)
    routed(now)
    old = replace(the(store, case_id), generation=1)
    assert obligations.running(store, old) == []
    assert all("新一轮" in (o.waive_reason or "") for o in obligations.of_case(store, old))


def test_the_words_of_an_accusation_stand_in_no_mail(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("举报清源一中校长吃回扣", "F3", read=ACCUSING, grade="Ⅱ", redline=RedLine.EXAM_LEAK)
    routed(now)
    remind(store, config, now.replace(day=20))
    compose(store, config, now.replace(day=20, hour=6))
    assert the(store, case_id).accusation
    told = store.rows(
        """SELECT subject, text FROM notice UNION ALL SELECT subject, text || html FROM message
           UNION ALL SELECT why, text FROM phone_task"""
    )
    assert len(told) > 4
    assert not [row for row in told if "回扣" in row["subject"] + row["text"] or "校长" in row["subject"] + row["text"]]
    assert {r["party"] for r in store.rows("SELECT party FROM notice")} >= {DESK}


def test_a_mail_that_has_not_left_is_taken_back_when_its_reader_is_accused(
    store: Store, config: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    with store.transaction():
        accept_registry(store, config, now, "文件")
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL}, grade="Ⅲ")
    routed(now)
    lead = assignments.lead(store, the(store, case_id))
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now)
    compose(store, config, now)
    waiting = "SELECT party FROM message WHERE state IN ('queued', 'deferred') AND party = 'QY001'"
    assert len(store.rows(waiting)) == 1
    joined(case_id, "举报清源一中校长吃回扣", "F3", now, read=ACCUSING, accusation=1)
    routed(now)
    compose(store, config, now)
    assert store.rows(waiting) == []
    assert store.value("SELECT dropped FROM notice WHERE party = 'QY001'").startswith("检举控告事项")


def test_what_was_a_letter_first_is_public_matter_only_since_its_first_public_post(
    store: Store, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read={"schools": SCHOOL}, public=False, at=now - timedelta(days=6))
    routed(now - timedelta(days=6))
    joined(case_id, "清源一中食堂又有虫", "A5", now, read={"schools": SCHOOL}, public=1)
    routed(now)
    starts = {o.kind.value: o.start_at for o in obligations.of_case(store, the(store, case_id))}
    assert starts == {"triage": now - timedelta(days=6), "letter": now - timedelta(days=6), "response": now}


def test_an_accusation_whose_post_is_kept_no_longer_still_keeps_the_case_from_the_accused(
    store: Store, county: Config, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("举报清源一中校长吃回扣", "F3", read=ACCUSING)
    joined(case_id, "清源一中食堂有虫", "A5", now, read={"schools": SCHOOL})
    with store.transaction():
        store.execute("DELETE FROM post WHERE id = (SELECT min(post_id) FROM case_post WHERE case_id = ?)", case_id)
        store.execute("UPDATE case_ SET waiting = 'route'")
    routed(now, county)
    assert "QY001" not in {a.party for a in assignments.of_case(store, the(store, case_id)) if a.state.live}
