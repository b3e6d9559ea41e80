"""Digests (舆情日报): the facts of a day, collected in one reading transaction, and the issues that went out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date as Date  # noqa: N812 — `date` is a column and an argument here
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.digests import Call, CaseFact, Day, Digest, Issue, News, Owed, RedLined, Watched
from pipeline.domain.parties import OUTSIDE
from pipeline.domain.retention import CLEARING
from pipeline.domain.terms import AssignmentState, Grade, ObligationKind
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store import audit, inbound_views, obligations, outbox, phone_tasks, retention, sources
from pipeline.store.cases import case_of
from pipeline.store.db import Store
from pipeline.store.obligations import obligation_of

LIVE = "('triage', 'open', 'published')"
RUNNING = "o.met_at IS NULL AND o.waived_at IS NULL"
MOST_CASES, MOST_ROWS, MOST_CALLS, MOST_LETTERS = 80, 60, 30, 10


def first_ever(store: Store) -> bool:
    """Whether no issue has ever been made."""
    return store.value("SELECT 1 FROM digest WHERE bureau = ? LIMIT 1", store.bureau) is None


def on(store: Store, day: Date) -> Issue | None:
    """The issue of a day."""
    row = store.row("SELECT * FROM digest WHERE bureau = ? AND date = ?", store.bureau, day.isoformat())
    if row is None:
        return None
    digest = Digest(row["subject"], row["html"], row["text"])
    return Issue(Date.fromisoformat(row["date"]), row["number"], from_text(row["made_at"]), digest)


def keep(store: Store, day: Day, digest: Digest, now: datetime) -> int:
    """Keeps an issue and notes which cases it reported as new; returns its id. Within the caller's transaction."""
    issue = store.insert(
        "digest", bureau=store.bureau, date=day.date.isoformat(), number=day.number, since=to_text(day.since), until=to_text(day.until),
        subject=digest.subject, html=digest.html, text=digest.text, audit_count=day.audit_count, audit_hash=day.audit_hash,
        made_at=to_text(now),
    )
    store.execute(
        f"""INSERT INTO digest_case (case_id, generation, digest_id)
            SELECT id, generation, ? FROM case_ WHERE bureau = ? AND state IN {LIVE} AND dormant = 0
            ON CONFLICT (case_id, generation) DO NOTHING""",
        issue, store.bureau,
    )
    return issue


def collect(store: Store, day: Date, watched: Sequence[Watched], now: datetime, statutory: Collection[ObligationKind] = ()) -> Day:
    """The facts of the issue that would be made now, since the last one (the first: since a day ago). `statutory` are the kinds of
    limits whose passing is told first."""
    last = store.row("SELECT number, until, audit_count FROM digest WHERE bureau = ? ORDER BY number DESC LIMIT 1", store.bureau)
    since = from_text(last["until"]) if last else now - timedelta(days=1)
    head = audit.head(store)
    facts = Day(
        date=day, number=last["number"] + 1 if last else 1, since=since, until=now, audit_count=head.count, audit_hash=head.hash,
        sources=_sources(store, watched, now), troubles=tuple(outbox.troubles(store, since)), stuck=outbox.stuck(store, now),
        breaker=outbox.breaker(store), bounced=_bounced(store), unclaimed=inbound_views.pen(store, MOST_LETTERS),
        unclaimed_total=inbound_views.count_pen(store), inbox=inbound_views.inbox(store),
        calls=_calls(store), calls_total=phone_tasks.count_open(store),
        setbacks=_setbacks(store), model=store.value("SELECT model FROM reading ORDER BY post_id DESC LIMIT 1") or "",
        cleared=retention.last(store), fresh=_fresh(store), fresh_total=_count(store, FRESH),
        news=_news(store, since, last["audit_count"] if last else 0),
    )
    return _with_obligations(store, _with_counts(store, facts), statutory, now)


FRESH = f"""FROM case_ c WHERE c.bureau = ? AND c.state IN {LIVE} AND c.dormant = 0
            AND NOT EXISTS (SELECT 1 FROM digest_case d WHERE d.case_id = c.id)"""


def _count(store: Store, rest: str, *values: Any) -> int:
    return int(store.value(f"SELECT count(*) {rest}", store.bureau, *values))


