"""One run a directory; children that fall come back, and all of them end with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.faults import Unusable
from pipeline.supervisor import Locked, free_port, sole

PARENT = """
import os, sys, threading
from pipeline.supervisor import Child, Supervisor
child = "import os, sys; from pipeline.supervisor import until_told; print(os.getpid(), flush=True); until_told().wait(60)"
Supervisor([Child("one", lambda: [sys.executable, "-c", child])], print).run()
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and alive(pid):
        time.sleep(0.05)
    return not alive(pid)


def start() -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."})
    assert parent.stdout
    return parent, int(parent.stdout.readline())


@pytest.mark.slow
def test_a_child_ends_with_its_parent_even_when_that_is_killed() -> None:
    parent, child = start()
    parent.kill()
    parent.wait(5)
    assert gone_within(child, 5)
    parent.stdout.close()  # type: ignore[union-attr]  # it is a pipe


@pytest.mark.slow
def test_a_fallen_child_is_started_again_and_a_stop_ends_all() -> None:
    parent, first = start()
    os.kill(first, signal.SIGKILL)
    lines = [parent.stdout.readline(), parent.stdout.readline()]  # type: ignore[union-attr]  # it is a pipe
    second = int(next(line for line in lines if line.strip().isdigit()))
    assert second != first
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(10) == 0
    assert gone_within(second, 5)
    parent.stdout.close()  # type: ignore[union-attr]  # it is a pipe


def test_a_lock_is_held_by_one_and_freed_at_the_end(tmp_path: Path) -> None:
    with sole(tmp_path / "run.lock"), pytest.raises(Locked, match=str(os.getpid())), sole(tmp_path / "run.lock"):
        pass
    with sole(tmp_path / "run.lock"):
        pass


def test_a_port_in_use_is_said_with_its_mend() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unusable, match=r"端口不能使用.*huiyin\.toml"):
            free_port("127.0.0.1", taken.getsockname()[1], "console")
