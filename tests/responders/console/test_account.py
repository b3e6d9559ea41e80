"""A user's own password, and the list of users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.store.db import Store

Browser = Any
PASSWORD = "correct horse battery"
NEW = "another long password"


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    """The form of 更改密码, sent."""
    return browser.send("/me/password", old_password=old, new_password=new, again_password=new if again is None else again)


def test_a_changed_password_counts_at_once_and_ends_what_is_open_elsewhere(browsers: Callable[..., Browser], store: Store) -> None:
    here, there, other = browsers(), browsers(), browsers()
    here.log_in("viewer")
    there.log_in("viewer")
    other.log_in("triager")
    assert change(here).headers["location"] == "/me?done=1"
    assert "密码已更改" in here.open("/me?done=1").text
    assert [b.open("/").status_code for b in (here, there, other)] == [200, 303, 200]
    assert there.log_in("viewer").status_code == 401
    assert there.log_in("viewer", NEW).status_code == 303
    assert store.value("SELECT count(*) FROM audit_entry WHERE action = '更改密码' AND who = 'viewer'") == 1


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("", NEW, NEW, "请填写原密码"), ("wrong password", NEW, NEW, "原密码不对"),
        (PASSWORD, "short", "short", "新密码应有10至200个字符"),
        (PASSWORD, "x" * 201, "x" * 201, "新密码应有"), (PASSWORD, NEW, NEW + "x", "不一样"),
        (PASSWORD, PASSWORD, PASSWORD, "与原密码相同"),
    ],
)
def test_a_password_is_not_changed_unless_all_is_right(browser: Browser, old: str, new: str, again: str, says: str) -> None:
    browser.log_in("viewer")
    reply = change(browser, old, new, again)
    assert reply.status_code == 422
    assert says in reply.text
    assert [w for w in (old, new, again) if len(w) > 5 and w in reply.text] == []
    assert browser.log_in("viewer").status_code == 303


def test_guessing_the_old_password_is_throttled_like_the_log_in(browser: Browser) -> None:
    browser.log_in("viewer")
    replies = [change(browser, f"wrong password {n}").text for n in range(7)]
    assert "请 5 分钟后再试" in replies[-1]


def test_the_users_name_leads_to_the_account(browser: Browser) -> None:
    browser.log_in("viewer")
    page = browser.open("/").text
    assert 'href="/me"' in page
    assert 'href="/users"' not in page


def test_an_admin_sees_who_may_log_in_and_no_password(browser: Browser, store: Store) -> None:
    with store.transaction():
        store.execute("UPDATE user SET active = 0 WHERE name = 'viewer'")
    browser.log_in("admin")
    page = browser.open("/users").text
    assert [w for w in ("viewer", "审计", "在用", "已停用") if w not in page] == []
    assert "argon2" not in page
