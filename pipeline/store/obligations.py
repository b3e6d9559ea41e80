"""Obligations (时限) and their rungs (升级台阶): stored facts; how they stand is computed by whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipeline.domain.cases import Case, Obligation, Rung
from pipeline.domain.terms import Clock, ObligationKind, RungState, StartBasis
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store.db import Store

RUNNING = "met_at IS NULL AND waived_at IS NULL"


def get(store: Store, obligation_id: int) -> Obligation | None:
    """One obligation by its id."""
    row = store.row("SELECT * FROM obligation WHERE bureau = ? AND id = ?", store.bureau, obligation_id)
    return obligation_of(row) if row else None


def of_case(store: Store, case: Case) -> list[Obligation]:
    """Everything owed on the case's present generation, the soonest first."""
    sql = "SELECT * FROM obligation WHERE case_id = ? AND generation = ? ORDER BY due_at, id"
    return [obligation_of(r) for r in store.rows(sql, case.id, case.generation)]


def running(store: Store, case: Case) -> list[Obligation]:
    """What is still owed: neither met nor waived."""
    return [o for o in of_case(store, case) if o.running]


def insert(store: Store, owed: Obligation) -> int:
    """Starts a clock and returns the obligation's id."""
    return store.insert(
        "obligation", bureau=store.bureau, case_id=owed.case_id, generation=owed.generation, party=owed.party,
        kind=f"{owed.kind.value}#{owed.about}" if owed.about else owed.kind.value,
        clock=owed.clock.value, amount=owed.amount, basis=owed.basis, start_at=to_text(owed.start_at), start_basis=owed.start_basis.value,
        warn_at=to_text(owed.warn_at), due_at=to_text(owed.due_at),
    )


def advance(store: Store, obligation_id: int, owed: Obligation) -> None:
    """Gives a running obligation an earlier due instant; a later one is refused, whoever asks."""
    store.execute(
        f"""UPDATE obligation SET start_at = ?, start_basis = ?, clock = ?, amount = ?, basis = ?, warn_at = ?, due_at = ?
            WHERE id = ? AND due_at > ? AND {RUNNING}""",
        to_text(owed.start_at), owed.start_basis.value, owed.clock.value, owed.amount, owed.basis, to_text(owed.warn_at),
        to_text(owed.due_at), obligation_id, to_text(owed.due_at),
    )


def date_back(store: Store, obligation_id: int, owed: Obligation) -> None:
    """Counts an obligation from an earlier start (合并), whatever has become of it since: what was met may prove to have been met late.
    A later start or due instant is refused, whoever asks."""
    store.execute(
        """UPDATE obligation SET start_at = ?, start_basis = ?, clock = ?, amount = ?, basis = ?, warn_at = ?, due_at = ?
           WHERE id = ? AND due_at >= ? AND start_at >= ?""",
        to_text(owed.start_at), owed.start_basis.value, owed.clock.value, owed.amount, owed.basis, to_text(owed.warn_at),
        to_text(owed.due_at), obligation_id, to_text(owed.due_at), to_text(owed.start_at),
    )


def extend(store: Store, obligation_id: int, owed: Obligation, who: str, second: str, reason: str) -> None:
    """Gives a running obligation the later due instant that the law allows (延长), once, and keeps the first one beside it. Alone moves a
    due instant to a later time."""
    store.execute(
        f"""UPDATE obligation SET extended_from = due_at, due_at = ?, warn_at = ?, amount = ?, extended_by = ?, extended_second = ?,
            extend_reason = ? WHERE id = ? AND extended_from IS NULL AND {RUNNING}""",
        to_text(owed.due_at), to_text(owed.warn_at), owed.amount, who, second, reason, obligation_id,
    )


def give_to(store: Store, obligation_id: int, party: str) -> None:
    """Changes who owes it (转办); the row, its start and its due instant stay."""
    store.execute("UPDATE obligation SET party = ? WHERE id = ?", party, obligation_id)


def meet(store: Store, obligation_id: int, at: datetime, who: str, evidence: str) -> None:
    """Records that it is met, by which evidence, and stops its rungs."""
    sql = f"UPDATE obligation SET met_at = ?, met_by = ?, evidence = ? WHERE id = ? AND {RUNNING}"
    store.execute(sql, to_text(at), who, evidence, obligation_id)
    stop_rungs(store, obligation_id, at)


def waive(store: Store, obligation_id: int, who: str, second: str | None, reason: str, now: datetime) -> None:
    """Records that it is owed no longer, with the reason, and stops its rungs. `second` is None where a rule and no person ends it."""
    sql = f"UPDATE obligation SET waived_at = ?, waived_by = ?, waived_second = ?, waive_reason = ? WHERE id = ? AND {RUNNING}"
    store.execute(sql, to_text(now), who, second, reason, obligation_id)
    stop_rungs(store, obligation_id, now)


def unmeet(store: Store, obligation_id: int) -> None:
    """Owes it again, from its original start, after what met it was sent back (退回重报)."""
    store.execute("UPDATE obligation SET met_at = NULL, met_by = NULL, evidence = NULL WHERE id = ? AND met_at IS NOT NULL", obligation_id)


