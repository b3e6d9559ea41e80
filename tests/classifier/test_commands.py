"""train, evaluate and the file side of analyse: whole output or none, every fault of an input at once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import commands, model_files, rows
from classifier.model import Model
from classifier.model_files import save
from classifier.reader import PostReader
from config.schema import Config
from pipeline.domain.cases import Decision
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import OwnerKind, Role
from pipeline.faults import Unusable
from tests.classifier.samples import MOMENT

LABELLED = [
    {"id": 1, "title": "清源一中食堂有虫子", "body": "食堂的菜里吃出虫子，饭菜馊了，请查", "scope": "k12", "topics": ["A5"],
     "tags": ["学生"], "nature": "投诉", "owner": "school",
     "redline": False, "schools": [{"surface": "清源一中", "name": "清源县第一中学"}]},
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


def nobody(reading: Reading, post: Post) -> Decision:
    """Routing, of which this room knows nothing: education is the school's, the rest nobody's."""
    kind = OwnerKind.SCHOOL if reading.relevant else OwnerKind.NONE
    return Decision(kind, "", kind.zh, Role.LEAD, "test", "", "", confidence=0.9)


def test_evaluate_tells_figures_topics_confusions_and_mistakes(reader: PostReader, county: Config, tmp_path: Path) -> None:
    wrong = {**LABELLED[0], "id": 3, "topics": ["C1"], "owner": "bureau"}
    outcome = commands.evaluate(written(tmp_path / "g.jsonl", *LABELLED, wrong), reader, county, nobody, worst=5)
    scores = outcome.data["scores"]
    perfect = ("relevance_f1", "school_f1", "school_link_accuracy")
    assert {name: scores[name] for name in perfect} == dict.fromkeys(perfect, 1.0)
    assert (scores["main_topic_accuracy"], scores["owner_accuracy"], scores["redline_recall"]) == (0.5, 0.5, None)
    assert {m["about"] for m in outcome.data["worst"]} == {"主题", "回应主体"}
    assert outcome.data["confusion"]["owner"] == {"labels": ["bureau", "school"], "matrix": [[0, 1], [0, 1]]}
    assert {t["code"]: t["support"] for t in outcome.data["topics"]}.items() >= {"A5": 1, "C1": 1}.items()
    for said in ("总体", "各主题", "首要主题的混淆（2 条中 1 条读对）", "最有把握的错误", "清源一中食堂有虫子"):
        assert said in outcome.text


@pytest.mark.parametrize("target", ["curves", "deep/er/curves", "both.png"])
def test_evaluate_draws_its_curves(reader: PostReader, county: Config, tmp_path: Path, target: str) -> None:
    outcome = commands.evaluate(written(tmp_path / "g.jsonl", *LABELLED), reader, county, nobody, curves=tmp_path / target)
    assert [Path(f).read_bytes()[:4] for f in outcome.data["curves"]] == [b"\x89PNG"] * (1 if target.endswith("png") else 2)
    assert outcome.data["average_precision"] == {"k12": 1.0, "all": outcome.data["average_precision"]["all"], "A5": 1.0}


@pytest.mark.parametrize("target", ["no/file.png", "g.jsonl"])
def test_curves_that_cannot_be_written_are_said_so(reader: PostReader, county: Config, tmp_path: Path, target: str) -> None:
    source = written(tmp_path / "g.jsonl", *LABELLED)
    with pytest.raises(Unusable, match=re.escape(str(tmp_path / target))):
        commands.evaluate(source, reader, county, nobody, curves=tmp_path / target)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"scope": None}, "没有 scope"),
        ({"scope": "school"}, "应为 k12、higher_ed、none 之一"),
        ({"owner": None, "tags": None}, "没有 owner、tags 标注"),
        ({"owner": "parents"}, "owner 是 parents"),
        ({"topics": "A5"}, "topics 不是数组"),
        ({"schools": ["清源一中"]}, "schools 每项须有 surface"),
        ({"tags": ["校友"]}, "标签 校友"),
        ({"weight": "三"}, "weight 不是数字"),
    ],
)  # fmt: skip
def test_evaluate_wants_labels(reader: PostReader, county: Config, tmp_path: Path, change: dict[str, Any], what: str) -> None:
    bad = [{**LABELLED[0], "id": n, **change} for n in (1, 2)]
    with pytest.raises(Unusable, match=what) as caught:
        commands.evaluate(written(tmp_path / "g.jsonl", *bad), reader, county, nobody)
    assert [fault.where.split()[-2] for fault in caught.value.faults] == ["1", "2"]


def test_evaluate_wants_rows(reader: PostReader, county: Config, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="没有标注"):
        commands.evaluate(written(tmp_path / "g.jsonl"), reader, county, nobody)


def test_train_if_needed_keeps_a_fitting_model(plain_model: Model, tmp_path: Path) -> None:
    save(plain_model, tmp_path)
    outcome = commands.train([tmp_path], True, silent)
    assert outcome.data["version"] == plain_model.version
    assert "不需重新训练" in outcome.text


def test_analyse_writes_one_row_a_row_in_order(reader: PostReader, county: Config, tmp_path: Path) -> None:
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
    reader: PostReader, county: Config, tmp_path: Path, line: Any, what: str
) -> None:
    source = written(tmp_path / "in.jsonl", {"id": 7, "title": "好"}, line, "not json")
    out = written(tmp_path / "out.jsonl", "before")
    with pytest.raises(Unusable) as caught:
        commands.analyse_file(source, out, reader, county, row_of, False, MOMENT, silent)
    assert len(caught.value.faults) == 2
    assert what in str(caught.value)
    assert "第 2 行" in str(caught.value)
    assert out.read_text() == "before\n"


def test_a_file_that_cannot_be_read_or_written_is_said_so(reader: PostReader, county: Config, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="读不到"):
        rows.load(tmp_path / "none.jsonl", MOMENT)
    (tmp_path / "gbk.jsonl").write_bytes("中文".encode("gb18030"))
    with pytest.raises(Unusable, match="UTF-8"):
        rows.load(tmp_path / "gbk.jsonl", MOMENT)
    source = written(tmp_path / "in.jsonl", {"id": 1, "title": "x"})
    with pytest.raises(Unusable, match="写不了"):
        commands.analyse_file(source, tmp_path / "no" / "out.jsonl", reader, county, row_of, False, MOMENT, silent)


NAMED = {
    "as import knows them": ({"编号": "甲", "标题": "题", "内容": "文", "时间": "2019-04-09 07:51:09"}, ("甲", "题", "文", True)),
    "正文": ({"id": 1, "正文": "文"}, ("1", "", "文", False)),
    "our own names first": ({"id": 1, "title": "题", "标题": "别的", "body": "文"}, ("1", "题", "文", False)),
}


@pytest.mark.parametrize(("row", "post"), NAMED.values(), ids=NAMED)
def test_chinese_names_are_known_as_in_an_import(tmp_path: Path, row: dict[str, str], post: tuple[str, str, str, bool]) -> None:
    [(_, found)] = rows.load(written(tmp_path / "in.jsonl", row), MOMENT)
    assert (found.key, found.title, found.body, found.published_at is not None) == post


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.csv", "编号,标题,内容\n1,题,文\n", "这是 CSV 表格"),
        ("a.jsonl", "编号,标题,内容\n1,题,文\n", "这是 CSV 表格"),
        ("a.txt", "\ufeffid;title;body\n1;题;文\n", "这是 CSV 表格"),
        ("a.xlsx", "PK", "这是 Excel 工作簿"),
    ],
)
def test_a_table_is_recognised_and_said_once(tmp_path: Path, name: str, text: str, what: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(Unusable, match=what) as caught:
        rows.load(tmp_path / name, MOMENT)
    assert len(caught.value.faults) == 1


def test_of_many_faults_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        rows.load(written(tmp_path / "in.jsonl", *["{"] * 30), MOMENT)
    assert len(caught.value.faults) == rows.MOST_FAULTS + 1
    assert caught.value.faults[-1].what == "此外还有 10 处"


def test_an_empty_file_is_said(reader: PostReader, county: Config, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="文件是空的"):
        commands.analyse_file(written(tmp_path / "in.jsonl"), tmp_path / "o", reader, county, row_of, False, MOMENT, silent)


@pytest.mark.parametrize(("place", "good"), [("清源", False), ("某市/清源", False), ("清源县", True), ("某市/清源县", True), ("", True)])
def test_a_place_says_what_it_is(plain_model: Model, county: Config, tmp_path: Path, place: str, good: bool) -> None:
    save(plain_model, tmp_path)
    if good:
        commands.open_reader([tmp_path], county, place, silent)
        return
    with pytest.raises(Unusable, match="「清源」看不出是哪一级"):
        commands.open_reader([tmp_path], county, place, silent)


MADE = {
    "nothing": ([], "首次使用"),
    "another corpus": ([("old", "3.5.p.t.meaning")], "语料有变"),
    "another program": ([("now", "3.5.q.t.meaning")], "程序有变"),
    "both": ([("old", "3.5.q.t.meaning")], "语料和程序有变"),
    "another mode": ([("now", "3.5.p.t.words"), ("old", "3.5.q.t.meaning")], "改为连同含义研读，还没有这样的模型"),
}


@pytest.mark.parametrize(("made", "told"), MADE.values(), ids=MADE)
def test_training_says_its_true_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, str]], told: str) -> None:
    monkeypatch.setattr(model_files.corpus, "fingerprint", lambda lines: "now")
    monkeypatch.setattr(model_files, "feature_version", lambda: "3.5.p.t.meaning")
    for number, (of, by) in enumerate(made):
        meta = np.frombuffer(json.dumps({"corpus": of, "features": by}).encode(), dtype=np.uint8)
        np.savez(tmp_path / f"reader-{number}.npz", meta=meta)
    assert model_files.reason([tmp_path, tmp_path / "none"]) == told


def test_times_that_nobody_can_read_are_unknown(tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", {"id": 1, "title": "x", "time": "昨天"}, {"id": 2, "title": "x", "time": "2019-04-09 07:51:09"})
    first, second = (post for _, post in rows.load(source, MOMENT))
    assert first.published_at is None
    assert second.published_at is not None


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\u2029"])
def test_only_a_newline_ends_a_row(tmp_path: Path, mark: str) -> None:
    source = written(tmp_path / "in.jsonl", f'{{"id": 1, "title": "前{mark}后"}}', "", {"id": 2, "title": "x"})
    assert [post.title for _, post in rows.load(source, MOMENT)] == [f"前{mark}后", "x"]
