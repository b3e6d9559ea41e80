"""Crawls run in a child process with a time and a memory limit, so that a hung parser or a leak cannot stop the clocks."""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.schema.settings import CrawlSettings
from pipeline.domain.terms import CrawlOutcome
from pipeline.stage import never
from pipeline.supervisor import die_with_parent

log = logging.getLogger(__name__)

PARENT = "HUIYIN_PARENT"
PROGRAM = (sys.executable, "-m", "huiyin")
START_SECONDS = 60
"""What starting the program and ending it may take, beyond the crawls themselves."""
GRACE_SECONDS = 6
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: `reason` is empty when it ended by itself and well; else `outcome` is that of the crawls it left open."""

    pid: int
    reason: str = ""
    outcome: CrawlOutcome = CrawlOutcome.FAILED


def crawl_in_child(
    directory: Path, ids: Sequence[str], manners: CrawlSettings, now_option: str = "", *, turns: int = 1,
    stopped: Callable[[], bool] = never,
) -> Ended:
    """Crawls these sources in a process of their own and waits for its end. `turns` is the greatest number of them on one host."""
    now = ["--now", now_option] if now_option else []
    command = [*PROGRAM, "-C", str(directory.resolve()), *now, "crawl-child", *ids]
    environment = os.environ | {PARENT: str(os.getpid())}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 — our own program
    deadline = time.monotonic() + manners.run_seconds * turns + START_SECONDS
    try:
        while process.poll() is None:
            if stopped():
                return Ended(process.pid, "程序停止，采集中断，下次继续")
            if time.monotonic() > deadline:
                return Ended(process.pid, f"采集进程超过 {manners.run_seconds * turns} 秒没有结束，已中止", CrawlOutcome.TIMEOUT)
            time.sleep(LOOK_SECONDS)
    finally:
        end(process)
    return Ended(process.pid, said_of(process.returncode))


def said_of(status: int) -> str:
    """What staff read of an exit status; empty for a good one."""
    if status == 0:
        return ""
    cause = signal.Signals(-status).name if status < 0 else f"状态 {status}"
    return f"采集进程意外退出（{cause}），可能超出内存上限；已收的已入库，下次继续"


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a child that still runs: first kindly, so that it stores what it has."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("crawl process %s did not stop in %s s and is killed", process.pid, GRACE_SECONDS)
        process.kill()
        process.wait()


def confine(manners: CrawlSettings) -> None:
    """Within the child: it ends with its parent, and takes at most `memory_mb` beyond what the bare program has mapped already."""
    parent = os.environ.get(PARENT)
    if not parent:
        return
    die_with_parent(int(parent))
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = mapped + manners.memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
