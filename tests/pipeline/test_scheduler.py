"""The worker's triggers: they fire again and again, survive a failing job and a clock that jumps, and stop when told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.scheduler import Drift, Job, first_round, work


@pytest.mark.parametrize(
    ("wall_passes", "really_passes", "jumped"),
    [(60, 60, False), (3600, 3590, False), (-86_400, 60, True), (86_400, 60, True), (60, 86_400, True)],
)
def test_a_jump_of_the_wall_clock_is_seen_and_slow_drift_is_not(wall_passes: int, really_passes: int, jumped: bool) -> None:
    wall, steady = datetime(2026, 11, 18, tzinfo=UTC), 0.0
    drift = Drift(lambda: wall, lambda: steady)
    wall, steady = wall + timedelta(seconds=wall_passes), steady + really_passes
    assert drift.jumped() is jumped
    assert drift.jumped() is False


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
