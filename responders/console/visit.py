"""A visit: one request with everything that a view needs to answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from config.schema import Config
from pipeline.domain.posts import Evidence
from pipeline.store.db import Store
from pipeline.store.users import Session
from responders.console.forms import Form
from responders.console.pages import Pages
from responders.console.rights import Right, may

COOKIE = "huiyin_session"


class Missing(Exception):
    """What was asked for does not exist."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `session` is None before log-in; `fetch` gets a published answer, where the roof hands it in."""

    request: Request
    store: Store
    config: Config
    now: datetime
    session: Session | None
    form: Form
    pages: Pages
    fetch: Callable[[str], Evidence] | None = None

    @property
    def who(self) -> str:
        """The name under which this user's actions are recorded."""
        return self.session.user.name if self.session else ""

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else ""

    @property
    def cookie(self) -> str:
        """The session's token as the browser sent it."""
        return self.request.cookies.get(COOKIE, "")

    def may(self, right: Right) -> bool:
        """Whether the user has this right."""
        return self.session is not None and may(self.session.user.role, right)

    def sees(self, accusation: bool) -> bool:
        """Whether the user may see what a case says: an accusation (检举控告) is open to those alone who do casework, for anybody else
        may be the accused or of a section concerned (信访工作条例第三十条)."""
        return not accusation or self.may(Right.CHOOSE_ANSWER)

    def asked(self, name: str) -> str:
        """A field of the query; empty where it is missing."""
        return self.request.query_params.get(name, "")[:200]

    def number(self, name: str) -> int:
        """A number of the path."""
        return int(self.request.path_params[name])

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page of the console."""
        here = self.request.url.path
        html = self.pages.render(
            template, visit=self, bureau=self.config.settings.bureau.name, now=self.now, here=here, Right=Right,
            csrf=self.session.csrf if self.session else "", mail_to_file=self.config.settings.mail.transport == "file", **context,
        )
        return HTMLResponse(html, status)


def to(path: str, **query: str) -> Response:
    """Sends the browser on to a page of ours, with GET."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)


View = Callable[[Visit], Response]
