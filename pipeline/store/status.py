"""How things stand: the counts that `status`, the digest and the console's first page show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.terms import CaseState, MessageState, ObligationStatus
from pipeline.moments import to_text
from pipeline.store import inbound_views, reports, school_links
from pipeline.store.db import Store, schema_version

STATUS_OF = """CASE WHEN waived_at IS NOT NULL THEN 'waived'
                    WHEN met_at IS NOT NULL AND met_at <= due_at THEN 'met'
                    WHEN met_at IS NOT NULL THEN 'late'
                    WHEN due_at < :now THEN 'overdue'
                    WHEN warn_at <= :now THEN 'due_soon'
                    ELSE 'pending' END"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts at one moment: `letters` wait for somebody to claim them, `links` open the school's page, `papers` are confirmed reports
    and hand-over letters whose receipt is still to come."""

    posts: int
    education: int
    cases: dict[str, int]
    obligations: dict[str, int]
    messages: dict[str, int]
    phone_tasks: int
    letters: int
    links: int
    papers: int
    setbacks: int
    schema: int

    def data(self) -> dict[str, Any]:
        """As `status --json` prints them."""
        return {
            "posts": self.posts, "education": self.education, "cases": self.cases, "obligations": self.obligations,
            "messages": self.messages, "phone_tasks": self.phone_tasks, "letters": self.letters, "links": self.links,
            "papers": self.papers, "setbacks": self.setbacks, "schema": self.schema,
        }


def standing(store: Store, now: datetime) -> Standing:
    """Counts everything at `now`. An obligation that was met late counts as met: `late` is its share."""
    bureau = store.bureau
    obligations = dict.fromkeys((s.value for s in ObligationStatus), 0)
    sql = f"SELECT {STATUS_OF} AS status, count(*) AS n FROM obligation WHERE bureau = :bureau GROUP BY 1"
    for row in store.db.query(sql, {"now": to_text(now), "bureau": bureau}):
        obligations[row["status"]] += row["n"]
    obligations["met"] += obligations["late"]
    return Standing(
        posts=store.value("SELECT count(*) FROM post WHERE bureau = ?", bureau),
        education=store.value("SELECT count(*) FROM reading WHERE current = 1 AND scope = 'k12'"),
        cases=_counted(store, "SELECT state, count(*) AS n FROM case_ WHERE bureau = ? GROUP BY state", CaseState),
        obligations=obligations,
        messages=_counted(store, "SELECT state, count(*) AS n FROM message WHERE bureau = ? GROUP BY state", MessageState),
        phone_tasks=store.value("SELECT count(*) FROM phone_task WHERE bureau = ? AND done_at IS NULL", bureau),
        letters=inbound_views.count_pen(store),
        links=school_links.count_open(store, now),
        papers=reports.count_waiting(store),
        setbacks=store.value("SELECT count(*) FROM setback WHERE bureau = ? AND resolved_at IS NULL", bureau),
        schema=schema_version(store),
    )


def _counted(store: Store, sql: str, states: Any) -> dict[str, int]:
    found = {r["state"]: r["n"] for r in store.rows(sql, store.bureau)}
    return {s.value: found.get(s.value, 0) for s in states}
