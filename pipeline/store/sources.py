"""Sources: how each crawl of them ended, when the next is due, and what a crawl must know of what was seen before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.terms import CrawlOutcome
from pipeline.moments import from_text, maybe_from, maybe_text, to_text
from pipeline.store import forgotten
from pipeline.store.db import Store

FIRST_CRAWL = timedelta(days=1)
"""A first crawl that never ends well is over after a day all the same: else its posts would start no clock for ever."""

CUT_OFF = timedelta(minutes=2)
"""When an open run may be asked about again: by then its host's lease says whether it still goes on."""

COLUMNS = "id, source, started_at, finished_at, outcome, pages, seen, new, remaining, error"


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One crawl of a source. `seen` counts posts on its pages, known ones included; `remaining` what its limits left for the next."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    outcome: CrawlOutcome | None
    pages: int = 0
    seen: int = 0
    new: int = 0
    remaining: int = 0
    error: str | None = None

    @property
    def complete(self) -> bool:
        """Whether it saw all that it meant to see."""
        return self.outcome is not None and self.outcome.seen and not self.remaining


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands: its newest ended run, and when the next is due. `last_seen` is the end of the last run that really saw it."""

    source: str
    run: SourceRun | None
    running: bool
    next_run: datetime
    due: bool
    last_seen: datetime | None

    def data(self) -> dict[str, Any]:
        """As `status --json` prints it."""
        run = self.run
        return {
            "id": self.source, "last_run": maybe_text(run.finished_at) if run else None,
            "outcome": run.outcome.value if run and run.outcome else None, "new": run.new if run else 0,
            "error": run.error if run else None, "next_run": to_text(self.next_run),
        }


def begin_run(store: Store, source: str, now: datetime) -> int:
    """Opens a run and returns its id. A run of the same source that nobody ended was cut off: it is ended as such."""
    with store.transaction():
        end_open(store, [source], CrawlOutcome.FAILED, "上次采集中途中断，未记录结果", now)
        return store.insert("source_run", bureau=store.bureau, source=source, started_at=to_text(now))


def end_run(
    store: Store, run_id: int, outcome: CrawlOutcome, now: datetime, *, pages: int = 0, seen: int = 0, new: int = 0, remaining: int = 0,
    error: str | None = None,
) -> None:
    """Records how a run ended; one that was ended by somebody else stays as it is."""
    with store.transaction():
        store.execute(
            """UPDATE source_run SET finished_at = ?, outcome = ?, pages = ?, seen = ?, new = ?, remaining = ?, error = ?
               WHERE id = ? AND finished_at IS NULL""",
            to_text(now), outcome.value, pages, seen, new, remaining, error, run_id,
        )


def end_open(store: Store, sources: Sequence[str], outcome: CrawlOutcome, reason: str, now: datetime) -> list[str]:
    """Ends the runs of these sources that were left open (their process died), and returns whose they were."""
    with store.transaction():
        ended = [s for s in sources if _newest(store, s, "finished_at IS NULL")]
        for source in ended:
            store.execute(
                "UPDATE source_run SET finished_at = ?, outcome = ?, error = ? WHERE bureau = ? AND source = ? AND finished_at IS NULL",
                to_text(now), outcome.value, reason, store.bureau, source,
            )
    return ended


def latest(store: Store, sources: Iterable[str] | None = None) -> dict[str, SourceRun]:
    """The newest ended run of each source (of these, or of all that ever ran)."""
    names = list(sources) if sources is not None else _ever_run(store)
    found = {name: _newest(store, name, "finished_at IS NOT NULL") for name in names}
    return {name: run for name, run in found.items() if run}


def states(store: Store, every: Mapping[str, int], now: datetime) -> list[SourceState]:
    """How each of these sources stands; `every` gives the minutes between its runs."""
    return [_state(store, source, minutes, now) for source, minutes in every.items()]


def due(store: Store, every: Mapping[str, int], now: datetime) -> list[str]:
    """The sources whose time has come, the longest overdue first."""
    return [s.source for s in sorted(states(store, every, now), key=lambda s: s.next_run) if s.due]


def first_crawl(store: Store, source: str, now: datetime) -> bool:
    """Whether what is collected now still belongs to the source's first crawl: no run has ended well yet, and the first began within
    a day."""
    if _newest(store, source, "outcome IN ('ok', 'unchanged') AND remaining = 0"):
        return False
    began = store.value("SELECT started_at FROM source_run WHERE bureau = ? AND source = ? ORDER BY id LIMIT 1", store.bureau, source)
    return began is None or now - from_text(began) < FIRST_CRAWL


def replies_of(store: Store, source: str, keys: Sequence[str]) -> dict[str, int | None]:
    """Which of these posts are known or were removed (保存期限), each with the number of replies that was last collected with it
    (None: never all of them)."""
    found: dict[str, int | None] = {}
    for start in range(0, len(keys), 400):
        part = keys[start : start + 400]
        marks = ",".join("?" * len(part))
        sql = f"""SELECT key, (SELECT replies FROM engagement WHERE post_id = post.id ORDER BY at DESC LIMIT 1) AS replies
                  FROM post WHERE bureau = ? AND source = ? AND key IN ({marks})"""
        found |= {row["key"]: row["replies"] for row in store.rows(sql, store.bureau, source, *part)}
    return found | forgotten.replies_of(store, source, [key for key in keys if key not in found])


def _state(store: Store, source: str, minutes: int, now: datetime) -> SourceState:
    run = _newest(store, source, "finished_at IS NOT NULL")
    open_run = _newest(store, source, "finished_at IS NULL")
    seen = _newest(store, source, "outcome IN ('ok', 'unchanged')")
    next_run = run.started_at + _pause(store, run, minutes) if run else now
    if open_run and (run is None or open_run.id > run.id):
        next_run = open_run.started_at + min(timedelta(minutes=minutes), CUT_OFF)
    return SourceState(source, run, open_run is not None, next_run, next_run <= now, seen.finished_at if seen else None)


def _pause(store: Store, run: SourceRun, minutes: int) -> timedelta:
    """The time between two runs: the source's own; after a site was not reached 1, 2, 4 … minutes, never longer than that."""
    if run.outcome is not CrawlOutcome.UNREACHABLE:
        return timedelta(minutes=minutes)
    sql = "SELECT outcome FROM source_run WHERE bureau = ? AND source = ? AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 12"
    failures = 0
    for row in store.rows(sql, store.bureau, run.source):
        if row["outcome"] != CrawlOutcome.UNREACHABLE.value:
            break
        failures += 1
    return timedelta(minutes=min(minutes, 2 ** (failures - 1)))


def _newest(store: Store, source: str, condition: str) -> SourceRun | None:
    sql = f"SELECT {COLUMNS} FROM source_run WHERE bureau = ? AND source = ? AND {condition} ORDER BY id DESC LIMIT 1"
    row = store.row(sql, store.bureau, source)
    if row is None:
        return None
    moments = {"started_at": from_text(row["started_at"]), "finished_at": maybe_from(row["finished_at"])}
    return SourceRun(**row | moments | {"outcome": CrawlOutcome(row["outcome"]) if row["outcome"] else None})


def _ever_run(store: Store) -> list[str]:
    """The sources that ever ran, by hops along the index: the cost does not grow with the number of runs."""
    sql = """WITH RECURSIVE hop(source) AS (
                 SELECT min(source) FROM source_run WHERE bureau = ?
                 UNION ALL
                 SELECT (SELECT min(source) FROM source_run WHERE bureau = ? AND source > hop.source)
                 FROM hop WHERE hop.source IS NOT NULL)
             SELECT source FROM hop WHERE source IS NOT NULL"""
    return [row["source"] for row in store.rows(sql, store.bureau, store.bureau)]
