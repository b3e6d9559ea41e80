"""Urgent calls go out by the bureau's own SMS command as well: the text on standard input, the telephone number as the last argument."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence

from pipeline import stage
from pipeline.domain.mail import PhoneTask
from pipeline.masking import masked
from pipeline.moments import WallClock
from pipeline.store import phone_tasks
from pipeline.store.db import Store
from responders.paper import one_line

log = logging.getLogger(__name__)

SECONDS = 30
"""A gateway that does not answer within this time has failed."""


def ring(store: Store, command: Sequence[str], clock: WallClock, *, seconds: float = SECONDS) -> tuple[int, int]:
    """Runs the command for every urgent call that it has not yet run for; returns how often it worked and how often it failed.

    Each call is tried three times, a minute apart; then it is a setback that staff see, and stays a call to make by hand.
    """
    worked = failed = 0
    if not command:
        with store.transaction():
            phone_tasks.no_command(store)
        return worked, failed
    while task := phone_tasks.claim_command(store, clock()):
        error = _run(command, task, seconds)
        with store.transaction():
            if phone_tasks.command_ended(store, task.id, error):
                stage.record(store, "urgent", f"电话督办 {task.id}", error, clock())
        worked, failed = worked + (not error), failed + bool(error)
    return worked, failed


def _run(command: Sequence[str], task: PhoneTask, seconds: float) -> str:
    """Runs it once; returns what went wrong, or nothing."""
    if not task.phone:
        return "没有登记手机号，无法发送短信"
    try:
        done = subprocess.run(  # noqa: S603 — the bureau's own command, given as a list: no shell reads the text or the number
            [*command, task.phone], input=masked(task.text, (task.phone,)).encode(), capture_output=True, timeout=seconds, check=False,
        )
    except subprocess.TimeoutExpired:
        return f"短信命令 {seconds:g} 秒内没有结束，已中止"
    except OSError as error:
        log.warning("the urgent command cannot be run: %s", error)
        return f"短信命令无法运行：{error.strerror or error}"
    said = one_line(done.stderr.decode("utf-8", "replace"), 200)
    return "" if done.returncode == 0 else f"短信命令以状态 {done.returncode} 结束" + (f"：{said}" if said else "")
