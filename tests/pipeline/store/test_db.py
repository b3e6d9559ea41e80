"""The database: numbered migrations, each whole or not at all; a newer file is refused; a change outlives only its transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pipeline.faults import Unusable
from pipeline.store import db
from pipeline.store.db import Store, open_store


def test_opening_twice_changes_nothing(store: Store) -> None:
    before = list(store.db.iterdump())
    again = open_store(store.root / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
    assert list(again.db.iterdump()) == before
    again.close()


def test_every_table_is_strict(store: Store) -> None:
    sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'"
    loose = store.rows(sql)
    assert [r["name"] for r in loose if not r["name"].startswith("post_fts")] == []


def test_a_file_from_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "huiyin.db"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 9999")
    newer.close()
    with pytest.raises(Unusable, match=r"9999 版.*较新版本"):
        open_store(path, "test", "测试", b"key")
    with sqlite3.connect(path) as still:
        assert still.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    still.close()


def test_a_broken_migration_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "CREATE TABLE fine (a INTEGER) STRICT;\nCREATE TABLE broken (a NONSENSE) STRICT;\n"
    newest = db.schema_version(store)
    monkeypatch.setattr(db, "migrations", lambda: [(1, ""), (999, broken)])
    with pytest.raises(sqlite3.OperationalError):
        db.migrate(store, store.root / "huiyin.db")
    assert store.value("SELECT count(*) FROM sqlite_master WHERE name = 'fine'") == 0
    assert db.schema_version(store) == newest


def test_what_is_no_database_is_said_with_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "huiyin.db"
    path.write_bytes(b"this is a letter, not a database, and long enough to look at " * 20)
    with pytest.raises(Unusable, match=r"不是可用的数据库.*备份"):
        open_store(path, "test", "测试", b"key")


def test_a_change_outside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        store.execute("DELETE FROM bureau")


def test_an_inner_failure_takes_back_the_inner_part_alone(store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            store.execute("INSERT INTO bureau VALUES ('b', 'B')")
            raise ValueError("inner")

    with store.transaction():
        store.execute("INSERT INTO bureau VALUES ('a', 'A')")
        with pytest.raises(ValueError, match="inner"):
            inner()
    assert [r["id"] for r in store.rows("SELECT id FROM bureau ORDER BY id")] == ["a", "test"]
