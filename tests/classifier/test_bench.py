"""`bench read`: every figure is there, measured on the texts that were given; speed itself is not tested."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from classifier import corpus
from classifier.bench import GOAL_NAMES, GOALS, SHARE_NAMES, bench_read
from classifier.model import Model
from config.schema import Config
from pipeline.faults import Unusable
from pipeline.outcome import Outcome


def silent(text: str) -> None:
    """Says nothing."""


def texts(path: Path, many: int) -> Path:
    chosen = corpus.examples(corpus.lines()[:: max(1, len(corpus.lines()) // many)][:many])
    path.write_text("".join(json.dumps({"title": e.title, "body": e.body}, ensure_ascii=False) + "\n" for e in chosen), "utf-8")
    return path


@pytest.fixture(scope="module")
def outcome(model: Model, county: Config, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return bench_read([texts(tmp_path_factory.mktemp("bench") / "t.jsonl", 120)], model, county, 300, silent)


def test_every_figure_is_measured(outcome: Outcome) -> None:
    data = outcome.data
    assert data["posts"] == 120
    assert {"naive", "ours", "ratio", "gate_ratio", "ratio_5_percent", "shares", "peak_memory_mb", "memory_growth_mb"} <= set(data)
    assert data["memory_growth_mb"] is not None
    assert 0 < data["education"] < 120
    assert sum(data["shares"][part] for part in ("gate", "meaning", "events", "rest")) == pytest.approx(1, abs=0.02)
    assert outcome.code == (1 if any(data[name] < goal for name, goal in GOALS.items()) else 0)
    assert all(zh in outcome.text for zh in SHARE_NAMES.values())
    assert not re.search("ratio|gate|meaning", outcome.text)
    assert GOAL_NAMES.keys() == GOALS.keys()


def test_a_stream_of_five_percent_is_made_of_the_same_texts(outcome: Outcome) -> None:
    others = outcome.data["posts"] - outcome.data["education"]
    assert outcome.data["posts_5_percent"] == others + max(1, round(others * 0.05 / 0.95))


@pytest.mark.parametrize("content", ["", "[]\n", '{"title": "x"\n', '{"title": "只有一条"}\n'])
def test_a_file_that_cannot_be_measured_is_said_so(model: Model, county: Config, tmp_path: Path, content: str) -> None:
    (tmp_path / "t.jsonl").write_text(content, "utf-8")
    with pytest.raises(Unusable):
        bench_read([tmp_path / "t.jsonl"], model, county, 0, silent)
