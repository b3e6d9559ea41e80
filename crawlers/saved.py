"""Saved pages of a source, as bytes, with what must come out of them: `tests/pages/<source id>/`, one description beside the pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.schema.sources import Source
from crawlers import forum, list_page
from crawlers.feed import feed
from crawlers.listing import Entry, boards, listing
from crawlers.page import Page
from pipeline.domain.posts import RawPost
from pipeline.moments import from_text, maybe_text, to_text

DESCRIPTION = "expected.json"
START = 60
"""Characters of a text that are compared, besides its length."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved page: its file, its part (front, list, page, thread, feed), and the page itself."""

    file: str
    part: str
    page: Page


def save(folder: Path, id: str, source: Source, pages: Sequence[Saved]) -> None:
    """Writes the pages and what comes out of them now."""
    folder.mkdir(parents=True, exist_ok=True)
    described = []
    for saved in pages:
        (folder / saved.file).write_bytes(saved.page.body)
        described.append({
            "file": saved.file, "part": saved.part, "url": saved.page.url, "content_type": saved.page.content_type,
            "fetched_at": to_text(saved.page.fetched_at), "expect": outcome(saved, id, source),
        })
    whole = {"source": id, "table": source.model_dump(mode="json", exclude_defaults=True), "pages": described}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", "utf-8")


def outcome(saved: Saved, id: str, source: Source) -> dict[str, Any]:
    """What the source's table makes of a page, in a form that can be compared. Raises `Drift`."""
    page, now = saved.page, saved.page.fetched_at
    if saved.part == "feed":
        read = feed(page, id, now)
        return {"entries": len(read.entries), "beyond": read.beyond, "first": _post(read.entries[0].post) if read.entries else None}
    if saved.part == "front" and source.list:
        return {"boards": list(boards(page, id, source.list.boards))}
    if saved.part == "list" and source.list:
        listed = listing(page, id, source.list, now)
        return {"entries": len(listed.entries), "first": _entry(listed.entries[0]) if listed.entries else None, "next": listed.next}
    entry = Entry(page.url, "")
    if saved.part == "thread":
        first, is_floor = forum.opening(page, source.detail, id, entry, now)
        replies = forum.replies(page, source.detail, id, first.key, now, skip_first=is_floor)
        return {**_post(first), "replies": len(replies), "last": _post(replies[-1]) if replies else None}
    return _post(list_page.post_of(page, source.detail, id, entry, now)[0])


def differences(folder: Path, source: Source | None = None) -> list[str]:
    """Where the saved pages give something else than they did; with the table that was saved with them, or with another."""
    description = json.loads((folder / DESCRIPTION).read_text("utf-8"))
    table = source or Source(**description["table"])
    found: list[str] = []
    for row in description["pages"]:
        page = Page(
            row["url"], (folder / row["file"]).read_bytes(), from_text(row["fetched_at"]), content_type=row["content_type"],
            encoding=table.encoding,
        )
        now_out, before = outcome(Saved(row["file"], row["part"], page), description["source"], table), row["expect"]
        changed = [key for key in now_out if before.get(key) != now_out[key]]
        found += [f"{row['file']} 的 {key}：原为 {before.get(key)!r}，现为 {now_out[key]!r}" for key in changed]
    return found


def pages_of(folder: Path) -> int:
    """How many pages are saved there."""
    path = folder / DESCRIPTION
    return len(json.loads(path.read_text("utf-8"))["pages"]) if path.is_file() else 0


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url, "title": entry.title, "time": _time(entry.published_at), "precision": entry.precision.value,
        "replies": entry.replies, "views": entry.views,
    }


def _post(post: RawPost) -> dict[str, Any]:
    return {
        "key": post.key, "title": post.title, "body": post.body[:START], "length": len(post.body), "author": post.author,
        "time": _time(post.published_at), "precision": post.precision.value,
    }


def _time(moment: datetime | None) -> str | None:
    return maybe_text(moment)
