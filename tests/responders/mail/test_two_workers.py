"""Two worker processes on one database, with a real mail server between them and the recipients: each mail once."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from config.schema import Config
from pipeline.domain.cases import Notice
from pipeline.domain.terms import Urgency
from pipeline.store import notices
from pipeline.store.db import Store
from responders.mail.compose import compose
from tests.county import PROJECT

pytestmark = pytest.mark.slow
SECONDS = 8.0
AT_ONCE = 5


class Taken:
    """Takes every mail, a little slowly, so that the two meet; busy now and then, so that some are tried again."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.asked = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.asked += 1
        envelope.rcpt_tos.append(address)
        return "250 OK" if self.asked % 7 else "421 busy"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 OK"


def test_two_workers_for_some_seconds_send_each_mail_once(bureau: Store, config: Config, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    taken, end = Taken(), tmp_path / "end"
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    words = [sys.executable, "-m", "tests.responders.mail.two_workers", str(tmp_path / "data" / "huiyin.db"), str(port), str(end)]
    with ExitStack() as stack:
        stack.callback(controller.stop)
        workers = [stack.enter_context(subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE)) for _ in range(2)]
        stack.callback(end.touch)
        for worker in workers:
            assert worker.stdout
            assert worker.stdout.readline() == b"ready\n"
        written = write_for(SECONDS, bureau, config)
        settle(bureau)
        end.touch()
        assert [worker.wait(20) for worker in workers] == [0, 0]
    sent = {r["message_id"] for r in bureau.rows("SELECT message_id FROM message WHERE state = 'sent'")}
    assert len(sent) == written > 20
    assert Counter(taken.ids) == Counter(sent), "each once, and none that has no row"


def write_for(seconds: float, store: Store, config: Config) -> int:
    """Writes mails for so long, a few at a time; returns how many."""
    begun, count = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        with store.transaction():
            for _ in range(AT_ONCE):
                count += 1
                now = datetime.now(UTC)
                notices.put(store, Notice(f"two:{count}", "QY001", ("duty",), Urgency.PROMPT, f"提醒{count}", "请办理。", now))
        compose(store, config, datetime.now(UTC))
        time.sleep(0.2)
    return count


def settle(store: Store) -> None:
    """Waits until nothing is on its way; what is put off may be tried at once."""
    deadline = time.monotonic() + 30
    while store.value("SELECT count(*) FROM message WHERE state IN ('queued', 'sending', 'deferred')"):
        assert time.monotonic() < deadline, store.rows("SELECT state, last_error FROM message WHERE state != 'sent'")
        with store.transaction():
            store.execute("UPDATE message SET next_at = date WHERE state = 'deferred'")
            store.execute("DELETE FROM breaker")
        time.sleep(0.2)
