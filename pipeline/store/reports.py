"""Instructions and letters that came in (批示、来文), reports and hand-over letters that go out (报送、移交)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipeline.domain.cases import Case, Obligation
from pipeline.domain.reports import Instruction, InstructionKind, Report, ReportKind, ReportState
from pipeline.domain.terms import ObligationKind
from pipeline.moments import from_text, maybe_from, maybe_text, to_text
from pipeline.store.db import Store
from pipeline.store.obligations import obligation_of


def enter(
    store: Store, case: Case, *, kind: InstructionKind, sender: str, number: str, words: str, limit_at: datetime | None,
    attachment_id: int | None, received_at: datetime, who: str,
) -> int:
    """Records a 批示 or 来文 and returns its id."""
    return store.insert(
        "instruction", case_id=case.id, kind=kind.value, sender=sender, number=number, words=words, limit_at=maybe_text(limit_at),
        attachment_id=attachment_id, received_at=to_text(received_at), entered_by=who,
    )


def instructions(store: Store, case_id: int) -> list[Instruction]:
    """Every 批示 and 来文 on a case, in the order in which they came."""
    rows = store.rows("SELECT * FROM instruction WHERE case_id = ? ORDER BY received_at, id", case_id)
    return [_instruction(r) for r in rows]


def owed_to(store: Store, instruction_id: int) -> Obligation | None:
    """The obligation that a 批示 or 来文 has set; None where it named no limit."""
    kind = f"{ObligationKind.INSTRUCTION.value}#{instruction_id}"
    sql = """SELECT o.* FROM instruction i JOIN obligation o ON o.case_id = i.case_id WHERE i.id = ? AND o.kind = ?
             ORDER BY o.generation DESC LIMIT 1"""
    row = store.row(sql, instruction_id, kind)
    return obligation_of(row) if row else None


def draft(
    store: Store, case: Case, kind: ReportKind, recipient: str, instruction_id: int | None, text: str, who: str, now: datetime
) -> Report:
    """Stores a new draft under the next number of its case."""
    sql = "SELECT count(*) FROM report_up WHERE case_id = ? AND number LIKE ?"  # what a merged case brought along has its own number
    n = int(store.value(sql, case.id, f"{case.number}-%")) + 1
    word = "移" if kind is ReportKind.HANDOVER else "报"
    number = store.insert(
        "report_up", case_id=case.id, generation=case.generation, kind=kind.value, recipient=recipient,
        number=f"{case.number}-{word}{n:02}", instruction_id=instruction_id, state=ReportState.DRAFT.value, text=text, drafted_by=who,
        drafted_at=to_text(now),
    )
    found = get(store, number)
    assert found is not None  # noqa: S101 — it was written a line above, in this transaction
    return found


def get(store: Store, report_id: int) -> Report | None:
    """One report by its id."""
    sql = "SELECT r.* FROM report_up r JOIN case_ c ON c.id = r.case_id WHERE c.bureau = ? AND r.id = ?"
    row = store.row(sql, store.bureau, report_id)
    return _report(row) if row else None


def of_case(store: Store, case_id: int) -> list[Report]:
    """Every report and hand-over letter of a case, of all its rounds, oldest first."""
    return [_report(r) for r in store.rows("SELECT * FROM report_up WHERE case_id = ? ORDER BY id", case_id)]


def count_waiting(store: Store) -> int:
    """How many confirmed documents have no receipt yet."""
    sql = "SELECT count(*) FROM report_up r JOIN case_ c ON c.id = r.case_id WHERE c.bureau = ? AND r.state = ?"
    return int(store.value(sql, store.bureau, ReportState.CONFIRMED.value))


def change(store: Store, report: Report, state: ReportState, **columns: Any) -> bool:
    """Writes these columns if the row still has this version, which then counts up; False when somebody was quicker."""
    names = "".join(f"{name} = ?, " for name in columns)
    sql = f"UPDATE report_up SET {names}state = ?, version = version + 1 WHERE id = ? AND version = ?"
    return store.execute(sql, *columns.values(), state.value, report.id, report.version).rowcount == 1


def move(store: Store, case_id: int, into: Case) -> None:
    """Gives another case everything that came in for one that is merged into it, and all that went out: each clock as it runs."""
    for table in ("report_up", "obligation"):
        only = "" if table == "report_up" else f" AND kind LIKE '{ObligationKind.INSTRUCTION.value}#%'"
        store.execute(f"UPDATE {table} SET case_id = ?, generation = ? WHERE case_id = ?{only}", into.id, into.generation, case_id)
    store.execute("UPDATE instruction SET case_id = ? WHERE case_id = ?", into.id, case_id)


def carry(store: Store, case: Case) -> None:
    """Takes the unanswered limits of 批示 and 来文 into the present round of a case that was reopened: who asked still waits."""
    store.execute(
        f"""UPDATE obligation SET generation = ? WHERE case_id = ? AND generation < ? AND kind LIKE '{ObligationKind.INSTRUCTION.value}#%'
            AND met_at IS NULL AND waived_at IS NULL""", case.generation, case.id, case.generation,
    )


def _instruction(row: dict[str, Any]) -> Instruction:
    return Instruction(
        id=row["id"], case_id=row["case_id"], kind=InstructionKind(row["kind"]), sender=row["sender"], number=row["number"],
        words=row["words"], limit_at=maybe_from(row["limit_at"]), attachment_id=row["attachment_id"],
        received_at=from_text(row["received_at"]), entered_by=row["entered_by"],
    )


def _report(row: dict[str, Any]) -> Report:
    return Report(
        id=row["id"], case_id=row["case_id"], generation=row["generation"], kind=ReportKind(row["kind"]), recipient=row["recipient"],
        number=row["number"], instruction_id=row["instruction_id"], state=ReportState(row["state"]), text=row["text"],
        drafted_by=row["drafted_by"], drafted_at=from_text(row["drafted_at"]), version=row["version"],
        confirmed_by=row["confirmed_by"] or "", confirmed_at=maybe_from(row["confirmed_at"]), receipt=row["receipt"] or "",
        received_at=maybe_from(row["received_at"]), receipt_by=row["receipt_by"] or "", receipt_id=row["receipt_id"],
        withdrawn_reason=row["withdrawn_reason"] or "",
    )
