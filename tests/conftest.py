"""What every test may use: a fixed present, an empty store, and the rule that no test leaves this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.store.db import Store, open_store

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
"""Wednesday, 10:00 in the bureau: a working hour of a working day."""


@pytest.fixture
def now() -> datetime:
    """Wednesday 2026-11-18, 10:00 in Shanghai."""
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database of a bureau called `test`."""
    opened = open_store(tmp_path / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection beyond this machine fails the test that tried it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "unix"
        if host != "unix" and not (str(host).startswith("127.") or host in ("::1", "localhost")):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model of the shipped corpus: this machine's, if it has the fitting one, else trained once a session."""
    from classifier.model_files import load_or_train, save

    folder = tmp_path_factory.getbasetemp() / "model"
    usual = Path(os.environ.get("HUIYIN_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huiyin")
    save(load_or_train([folder, usual], lambda text: None), folder)
    return folder