def revive(store: Store, obligation_id: int) -> None:
    """Owes it again, from its original start, after the choice that ended it was taken back."""
    sql = """UPDATE obligation SET waived_at = NULL, waived_by = NULL, waive_reason = NULL
             WHERE id = ? AND waived_at IS NOT NULL AND waived_second IS NULL"""
    store.execute(sql, obligation_id)


def rungs(store: Store, obligation_id: int) -> list[Rung]:
    """Every rung of an obligation, in order."""
    rows = store.rows("SELECT id, n, name, due_at, state FROM rung WHERE obligation_id = ? ORDER BY n", obligation_id)
    return [Rung(r["n"], r["name"], from_text(r["due_at"]), r["id"], RungState(r["state"])) for r in rows]


def add_rungs(store: Store, obligation_id: int, planned: Iterable[Rung]) -> None:
    """Stores the rungs of a plan."""
    store.executemany(
        "INSERT INTO rung (bureau, obligation_id, name, n, due_at) VALUES (?, ?, ?, ?, ?)",
        [(store.bureau, obligation_id, r.name, r.n, to_text(r.due_at)) for r in planned],
    )


def carry_told(store: Store, from_id: int, to_id: int) -> None:
    """Notes on an obligation which rungs of another, that it takes over (合并), have told already."""
    store.execute(
        """INSERT INTO rung (bureau, obligation_id, name, n, due_at, state, done_at)
           SELECT bureau, ?, name, n + (SELECT coalesce(max(n), 0) FROM rung WHERE obligation_id = ?), due_at, 'collapsed', done_at
           FROM rung WHERE obligation_id = ? AND state IN ('fired', 'collapsed')""",
        to_id, to_id, from_id,
    )


def set_rungs(store: Store, done: Iterable[Rung], state: RungState, now: datetime) -> None:
    """Moves rungs that waited to another state."""
    store.executemany(
        "UPDATE rung SET state = ?, done_at = ? WHERE id = ? AND state = 'pending'", [(state.value, to_text(now), r.id) for r in done]
    )


def stop_rungs(store: Store, obligation_id: int, now: datetime) -> None:
    """Stops whatever rungs of an obligation still wait."""
    sql = "UPDATE rung SET state = 'stopped', done_at = ? WHERE obligation_id = ? AND state = 'pending'"
    store.execute(sql, to_text(now), obligation_id)


def with_due_rungs(store: Store, now: datetime, limit: int) -> list[Obligation]:
    """The next obligations of which a rung is due; a muted case (静默) keeps its rungs until the mute ends."""
    sql = """SELECT DISTINCT o.* FROM rung r JOIN obligation o ON o.id = r.obligation_id JOIN case_ c ON c.id = o.case_id
             WHERE r.bureau = ? AND r.state = 'pending' AND r.due_at <= ? AND (c.muted_until IS NULL OR c.muted_until <= ?)
             ORDER BY o.id LIMIT ?"""
    return [obligation_of(r) for r in store.rows(sql, store.bureau, to_text(now), to_text(now), limit)]


def count_with_due_rungs(store: Store, now: datetime) -> int:
    """How many obligations have a rung that is due, muted cases among them."""
    sql = "SELECT count(DISTINCT obligation_id) FROM rung WHERE bureau = ? AND state = 'pending' AND due_at <= ?"
    return int(store.value(sql, store.bureau, to_text(now)))


def missed(store: Store, now: datetime, limit: int) -> list[Obligation]:
    """The next obligations that are overdue and whose miss is not yet on record."""
    sql = f"SELECT * FROM obligation WHERE bureau = ? AND due_at < ? AND missed_at IS NULL AND {RUNNING} ORDER BY due_at, id LIMIT ?"
    return [obligation_of(r) for r in store.rows(sql, store.bureau, to_text(now), limit)]


def record_miss(store: Store, obligation_id: int, now: datetime) -> None:
    """Records, once, that the due instant has passed."""
    store.execute("UPDATE obligation SET missed_at = ? WHERE id = ? AND missed_at IS NULL", to_text(now), obligation_id)


def kind_of(stored: str) -> ObligationKind:
    """The kind that a column holds: `instruction#3` is owed on the third 批示 or 来文, so that a case may owe several."""
    return ObligationKind(stored.partition("#")[0])


def obligation_of(row: dict[str, Any]) -> Obligation:
    """The obligation that a whole row holds."""
    return Obligation(
        kind=kind_of(row["kind"]), about=int(row["kind"].partition("#")[2] or 0), party=row["party"], start_at=from_text(row["start_at"]),
        start_basis=StartBasis(row["start_basis"]), due_at=from_text(row["due_at"]), warn_at=from_text(row["warn_at"]),
        clock=Clock(row["clock"]), amount=row["amount"], basis=row["basis"], id=row["id"],
        case_id=row["case_id"], generation=row["generation"], met_at=maybe_from(row["met_at"]), evidence=row["evidence"],
        waived_at=maybe_from(row["waived_at"]), waive_reason=row["waive_reason"],
        waived_second=row["waived_second"], waived_by=row["waived_by"], met_by=row["met_by"], missed_at=maybe_from(row["missed_at"]),
        extended_from=maybe_from(row["extended_from"]), extended_by=row["extended_by"], extended_second=row["extended_second"],
        extend_reason=row["extend_reason"],
    )
