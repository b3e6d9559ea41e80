"""Which configuration was in force when: every version of every file, whole, with its hash, its time and who brought it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from pipeline.moments import to_text
from pipeline.store.db import Store


def record(store: Store, texts: Mapping[str, str], now: datetime, who: str) -> list[str]:
    """Keeps each text that differs from the newest version of its file, and names those files."""
    changed = [file for file, text in texts.items() if text != newest(store, file)]
    for file in changed:
        digest = sha256(texts[file].encode()).hexdigest()
        store.insert(
            "config_version", bureau=store.bureau, file=file, sha256=digest, text=texts[file], seen_at=to_text(now), seen_by=who
        )
    return changed


def newest(store: Store, file: str) -> str | None:
    """The newest version of a file; None when there never was one."""
    found = store.value("SELECT text FROM config_version WHERE bureau = ? AND file = ? ORDER BY id DESC LIMIT 1", store.bureau, file)
    return None if found is None else str(found)


def newest_of(store: Store, files: Iterable[str]) -> dict[str, str]:
    """The newest version of each of these files that has one."""
    found = {file: newest(store, file) for file in files}
    return {file: text for file, text in found.items() if text is not None}


def known(store: Store, file: str, text: str) -> bool:
    """Whether a text was ever a version of its file."""
    digest = sha256(text.encode()).hexdigest()
    found = store.value("SELECT 1 FROM config_version WHERE bureau = ? AND file = ? AND sha256 = ?", store.bureau, file, digest)
    return found is not None
