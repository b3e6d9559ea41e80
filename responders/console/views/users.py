"""The user's own page with the password, and the list of users."""

from __future__ import annotations

from starlette.responses import Response

from pipeline.store import users
from responders.acts import Refused
from responders.console import auth, passwords
from responders.console.visit import Visit, to


def me(visit: Visit) -> Response:
    """Who is logged in, and a form for another password."""
    done = "密码已更改；您在其他地方的登录已退出" if visit.asked("done") else ""
    return visit.page("me.html", title="我的账号", done=done, shortest=passwords.SHORTEST, longest=passwords.LONGEST)


def change_password(visit: Visit) -> Response:
    """更改密码: the old one, and the new one twice."""
    old, new = visit.form.raw("old_password"), visit.form.raw("new_password")
    faults = visit.form.faults
    if not old:
        faults.append("请填写原密码")
    if not passwords.SHORTEST <= len(new) <= passwords.LONGEST:
        faults.append(f"新密码应有{passwords.SHORTEST}至{passwords.LONGEST}个字符，例如几个不相干的词连在一起")
    if new != visit.form.raw("again_password"):
        faults.append("两次填写的新密码不一样")
    visit.form.settle()
    if new == old:
        raise Refused("新密码与原密码相同，密码没有更改")
    auth.change_password(visit, old, new)
    return to("/me", done="1")


def page(visit: Visit) -> Response:
    """The list of users; they are added and changed by command."""
    return visit.page("users.html", title="用户", found=users.listing(visit.store))
