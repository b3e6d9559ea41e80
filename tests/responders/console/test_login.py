"""Log-in, its throttle, sessions and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

from config.schema import Config
from pipeline.domain.terms import UserRole
from pipeline.faults import Unusable
from pipeline.store import users
from pipeline.store.db import Store
from responders.console import passwords
from responders.console.commands import FIRST_LOGIN, first_login, first_user, user_add

Browser = Any
Clock = Any


def test_a_page_asks_for_log_in_and_leads_on_to_where_one_wanted_to_go(browser: Browser) -> None:
    asked = browser.open("/cases/7")
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fcases%2F7")
    browser.open("/login?next=/cases/7")
    assert 'name="next" value="/cases/7"' in browser.pages[-1]
    assert browser.send("/login", name="viewer", password="correct horse battery", next="/cases/7").headers["location"] == "/cases/7"


@pytest.mark.parametrize(
    "wish", ["//evil.example", "https://evil.example/", "/\\evil.example", "/cases/7?x=//e", "/logout", "/cases/７", ""]
)
def test_log_in_leads_to_no_other_place(browser: Browser, wish: str) -> None:
    browser.open("/login")
    assert browser.send("/login", name="viewer", password="correct horse battery", next=wish).headers["location"] == "/"


def test_wrong_name_and_wrong_password_are_told_alike(browser: Browser) -> None:
    said = []
    for name, password in (("viewer", "wrong password"), ("nobody", "wrong password")):
        browser.open("/login")
        reply = browser.send("/login", name=name, password=password)
        said.append((reply.status_code, "用户名或密码不对" in reply.text))
    assert said == [(401, True)] * 2


def test_five_failures_close_the_door_for_five_minutes_even_to_the_right_password(browser: Browser, clock: Clock) -> None:
    codes = [browser.log_in("viewer", "wrong").status_code for _ in range(5)]
    assert codes == [401] * 5
    assert browser.log_in("viewer").status_code == 429
    assert browser.log_in("triager").status_code == 303  # another name from the same place
    clock.on(minutes=5, seconds=1)
    assert browser.log_in("viewer").status_code == 303


def test_success_forgets_earlier_failures(browser: Browser) -> None:
    tried = (["wrong"] * 4 + ["correct horse battery"]) * 2
    codes = [browser.log_in("viewer", p).status_code for p in tried]
    assert codes == [401] * 4 + [303] + [401] * 4 + [303]


def test_trying_many_names_from_one_place_is_stopped(store: Store, now: datetime) -> None:
    with store.transaction():
        for n in range(users.MANY):
            users.failed(store, f"name{n}", "10.0.0.9", now)
    assert users.throttled(store, "fresh", "10.0.0.9", now)
    assert not users.throttled(store, "fresh", "10.0.0.8", now)


@pytest.mark.parametrize("token", ["", "forged", "ImFiYyI.aaaa.bbbb"])
def test_a_log_in_form_that_is_not_ours_is_refused(browser: Browser, token: str) -> None:
    browser.open("/login")
    assert browser.send("/login", name="viewer", password="correct horse battery", csrf=token).status_code == 403


def test_a_log_in_page_that_stood_open_for_an_hour_is_asked_to_be_sent_again(browser: Browser, clock: Clock) -> None:
    browser.open("/login")
    clock.on(minutes=61)
    assert browser.send("/login", name="viewer", password="correct horse battery").status_code == 403


def test_a_shut_door_is_on_record(browser: Browser, store: Store) -> None:
    for _ in range(6):
        browser.log_in("viewer", "wrong")
    assert store.value("SELECT count(*) FROM audit_entry WHERE action = '登录受限'") == 1


def test_the_session_ends_after_half_an_hour_of_rest(approver: Browser, clock: Clock) -> None:
    clock.on(minutes=29)
    assert approver.open("/").status_code == 200
    clock.on(minutes=29)
    assert approver.open("/").status_code == 200
    clock.on(minutes=31)
    assert approver.open("/").status_code == 303


def test_the_session_ends_after_twelve_hours_however_busy(approver: Browser, clock: Clock) -> None:
    for _ in range(12 * 60 // 25):
        clock.on(minutes=25)
        assert approver.open("/").status_code == 200
    clock.on(minutes=25)
    assert approver.open("/").status_code == 303


def test_log_in_gives_a_new_session_and_ends_the_old_one(browser: Browser, store: Store) -> None:
    browser.log_in("viewer")
    old = browser.client.cookies["huiyin_session"]
    browser.send("/logout")
    browser.log_in("viewer")
    assert browser.client.cookies["huiyin_session"] != old
    browser.client.cookies.set("huiyin_session", old)
    assert browser.open("/").status_code == 303
    assert old not in str(store.rows("SELECT * FROM session"))


def test_log_out_ends_the_session_on_the_server(approver: Browser) -> None:
    kept = approver.client.cookies["huiyin_session"]
    assert approver.send("/logout").headers["location"] == "/login"
    approver.client.cookies.set("huiyin_session", kept)
    assert approver.open("/").status_code == 303


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browsers: Callable[..., Browser], config: Config, https: bool) -> None:
    console = config.settings.console.model_copy(update={"https": https})
    browser = browsers(replace(config, settings=config.settings.model_copy(update={"console": console})))
    form = browser.open("/login")
    cookie = form.headers["set-cookie"]
    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie, "Secure" in cookie) == (True, True, https)


def test_old_hashes_are_renewed_at_log_in(browser: Browser, store: Store) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash("correct horse battery")
    with store.transaction():
        store.execute("UPDATE user SET password = ? WHERE name = 'viewer'", weak)
    assert browser.log_in("viewer").status_code == 303
    assert users.password_hash(store, "viewer") != weak
    assert passwords.matches(users.password_hash(store, "viewer"), "correct horse battery")


def test_passwords_are_hashed_by_argon2id_with_its_own_parameters() -> None:
    assert PasswordHasher().hash("correct horse battery").startswith("$argon2id$")


@pytest.mark.parametrize(
    ("name", "role", "password", "says"),
    [
        ("王芳", "triager", "short", "密码"), ("王芳", "king", "long enough", "角色 king"), ("", "viewer", "long enough", "用户名"),
        ("王\u202e芳", "viewer", "long enough", "用户名"), ("viewer", "viewer", "long enough", "已经存在"),
    ],
)
def test_unusable_users_are_refused(store: Store, people: object, now: datetime, name: str, role: str, password: str, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        user_add(store, name, role, password, now)


def test_a_name_that_exists_changes_only_when_asked_and_loses_its_sessions(browser: Browser, store: Store, now: datetime) -> None:
    browser.log_in("viewer")
    user_add(store, "viewer", "approver", "another long one", now, replace=True)
    assert browser.open("/").status_code == 303
    user = users.get(store, "viewer")
    assert user is not None
    assert user.role is UserRole.APPROVER


def test_the_first_log_in_is_made_once_and_kept_for_its_owner_alone(
    browsers: Callable[..., Browser], store: Store, now: datetime
) -> None:
    with store.transaction():
        store.execute("DELETE FROM user")
    assert "密码" in first_login(store, store.root, now)
    note = store.root / FIRST_LOGIN
    name, password = note.read_text("utf-8").split()
    assert note.stat().st_mode & 0o777 == 0o600
    assert browsers().log_in(name, password).status_code == 303
    assert password not in first_login(store, store.root, now)
    note.unlink()
    assert first_login(store, store.root, now) == ""


def test_the_first_user_is_made_once(store: Store, now: datetime) -> None:
    assert first_user(store, now, "a first password")
    assert not first_user(store, now, "another password")
    user = users.get(store, "admin")
    assert user is not None
    assert user.role is UserRole.ADMIN
