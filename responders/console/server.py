"""Runs the console under uvicorn until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

GRACE_SECONDS = 5


class Server(uvicorn.Server):
    """A server that leaves the signals to whoever handed it a stop event."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes no signal."""
        yield


def serve(
    app: Starlette, host: str, port: int, stop: threading.Event | None = None, certificate: tuple[Path, Path] | None = None
) -> None:
    """Serves until `stop` is set (or, without one, until SIGTERM or SIGINT), letting what is under way finish for a few seconds; by HTTPS
    where a `certificate` and its key are given.

    Logs neither requests nor addresses. Behind an HTTPS proxy on the same machine the visitor's address is the one it forwards.
    """
    logging.getLogger("uvicorn.access").disabled = True  # `access_log` alone leaves it to whatever handlers there are
    settings = uvicorn.Config(
        app, host=host, port=port, access_log=False, server_header=False, log_config=None, lifespan="on", ws="none",
        proxy_headers=bool(getattr(app.state, "https", False)), timeout_graceful_shutdown=GRACE_SECONDS, timeout_keep_alive=5,
        ssl_certfile=certificate[0] if certificate else None, ssl_keyfile=certificate[1] if certificate else None,
    )
    if stop is None:
        uvicorn.Server(settings).run()
        return
    server = Server(settings)
    told = stop
    done = threading.Event()

    def watch() -> None:
        while not done.is_set() and not told.wait(0.2):
            pass
        server.should_exit = True

    watcher = threading.Thread(target=watch, name="console-stop", daemon=True)
    watcher.start()
    try:
        server.run()
    finally:
        done.set()
        watcher.join()
