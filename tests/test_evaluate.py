"""`evaluate` on labelled messages, beside what the acceptance script says of `analyse`: one and the same."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path

import pytest

from tests.county import County

SHARED = Path(__file__).parents[2] / "shared"
LABELLED, SCHOOLS, SCORE = SHARED / "data" / "labelled.jsonl", SHARED / "data" / "schools.csv", SHARED / "tools" / "score.py"
ROWS = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SCORE.is_file() and os.environ.get("CI") != "true", reason="the acceptance script is not beside the project"),
]


def test_evaluate_says_what_the_acceptance_script_says_of_analyse(tmp_path: Path, models: Path) -> None:
    nowhere = County(tmp_path / "nowhere", models)
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").split("\n")[:ROWS]]
    options = {"accept_owner": ["bureau"], "accept_topic": ["A5"], "skip_scope": True, "weight": 3.0}
    for n, row in enumerate(rows):
        row.update({name: value for k, (name, value) in enumerate(options.items()) if n % 7 == k}, event=n // 2)
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out.jsonl"
    gold.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    nowhere("analyse", gold, "--out", out, "--schools", SCHOOLS, "--place", "G市", "--events")
    said = [json.loads(line) for line in out.read_text("utf-8").split("\n") if line]
    script = runpy.run_path(str(SCORE))["score"]
    wanted, _, education = script({str(r["id"]): r for r in rows}, {str(r["id"]): r for r in said})
    found = nowhere("evaluate", gold, "--schools", SCHOOLS, "--place", "G市", "--json").json
    assert found["scores"] == pytest.approx(wanted)
    assert found["education"] == education
