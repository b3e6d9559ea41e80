"""Log-in, sessions, and the second person whom some actions need."""

from __future__ import annotations

from pipeline.store import audit, users
from pipeline.store.users import Session, User
from responders.acts import Refused
from responders.console import csrf, passwords
from responders.console.rights import Right, may
from responders.console.visit import Visit

WRONG = "用户名或密码不对"
WRONG_OLD = "原密码不对，密码没有更改"
WAIT = "失败次数过多，请 5 分钟后再试；忘记密码请联系管理员"


def log_in(visit: Visit, name: str, password: str) -> str:
    """Checks the password and opens a session under a new token, which is returned; the browser's old session ends.

    Raises `Refused` with the same words whether the name or the password is wrong.
    """
    user = check(visit, name, password)
    token = csrf.fresh()
    with visit.store.transaction():
        users.close_session(visit.store, visit.cookie)
        users.open_session(visit.store, user, token, csrf.fresh(), visit.now)
        audit.write(visit.store, user.name, "登录", user.name, {"地址": visit.address}, visit.now)
    return token


def check(visit: Visit, name: str, password: str) -> User:
    """The user with this name and password. Each attempt counts as a failure until it has succeeded."""
    store, name = visit.store, name.strip()[:100]
    with store.transaction():
        blocked = users.throttled(store, name, visit.address, visit.now)
        if not blocked:
            users.failed(store, name, visit.address, visit.now)
    if blocked:
        raise Refused(WAIT)
    known, user = users.password_hash(store, name), users.get(store, name)
    if not passwords.matches(known, password[: passwords.LONGEST]) or user is None or known is None:
        _record_limit(visit, name)
        raise Refused(WRONG)
    renewed = passwords.hashed(password) if passwords.outdated(known) else None
    with store.transaction():
        users.forgive(store, name, visit.address)
        if renewed:
            users.rehash(store, user.id, renewed)
    return user


def _record_limit(visit: Visit, name: str) -> None:
    """Leaves a trace when somebody has failed so often that the door is shut."""
    with visit.store.transaction():
        if users.throttled(visit.store, name, visit.address, visit.now):
            audit.write(visit.store, "系统", "登录受限", name, {"地址": visit.address}, visit.now)


def second_person(visit: Visit, right: Right) -> str:
    """The name of a second person who agrees (第二人), shown by that person's own password in the same form."""
    name, password = visit.form.raw("second"), visit.form.raw("second_password")
    if not name.strip():
        raise Refused("须有第二人同意：请由另一位有权限的同事填写用户名和密码")
    if name.strip() == visit.who:
        raise Refused("第二人不能是本人")
    user = check(visit, name, password)
    if not may(user.role, right):
        raise Refused(f"「{user.name}」没有「{right.zh}」的权限，不能作为第二人")
    return user.name


def session_of(visit: Visit) -> Session | None:
    """The session that the request belongs to, its last use noted."""
    found = users.session(visit.store, visit.cookie, visit.now) if visit.cookie else None
    if found and visit.now - found.seen_at >= users.TOUCH:
        with visit.store.transaction():
            users.touch(visit.store, visit.cookie, visit.now)
    return found


def change_password(visit: Visit, old: str, new: str) -> None:
    """Gives the user a new password after the old one was shown; whatever else this user has open elsewhere ends."""
    try:
        user = check(visit, visit.who, old)
    except Refused as error:
        raise Refused(WRONG_OLD if str(error) == WRONG else str(error)) from error
    secret = passwords.hashed(new)
    with visit.store.transaction():
        users.set_password(visit.store, user.id, secret, visit.cookie)
        audit.write(visit.store, user.name, "更改密码", user.name, {"地址": visit.address}, visit.now)


def log_out(visit: Visit) -> None:
    """Ends the session."""
    with visit.store.transaction():
        users.close_session(visit.store, visit.cookie)
        audit.write(visit.store, visit.who, "退出", visit.who, {}, visit.now)
