"""时限逐步说明: how each due instant of a case came about, as `huiyin clock` says it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from responders.clock_commands import accounts
from responders.clock_text import heading, steps
from responders.console.views.case import find
from responders.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Shown:
    """One limit: its name, how it stands, and the steps to its due instant."""

    name: str
    status: str
    heading: str
    steps: tuple[tuple[str, str], ...]


def page(visit: Visit) -> Response:
    """Every limit of a case, step by step."""
    case = find(visit)
    found, faults = accounts(visit.store, visit.config, case, visit.now)
    shown = [Shown(a.owed.kind.zh, a.owed.status(visit.now).value, heading(a, visit.now), steps(a, case, visit.now)) for a in found]
    return visit.page("clock.html", title=f"{case.number} 时限说明", case=case, clocks=shown, faults=faults)
