"""What holds for every request and every answer: known hosts, bounded bodies, headers that leave a hostile text nothing to work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.schema.settings import ConsoleSettings
from responders.console.forms import SHOT_BYTES

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CLOSED = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""What every answer of every application says beside its own policy."""
HEADERS = (("Content-Security-Policy", POLICY), *CLOSED)
FORM_BYTES = 64 * 1024
UPLOAD_BYTES = SHOT_BYTES + FORM_BYTES
UPLOADS = ("/answer", "/findings", "/instruct", "/instructions/new", "/receipt")
"""The forms that bring a file, by the ends of their addresses."""


class Guarded:
    """The middleware around the whole console."""

    def __init__(self, app: ASGIApp, settings: Callable[[], ConsoleSettings]) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses what must not pass, and puts the headers on whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = with_headers(send, HEADERS)
        settings = self.settings()
        if not known_host(Headers(scope=scope).get("host", ""), (settings.host, *settings.names)):
            await PlainTextResponse("无法识别的访问地址，请使用管理员提供的网址。", 400)(scope, receive, answer)
            return
        body = await whole_body(scope, receive, UPLOAD_BYTES if scope["path"].endswith(UPLOADS) else FORM_BYTES)
        if body is None:
            await PlainTextResponse("提交的内容过大，未作处理。附件不能超过 5 MB。", 413)(scope, receive, answer)
            return
        await self.app(scope, again(body, receive), answer)


def known_host(host: str, names: Iterable[str]) -> bool:
    """Whether a Host header is one of ours: an address as such (no name can be bent to point at it), localhost, or a configured name."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name in ("localhost", *(n.lower() for n in names)):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def whole_body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body of a request; None as soon as it is larger than its form can be, or breaks off: half a form is no form."""
    if scope["method"] in ("GET", "HEAD"):
        return b""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        return None
    found = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        found += message.get("body", b"")
        if len(found) > most:
            return None
        if not message.get("more_body"):
            return bytes(found)


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out a body that was read already."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def with_headers(send: Send, lines: Iterable[tuple[str, str]]) -> Send:
    """A `send` that puts these headers on every answer that has none of its own."""

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in lines:
                headers.setdefault(name, value)
        await send(message)

    return answer
