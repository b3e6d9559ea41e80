"""The stage runner: nothing is lost, a poison row does not stop the others, a stop is obeyed between batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import pytest

from pipeline.domain.posts import Post, RawPost
from pipeline.stage import Stage, run
from pipeline.store import posts
from pipeline.store.db import Store


def waiting_posts(store: Store, now: datetime, *titles: str) -> None:
    raw = [RawPost(source="forum", key=t, title=t, body="正文") for t in titles]
    posts.add(store, raw, now, public=True, dormant=[False] * len(raw))


def shouting(store: Store, batch: int = 2, poison: str = "") -> Stage[Post, tuple[int, str]]:
    """A stage that writes each title in capitals; it chokes on `poison`."""

    def decide(rows: Sequence[Post], now: datetime) -> list[tuple[int, str]]:
        if any(r.title == poison for r in rows):
            raise ValueError("cannot read this")
        return [(r.id, r.title.upper()) for r in rows]

    def insert(results: Sequence[tuple[int, str]], now: datetime) -> None:
        for id, title in results:
            store.execute("UPDATE post SET title = ?, waiting = NULL WHERE id = ?", title, id)

    def set_aside(row: Post) -> str:
        store.execute("UPDATE post SET waiting = NULL WHERE id = ?", row.id)
        return f"post {row.id}"

    return Stage(
        "shout", lambda n: posts.waiting(store, "read", n), decide, insert, set_aside, lambda: posts.count_waiting(store, "read"), batch
    )


def titles(store: Store) -> list[str]:
    return [r["title"] for r in store.rows("SELECT title FROM post ORDER BY id")]


def test_everything_that_waits_is_done_once(store: Store, now: datetime) -> None:
    waiting_posts(store, now, "a", "b", "c", "d", "e")
    assert run(shouting(store), store, lambda: now) == 5
    assert titles(store) == ["A", "B", "C", "D", "E"]
    assert run(shouting(store), store, lambda: now) == 0


def test_a_poison_row_is_set_aside_and_the_others_pass(store: Store, now: datetime) -> None:
    waiting_posts(store, now, "a", "bad", "c")
    run(shouting(store, batch=10, poison="bad"), store, lambda: now)
    assert titles(store) == ["A", "bad", "C"]
    setback = store.row("SELECT stage, subject, error FROM setback")
    assert setback == {"stage": "shout", "subject": "post 2", "error": "ValueError: cannot read this"}


def test_a_stop_is_obeyed_between_batches(store: Store, now: datetime) -> None:
    waiting_posts(store, now, "a", "b", "c", "d")
    calls = iter([False, True])
    assert run(shouting(store), store, lambda: now, stopped=lambda: next(calls)) == 2
    assert titles(store) == ["A", "B", "c", "d"]


def test_a_stage_that_dies_in_its_insert_leaves_the_whole_batch_waiting(store: Store, now: datetime) -> None:
    waiting_posts(store, now, "a", "b")
    stage = shouting(store)

    def dies(results: Sequence[tuple[int, str]], now: datetime) -> None:
        stage.insert(results[:1], now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Stage(stage.name, stage.select, stage.decide, dies, stage.set_aside, stage.waiting), store, lambda: now)
    assert titles(store) == ["a", "b"]
    assert posts.count_waiting(store, "read") == 2


def test_a_full_disk_is_no_fault_of_a_row(store: Store, now: datetime) -> None:
    waiting_posts(store, now, "a")
    stage = shouting(store)

    def full(results: Sequence[tuple[int, str]], now: datetime) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        run(Stage(stage.name, stage.select, stage.decide, full, stage.set_aside, stage.waiting), store, lambda: now)
    assert posts.count_waiting(store, "read") == 1
