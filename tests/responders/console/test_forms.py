"""What a form says before it is sent, and what is given back when it could not be taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.terms import Nature, RedLine
from pipeline.store import cases
from pipeline.store.db import Store
from responders.console import typed
from responders.console.forms import Form

Browser = Any
Go = Callable[..., Any]
KEPT = set(typed.TEXTS) | {name for name, _, _ in typed.CHOICES} | set(typed.TICKS) | {typed.PARTY}
UNKEPT = {"csrf", "version", "second_password", "file", "sent"}


def test_every_field_of_a_cases_forms_is_given_back_or_named_as_one_that_never_is() -> None:
    templates = files("responders.console") / "templates"
    pages = "".join((templates / name).read_text("utf-8") for name in ("forms.html", "case.html", "mail.html"))
    assert set(re.findall(r'\bname="([a-z_]+)"', pages)) <= KEPT | UNKEPT
    assert KEPT.isdisjoint(UNKEPT)


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("reason", "短", ("理由或意见", "短")), ("kind", "original_channel", ("回应方式", "原渠道答复")),
        ("kind", "phone_report", ("完成的时限", "电话报告")), ("grade", "Ⅱ", ("舆情等级", "Ⅱ级 重大·橙")),
        ("grade", "major", ("突发事件等级", "重大")), ("disclosure", "active", ("公开属性", "主动公开")),
        ("party", "QY001", ("转给的单位", "清源县第一中学")), ("fetch", "1", ("由系统抓取该网页", "是")),
        ("wording", "甲\r\n乙", ("回应口径", "甲\n乙")), ("second", "王五", ("第二人用户名", "王五")),
        ("csrf", "a-token-that-is-long", None), ("version", "3", None), ("second_password", "a long password", None),
        ("old_password", "a long password", None), ("kind", "nonsense", None), ("party", "nonsense", None), ("reason", "  ", None),
    ],
)
def test_what_was_typed_or_chosen_is_given_back_in_the_pages_words(
    config: Config, name: str, value: str, given: tuple[str, str] | None
) -> None:
    found = typed.kept(Form(((name, value),)), config.registry)
    assert [(t.label, t.text) for t in found] == ([given] if given else [])


def test_a_stale_page_gives_back_short_answers_too(approver: Browser, canteen: int) -> None:
    token = approver.token()
    reply = approver.send(f"/cases/{canteen}/choose_answer", version=0, kind="original_channel", reason="甲")
    assert reply.status_code == 409
    assert [w for w in ("回应方式", "原渠道答复", "理由或意见", "甲") if w not in reply.text] == []
    assert "original_channel" not in reply.text
    assert token not in reply.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("chosen", "word", "not_word"), [("report", "已终止：研判为", "已免除"), (None, "两人同意，已免除：口头答复", "已终止：")]
)
def test_a_clock_that_only_ended_is_not_called_waived(
    approver: Browser, store: Store, canteen: int, chosen: str | None, word: str, not_word: str
) -> None:
    if chosen:
        version = store.value("SELECT version FROM case_ WHERE id = ?", canteen)
        approver.send(f"/cases/{canteen}/choose_answer", version=version, kind=chosen, reason="移交")
    else:
        owed = store.value("SELECT id FROM obligation WHERE kind = 'response'")
        approver.send(f"/obligations/{owed}/waive", reason="口头答复", second="admin", second_password="correct horse battery")
    page = approver.open(f"/cases/{canteen}").text
    assert word in page
    assert not_word not in page


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "将向 清源县第一中学 舆情联络员 发送邮件"), ({"grade": "Ⅱ"}, "将向 清源县第一中学 舆情联络员、负责人 发送邮件"),
        ({"email": ""}, "该校没有邮箱，将转电话督办（"), ({"state": "bounced"}, "该校邮箱已退信或停用，将转电话督办（"),
        ({"email": "", "phone": ""}, "该校没有邮箱，将转电话督办（没有登记电话，请查通讯录）"),
    ],
)
def test_before_a_hand_over_it_is_said_who_will_be_told(
    approver: Browser, store: Store, canteen: int, given: dict[str, str], said: str
) -> None:
    with store.transaction():
        for name, value in given.items():
            if name == "grade":
                store.execute("UPDATE case_ SET grade = ?", value)
            else:
                store.execute(f"UPDATE contact SET {name} = ? WHERE party_id = (SELECT id FROM party WHERE code = 'QY001')", value)
    assert said in approver.open(f"/cases/{canteen}").text


def test_what_may_not_be_handed_to_the_accused_is_said_beside_the_button(
    approver: Browser, store: Store, gathered: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("举报清源一中校长收礼", "F3", read={"nature": Nature.ACCUSATION, "accused": {"校长": ("head", "QY001")}})
    routed(now)
    with store.transaction():
        store.execute("UPDATE assignment SET party = 'QY001', owner_kind = 'school' WHERE role = 'lead'")
    assert "提交会被拒绝" in approver.open(f"/cases/{case_id}").text


def test_each_button_that_ends_or_starts_something_says_so(approver: Browser, store: Store, canteen: int) -> None:
    held = store.row("SELECT id, version FROM assignment WHERE case_id = ? AND role = 'lead'", canteen)
    assert held is not None
    assert "终止全部未完成的时限和催办；不发送邮件" in approver.open(f"/cases/{canteen}").text
    approver.send(f"/assignments/{held['id']}/hand_over", version=held["version"], summary="请核实")
    page = approver.open(f"/cases/{canteen}").text
    for words in (
        "发送撤回通知", "将撤回对 清源县第一中学 的交办", "将记为对方已签收", "免除后不能恢复", "将按新等级收紧时限",
    ):
        assert words in page, words


def test_a_red_lines_confirmation_says_what_it_starts(approver: Browser, store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("学生坠楼", "A1", read={"redline": RedLine.DEATH_OR_INJURY}, redline="death_or_injury")
    routed(now)
    assert cases.get(store, case_id) is not None
    assert "开始计算报告时限" in approver.open(f"/cases/{case_id}").text
