"""What a case's page shows of paper: what came in (批示、来文) with its limit, what went out (报告、移交函) with its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.schema.settings import ReportSettings
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.reports import Instruction, InstructionKind, Report, ReportKind
from pipeline.domain.terms import ObligationStatus
from pipeline.store import reports
from responders.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Came:
    """A 批示 or 来文, and how its limit stands; it has none where it named none."""

    instruction: Instruction
    owed: Obligation | None
    status: ObligationStatus | None
    answered: bool

    @property
    def running(self) -> bool:
        """Whether its limit is still owed."""
        return self.owed is not None and not self.owed.met_at and not self.owed.waived_at


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything on paper of one case, and what its forms offer."""

    came: tuple[Came, ...]
    sent: tuple[Report, ...]
    bodies: ReportSettings
    kinds: tuple[ReportKind, ...] = tuple(ReportKind)
    came_kinds: tuple[InstructionKind, ...] = tuple(InstructionKind)

    @property
    def unanswered(self) -> tuple[Came, ...]:
        """What a report may still answer."""
        return tuple(c for c in self.came if not c.answered)


def of(visit: Visit, case: Case) -> Papers:
    """The papers of a case as they stand now."""
    sent = tuple(reports.of_case(visit.store, case.id))
    answered = {r.instruction_id for r in sent if r.received_at}
    came = tuple(_came(visit, i, i.id in answered, visit.now) for i in reports.instructions(visit.store, case.id))
    return Papers(came, sent, visit.config.settings.reports)


def _came(visit: Visit, instruction: Instruction, answered: bool, now: datetime) -> Came:
    owed = reports.owed_to(visit.store, instruction.id)
    return Came(instruction, owed, owed.status(now) if owed else None, answered or bool(owed and owed.met_at))
