"""Evidence (证据留存): pages as received, compressed, under their hash; a page is kept once however often it is seen."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from hashlib import sha256
from pathlib import Path

from pipeline.domain.posts import Evidence
from pipeline.moments import to_text
from pipeline.store.db import Store

OURS = re.compile(r"[0-9a-f]{64}\.gz(\.\d+\.part)?")


def keep(store: Store, page: Evidence) -> int:
    """Writes the bytes beneath data/evidence and their row; returns the row's id. The file is whole before the row exists."""
    digest = sha256(page.body).hexdigest()
    found = store.value("SELECT id FROM evidence WHERE bureau = ? AND sha256 = ? AND url = ?", store.bureau, digest, page.url)
    if found:
        return int(found)
    _write(path_of(store, digest), page.body)
    return store.insert(
        "evidence", bureau=store.bureau, sha256=digest, url=page.url, fetched_at=to_text(page.fetched_at), status=page.status,
        content_type=page.content_type, charset=page.charset, size=len(page.body),
    )


def path_of(store: Store, digest: str) -> Path:
    """Where the bytes with this hash lie."""
    return store.evidence / digest[:2] / f"{digest}.gz"


def read(store: Store, evidence_id: int) -> bytes | None:
    """The bytes of a row, checked against their hash; None when they are gone or no longer the same."""
    digest = store.value("SELECT sha256 FROM evidence WHERE bureau = ? AND id = ?", store.bureau, evidence_id)
    if not digest:
        return None
    try:
        body = gzip.decompress(path_of(store, digest).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return body if sha256(body).hexdigest() == digest else None


def folders(store: Store) -> list[Path]:
    """The folders that the files lie in."""
    return sorted(f for f in store.evidence.iterdir() if f.is_dir()) if store.evidence.is_dir() else []


def sweep(store: Store, folder: Path) -> int:
    """Removes the files of a folder that no row names any more, and what a death left half written; returns how many. Within the
    caller's transaction: `keep` holds the same lock from its look for a file to the row that names it, so none goes that is being kept."""
    sql = "SELECT DISTINCT sha256 FROM evidence WHERE sha256 >= ? AND sha256 < ?"
    named = {f"{r['sha256']}.gz" for r in store.rows(sql, folder.name, f"{folder.name}g")}
    left = [file for file in folder.iterdir() if OURS.fullmatch(file.name) and file.name not in named]
    for file in left:
        file.unlink()
    return len(left)


def _write(path: Path, body: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(gzip.compress(body, mtime=0))
        file.flush()
        os.fsync(file.fileno())  # the row that will name it must not outlive it
    part.replace(path)
