"""What speaking SMTP and speaking IMAP have in common: a line that drips is cut, and what goes wrong with a line is said in words."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer


@contextmanager
def cut_after(line: Callable[[], socket.socket | None], seconds: float) -> Iterator[None]:
    """Cuts the line when the conversation has lasted too long: a server that drips a byte a minute never runs into a timeout."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            if found := line():
                found.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def trouble(error: Exception) -> str:
    """What went wrong with a line, as staff read it."""
    if isinstance(error, TimeoutError):
        return "等待超时"
    if isinstance(error, ConnectionRefusedError):
        return "连接被拒绝"
    if isinstance(error, socket.gaierror):
        return "找不到邮件服务器的地址"
    if isinstance(error, UnicodeError):
        return "用户名或密码含有邮件服务器不认的字符"
    return str(error) or type(error).__name__