def _with_counts(store: Store, day: Day) -> Day:
    since = to_text(day.since)
    sql = f"SELECT grade, count(*) AS n FROM case_ WHERE bureau = ? AND state IN {LIVE} AND dormant = 0 GROUP BY grade"
    graded = {r["grade"]: r["n"] for r in store.rows(sql, store.bureau)}
    return replace(
        day,
        posts=_count(store, "FROM post WHERE bureau = ? AND collected_at > ?", since),
        education=_count(store, """FROM post JOIN reading ON reading.post_id = post.id AND reading.current = 1
                                   WHERE post.bureau = ? AND post.collected_at > ? AND reading.scope = 'k12'""", since),
        live=tuple((g, graded[g.value]) for g in Grade if g.value in graded),
        triage=_count(store, "FROM case_ WHERE bureau = ? AND state = 'triage' AND dormant = 0"),
        published=_count(store, "FROM case_ WHERE bureau = ? AND state IN ('published', 'closed') AND answered_at > ?", since),
        closed=_count(store, "FROM case_ WHERE bureau = ? AND state = 'closed' AND closed_at > ?", since),
    )


def _with_obligations(store: Store, day: Day, statutory: Collection[ObligationKind], now: datetime) -> Day:
    at = to_text(now)
    kinds = [kind.value for kind in statutory]
    lapsed = f"AND o.due_at < ? AND o.kind IN ({', '.join('?' * len(kinds))})"
    late = "AND o.kind = 'triage' AND o.due_at < ?"
    running = f"FROM obligation o JOIN case_ c ON c.id = o.case_id WHERE o.bureau = ? AND {RUNNING} AND c.state IN {LIVE}"
    return replace(
        day,
        owed=_owed(store, "", MOST_ROWS), owed_total=_count(store, running), overdue=_count(store, f"{running} AND o.due_at < ?", at),
        due_soon=_count(store, f"{running} AND o.warn_at <= ? AND o.due_at >= ?", at, at),
        missed_since=_count(store, f"{running} AND o.due_at < ? AND o.due_at >= ?", at, to_text(day.since)),
        undecided=_owed(store, late, MOST_ROWS, at), undecided_total=_count(store, f"{running} {late}", at),
        lapsed=_owed(store, lapsed, MOST_ROWS, at, *kinds), lapsed_total=_count(store, f"{running} {lapsed}", at, *kinds),
        redlines=_redlines(store),
    )


def _owed(store: Store, condition: str, limit: int, *values: Any) -> tuple[Owed, ...]:
    rows = store.rows(
        f"""SELECT o.*, coalesce(p.name, o.party) AS party_name FROM obligation o JOIN case_ c ON c.id = o.case_id
            LEFT JOIN party p ON p.bureau = o.bureau AND p.code = o.party
            WHERE o.bureau = ? AND {RUNNING} AND c.state IN {LIVE} {condition} ORDER BY o.due_at, o.id LIMIT ?""",
        store.bureau, *values, limit,
    )
    found = []
    for row in rows:
        case = case_of(store.rows("SELECT * FROM case_ WHERE id = ?", row["case_id"])[0])
        found.append(Owed(obligation_of(row), case, row["party_name"].removeprefix(OUTSIDE), maybe_from(row["missed_at"])))
    return tuple(found)


def _redlines(store: Store) -> tuple[RedLined, ...]:
    """The live cases with a red line that nobody has confirmed or on which a clock runs, the tightest clock first."""
    rows = store.rows(
        f"""SELECT c.*, (SELECT o.id FROM obligation o WHERE o.case_id = c.id AND o.generation = c.generation AND {RUNNING}
                         ORDER BY o.due_at, o.id LIMIT 1) AS tightest
            FROM case_ c WHERE c.bureau = ? AND c.state IN {LIVE} AND c.dormant = 0 AND c.redline IS NOT NULL ORDER BY c.found_at, c.id""",
        store.bureau,
    )
    found = [RedLined(case_of(r), obligations.get(store, r["tightest"]) if r["tightest"] else None) for r in rows]
    asking = [f for f in found if f.tightest or f.case.redline_confirmed_at is None]
    return tuple(sorted(asking, key=lambda f: (f.tightest is None, f.tightest.due_at if f.tightest else f.case.found_at)))


def _fresh(store: Store) -> tuple[CaseFact, ...]:
    """The cases that no issue has told of, the gravest first."""
    order = "ORDER BY CASE c.grade WHEN 'Ⅰ' THEN 0 WHEN 'Ⅱ' THEN 1 WHEN 'Ⅲ' THEN 2 ELSE 3 END, c.redline IS NULL, c.found_at, c.id LIMIT ?"
    return tuple(_case_fact(store, row) for row in store.rows(f"SELECT c.* {FRESH} {order}", store.bureau, MOST_CASES))


