"""Time: one text form, local only at the edges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import moments

MOMENTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(2100, 1, 1)).map(lambda m: m.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001 — the strategy wants naive bounds


@given(MOMENTS)
def test_a_moment_survives_the_store(moment: datetime) -> None:
    assert moments.from_text(moments.to_text(moment)) == moment


@given(MOMENTS, MOMENTS)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (moments.to_text(one) < moments.to_text(other)) == (one < other)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moments.to_text(datetime(2026, 1, 1))  # noqa: DTZ001 — that is the point


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-18T10:00", "2026-11-18T02:00:00Z"),
        ("2026-11-18 10:00", "2026-11-18T02:00:00Z"),
        ("2026-11-18", "2026-11-17T16:00:00Z"),
        ("2026-11-18T10:00Z", "2026-11-18T10:00:00Z"),
        ("2026-11-18T10:00+09:00", "2026-11-18T01:00:00Z"),
    ],
)
def test_a_typed_moment_is_shanghai_time_unless_it_says_otherwise(typed: str, meant: str) -> None:
    assert moments.to_text(moments.parse(typed)) == meant


@pytest.mark.parametrize("typed", ["0001-01-01", "9999-12-31T23:59-12:00"])
def test_a_moment_beyond_the_calendar_is_no_moment(typed: str) -> None:
    with pytest.raises(ValueError, match="no moment"):
        moments.parse(typed)
