"""Each role against each action, over HTTP: the table in rights.py is what the console obeys."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from pipeline.domain.terms import Nature, UserRole
from responders.acts import MAY
from responders.console.app import DOORS
from responders.console.desk import Door
from responders.console.rights import RIGHTS, Right, may

Browser = Any
ACCUSING = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
FENCED = [d for d in DOORS if d.right is not None]


def address(door: Door) -> str:
    """The door's path with numbers that lead to nothing."""
    return re.sub(r"\{day\}", "2026-01-01", re.sub(r"\{\w+:int\}", "999999", door.path))


@pytest.mark.parametrize("role", list(UserRole))
def test_a_role_passes_exactly_the_doors_of_its_rights(browser: Browser, role: UserRole) -> None:
    browser.log_in(role.value)
    for door in FENCED:
        if door.path == "/logout":
            continue
        path = address(door)
        reply = browser.open(path) if door.method == "GET" else browser.send(path)
        refused = reply.status_code == 403
        assert refused != may(role, door.right), f"{role} {door.method} {path}: {reply.status_code}"
        assert reply.status_code < 500


@pytest.mark.parametrize("door", FENCED, ids=lambda d: f"{d.method} {d.path}")
def test_nobody_passes_without_log_in(browser: Browser, door: Door) -> None:
    reply = browser.open(address(door)) if door.method == "GET" else browser.send(address(door))
    assert reply.status_code == (303 if door.method == "GET" else 401)


@pytest.mark.parametrize("door", [d for d in FENCED if d.method == "POST"], ids=lambda d: d.path)
@pytest.mark.parametrize("token", ["", "another"])
def test_no_form_counts_without_the_sessions_token(approver: Browser, door: Door, token: str) -> None:
    assert approver.send(address(door), csrf=token).status_code == 403
    assert approver.open("/").status_code == 200


def test_the_console_grants_no_act_that_the_actions_refuse() -> None:
    acts = {act.value: roles for act, roles in MAY.items()}
    granted = [(role, right) for role, rights in RIGHTS.items() for right in rights if right.value in acts]
    assert [(role, right) for role, right in granted if role not in acts[right.value]] == []


def test_every_act_has_a_right_and_every_right_a_door() -> None:
    assert {a.value for a in MAY} <= {r.value for r in Right}
    assert {d.right for d in FENCED} == set(Right)


def test_every_change_is_a_post_and_every_page_changes_nothing(approver: Browser, canteen: int, counted: Callable[[], object]) -> None:
    before = counted()
    for door in FENCED:
        if door.method == "GET":
            approver.open(address(door).replace("999999", str(canteen)))
            approver.client.head(address(door).replace("999999", str(canteen)), follow_redirects=False)
    assert counted() == before


@pytest.mark.parametrize("role", list(UserRole))
def test_an_accusation_is_shown_to_those_alone_who_do_casework(
    browser: Browser, gathered: Callable[..., int], routed: Callable[..., None], now: datetime, role: UserRole
) -> None:
    case_id = gathered("举报清源一中校长吃回扣", "F3", read=ACCUSING)
    routed(now)
    browser.log_in(role.value)
    shown = [("回扣" in browser.open(path).text) for path in ("/", "/cases", f"/cases/{case_id}", "/mail", "/cases?q=回扣")]
    shown[-1] = "举报清源一中" in browser.pages[-1]
    worker = role in (UserRole.TRIAGER, UserRole.APPROVER, UserRole.ADMIN)
    assert shown == [worker, worker, worker, False, worker]
