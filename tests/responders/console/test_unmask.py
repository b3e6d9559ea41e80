"""Who wants to read what is hidden needs a reason and another approver, and both are on record before a word is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.store import audit
from pipeline.store.db import Store
from tests.responders.console.conftest import PASSWORD

Browser = Any
PHONE = "13800001111"
ADDRESS = "/cases/{}/posts/1/unmask"
ASKED = {"version": 0, "reason": "须联系家长核实", "second": "admin", "second_password": PASSWORD}


def unmasked(store: Store, case_id: int) -> list[Any]:
    return [e for e in audit.history(store, case_id) if e.action == "查看未遮蔽原文"]


def test_it_is_shown_once_and_who_saw_it_why_is_on_record(approver: Browser, store: Store, canteen: int) -> None:
    page = approver.open(f"/cases/{canteen}").text
    assert "查看未遮蔽原文" in page
    assert PHONE not in page
    shown = approver.send(ADDRESS.format(canteen), **ASKED)
    assert (shown.status_code, PHONE in shown.text, shown.headers["cache-control"]) == (200, True, "no-store")
    [entry] = unmasked(store, canteen)
    assert (entry.who, entry.detail) == ("approver", {"帖文": 1, "理由": "须联系家长核实", "批准人": "admin"})
    assert PHONE not in json.dumps(entry.detail)
    assert PHONE not in approver.open(f"/cases/{canteen}").text
    assert approver.open(ADDRESS.format(canteen)).status_code == 405


REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("no reason", {"reason": " "}, 422, "请填写理由"), ("nobody else", {"second": ""}, 422, "须有第二人同意"),
    ("oneself", {"second": "approver"}, 422, "不能是本人"), ("a wrong password", {"second_password": "x"}, 422, "用户名或密码不对"),
    ("one who may not", {"second": "triager"}, 422, "没有「查看未遮蔽原文」的权限"),
]


@pytest.mark.parametrize(("given", "status", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_without_reason_and_consent_nothing_is_shown(
    approver: Browser, store: Store, canteen: int, given: dict[str, str], status: int, says: str
) -> None:
    reply = approver.send(ADDRESS.format(canteen), **ASKED | given)
    assert (reply.status_code, says in reply.text, PHONE in reply.text) == (status, True, False)
    assert unmasked(store, canteen) == []


@pytest.mark.parametrize("role", ["viewer", "triager", "auditor"])
def test_other_roles_are_not_offered_it_and_do_not_get_it(browser: Browser, store: Store, canteen: int, role: str) -> None:
    browser.log_in(role)
    assert "/unmask" not in browser.open(f"/cases/{canteen}").text
    assert browser.send(ADDRESS.format(canteen), **ASKED).status_code == 403
    assert unmasked(store, canteen) == []


def test_a_post_of_another_case_is_not_shown(approver: Browser, store: Store, canteen: int, gathered: Any, routed: Any, now: Any) -> None:
    other = gathered("清源二中食堂\n电话13900003333", "A5", at=now)
    routed(now)
    assert approver.send(f"/cases/{other}/posts/1/unmask", **ASKED).status_code == 404
    assert unmasked(store, other) == []
    assert approver.send(f"/cases/{other}/posts/2/unmask", **ASKED).status_code == 200


def test_a_post_that_hides_nothing_offers_nothing(approver: Browser, gathered: Any, routed: Any, now: Any) -> None:
    case_id = gathered("清源二中食堂饭菜少", "A5", at=now)
    routed(now)
    assert "/unmask" not in approver.open(f"/cases/{case_id}").text
