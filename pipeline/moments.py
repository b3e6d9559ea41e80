"""Time as this system keeps it: UTC in one ISO form in the store, Asia/Shanghai at the edges, never read from the wall here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

WallClock = Callable[[], datetime]
"""Tells the present, in UTC. Only the composition root hands one out."""


def to_text(moment: datetime) -> str:
    """`2026-03-05T01:02:03Z`: one form with whole seconds, so that text order is time order. Refuses a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment!r}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"  # strftime writes the year 800 as 800


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def maybe_text(moment: datetime | None) -> str | None:
    """`to_text`, where the moment may be unknown."""
    return None if moment is None else to_text(moment)


def maybe_from(text: str | None) -> datetime | None:
    """`from_text`, where the moment may be unknown."""
    return None if text is None else from_text(text)


def parse(text: str) -> datetime:
    """A moment typed by a person: ISO, taken as Asia/Shanghai where no offset stands. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC)
    except OverflowError as error:  # in the year 1 or 9999 the other zone's day is out of range
        raise ValueError(f"no moment that can be kept: {text}") from error


def local(moment: datetime) -> datetime:
    """The same moment on the bureau's wall."""
    return moment.astimezone(LOCAL)


def shown(moment: datetime | None) -> str:
    """How staff read a moment: `2026-03-05 09:02`, or 时间不明."""
    return local(moment).strftime("%Y-%m-%d %H:%M") if moment else "时间不明"
