"""Opens the database, brings its schema up to date, and gives out transactions."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.faults import unusable

BUSY_MS = 30_000


@dataclass(frozen=True, slots=True)
class Store:
    """One bureau's part of a database, with the key that its author hashes and its audit chain are made with."""

    db: Database
    bureau: str
    secret: bytes
    root: Path

    @property
    def evidence(self) -> Path:
        """The folder of the raw pages."""
        return self.root / "evidence"

    def keyed(self, purpose: str, text: str) -> str:
        """A keyed hash (HMAC-SHA256, hex): the same text hashes differently for every purpose and every bureau."""
        return hmac.new(self.secret, f"{purpose}\0{self.bureau}\0{text}".encode(), sha256).hexdigest()

    def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """Every row of a query, as dictionaries that do not leave `pipeline.store`."""
        return list(self.db.query(sql, list(args)))

    def row(self, sql: str, *args: Any) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        return next(iter(self.db.query(sql, list(args))), None)

    def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.db.execute(sql, list(args)).fetchone()
        return found[0] if found else None

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        """Runs one statement that changes something; only within `transaction`."""
        if not self.db.conn.in_transaction:
            raise RuntimeError(f"a change outside a transaction: {sql[:60]}")
        return self.db.conn.execute(sql, args)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs one statement over many rows; only within `transaction`."""
        if not self.db.conn.in_transaction:
            raise RuntimeError(f"a change outside a transaction: {sql[:60]}")
        self.db.conn.executemany(sql, rows)

    def insert(self, table: str, **columns: Any) -> int:
        """Inserts one row and returns its id."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        cursor = self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())
        return int(cursor.lastrowid or 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Takes the write lock at once: a deferred transaction that reads first fails where another writes meanwhile.

        A transaction within a transaction is a savepoint of it.
        """
        if self.db.conn.in_transaction:
            with self.db.atomic():
                yield
            return
        self.db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.conn.rollback()
            raise
        self.db.conn.commit()

    def close(self) -> None:
        """Closes the connection."""
        self.db.close()


def open_store(path: Path, bureau: str, name: str, secret: bytes, *, durable: bool = True) -> Store:
    """Opens (or makes) the database at `path` with its newest schema.

    `durable` syncs each commit to the disk (console, mail, audit); bulk reading does without. Raises `Unusable` when the file
    is no database or comes from a newer version of the program.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA foreign_keys=ON")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise unusable(str(path), f"不是可用的数据库（{error}）", "从备份恢复该文件，或移走它后重新运行") from error
    store = Store(Database(connection), bureau, secret, path.parent)
    migrate(store, path)
    with store.transaction():
        store.execute(
            "INSERT INTO bureau (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name != excluded.name",
            bureau, name,
        )
    return store


def migrations() -> list[tuple[int, str]]:
    """Every migration's number and SQL, in order."""
    folder = files("pipeline.store") / "migrations"
    found = [(int(f.name.split("_")[0]), f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".sql")]
    return sorted(found)


def schema_version(store: Store) -> int:
    """The number of the newest migration that the file has."""
    return int(store.value("PRAGMA user_version"))


def migrate(store: Store, path: Path) -> None:
    """Applies what is missing, each migration in one transaction with its own record."""
    steps = migrations()
    newest = steps[-1][0]
    if schema_version(store) > newest:
        raise unusable(
            str(path),
            f"数据库结构是第 {schema_version(store)} 版，本程序只认识到第 {newest} 版",
            "请改用较新版本的程序打开，本程序没有改动该文件",
        )
    for number, sql in steps:
        if number <= schema_version(store):
            continue
        with store.transaction():
            if number <= schema_version(store):  # another process was quicker
                continue
            for statement in statements(sql):
                store.execute(statement)
            store.execute(f"PRAGMA user_version = {number}")


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script: `executescript` would commit first and leave half a migration behind."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
