"""The whole program on 2,751 real messages, where they lie beside the project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.county import County, new_county

MESSAGES = Path(__file__).parents[2] / "shared" / "data" / "messages.csv"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MESSAGES.is_file() and os.environ.get("CI") != "true", reason="the real messages are not beside the project"),
]


@pytest.fixture
def bureau(tmp_path: Path, models: Path) -> County:
    return new_county(tmp_path / "bureau", models)


def standing(bureau: County) -> Any:
    """The counts of `status --json`."""
    return bureau("status", "--json").json


def test_messages_taken_as_new_get_readings_cases_owners_and_clocks_once(bureau: County) -> None:
    bureau("import", MESSAGES, "--source", "hotline", "--as-new")
    bureau("process")
    first = standing(bureau)
    assert first["posts"] == bureau.value("SELECT count(*) FROM reading WHERE current = 1") == 2751
    assert first["setbacks"] == 0
    assert 300 < sum(first["cases"].values()) <= first["education"] + 30
    led = "SELECT count(*) FROM assignment WHERE role = 'lead' AND reason != ''"
    assert bureau.value(led) == sum(first["cases"].values())
    assert bureau.value("SELECT count(DISTINCT case_id) FROM obligation WHERE kind = 'letter'") == sum(first["cases"].values())
    bureau("import", MESSAGES, "--source", "hotline", "--as-new")
    assert bureau("process", "--json").json == {"read": 0, "gather": 0, "route": 0}
    assert standing(bureau) == first


@pytest.mark.parametrize("mode", [(), ("--archive",)])
def test_old_and_archived_messages_start_no_clock_and_can_be_searched(bureau: County, mode: tuple[str, ...]) -> None:
    bureau("import", MESSAGES, "--source", "hotline", *mode)
    bureau("process")
    assert bureau.value("SELECT count(*) FROM obligation") == 0
    assert bureau.value("SELECT count(*) FROM notice WHERE case_id IS NOT NULL") == 0
    assert bureau.value("SELECT count(*) FROM post_fts") == 2751
