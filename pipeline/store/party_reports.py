"""Reports: what a party said of its hand-over, on its page or through staff, with the files that came along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pipeline.domain.links import KeptFile, Report, ReportKind, SentFile, Speaker, Way, Words
from pipeline.domain.posts import Evidence
from pipeline.moments import from_text, to_text
from pipeline.store import evidence
from pipeline.store.db import Store

FILES = "SELECT f.id, f.name, f.evidence_id, e.content_type, e.size FROM report_file f JOIN evidence e ON e.id = f.evidence_id"


def known(store: Store, assignment_id: int, digest: str) -> bool:
    """Whether this form has been taken before."""
    sql = "SELECT 1 FROM party_report WHERE assignment_id = ? AND digest = ?"
    return bool(store.value(sql, assignment_id, digest))


def put(
    store: Store, assignment_id: int, digest: str, kind: ReportKind, speaker: Speaker, words: Words, files: Sequence[SentFile],
    recorded_by: str, now: datetime,
) -> int:
    """Records a report with its files and returns its id."""
    report = store.insert(
        "party_report", assignment_id=assignment_id, digest=digest, kind=kind.value, way=speaker.way.value, name=speaker.name,
        post=speaker.post, phone=speaker.phone, given_at=to_text(speaker.at), recorded_by=recorded_by, recorded_at=to_text(now),
        **asdict(words),
    )
    for file in files:
        page = Evidence(f"upload:{assignment_id}", file.body, now, content_type=file.kind)
        store.insert("report_file", report_id=report, evidence_id=evidence.keep(store, page), name=file.name)
    return report


def of_assignment(store: Store, assignment_id: int) -> tuple[Report, ...]:
    """What a party has said of a hand-over, oldest first."""
    return tuple(_report(store, row) for row in store.rows("SELECT * FROM party_report WHERE assignment_id = ? ORDER BY id", assignment_id))


def file(store: Store, case_id: int, file_id: int) -> KeptFile | None:
    """A file of a case's reports."""
    row = store.row(
        f"""{FILES} JOIN party_report r ON r.id = f.report_id JOIN assignment a ON a.id = r.assignment_id
            WHERE a.case_id = ? AND f.id = ?""", case_id, file_id,
    )
    return _file(row) if row else None


def bytes_held(store: Store, assignment_id: int) -> int:
    """How many bytes a party has sent with its reports on a hand-over."""
    sql = """SELECT coalesce(sum(e.size), 0) FROM report_file f JOIN evidence e ON e.id = f.evidence_id
             JOIN party_report r ON r.id = f.report_id WHERE r.assignment_id = ?"""
    return int(store.value(sql, assignment_id))


def _report(store: Store, row: dict[str, Any]) -> Report:
    return Report(
        row["id"], row["assignment_id"], ReportKind(row["kind"]),
        Speaker(Way(row["way"]), row["name"], from_text(row["given_at"]), row["post"], row["phone"]),
        Words(row["reason"], row["findings"], row["measures"], row["wording"], row["public_url"]), row["recorded_by"],
        from_text(row["recorded_at"]), tuple(map(_file, store.rows(f"{FILES} WHERE f.report_id = ? ORDER BY f.id", row["id"]))),
    )


def _file(row: dict[str, Any]) -> KeptFile:
    return KeptFile(row["id"], row["name"], row["content_type"], row["size"], row["evidence_id"])
