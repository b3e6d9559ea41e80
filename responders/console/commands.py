"""Commands about users: adding one, and the first of all."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path

from pipeline.domain.terms import UserRole
from pipeline.faults import Fault, Unusable
from pipeline.outcome import Outcome
from pipeline.store import audit, users
from pipeline.store.db import Store
from responders.console import passwords

FIRST_NAME = "admin"
FIRST_LOGIN = "first-login.txt"
LONGEST_NAME = 40


def user_add(store: Store, name: str, role: str, password: str, now: datetime, *, replace: bool = False) -> Outcome:
    """Adds a user. A name that exists is refused, unless `replace` asks to give it this role and password. Raises `Unusable`."""
    name = name.strip()
    known = users.get(store, name)
    faults = list(_faults(name, role, password))
    if known and not replace:
        faults.append(Fault(f"用户 {name}", "已经存在", "要改其角色和密码，请加 --replace"))
    if faults:
        raise Unusable(*faults)
    chosen, secret = UserRole(role), passwords.hashed(password)
    with store.transaction():
        if known:
            users.change(store, known.id, chosen, secret)
        else:
            users.add(store, name, chosen, secret, now)
        audit.write(store, "命令行", "更改用户" if known else "新增用户", name, {"角色": chosen.zh}, now)
    verb = "已更改" if known else "已新增"
    return Outcome({"name": name, "role": chosen.value, "replaced": bool(known)}, f"{verb}用户「{name}」，角色：{chosen.zh}")


def first_user(store: Store, now: datetime, password: str) -> bool:
    """Makes the first user, `admin`, where there is none yet; False where somebody can log in already."""
    if users.count(store):
        return False
    user_add(store, FIRST_NAME, UserRole.ADMIN.value, password, now)
    return True


def first_login(store: Store, data: Path, now: datetime) -> str:
    """Where nobody can log in yet, makes the first user with a password of its own and keeps it in a file that only its owner may read.

    Returns what to tell the person at the terminal; nothing once that file is gone.
    """
    note = data / FIRST_LOGIN
    if users.count(store) == 0:
        password = secrets.token_urlsafe(9)
        handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{FIRST_NAME} {password}\n")
        first_user(store, now, password)
        return f"首次登录：用户 {FIRST_NAME}，密码 {password}（也记在 {note}，记下后请删除该文件）"
    return f"首次登录的用户和密码记在 {note}" if note.exists() else ""


def _faults(name: str, role: str, password: str) -> list[Fault]:
    faults = []
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        faults.append(Fault("用户名", "为空、过长或含有看不见的字符", f"请用1至{LONGEST_NAME}个字的姓名或工号"))
    if role not in tuple(UserRole):
        known = "、".join(f"{r.value}（{r.zh}）" for r in UserRole)
        faults.append(Fault(f"角色 {role}", "没有这种角色", f"可用：{known}"))
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        length = f"应有{passwords.SHORTEST}至{passwords.LONGEST}个字符"
        faults.append(Fault("密码", length, "请换一个较长的密码，例如几个不相干的词连在一起"))
    return faults
