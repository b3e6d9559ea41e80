"""What comes down and what goes up: instructions (领导批示) and letters (来文), reports (首报 续报 终报) and hand-over letters (移交函)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.terms import Term


class InstructionKind(Term):
    """What came in."""

    INSTRUCTION = "instruction", "领导批示"
    LETTER = "letter", "来文"


class ReportKind(Term):
    """What goes out."""

    FIRST = "first", "首报"
    FURTHER = "further", "续报"
    FINAL = "final", "终报"
    HANDOVER = "handover", "移交函"

    @property
    def single(self) -> bool:
        """Whether a body gets it once: whatever follows a 首报 is a 续报."""
        return self in (ReportKind.FIRST, ReportKind.FINAL)


class ReportState(Term):
    """Where a report or a hand-over letter stands. It has arrived only when its receipt (回执) is on record."""

    DRAFT = "draft", "草稿"
    CONFIRMED = "confirmed", "已审定，待取回执"
    RECEIVED = "received", "已取得回执"
    WITHDRAWN = "withdrawn", "已撤回"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A 批示 or 来文 on a case. `limit_at` is what it demands itself; None where it names no limit."""

    id: int
    case_id: int
    kind: InstructionKind
    sender: str
    number: str
    words: str
    limit_at: datetime | None
    attachment_id: int | None
    received_at: datetime
    entered_by: str

    @property
    def title(self) -> str:
        """How staff call it: 县领导批示, 市教育局来文（市教函〔2026〕8号）."""
        said = f"{self.sender}{'批示' if self.kind is InstructionKind.INSTRUCTION else '来文'}"
        return f"{said}（{self.number}）" if self.number else said


@dataclass(frozen=True, slots=True)
class Report:
    """A report or a hand-over letter: written from the case as a draft, confirmed by a person, met by its receipt."""

    id: int
    case_id: int
    generation: int
    kind: ReportKind
    recipient: str
    number: str
    instruction_id: int | None
    state: ReportState
    text: str
    drafted_by: str
    drafted_at: datetime
    version: int
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    receipt: str = ""
    received_at: datetime | None = None
    receipt_by: str = ""
    receipt_id: int | None = None
    withdrawn_reason: str = ""

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state in (ReportState.DRAFT, ReportState.CONFIRMED)
