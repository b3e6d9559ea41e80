"""The worker's triggers: they fire again and again, survive a failing job and a clock that jumps, and stop when told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from pipeline.scheduler import Drift, Job, first_round, work


def test_a_jump_of_the_wall_clock_is_seen_and_slow_drift_is_not() -> None:
    wall, steady = [datetime(2026, 11, 18, tzinfo=UTC)], [0.0]
    drift = Drift(lambda: wall[0], lambda: steady[0])
    seen = []
    for hours in (0, 1, 2, -24, 1, 30):
        before = wall[0]
        wall[0] += timedelta(hours=hours)
        steady[0] += 3600 if (hours, before) else 0
        wall[0] = before + timedelta(hours=1 + (hours if hours < 0 or hours > 10 else 0), seconds=5)
        seen.append(drift.jumped())
    assert seen == [False, False, False, True, False, True]


def test_jobs_run_again_after_a_failure_and_stop_when_told() -> None:
    stop, done = threading.Event(), []

    def failing() -> None:
        done.append(1)
        if len(done) >= 3:
            stop.set()
        raise ValueError("a tick that fails")

    work([Job("failing", 0.05, failing)], lambda: datetime.now(UTC), stop, look_every=0.02)
    assert len(done) >= 3


def test_the_first_round_goes_in_order_and_past_a_failure() -> None:
    order: list[str] = []

    def job(name: str) -> Job:
        def do() -> None:
            order.append(name)
            if name == "crawl":
                raise OSError("no network")

        return Job(name, 60, do)

    assert first_round([job("crawl"), job("process"), job("send")], threading.Event())
    assert order == ["crawl", "process", "send"]
