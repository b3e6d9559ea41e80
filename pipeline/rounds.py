"""One round through every stage after collecting, by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.moments import WallClock
from pipeline.outcome import Outcome
from pipeline.stage import Stage, never, run
from pipeline.store.db import Store
from pipeline.supervisor import sole

Step = Callable[[str, int, int], None]
"""Called with a stage's name, how many waited when it began, and how many rows it has just done."""


def unseen(stage: str, total: int, done: int) -> None:
    """The progress that nobody looks at."""


def process(
    store: Store, stages: Sequence[Stage[Any, Any]], clock: WallClock, lock: Path, step: Step = unseen, stopped: Callable[[], bool] = never
) -> Outcome:
    """Works through everything that waits, stage by stage. A second process waits its turn and then finds nothing left to do."""
    done: dict[str, int] = {}
    with sole(lock, wait=True):
        for stage in stages:
            total = stage.waiting()
            done[stage.name] = run(stage, store, clock, partial(step, stage.name, total), stopped) if total else 0
    text = "，".join(f"{name} {n}" for name, n in done.items())
    return Outcome(done, text if any(done.values()) else "没有待处理的帖文和案件")


@contextmanager
def progress_bar() -> Iterator[Step]:
    """A bar a stage, on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def step(stage: str, total: int, done: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], advance=done)

        yield step
