"""The stage runner: every step after collecting is select (a batch) → decide (pure) → insert (one transaction)."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pipeline.moments import WallClock, to_text
from pipeline.store.db import Store

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Stage(Generic[T, R]):
    """One step over all that waits.

    select(n)            the next n rows that wait, oldest first; rows that were inserted (or set aside) wait no longer
    decide(batch, now)   one result a row, in order; touches nothing
    insert(results, now) writes the results and takes their rows out of the queue; runs inside one transaction
    set_aside(row)       takes a row that cannot be digested out of the queue and returns its name for the record
    waiting()            how many wait, for the progress bar
    """

    name: str
    select: Callable[[int], Sequence[T]]
    decide: Callable[[Sequence[T], datetime], Sequence[R]]
    insert: Callable[[Sequence[R], datetime], None]
    set_aside: Callable[[T], str]
    waiting: Callable[[], int]
    batch: int = 500


def never() -> bool:
    """The stop signal of a run that nobody stops."""
    return False


def run(
    stage: Stage[T, R],
    store: Store,
    clock: WallClock,
    progress: Callable[[int], object] = bool,
    stopped: Callable[[], bool] = never,
) -> int:
    """Works through all that waits, a batch a transaction, and returns how many rows were done.

    Dies anywhere: what was not committed still waits. A stop is obeyed between batches.
    """
    done = 0
    while not stopped():
        rows = stage.select(stage.batch)
        if not rows:
            break
        digest(stage, store, rows, clock())
        done += len(rows)
        progress(len(rows))
    return done


def digest(stage: Stage[T, R], store: Store, rows: Sequence[T], now: datetime) -> None:
    """Decides and inserts one batch; where it fails, each row alone, so that a poison row is set aside and the others pass.

    A full disk or a locked file is no fault of a row: it ends the run, and everything still waits.
    """
    try:
        results = stage.decide(rows, now)
        with store.transaction():
            stage.insert(results, now)
    except (sqlite3.OperationalError, MemoryError, OSError):
        raise
    except Exception as error:
        if len(rows) > 1:
            for row in rows:
                digest(stage, store, [row], now)
            return
        with store.transaction():
            subject = stage.set_aside(rows[0])
            record(store, stage.name, subject, f"{type(error).__name__}: {error}", now)
        log.exception("%s: %s set aside", stage.name, subject)


def record(store: Store, stage: str, subject: str, error: str, now: datetime) -> None:
    """Keeps a setback for staff: `status` and the digest count those that are open."""
    store.insert("setback", bureau=store.bureau, stage=stage, subject=subject, error=error[:2000], at=to_text(now))
