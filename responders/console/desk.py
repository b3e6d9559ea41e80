"""Serves visits: finds the session, checks rights and the form's token, calls the view, and words whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from config.schema import Config
from pipeline.domain.posts import Evidence
from pipeline.moments import WallClock
from responders.acts import Refused, Stale
from responders.console import auth, csrf, typed
from responders.console.forms import Form, Misfilled, read_form
from responders.console.pages import Pages
from responders.console.pool import Stores
from responders.console.rights import Right
from responders.console.views.login import next_page
from responders.console.visit import Missing, View, Visit, to

log = logging.getLogger(__name__)

FORBIDDEN = "您的角色没有这项权限。如确需办理，请联系管理员调整。"
UNPROVEN = "页面已失效，没有作任何改动。请返回、刷新后再提交。"
EXPIRED = "登录已过期，没有作任何改动。请重新登录后再提交。"
BROKEN = "系统出错，没有作任何改动。错误已记入日志，请稍后再试；仍不行请联系管理员。"


@dataclass(frozen=True, slots=True)
class Door:
    """A page or an action: its path, who may enter, and the view behind. `right` None is open to those who have not logged in."""

    method: str
    path: str
    right: Right | None
    view: View


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that serving needs, made once."""

    stores: Stores
    config: Callable[[], Config]
    clock: WallClock
    fetch: Callable[[str], Evidence] | None
    pages: Pages

    def behind(self, door: Door) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a door."""

        async def endpoint(request: Request) -> Response:
            try:
                form = await read_form(request) if door.method == "POST" else Form()
            except HTTPException:
                form = Form()  # without its token it is refused like any other
            return await run_in_threadpool(self.serve, door, request, form)

        return endpoint

    def serve(self, door: Door, request: Request, form: Form) -> Response:
        """Answers one request with a store of its own."""
        with self.stores.lent() as store:
            visit = Visit(request, store, self.config(), self.clock(), None, form, self.pages, self.fetch)
            try:
                return _enter(door, replace(visit, session=auth.session_of(visit)))
            except Exception:
                log.exception("%s %s", request.method, request.url.path)
                return trouble(visit, 500, "系统出错", (BROKEN,))

    async def unknown(self, request: Request, error: Exception) -> Response:
        """The page for an address that does not exist."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return await run_in_threadpool(self.serve, Door(request.method, "", None, lambda v: _unknown(v, status)), request, Form())


def _unknown(visit: Visit, status: int) -> Response:
    words = "没有这个页面，可能网址有误。" if status == 404 else "这个地址不能这样访问。"
    return trouble(visit, status, "没有这个页面", (words,))


def _enter(door: Door, visit: Visit) -> Response:
    """Lets a visit through the door, or says why not."""
    if door.right is not None:
        if visit.session is None:
            return _log_in_first(visit)
        if door.method == "POST" and not csrf.same(visit.session.csrf, visit.form.raw(csrf.FIELD)):
            return trouble(visit, 403, "页面已失效", (UNPROVEN,))
        if not visit.may(door.right):
            return trouble(visit, 403, "没有权限", (FORBIDDEN,))
    try:
        return door.view(visit)
    except Misfilled as error:
        return trouble(visit, 422, "请补充后再提交", error.faults)
    except Refused as error:
        return trouble(visit, 422, "未能办理", (str(error),))
    except Stale as error:
        return trouble(visit, 409, "页面已过期，请刷新", (str(error),))
    except Missing as error:
        return trouble(visit, 404, "没有找到", (str(error),))


def _log_in_first(visit: Visit) -> Response:
    if visit.request.method == "POST":
        return trouble(visit, 401, "请重新登录", (EXPIRED,))
    wish = next_page(visit.request.url.path)
    return to("/login", next=wish) if wish != "/" else to("/login")


def trouble(visit: Visit, status: int, title: str, words: tuple[str, ...]) -> Response:
    """A page that says what went wrong, and gives back what was typed so that nothing is lost."""
    return visit.page("trouble.html", status=status, title=title, words=words, typed=typed.kept(visit.form, visit.config.registry))
