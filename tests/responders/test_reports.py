"""What a draft says: the facts of the case in their places, nothing that identifies a person, of an accusation topic and number alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.reports import Instruction, InstructionKind, Report, ReportKind, ReportState
from pipeline.domain.terms import CaseState, Grade, RedLine
from responders.reports import MOST, Done, Told, measures, written

HOUR = timedelta(hours=1)


@pytest.fixture
def told(now: datetime) -> Told:
    case = Case(
        id=1, number="教舆-2026-00001", generation=1, state=CaseState.OPEN, title="清源一中食堂有虫，电话13800001111", topic="A5",
        grade=Grade.II, public=True, dormant=False, found_at=now - 2 * HOUR, published_at=now - 3 * HOUR, version=1,
    )
    return Told(
        case, "食堂与食品安全", "清源县第一中学", ("饭里有虫",), 3, (("清源论坛", 2), ("清源新闻", 1)), "清源论坛", "http://bbs.example/1",
        (Done(now - HOUR, "交办", {"单位": "清源县第一中学"}), Done(now, "登记反馈", {"反馈": "已停用该供货商，联系13800002222"})),
        ("2026-11-18 10:00 本局官网 https://jyj.example/1 通报",), "已整改",
    )


def draft(told: Told, config: Config, now: datetime, kind: ReportKind = ReportKind.FIRST, **given: Any) -> str:
    values: dict[str, Any] = {"recipient": "县委网信办", "instruction": None, "earlier": ()} | given
    return written(kind, told, values["recipient"], values["instruction"], values["earlier"], config, now)


def test_a_first_report_tells_what_was_said_how_far_it_went_and_what_was_done(told: Told, config: Config, now: datetime) -> None:
    text = draft(told, config, now)
    assert text.startswith("县委网信办：\n")
    for words in (
        "一、基本情况", "教舆-2026-00001", "主题：食堂与食品安全；舆情等级：Ⅱ级 重大·橙（建议等级，尚未确定）",
        "首发 2026-11-18 07:00，发现 2026-11-18 08:00",
        "回应主体：清源县第一中学", "原文：「饭里有虫」", "二、传播情况", "见到 3 条（清源论坛 2 条、清源新闻 1 条），首发于清源论坛",
        "链接：http://bbs.example/1", "三、已采取的措施", "· 2026-11-18 09:00 交办：清源县第一中学", "四、下一步安排",
        config.settings.bureau.name,
    ):  # fmt: skip
        assert words in text, words
    assert "1380000" not in text
    assert "［手机号］" in text


def test_a_further_report_tells_what_is_new_since_the_last_to_the_same_body(told: Told, config: Config, now: datetime) -> None:
    def earlier(recipient: str, at: datetime) -> Report:
        return Report(1, 1, 1, ReportKind.FIRST, recipient, "n", None, ReportState.RECEIVED, "", "甲", at, 1, "乙", at)

    papers = [earlier("县委网信办", now - timedelta(minutes=30)), earlier("市教育局", now + HOUR)]
    text = draft(told, config, now, ReportKind.FURTHER, earlier=papers)
    assert "三、新采取的措施（2026-11-18 09:30 以后）" in text
    assert "登记反馈：已停用该供货商" in text
    assert "交办：" not in text


def test_a_final_report_tells_the_answer_and_the_conclusion(told: Told, config: Config, now: datetime) -> None:
    text = draft(told, config, now, ReportKind.FINAL)
    assert "四、办理结果\n· 2026-11-18 10:00 本局官网 https://jyj.example/1 通报\n已整改" in text
    assert "由承办人填写：查明的情况" in draft(replace(told, closing="", answers=()), config, now, ReportKind.FINAL)


def test_it_names_the_instruction_that_it_answers(told: Told, config: Config, now: datetime) -> None:
    asked = Instruction(1, 1, InstructionKind.LETTER, "市教育局", "市教函〔2026〕8号", "请报告", None, None, now, "甲")
    assert "市教育局来文（市教函〔2026〕8号）收悉" in draft(told, config, now, instruction=asked)
    assert "县领导批示收悉" in draft(
        told, config, now, instruction=replace(asked, kind=InstructionKind.INSTRUCTION, sender="县领导", number="")
    )


def test_a_hand_over_letter_asks_for_a_receipt(told: Told, config: Config, now: datetime) -> None:
    case = replace(told.case, redline=RedLine.SEXUAL_OFFENCE, redline_confirmed_at=now)
    text = draft(replace(told, case=case), config, now, ReportKind.HANDOVER, recipient="县公安局")
    for words in ("县公安局：", "依职责应由贵单位办理", "性侵猥亵（已核实）", "在所附回执上签章退回"):
        assert words in text, words


@pytest.mark.parametrize("kind", list(ReportKind))
def test_of_an_accusation_topic_and_number_alone_are_told(told: Told, config: Config, now: datetime, kind: ReportKind) -> None:
    text = draft(replace(told, case=replace(told.case, accusation=True)), config, now, kind)
    for words in ("食堂有虫", "饭里有虫", "清源县第一中学", "bbs.example", "供货商", "jyj.example/1"):
        assert words not in text, words
    assert "检举控告类事项（教舆-2026-00001）" in text


@pytest.mark.parametrize("kind", list(ReportKind))
def test_a_case_without_posts_is_told_as_such(told: Told, config: Config, now: datetime, kind: ReportKind) -> None:
    text = draft(Told(replace(told.case, published_at=None)), config, now, kind)
    assert "时间不明" in text
    assert ("没有见到公开传播" in text) == (kind is not ReportKind.HANDOVER)


def test_the_newest_measures_are_told_and_what_is_none_is_not(now: datetime) -> None:
    done = [Done(now + n * HOUR, "签收", {"单位": f"第{n}校"}) for n in range(MOST + 3)] + [Done(now, "并入帖文", {"帖文": "1"})]
    lines = measures(done, None, secret=False)
    assert (len(lines), lines[-1]) == (MOST, f"2026-11-19 00:00 签收：第{MOST + 2}校")
    assert not any("并入" in line for line in lines)


def test_a_bureaus_own_template_is_used(told: Told, config: Config, now: datetime) -> None:
    own = replace(config, texts={**config.texts, "templates/report.txt": "{{ recipient }}台鉴：{{ title }}"})
    assert draft(told, own, now) == "县委网信办台鉴：清源一中食堂有虫，电话［手机号］\n"
