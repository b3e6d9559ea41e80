"""Log-in and log-out."""

from __future__ import annotations

import re

from starlette.responses import Response

from responders.acts import Refused
from responders.console import auth, csrf
from responders.console.visit import COOKIE, Visit, to

BEFORE = "huiyin_login"
INSIDE = re.compile(r"/(?:cases(?:/[0-9]{1,12})?|sources|mail|digests|audit|me|users)?")
"""Where a log-in may lead on to: pages of ours and nothing else."""
STALE = "登录页已过期，请再试一次"


def form(visit: Visit) -> Response:
    """The log-in page."""
    if visit.session:
        return to("/")
    return _form(visit, "", 200)


def submit(visit: Visit) -> Response:
    """Checks name and password."""
    token = csrf.unsigned(visit.store, visit.request.cookies.get(BEFORE, ""), visit.now)
    if not csrf.same(token, visit.form.raw(csrf.FIELD)):
        return _form(visit, STALE, 403)
    try:
        session = auth.log_in(visit, visit.form.raw("name"), visit.form.raw("password"))
    except Refused as error:
        return _form(visit, str(error), 429 if str(error) == auth.WAIT else 401)
    answer = to(next_page(visit.form.raw("next")))
    _set(visit, answer, COOKIE, session)
    answer.delete_cookie(BEFORE, path="/login")
    return answer


def leave(visit: Visit) -> Response:
    """Logs out."""
    auth.log_out(visit)
    answer = to("/login")
    answer.delete_cookie(COOKIE)
    return answer


def next_page(wish: str) -> str:
    """The page to go on to; the first one, unless the wish is one of ours."""
    return wish if INSIDE.fullmatch(wish) else "/"


def _form(visit: Visit, fault: str, status: int) -> Response:
    token = csrf.fresh()
    answer = visit.page(
        "login.html", status=status, title="登录", fault=fault, token=token, name=visit.form.raw("name")[:40],
        next=next_page(visit.asked("next") or visit.form.raw("next")),
    )
    _set(visit, answer, BEFORE, csrf.signed(visit.store, token, visit.now), path="/login")
    return answer


def _set(visit: Visit, answer: Response, name: str, value: str, path: str = "/") -> None:
    """A cookie that scripts cannot read and that no other site's form sends; it ends with the browser."""
    answer.set_cookie(name, value, path=path, httponly=True, samesite="lax", secure=visit.config.settings.console.https)
