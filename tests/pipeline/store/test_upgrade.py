"""A database of the first version of the program opens in every later one, with all that stood in it.

tests/data/first.db is that database. It is made anew by `python -m tests.data.make_first`, which may be done as long as the first
version is not out; afterwards the first migration stays as it is, and so does the file.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.store import audit, cases, outbox, posts, search
from pipeline.store.db import Store, migrations, open_store, schema_version
from pipeline.store.status import standing
from tests.data.make_first import BUREAU, FIRST, NAME, NOW, POSTS, SECRET, first_schema, make, rows

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


@pytest.fixture(params=[(), ("correction_post", "instruction_case", "session_user")], ids=["first", "earliest"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The first database, opened by this version; the earliest files of that schema lacked three indices."""
    shutil.copy(FIRST, tmp_path / "huiyin.db")
    with closing(sqlite3.connect(tmp_path / "huiyin.db")) as file:
        for index in request.param:
            file.execute(f"DROP INDEX {index}")
    store = open_store(tmp_path / "huiyin.db", BUREAU, NAME, SECRET)
    yield store
    store.close()


def test_the_file_has_the_schema_of_the_first_migration() -> None:
    """Fails when 0001 was changed and the file was not made anew: `python -m tests.data.make_first`."""
    with closing(sqlite3.connect(f"file:{FIRST}?mode=ro", uri=True)) as kept, closing(sqlite3.connect(":memory:")) as fresh:
        first_schema(fresh)
        assert kept.execute(SCHEMA).fetchall() == fresh.execute(SCHEMA).fetchall()
        assert kept.execute("PRAGMA user_version").fetchone() == (migrations()[0][0],)


def test_the_file_is_what_its_script_makes(tmp_path: Path) -> None:
    make(tmp_path / "again.db")
    dumps = []
    for path in (FIRST, tmp_path / "again.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
            dumps.append(list(opened.iterdump()))
    assert dumps[0] == dumps[1]


def test_it_is_brought_to_the_newest_schema_and_is_whole(upgraded: Store) -> None:
    assert schema_version(upgraded) == migrations()[-1][0]
    assert upgraded.value("PRAGMA integrity_check") == "ok"
    assert upgraded.rows("PRAGMA foreign_key_check") == []


def test_an_upgraded_file_has_the_schema_of_a_new_one(upgraded: Store, store: Store) -> None:
    assert [dict(r) | {"sql": None} for r in upgraded.rows(SCHEMA)] == [dict(r) | {"sql": None} for r in store.rows(SCHEMA)]


@pytest.mark.parametrize("table", sorted({table for table, _ in rows()}))
def test_every_row_is_kept(upgraded: Store, table: str) -> None:
    wanted = [row for name, row in rows() if name == table]
    found = upgraded.rows(f"SELECT * FROM {table} ORDER BY rowid")
    assert [{column: row[column] for column in old} for row, old in zip(found, wanted, strict=True)] == wanted


def test_the_program_reads_it(upgraded: Store) -> None:
    assert audit.verify(upgraded) is None
    assert audit.head(upgraded).count == 3
    assert search.find(upgraded, "虫子") == [1]
    assert [p.title for p in posts.of_case(upgraded, 1)] == [POSTS[0][2], POSTS[1][2]]
    case = cases.get(upgraded, 1)
    assert case is not None
    assert case.number == "教舆-2026-00001"
    told = standing(upgraded, NOW)
    assert (told.posts, told.education, told.cases["open"], told.obligations["pending"], told.messages["queued"]) == (3, 1, 1, 1, 1)


def test_what_waited_in_it_goes_on(upgraded: Store) -> None:
    claimed = outbox.claim(upgraded, "somebody", NOW, timedelta(minutes=1))
    assert claimed is not None
    assert claimed.letter.message_id == "<first@example>"
