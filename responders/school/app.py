"""The school's page as an application: GET shows, POST does, a link that opens nothing always gets the same answer.

Who holds a link is known by the link alone: there is no log-in, no cookie and no script, and no address is written down anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from config.schema import Config
from pipeline.moments import WallClock
from pipeline.store import school_links
from pipeline.store.db import Store
from responders import links
from responders.acts import Refused, Stale
from responders.console.forms import Misfilled
from responders.console.pool import Stores
from responders.links import PATH, Opened
from responders.school import forms, page, sent
from responders.school.guard import Guarded
from responders.school.sent import Sent

log = logging.getLogger(__name__)

BROKEN = "系统出错，没有提交成功。请稍后再试，或电话联系值班室。"
SPENT = "这个链接提交的次数已到上限，请电话联系值班室。"
NOT_NOW = "现在不能这样办理，请看页面上的最新情况。"


def make_app(open_store: Callable[[], Store], config: Callable[[], Config], clock: WallClock) -> Starlette:
    """The application. Each request borrows a store of its own."""
    stores = Stores(open_store)
    served = Served(stores, config, clock)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        stores.close()

    return Starlette(
        routes=[
            Route(PATH + "{token}", served.show, methods=["GET"]),
            Route(PATH + "{token}", served.take, methods=["POST"]),
            Route("/static/{name}", static),
        ],
        middleware=[Middleware(Guarded, settings=lambda: config().settings.school_page)],
        exception_handlers={404: served.unknown, 405: served.unknown},
        lifespan=life,
    )


@dataclass(frozen=True, slots=True)
class Served:
    """Everything that serving needs, made once."""

    stores: Stores
    config: Callable[[], Config]
    clock: WallClock

    async def show(self, request: Request) -> Response:
        """GET and HEAD: shows the page and changes nothing (mail scanners follow links)."""
        done = request.query_params.get("done", "")
        return await run_in_threadpool(self._answer, request.path_params["token"], partial(self._page, done=done))

    async def take(self, request: Request) -> Response:
        """POST: takes one form. The body is read only when the link is good."""
        token = request.path_params["token"]
        if not await run_in_threadpool(self._good, token):
            return self._bad()
        brought = await sent.read(request)
        return await run_in_threadpool(self._answer, token, partial(self._take, token=token, brought=brought))

    async def unknown(self, request: Request, error: Exception) -> Response:  # noqa: ARG002 — as Starlette calls it
        """Whatever stands at no address of ours."""
        return self._bad()

    def _answer(self, token: str, answer: Callable[[Store, Config, Opened], Response]) -> Response:
        """Answers one request with a store of its own; what fails is logged without the address, for the address is the key."""
        config = self.config()
        with self.stores.lent() as store:
            found = links.opened(store, config, token, self.clock())
            if found is None:
                return self._bad()
            try:
                return answer(store, config, found)
            except Exception:
                log.exception("school page, link %s", found.link.id)
                return self._page(store, config, found, faults=(BROKEN,), status=500)

    def _good(self, token: str) -> bool:
        with self.stores.lent() as store:
            return links.opened(store, self.config(), token, self.clock()) is not None

    def _bad(self) -> Response:
        return HTMLResponse(page.bad(self.config()), 404)

    def _page(
        self, store: Store, config: Config, found: Opened, done: str = "", brought: Sent | None = None, faults: tuple[str, ...] = (),
        status: int = 200,
    ) -> Response:
        form = brought.form if brought else None
        return HTMLResponse(page.content(store, config, found, self.clock(), done, form, faults), status)

    def _take(self, store: Store, config: Config, found: Opened, token: str, brought: Sent) -> Response:
        """Does what a form asks, in one transaction with the use of the link; what cannot be taken comes back with what was typed."""
        now = self.clock()
        try:
            wish = forms.read(brought, found, now)
            with store.transaction():
                fresh = links.opened(store, config, token, now)
                if fresh is None:
                    return self._bad()
                if not forms.taken(store, fresh, wish):
                    self._do(store, config, fresh, wish)
        except (Misfilled, Refused, Stale) as error:
            faults = error.faults if isinstance(error, Misfilled) else (str(error),)
            again = links.opened(store, config, token, now) or found
            return self._page(store, config, again, brought=brought, faults=faults, status=422)
        return RedirectResponse(f"?done={wish.act.value}", status_code=303)

    def _do(self, store: Store, config: Config, found: Opened, wish: forms.Wish) -> None:
        if found.link.spent or not school_links.use(store, found.link.id):
            raise Refused(SPENT)
        if wish.act not in found.acts:
            raise Refused(NOT_NOW)
        forms.DO[wish.act](store, config, found.assignment.id, wish.told, self.clock())


async def static(request: Request) -> Response:
    """A file of the page."""
    name = request.path_params["name"]
    if name not in page.STATIC:
        return Response(status_code=404)
    return Response(page.static_file(name), media_type=page.STATIC[name], headers={"Cache-Control": "max-age=86400"})


