"""The history of a case reads as sentences, whatever was done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationKind, RedLine
from pipeline.store import assignments, audit, cases, obligations
from pipeline.store.db import Store
from responders import actions
from responders.acts import Act
from responders.console.history import SENTENCES, happened

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}, "redline": RedLine.SUICIDE_RISK}


@pytest.fixture
def told(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> dict[str, str]:
    """Nearly everything that can be done to a case, and what its history says of each, by the action."""
    gathered("清源一中有人想轻生", "A4", read=READ, grade="Ⅱ")
    routed(now)

    def case(act: Go, *args: Any, **more: Any) -> None:
        found = cases.get(store, 1)
        assert found is not None
        act(store, config, 1, found.version, *args, **more, now=now)

    def lead(act: Go, *args: Any) -> None:
        found = assignments.lead(store, cases.get(store, 1))  # type: ignore[arg-type]
        assert found is not None
        act(store, config, found.id, found.version, *args, "甲", now)

    case(actions.confirm_redline, "丁")
    case(actions.record_receipt, ObligationKind.PHONE_REPORT, "县公安局 王某接报", "丁")
    lead(actions.hand_over, "请核实")
    lead(actions.acknowledge, "王老师电话")
    lead(actions.record_findings, "属实")
    lead(actions.send_back, "没有说明原因")
    lead(actions.dispute, "不归我股")
    lead(actions.reassign, "QY001", "应由该校")
    case(actions.confirm_grade, Grade.I, "有人员伤亡", "甲")
    case(actions.enter_emergency, EmergencyGrade.MAJOR, "清政办〔2026〕1号", "乙")
    [conference] = [o for o in obligations.of_case(store, cases.get(store, 1)) if o.kind is ObligationKind.CONFERENCE]  # type: ignore[arg-type]
    actions.waive(store, config, conference.id, "甲", "乙", "县政府统一举行", now)
    case(actions.choose_answer, AnswerKind.PUBLIC, "县政府要求公开", "甲")
    case(
        actions.record_answer, url="https://jyj.example/1", published_at=now, wording="已处置", disclosure=Disclosure.ACTIVE,
        channel="局网站", evidence=None, who="乙",
    )
    case(actions.close, "已处置", "乙")
    case(actions.reopen, "又有新情况", "甲")
    case(actions.dismiss, "同一人重复", "甲")
    return {e.action: f"{h.action} {h.details}" for e in audit.history(store, 1) for h in [happened(e)]}


SAID = {
    Act.CONFIRM_REDLINE: "确认红线「自伤自杀风险」，等级 Ⅱ级 重大·橙",
    Act.RECEIPT: "登记「电话报告」的回执：县公安局 王某接报",
    Act.HAND_OVER: "交办给 德育与学生工作股（主责） (('规则', 'life-at-risk'), ('转办摘要', '请核实'))",
    Act.ACKNOWLEDGE: "登记 德育与学生工作股 签收：王老师电话",
    Act.FINDINGS: "登记 德育与学生工作股 的反馈 (('反馈', '属实')",
    Act.SEND_BACK: "退回 德育与学生工作股 的反馈，要求重报 (('理由', '没有说明原因'),)",
    Act.DISPUTE: "登记 德育与学生工作股 认为不是本单位的事，退回值班室 (('理由', '不归我股'),)",
    Act.REASSIGN: "由 舆情值班室 转办给 清源县第一中学 (('理由', '应由该校'),)",
    Act.CONFIRM_GRADE: "把等级由 Ⅱ级 重大·橙 定为 Ⅰ级 特别重大·红 (('理由', '有人员伤亡'),)",
    Act.EMERGENCY: "按 清政办〔2026〕1号 录入突发事件等级「重大」",
    Act.WAIVE: "与 乙 两人同意，免除「新闻发布会」时限 (('理由', '县政府统一举行'),)",
    Act.CHOOSE_ANSWER: "研判为「需公开回应」 (('理由', '县政府要求公开'),)",
    Act.ANSWER: "登记 2026-11-18 10:00 的回应（局网站）",
    Act.CLOSE: "办结：已处置",
    Act.REOPEN: "重开，第 2 次办理：又有新情况",
    Act.DISMISS: "定为不予处置：同一人重复",
}


def test_each_action_is_told_as_a_sentence_with_the_rest_beside_it(told: dict[str, str]) -> None:
    for act, words in SAID.items():
        assert told[act.zh].startswith(words), told[act.zh]


def test_every_action_has_its_sentence() -> None:
    otherwise = {Act.MERGE: "并入", Act.SPLIT: "拆出"}
    assert [act for act in Act if otherwise.get(act, act.zh) not in SENTENCES] == []


def test_an_entry_that_lacks_a_particular_is_told_by_its_bare_name(store: Store, gathered: Go, now: datetime) -> None:
    gathered("清源一中食堂有虫", "A5")
    with store.transaction():
        audit.write(store, "甲", "交办", "教舆-2026-00001", {"单位": "某校"}, now, 1)
    said = happened(audit.history(store, 1)[-1])
    assert (said.action, said.details) == ("交办", (("单位", "某校"),))
