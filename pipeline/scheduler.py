"""The worker's triggers. They hold no state: a job asks the database «what is due now?», so a late, double or lost tick harms nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from pipeline.moments import WallClock

log = logging.getLogger(__name__)

JUMP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Job:
    """Something the worker does again and again."""

    name: str
    every_seconds: float
    do: Callable[[], None]


def work(jobs: Sequence[Job], clock: WallClock, stop: threading.Event, *, look_every: float = 1.0) -> None:
    """Runs the jobs until `stop` is set; then lets the batches in hand finish.

    Each job runs in its own thread, never twice at once. APScheduler counts on the wall clock: after a day's jump back its
    interval jobs would not fire until that day has passed again, so a monotonic watch schedules them anew.
    """
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
    _schedule(scheduler, jobs)
    scheduler.start()
    drift = Drift(clock)
    try:
        while not stop.wait(look_every):
            if drift.jumped():
                log.warning("the wall clock jumped by more than %s s: jobs are scheduled anew", JUMP_SECONDS)
                scheduler.remove_all_jobs()
                _schedule(scheduler, jobs)
    finally:
        scheduler.shutdown(wait=True)


def first_round(jobs: Sequence[Job], stop: threading.Event) -> bool:
    """Does every job once, in order; False when it was stopped on the way."""
    for job in jobs:
        if stop.is_set():
            return False
        _guarded(job)()
    return not stop.is_set()


def _schedule(scheduler: BackgroundScheduler, jobs: Sequence[Job]) -> None:
    for job in jobs:
        scheduler.add_job(_guarded(job), "interval", seconds=job.every_seconds, id=job.name, replace_existing=True)


def _guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.do()
        except Exception:  # a job's failure is logged and the next tick tries again: the other clocks must go on
            log.exception("job %s failed", job.name)

    return run


class Drift:
    """Tells when the wall clock and the monotonic clock part by more than a minute."""

    def __init__(self, clock: WallClock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._gap = self._now()

    def _now(self) -> float:
        return self._clock().timestamp() - self._monotonic()

    def jumped(self) -> bool:
        """Whether the wall clock jumped since the last look."""
        before, self._gap = self._gap, self._now()
        return abs(self._gap - before) > JUMP_SECONDS