def _case_fact(store: Store, row: dict[str, Any]) -> CaseFact:
    case = case_of(row)
    posts = store.rows(
        """SELECT post.id, post.source, post.url, post.public FROM case_post JOIN post ON post.id = case_post.post_id
           WHERE case_post.case_id = ? ORDER BY case_post.how != 'first', post.id""", case.id,
    )
    seen = store.row(
        """SELECT max(e.views) AS views, max(e.replies) AS replies FROM engagement e JOIN case_post c ON c.post_id = e.post_id
           WHERE c.case_id = ?""", case.id,
    ) or {}
    lead = store.row(
        """SELECT party_name, state, reason, pending FROM assignment WHERE case_id = ? AND generation = ? AND role = 'lead'
           AND state NOT IN ('disputed', 'transferred', 'cancelled')""", case.id, case.generation,
    ) or {}
    return CaseFact(
        case, len(posts), tuple(dict.fromkeys(p["source"] for p in posts)), seen.get("views"), seen.get("replies"),
        next((p["url"] for p in posts if p["public"] and p["url"]), ""), lead.get("party_name") or "",
        AssignmentState(lead["state"]) if lead else None, lead.get("reason") or "", lead.get("pending") or "",
    )


def _news(store: Store, since: datetime, entries: int) -> tuple[News, ...]:
    """What has happened since the last issue on cases that it or an earlier one told of."""
    joined = store.rows(
        """SELECT cp.case_id, count(*) AS n FROM post JOIN case_post cp ON cp.post_id = post.id
           WHERE post.bureau = ? AND post.collected_at > ? GROUP BY cp.case_id""", store.bureau, to_text(since),
    )
    sql = "SELECT case_id, action FROM audit_entry WHERE bureau = ? AND n > ? AND case_id IS NOT NULL AND action != ? ORDER BY n"
    done = store.rows(sql, store.bureau, entries, CLEARING)
    posts = {r["case_id"]: r["n"] for r in joined}
    actions: dict[int, dict[str, None]] = {}
    for entry in done:
        actions.setdefault(entry["case_id"], {})[entry["action"]] = None
    found = []
    for case_id in sorted({*posts, *actions}):
        row = store.row(
            """SELECT c.*, d.generation AS reported FROM case_ c JOIN digest_case d ON d.case_id = c.id
               WHERE c.bureau = ? AND c.id = ? ORDER BY d.generation DESC LIMIT 1""", store.bureau, case_id,
        )
        if row:
            found.append(News(case_of(row), posts.get(case_id, 0), tuple(actions.get(case_id, ())), row["reported"] < row["generation"]))
    return tuple(found[:MOST_CASES])


def _sources(store: Store, watched: Sequence[Watched], now: datetime) -> tuple[Watched, ...]:
    states = {s.source: s for s in sources.states(store, {w.id: w.every_minutes for w in watched}, now)}
    found = []
    for w in watched:
        state, run = states[w.id], states[w.id].run
        w = replace(w, last_seen=state.last_seen)
        found.append(replace(w, outcome=run.outcome, finished_at=run.finished_at, new=run.new, error=run.error or "") if run else w)
    return tuple(found)


def _bounced(store: Store) -> tuple[str, ...]:
    sql = """SELECT p.name AS party, c.name, c.email FROM contact c JOIN party p ON p.id = c.party_id
             WHERE p.bureau = ? AND p.active = 1 AND c.until IS NULL AND c.state = 'bounced' ORDER BY p.code, c.id"""
    return tuple(f"{r['party']} {r['name']} {r['email']}" for r in store.rows(sql, store.bureau))


def _calls(store: Store) -> tuple[Call, ...]:
    tasks = phone_tasks.still_open(store, MOST_CALLS)
    return tuple(Call(t.party_name, t.name, t.phone, t.text.partition("\n")[0], t.why, t.created_at) for t in tasks)


def _setbacks(store: Store) -> tuple[tuple[str, int], ...]:
    sql = "SELECT stage, count(*) AS n FROM setback WHERE bureau = ? AND resolved_at IS NULL GROUP BY stage ORDER BY stage"
    return tuple((r["stage"], r["n"]) for r in store.rows(sql, store.bureau))
