"""Puts the console together: every door, the guard around them, and the files that pages need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.schema import Config
from pipeline.domain.posts import Evidence
from pipeline.moments import WallClock
from pipeline.store.db import Store
from responders.console.desk import Desk, Door
from responders.console.pages import STATIC, Pages
from responders.console.pool import Stores
from responders.console.rights import Right
from responders.console.security import Guarded
from responders.console.server import serve
from responders.console.views import (
    case,
    case_actions,
    cases,
    event,
    inbox,
    limits,
    login,
    party,
    reports,
    sources,
    tables,
    today,
    unmask,
    users,
)

__all__ = ["DOORS", "make_app", "serve"]

CASE, HELD, PAPER = "/cases/{case:int}", "/assignments/{assignment:int}", "/reports/{report:int}"
MAIL = "/inbox/{mail:int}"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

DOORS = (
    Door("GET", "/login", None, login.form),
    Door("POST", "/login", None, login.submit),
    Door("POST", "/logout", Right.READ, login.leave),
    Door("GET", "/", Right.READ, today.page),
    Door("GET", "/cases", Right.READ, cases.page),
    Door("GET", CASE, Right.READ, case.page),
    Door("GET", CASE + "/clock", Right.READ, limits.page),
    Door("GET", CASE + "/answers/{answer:int}/copy", Right.READ, case.copy),
    Door("GET", CASE + "/files/{file:int}", Right.READ, party.file),
    Door("POST", CASE + "/choose_answer", Right.CHOOSE_ANSWER, case_actions.choose_answer),
    Door("POST", CASE + "/dismiss", Right.DISMISS, case_actions.dismiss),
    Door("POST", CASE + "/close", Right.CLOSE, case_actions.close),
    Door("POST", CASE + "/reopen", Right.REOPEN, case_actions.reopen),
    Door("POST", CASE + "/confirm_redline", Right.CONFIRM_REDLINE, case_actions.confirm_redline),
    Door("POST", CASE + "/confirm_grade", Right.CONFIRM_GRADE, case_actions.confirm_grade),
    Door("POST", CASE + "/emergency", Right.EMERGENCY, case_actions.emergency),
    Door("POST", CASE + "/answer", Right.ANSWER, case_actions.answer),
    Door("POST", CASE + "/receipt", Right.RECEIPT, case_actions.receipt),
    Door("POST", CASE + "/posts/{post:int}/unmask", Right.UNMASK, unmask.page),
    Door("GET", CASE + "/merge", Right.MERGE, event.merge_page),
    Door("POST", CASE + "/merge", Right.MERGE, event.merge),
    Door("GET", CASE + "/split", Right.SPLIT, event.split_page),
    Door("POST", CASE + "/split", Right.SPLIT, event.split),
    Door("GET", "/instructions/new", Right.INSTRUCT, reports.instruction_page),
    Door("POST", "/instructions/new", Right.INSTRUCT, reports.open_with_instruction),
    Door("POST", CASE + "/instruct", Right.INSTRUCT, reports.instruct),
    Door("GET", CASE + "/instructions/{instruction:int}/copy", Right.READ, reports.attachment),
    Door("POST", CASE + "/report", Right.REPORT, reports.draft),
    Door("GET", PAPER, Right.READ, reports.page),
    Door("POST", PAPER + "/revise", Right.REPORT, reports.revise),
    Door("POST", PAPER + "/confirm", Right.CONFIRM_REPORT, reports.confirm),
    Door("POST", PAPER + "/receipt", Right.REPORT_RECEIPT, reports.receipt),
    Door("POST", PAPER + "/withdraw", Right.WITHDRAW_REPORT, reports.withdraw),
    Door("GET", PAPER + "/copy", Right.READ, reports.scan),
    Door("POST", "/obligations/{obligation:int}/waive", Right.WAIVE, case_actions.waive),
    Door("POST", "/obligations/{obligation:int}/extend", Right.EXTEND, case_actions.extend),
    Door("POST", HELD + "/hand_over", Right.HAND_OVER, case_actions.hand_over),
    Door("POST", HELD + "/acknowledge", Right.ACKNOWLEDGE, party.acknowledge),
    Door("POST", HELD + "/findings", Right.FINDINGS, party.findings),
    Door("POST", HELD + "/send_back", Right.SEND_BACK, case_actions.send_back),
    Door("POST", HELD + "/reassign", Right.REASSIGN, case_actions.reassign),
    Door("POST", HELD + "/dispute", Right.DISPUTE, party.dispute),
    Door("GET", "/sources", Right.READ, sources.page),
    Door("GET", "/mail", Right.READ, tables.mail),
    Door("POST", "/calls/{task:int}/done", Right.PHONE, tables.called),
    Door("POST", "/messages/{message:int}/settle", Right.MAIL, tables.settle),
    Door("GET", "/inbox", Right.INBOX, inbox.page),
    Door("POST", MAIL + "/claim", Right.INBOX, inbox.claim),
    Door("POST", MAIL + "/put_aside", Right.INBOX, inbox.put_aside),
    Door("POST", MAIL + "/release", Right.INBOX, inbox.release),
    Door("POST", MAIL + "/original", Right.INBOX, inbox.original),
    Door("GET", "/digests", Right.READ, tables.digests),
    Door("GET", "/digests/{day}", Right.READ, tables.digest),
    Door("GET", "/digests/{day}/page", Right.READ, tables.digest_html),
    Door("GET", "/audit", Right.AUDIT, tables.record),
    Door("GET", "/me", Right.READ, users.me),
    Door("POST", "/me/password", Right.READ, users.change_password),
    Door("GET", "/users", Right.USERS, users.page),
)
"""Every page and every action, each with the right that it takes."""


def make_app(
    open_store: Callable[[], Store], config: Callable[[], Config], clock: WallClock, fetch: Callable[[str], Evidence] | None = None
) -> Starlette:
    """The console as an ASGI application. Each request borrows a store of its own; `fetch` gets a published answer as evidence."""
    stores = Stores(open_store)
    desk = Desk(stores, config, clock, fetch, Pages())

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        stores.close()

    app = Starlette(
        routes=[Route(d.path, desk.behind(d), methods=[d.method]) for d in DOORS] + [Route("/static/{name}", static)],
        middleware=[Middleware(Guarded, settings=lambda: config().settings.console)],
        exception_handlers={404: desk.unknown, 405: desk.unknown},
        lifespan=life,
    )
    app.state.https = config().settings.console.https
    return app


async def static(request: Request) -> Response:
    """A file of the pages; its address changes with it, so that a browser may keep it."""
    name = request.path_params["name"]
    if name not in STATIC:
        return Response(status_code=404)
    body = (files("responders.console") / "static" / name).read_bytes()
    return Response(body, media_type=TYPES[Path(name).suffix], headers={"Cache-Control": "max-age=86400"})
