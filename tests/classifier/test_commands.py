"""train, evaluate and the file side of analyse: whole output or none, every fault of an input at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier import commands, rows
from classifier.model import Model, save
from classifier.reader import LinearReader
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.faults import Unusable
from tests.classifier.samples import MOMENT

LABELLED = [
    {"id": 1, "title": "清源一中食堂有虫子", "body": "食堂的菜里吃出虫子，饭菜馊了，请查", "scope": "k12", "topics": ["A5"],
     "tags": ["学生"], "nature": "投诉", "redline": False, "schools": [{"surface": "清源一中", "name": "清源县第一中学"}]},
    {"id": 2, "title": "小区停水", "body": "小区停水三天，物业不管", "scope": "none", "topics": [], "tags": [], "nature": "投诉",
     "redline": False, "schools": []},
]  # fmt: skip


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")
    return path


def silent(text: str) -> None:
    """Says nothing."""


def row_of(reading: Reading, post: Post) -> dict[str, Any]:
    return rows.reading_row(reading)


def test_evaluate_scores_as_the_acceptance_script_does(reader: LinearReader, county: Config, tmp_path: Path) -> None:
    outcome = commands.evaluate(written(tmp_path / "g.jsonl", *LABELLED), reader, county, worst=5)
    scores = outcome.data["scores"]
    perfect = ("relevance_f1", "main_topic_accuracy", "school_f1", "school_link_accuracy")
    assert {name: scores[name] for name in perfect} == dict.fromkeys(perfect, 1.0)
    assert scores["redline_recall"] is None
    assert "涉教判断 F1 1.000" in outcome.text


def test_evaluate_wants_labels(reader: LinearReader, county: Config, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="没有 scope"):
        commands.evaluate(written(tmp_path / "g.jsonl", {"id": 1, "title": "x"}), reader, county)


def test_train_if_needed_keeps_a_fitting_model(model: Model, county: Config, tmp_path: Path) -> None:
    save(model, tmp_path)
    outcome = commands.train([tmp_path], county, True, silent)
    assert outcome.data["version"] == model.version
    assert "不需重新训练" in outcome.text


def test_analyse_writes_one_row_a_row_in_order(reader: LinearReader, county: Config, tmp_path: Path) -> None:
    copied = {"id": "甲", "title": "", "body": "清源一中食堂有虫子\n食堂的菜里吃出虫子，饭菜馊了，请查"}
    source = written(tmp_path / "in.jsonl", *LABELLED, copied)
    out = tmp_path / "out.jsonl"
    commands.analyse_file(source, out, reader, county, row_of, True, MOMENT, silent)
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [r["id"] for r in found] == [1, 2, "甲"]
    assert [r["scope"] for r in found] == ["k12", "none", "k12"]
    assert found[0]["event"] == found[2]["event"] != found[1]["event"]
    assert found[0]["schools"][0]["name"] == "清源县第一中学"
    assert found[1]["topics"] == []
    assert set(found[0]) >= {"relevance", "tags", "nature", "redline", "redline_kind", "redline_words", "accused", "grade"}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "不是 JSON"),
        ("[" * 100_000, "不是 JSON"),
        ("[1]", "不是 JSON 对象"),
        ({"title": "x"}, "没有 id"),
        ({"id": 1, "title": 5}, "title 不是文字"),
        ({"id": 1}, "title 和 body 都没有"),
        ({"id": 7, "title": "重复"}, "id 7 与第 1 行重复"),
    ],
)
def test_an_unusable_line_is_named_and_the_output_untouched(
    reader: LinearReader, county: Config, tmp_path: Path, line: Any, what: str
) -> None:
    source = written(tmp_path / "in.jsonl", {"id": 7, "title": "好"}, line, "not json")
    out = written(tmp_path / "out.jsonl", "before")
    with pytest.raises(Unusable) as caught:
        commands.analyse_file(source, out, reader, county, row_of, False, MOMENT, silent)
    assert len(caught.value.faults) == 2
    assert what in str(caught.value)
    assert "第 2 行" in str(caught.value)
    assert out.read_text() == "before\n"


def test_a_file_that_cannot_be_read_or_written_is_said_so(reader: LinearReader, county: Config, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="读不到"):
        rows.load(tmp_path / "none.jsonl", MOMENT)
    (tmp_path / "gbk.jsonl").write_bytes("中文".encode("gb18030"))
    with pytest.raises(Unusable, match="UTF-8"):
        rows.load(tmp_path / "gbk.jsonl", MOMENT)
    source = written(tmp_path / "in.jsonl", {"id": 1, "title": "x"})
    with pytest.raises(Unusable, match="写不了"):
        commands.analyse_file(source, tmp_path / "no" / "out.jsonl", reader, county, row_of, False, MOMENT, silent)


def test_times_that_nobody_can_read_are_unknown(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", {"id": 1, "title": "x", "time": "昨天"}, {"id": 2, "title": "x", "time": "2019-04-09 07:51:09"})
    first, second = (post for _, post in rows.load(source, MOMENT))
    assert first.published_at is None
    assert second.published_at is not None


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\u2029"])
def test_only_a_newline_ends_a_row(tmp_path: Path, mark: str) -> None:
    source = written(tmp_path / "in.jsonl", f'{{"id": 1, "title": "前{mark}后"}}', "", {"id": 2, "title": "x"})
    assert [post.title for _, post in rows.load(source, MOMENT)] == [f"前{mark}后", "x"]


def test_explain_says_it_in_words(reader: LinearReader, county: Config) -> None:
    post = Post(1, "f", "1", "", "举报清源三中校长王某", "清源三中校长王某收受回扣，清源一中旁边", MOMENT, MOMENT)
    [found] = reader.read([post])
    text = rows.reading_text(found, post, county)
    assert "被反映人" in text
    assert "清源县第三中学" in text
    assert "只作地点" in text
    row = rows.reading_row(found, clues=True)
    assert row["clues"]
    assert row["model"] == reader.version
