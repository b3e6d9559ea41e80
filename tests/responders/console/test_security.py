"""What passes the guard around the console, and what does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from config.schema.settings import ConsoleSettings
from responders.console.security import FORM_BYTES, Guarded

FORM = b"csrf=t&summary=" + "请核实".encode()


def served(*messages: dict[str, Any]) -> tuple[list[bytes], list[int]]:
    """The bodies that reach the application, and the statuses of what is answered."""
    reached: list[bytes] = []
    statuses: list[int] = []
    left = list(messages)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append((await receive())["body"])

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": "POST", "path": "/cases/1/dismiss", "headers": [(b"host", b"127.0.0.1:8600")]}
    asyncio.run(Guarded(app, ConsoleSettings)(scope, receive, send))
    return reached, statuses


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_form_arrives_whole() -> None:
    assert served(part(FORM[:9], more=True), part(FORM[9:])) == ([FORM], [])


def test_half_a_form_is_no_form() -> None:
    assert served(part(FORM[:-3], more=True), {"type": "http.disconnect"}) == ([], [413])


@pytest.mark.parametrize("size", [FORM_BYTES + 1, 10 * FORM_BYTES])
def test_a_form_that_is_too_large_is_refused(size: int) -> None:
    assert served(part(bytes(size // 2), more=True), part(bytes(size - size // 2))) == ([], [413])
