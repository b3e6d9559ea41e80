"""What holds for every request to the school's page, and every answer: known hosts, trusted proxies, no scripts, nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from config.page_checks import loopback
from config.schema.settings import SchoolPageSettings
from responders.console.security import CLOSED, known_host, with_headers

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
HEADERS = (("Content-Security-Policy", POLICY), *CLOSED, ("X-Robots-Tag", "noindex, nofollow"))


class Guarded:
    """The middleware around the school's page. A body is read only behind it, once the link is known to be good."""

    def __init__(self, app: ASGIApp, settings: Callable[[], SchoolPageSettings]) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses what must not pass, and puts the headers on whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer, page = with_headers(send, HEADERS), self.settings()
        names = (page.host, urlsplit(page.public_url).hostname or "")
        if not (known_host(Headers(scope=scope).get("host", ""), names) and trusted(scope.get("client"), page)):
            await PlainTextResponse("无法识别的访问地址，请使用邮件中的网址。", 400)(scope, receive, answer)
            return
        await self.app(scope, receive, answer)


def trusted(client: tuple[str, int] | None, page: SchoolPageSettings) -> bool:
    """Whether a request came by HTTPS as far as can be known: where another machine adds it, from that machine alone."""
    if page.certificate or not page.proxies or client is None:
        return True
    return loopback(client[0]) or ip_address(client[0]) in {ip_address(p) for p in page.proxies}
