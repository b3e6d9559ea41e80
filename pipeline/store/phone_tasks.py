"""Phone tasks (电话督办): calls that a person has to make because mail cannot arrive or is not enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.mail import PhoneTask, Waiting
from pipeline.domain.terms import Urgency
from pipeline.moments import from_text, to_text
from pipeline.store.db import Store

MOST_TRIES = 3
PAUSE = timedelta(minutes=1)

TASKS = """SELECT t.*, p.name AS party_name, c.number FROM phone_task t LEFT JOIN party p ON p.bureau = t.bureau AND p.code = t.party
           LEFT JOIN case_ c ON c.id = t.case_id"""


def add(store: Store, waiting: Waiting, why: str, now: datetime) -> bool:
    """Asks for a call about a notice; False when one has been asked for before. The bureau's SMS command is due for urgent ones that
    ask to be phoned."""
    notice = waiting.notice
    cursor = store.execute(
        """INSERT INTO phone_task (bureau, notice_id, case_id, party, name, phone, text, why, command_due, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (notice_id) DO NOTHING""",
        store.bureau, waiting.id, notice.case_id, notice.party, waiting.name, waiting.phone, f"{notice.subject}\n{notice.text}", why,
        int(notice.phone and notice.urgency is Urgency.URGENT), to_text(now),
    )
    return cursor.rowcount == 1


def still_open(store: Store, limit: int = 200) -> list[PhoneTask]:
    """The calls that nobody has made yet, oldest first."""
    sql = f"{TASKS} WHERE t.bureau = ? AND t.done_at IS NULL ORDER BY t.created_at, t.id LIMIT ?"
    return [_task(r) for r in store.rows(sql, store.bureau, limit)]


def count_open(store: Store) -> int:
    """How many calls nobody has made yet."""
    return int(store.value("SELECT count(*) FROM phone_task WHERE bureau = ? AND done_at IS NULL", store.bureau))


def done(store: Store, task_id: int, who: str, outcome: str, now: datetime) -> bool:
    """Records who called and what came of it; False when somebody had done so before."""
    cursor = store.execute(
        "UPDATE phone_task SET done_at = ?, done_by = ?, outcome = ? WHERE bureau = ? AND id = ? AND done_at IS NULL",
        to_text(now), who, outcome, store.bureau, task_id,
    )
    return cursor.rowcount == 1


def reached(store: Store, message_id: int, why: str, now: datetime) -> int:
    """Closes the calls that only stood in for a mail which has left after all; returns how many."""
    cursor = store.execute(
        """UPDATE phone_task SET done_at = ?, done_by = '系统', outcome = '邮件已恢复并发出，不必再打电话'
           WHERE bureau = ? AND why = ? AND done_at IS NULL AND notice_id IN (SELECT id FROM notice WHERE message_id = ?)""",
        to_text(now), store.bureau, why, message_id,
    )
    return cursor.rowcount


def claim_command(store: Store, now: datetime) -> PhoneTask | None:
    """The next urgent call for which the bureau's SMS command has to run; counted as tried before it runs, so that two senders do not
    both run it."""
    with store.transaction():
        found = store.execute(
            """UPDATE phone_task SET command_tries = command_tries + 1, command_at = ? WHERE id = (
                   SELECT id FROM phone_task WHERE bureau = ? AND done_at IS NULL AND command_due = 1 AND command_tries < ?
                   AND (command_at IS NULL OR command_at <= ?) ORDER BY id LIMIT 1) RETURNING id""",
            to_text(now), store.bureau, MOST_TRIES, to_text(now - PAUSE),
        ).fetchall()
    return _task(store.rows(f"{TASKS} WHERE t.id = ?", found[0][0])[0]) if found else None


def command_ended(store: Store, task_id: int, error: str) -> bool:
    """Records how the SMS command ended (an empty `error`: well); returns whether it has now failed for good."""
    store.execute(
        "UPDATE phone_task SET command_error = ?, command_due = CASE WHEN ? = '' OR command_tries >= ? THEN 0 ELSE 1 END WHERE id = ?",
        error or None, error, MOST_TRIES, task_id,
    )
    return bool(error) and not store.value("SELECT command_due FROM phone_task WHERE id = ?", task_id)


def no_command(store: Store) -> None:
    """The bureau has no SMS command: a call stays a call."""
    store.execute("UPDATE phone_task SET command_due = 0 WHERE bureau = ? AND command_due = 1", store.bureau)


def _task(row: dict[str, Any]) -> PhoneTask:
    return PhoneTask(
        row["id"], row["notice_id"], row["party"], row["party_name"] or row["party"], row["name"], row["phone"], row["text"], row["why"],
        from_text(row["created_at"]), row["number"] or "", row["command_error"] or "",
    )
