"""One run a directory; children that die with their parent, are restarted when they fall, and stop within seconds when told to."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.faults import unusable

log = logging.getLogger(__name__)

GRACE_SECONDS = 10
PR_SET_PDEATHSIG = 1


class Locked(Exception):
    """Somebody else holds the lock; carries the process id it wrote, where it did."""


@contextmanager
def sole(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Holds a lock file for the length of a block; the kernel frees it when the process dies, however it dies.

    Raises `Locked` when another process has it, unless told to wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            file.seek(0)
            raise Locked(file.read().strip()) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def die_with_parent(parent: int) -> None:
    """Asks the kernel to end this process when its parent ends; ends it at once where the parent is gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit("the parent process is gone")


def until_told() -> threading.Event:
    """An event that SIGTERM and SIGINT set; in a supervised process also the wish to die with its parent."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if parent := os.environ.get("HUIYIN_PARENT"):
        die_with_parent(int(parent))
    return stop


def free_port(host: str, port: int, table: str) -> None:
    """Raises `Unusable` when somebody else listens there: better said at once than by a child that falls again and again."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            mend = f"停止占用它的程序，或在 huiyin.toml [{table}] 改用别的 port"
            raise unusable(f"{host}:{port}", f"端口不能使用（{error.strerror}）", mend) from error


@dataclass
class Child:
    """One supervised process; `command` is asked anew at each start. A child that falls is started again after 1, 2, 4 … at most 60 s."""

    name: str
    command: Callable[[], Sequence[str]]
    falls: int = 0
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(self.command(), env=dict(environment), start_new_session=True)  # noqa: S603 — our own program
        self.started = time.monotonic()

    def fallen(self) -> int | None:
        """The exit status of a child that is no longer there."""
        return self.process.poll() if self.process else None

    def due(self) -> bool:
        """Whether a fallen child may be started again."""
        return time.monotonic() - self.started >= min(60.0, 2.0**self.falls)


@dataclass
class Supervisor:
    """Keeps the children of `huiyin run` alive until it is told to stop."""

    children: Sequence[Child]
    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Starts everything, watches it, and ends it all on SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        environment = os.environ | {"HUIYIN_PARENT": str(os.getpid())}
        for child in self.children:
            child.start(environment)
        try:
            while not self.stopping.wait(0.5):
                self._mind(environment)
        finally:
            self._end()

    def _mind(self, environment: Mapping[str, str]) -> None:
        for child in self.children:
            status = child.fallen()
            if status is not None and child.due():
                child.falls += 1
                self.say(f"{child.name} 已退出（状态 {status}），正在第 {child.falls} 次重新启动")
                child.start(environment)
            elif status is None and time.monotonic() - child.started > 300:
                child.falls = 0

    def _end(self) -> None:
        running = [c.process for c in self.children if c.process and c.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %s did not stop in %s s and is ended", process.pid, GRACE_SECONDS)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
