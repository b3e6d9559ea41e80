"""calendar.csv (节假日): the State Council's days off and make-up workdays, the bureau's own rows over the package's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from config.cells import Columns, rows
from config.files import Text
from config.schema import Calendar
from pipeline.faults import Fault

DAY = Columns(("日期", "类型"), ("名称",))
OFF, WORKED = "休", "班"
Day = tuple[str, str]
"""Off or worked, and what the day is called."""


def calendar(texts: Iterable[Text], faults: list[Fault]) -> Calendar:
    """The days of all layers, the upper ones last: a bureau's row for a day takes the place of the package's."""
    days: dict[date, Day] = {}
    for text in texts:
        days |= _days(text, faults)
    return Calendar(
        frozenset(day for day, (kind, _) in days.items() if kind == OFF),
        frozenset(day for day, (kind, _) in days.items() if kind == WORKED),
        frozenset(day.year for day in days),
        {day: name for day, (_, name) in days.items() if name},
    )


def _days(text: Text, faults: list[Fault]) -> dict[date, Day]:
    found: dict[date, Day] = {}
    for row in rows(text, DAY, faults):
        row.needed("日期")
        day, kind = row.day("日期"), row.choice("类型", (OFF, WORKED), OFF)
        if day and found.setdefault(day, (kind, row.text("名称")))[0] != kind:
            row.fault("日期", f"{day} 既写了休又写了班", "留下对的一行")
    return found
