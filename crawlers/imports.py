"""Imported tables as posts: which column is what, which row is which post, and which of them start no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from crawlers import dates
from crawlers.canonical import canonical
from crawlers.files import Row, Table, refuse
from pipeline.columns import COLUMNS
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import Precision
from pipeline.faults import Fault, unusable


class Mode(StrEnum):
    """How an import is taken: as dated, as if it came now, or for reading and searching only."""

    DATED = "dated"
    AS_NEW = "as_new"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Imported:
    """The posts of a table, with what starts no clock, and how many had no time that can be believed."""

    posts: tuple[RawPost, ...]
    dormant: tuple[bool, ...]
    undated: int


def columns_of(path: Path, table: Table, mapping: str) -> dict[str, str]:
    """Field → column: as told (`title=列名,body=列名`), the rest by the names that are known.

    Raises `Unusable` for a field or a column that does not exist, or when nothing holds the text.
    """
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for pair in filter(None, mapping.split(",")):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in COLUMNS:
            faults.append(Fault("--map", f"没有「{field}」这一项", f"可写：{'、'.join(COLUMNS)}"))
        elif column not in table.columns:
            faults.append(Fault("--map", f"文件里没有「{column}」这一列", f"文件的列：{'、'.join(table.columns)}"))
        else:
            found[field] = column
    refuse(faults)
    for field, names in COLUMNS.items():
        known = [name for name in names if name in table.columns and name not in found.values()]
        if field not in found and known:
            found[field] = known[0]
    if "title" not in found and "body" not in found:
        raise unusable(str(path), f"认不出哪一列是标题或正文（列名：{'、'.join(table.columns)}）", "用 --map title=列名,body=列名 指明")
    return found


def posts_of(path: Path, table: Table, columns: Mapping[str, str], source: str, mode: Mode, now: datetime, backfill: timedelta) -> Imported:
    """Every row as a post. A row without any text is a fault; all of them are raised at once.

    The key of a post is its number; without one, or where a number comes again with another text, a hash of text and time, so
    that the same file gives the same keys.
    """
    faults = [
        Fault(f"{path}:{row.line}", "这一行没有标题也没有正文", "补上文字，或删去这一行")
        for row in table.rows
        if not _cell(row, columns, "title") and not _cell(row, columns, "body")
    ]
    refuse(faults)
    posts: dict[str, RawPost] = {}
    for row in table.rows:
        post = _post(row, columns, source, mode, now)
        if post.key in posts and (posts[post.key].title, posts[post.key].body) != (post.title, post.body):
            post = _post(row, columns, source, mode, now, again=True)
        posts.setdefault(post.key, post)
    made = tuple(posts.values())
    undated = sum(post.published_at is None for post in made) if "time" in columns else len(made)
    return Imported(made, tuple(_sleeps(post, mode, now, backfill) for post in made), undated)


def _post(row: Row, columns: Mapping[str, str], source: str, mode: Mode, now: datetime, *, again: bool = False) -> RawPost:
    title, body, said = (_cell(row, columns, field) for field in ("title", "body", "time"))
    number = _cell(row, columns, "id")
    mark = sha256(f"{title}\0{body}\0{said}".encode()).hexdigest()[:24]
    key = f"{number}#{mark[:8]}" if number and again else number or f"hash:{mark}"
    when = (now, Precision.MINUTE) if mode is Mode.AS_NEW else dates.read(said, now)
    return RawPost(source, key, title, body, canonical(_cell(row, columns, "url")), _cell(row, columns, "user"), *when)


def _cell(row: Row, columns: Mapping[str, str], field: str) -> str:
    return row.cells.get(columns.get(field, ""), "")


def _sleeps(post: RawPost, mode: Mode, now: datetime, backfill: timedelta) -> bool:
    if mode is not Mode.DATED:
        return mode is Mode.ARCHIVE
    return post.published_at is not None and now - post.published_at > backfill


def unused(table: Table, columns: Mapping[str, str]) -> Sequence[str]:
    """The columns that nothing was made of."""
    return [column for column in table.columns if column not in columns.values()]
