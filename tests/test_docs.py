"""What is written down is so: every command, option, key and variable stands in its place, every example works, every output
has the shape that was promised."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import BaseModel

import huiyin
from config.load import load
from config.schema.settings import Settings
from pipeline import commandline
from tests.county import PROJECT, SITES, County, new_county

README = (PROJECT / "README.md").read_text("utf-8")
COMMANDS = README.partition("### Commands")[2].partition("### Words")[0]
GLOBAL = {"-C", "--json", "--now"}
EVERYWHERE = {"--help"}


def commands(group: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that people type, with its words."""
    for name, command in (group or typer.main.get_command(huiyin.app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        elif not command.hidden:
            yield before + name, command


def options(command: Any) -> set[str]:
    return {option for p in command.params if p.param_type_name == "option" for option in p.opts} - EVERYWHERE


# ── named ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"`{name}[ `]", COMMANDS), f"{name} is not in README's table of commands"


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    known = {name for name, _ in commands()}
    rows = [cell for line in COMMANDS.splitlines() if line.startswith("| `") for cell in re.findall(r"`([^`]+)`", line.split(" | ")[0])]
    said = [re.split(r" [A-Z\[-]", row)[0] for row in rows]
    assert said
    assert set(said) <= known


@pytest.mark.parametrize(("name", "option"), [(name, o) for name, command in commands() for o in sorted(options(command))])
def test_every_option_is_explained(name: str, option: str) -> None:
    """In README's table, or in the command's own --help in words."""
    command = dict(commands())[name]
    [found] = [p for p in command.params if option in p.opts]
    row = next((line for line in COMMANDS.splitlines() if f"`{name} " in line or f"`{name}`" in line), "")
    assert option in row or found.help, f"{name} {option}"


def test_every_command_says_in_chinese_what_it_does() -> None:
    assert [name for name, command in commands() if not re.search("[一-鿿]", command.help or "")] == []


def test_the_global_options_stand_in_the_readme_and_in_the_help() -> None:
    assert set(commandline.GLOBAL) == GLOBAL
    for option in GLOBAL:
        assert f"`{option}" in COMMANDS
        assert option in huiyin.EPILOG


def keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{name}.")
        else:
            yield before + name


@pytest.mark.parametrize("key", list(keys(Settings)))
def test_every_setting_stands_explained_in_the_defaults(key: str) -> None:
    table, _, name = key.rpartition(".")
    lines = (files("config") / "defaults" / "huiyin.toml").read_text("utf-8").splitlines()
    inside, explained = "", False
    for line in lines:
        if line.startswith("["):
            inside, explained = line.strip("[]"), inside == line.strip("[]") and explained
        elif line.startswith("#"):
            explained = True
        elif inside == table and re.match(rf"{name} *=", line):
            assert explained, f"{key} has no word of explanation"
            return
        elif not line.strip():
            explained = False
    assert inside == "files" and key == "files", f"{key} is not in config/defaults/huiyin.toml"  # noqa: PT018 — one condition


def test_every_environment_variable_is_documented_and_exists() -> None:
    rooms = ("config", "pipeline", "crawlers", "classifier", "responders")
    modules = [PROJECT / "huiyin.py", *(module for room in rooms for module in (PROJECT / room).rglob("*.py"))]
    code = "".join(module.read_text("utf-8") for module in modules)
    used = set(re.findall(r'"(HUIYIN_[A-Z_]+)"', code)) - {"HUIYIN_PARENT"}  # between our own processes
    assert used == set(re.findall(r"`(HUIYIN_[A-Z_]+)`", README))


# ── examples ────────────────────────────────────────────────────────────────────────────────────────────────────────


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_readmes_tables_load_in_a_bureaus_directory(tmp_path: Path) -> None:
    told = re.findall(r"`mybureau/([a-z]+\.toml)`[^`]*?```toml\n(.*?)```", README.replace("`order`", "order"), re.DOTALL)
    assert sorted({name for name, _ in told}) == ["routing.toml", "topics.toml"]
    assert len(told) <= len(blocks("toml"))
    for name in {name for name, _ in told}:
        (tmp_path / name).write_text("\n".join(text for other, text in told if other == name), "utf-8")
    (tmp_path / "routing.toml").write_text("\n".join(text for text in blocks("toml") if "order" in text or ".when" in text), "utf-8")
    found = load(tmp_path)
    assert "早读" in found.topics["D4"].words
    assert found.routing["night-study"].party == "basic"
    assert found.routing["night-study"].when.words == ("晚自习",)


@pytest.mark.slow
def test_the_readmes_commands_run(tmp_path: Path, models: Path) -> None:
    """Every line of its shell examples that ends by itself and needs no site beyond this machine, in their order."""
    county = County(tmp_path / "mybureau", models)
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    ran = []
    for line in lines:
        words = shlex.split(line)
        if words[:1] != ["huiyin"] or words[-1] == "run" or "source" in words:
            continue
        done = county.apart(*words[1:], where=tmp_path)
        assert done.code == 0, f"{line}\n{done.out}\n{done.err}"
        ran.append(line)
    assert any(" init " in line for line in ran)
    assert any(" check" in line for line in ran)
    assert any(" explain " in line for line in ran)


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

PROBABILITY = "a number from 0 to 1"
ROW: dict[str, Any] = {
    "id": object, "scope": {"k12", "higher_ed", "none"}, "relevance": PROBABILITY, "topics": [{"code": str, "p": PROBABILITY}],
    "tags": [{"学生", "家长", "教师", "政策"}], "nature": {"咨询", "求助", "投诉", "举报", "建议", "表扬", "其他"}, "redline": bool,
    "redline_kind": (str, None), "redline_words": [str],
    "accused": [{"kind": {"person", "head", "unit", "bureau"}, "surface": str, "start": int, "end": int}],
    "schools": [{"surface": str, "start": int, "end": int, "name": (str, None), "code": (str, None), "confidence": PROBABILITY}],
    "owner": {"kind": {"school", "bureau", "external", "none"}, "party": (str, None), "role": str, "rule": str, "reason": str},
    "grade": {"Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", None},
}
"""The contract of `analyse`."""

EXPLAINED: dict[str, Any] = {
    "clocks": list, "clues": [{"surface": str, "start": int, "end": int, "about": str, "weight": float}], "model": str,
    "landmarks": list, "places": [str], "foreign_place": (str, None), "read_with_care": bool, "by_meaning": bool,
    "gate": {"p": PROBABILITY, "floor": PROBABILITY, "let_through": bool, "redline_suspected": bool, "words": list},
    "relevance_by_words": PROBABILITY, "relevance_weighed": {"p": PROBABILITY, "threshold": PROBABILITY, "margin": float},
    "topics_weighed": [{"code": str, "p": PROBABILITY, "threshold": PROBABILITY, "margin": float, "main": (float, None), "taken": bool}],
    "grounds": [
        {"label": str, "parts": dict.fromkeys(("words", "pairs", "lexicon", "cues", "figures", "meaning", "base"), float),
         "words": [{"word": str, "start": (int, None), "end": (int, None), "weight": float}], "cues": dict},
    ],
    "cues": [{"cue": str, "name": str, "words": [{"surface": str, "start": int, "end": int}]}],
    "lexicon": [{"topic": str, "word": str, "start": int, "end": int}], "neighbours": (list, None),
    "redline_doubted": [{"surface": str, "start": int, "end": int, "kind": str, "why": str, "words": str}],
}  # fmt: skip
"""What `explain --json` has beside the row of `analyse`."""

MATRIX = {"labels": [str], "matrix": list}
EVALUATED: dict[str, Any] = {
    "n": int, "education": int, "model": str, "scores": dict,
    "topics": [
        {"code": str, "name": str, **dict.fromkeys(("precision", "recall", "f1"), (float, None)), "support": int, "said": int},
    ],
    "confusion": {"topics": MATRIX, "scope": MATRIX, "owner": MATRIX},
    "worst": [{"id": str, "title": str, "about": str, "wanted": str, "said": str, "sureness": PROBABILITY}],
}
"""The contract of `evaluate --json`."""

STATUS: dict[str, Any] = {
    "posts": int, "education": int, "cases": dict.fromkeys(("triage", "open", "published", "closed", "dismissed", "merged"), int),
    "obligations": dict.fromkeys(("pending", "due_soon", "overdue", "met", "waived"), int),
    "messages": dict.fromkeys(("queued", "sending", "deferred", "sent", "failed", "uncertain", "dead", "superseded"), int),
    "phone_tasks": int,
    "letters": int,
    "links": int,
    "papers": int,
    "sources": [{"id": str, "last_run": (str, None), "outcome": (str, None), "new": int, "error": (str, None), "next_run": str}],
    "model": {"version": (str, None), "scores": dict}, "schema": int,
}
"""The contract of `status --json`."""


def fits(value: Any, shape: Any, path: str = "", *, exact: bool = True) -> list[str]:
    """Where a value is not of its shape: a type, a set of words, a tuple of alternatives, a list of one shape, a table of shapes."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or not set(shape) <= set(value) or (exact and set(shape) != set(value)):
            return [f"{path}: {value!r} has not the keys {sorted(shape)}"]
        return [fault for key, inner in shape.items() for fault in fits(value[key], inner, f"{path}.{key}", exact=exact)]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [fault for n, one in enumerate(value) for fault in fits(one, shape[0], f"{path}[{n}]", exact=exact)]
    if shape == PROBABILITY:
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    elif isinstance(shape, set):
        good = value in shape
    elif isinstance(shape, tuple):
        good = any(value is None if one is None else isinstance(value, one) for one in shape)
    else:
        good = isinstance(value, shape) and (shape is not int or not isinstance(value, bool))
    return [] if good else [f"{path}: {value!r}"]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, models: Path) -> County:
    """清源县, empty."""
    return new_county(tmp_path_factory.mktemp("docs") / "demo", models)


def sample_rows() -> list[dict[str, Any]]:
    """Every post of the sample's three sites, as somebody would hand them in; and what is odd."""
    found: list[dict[str, Any]] = []
    for name in ("forum", "news", "feed"):
        for line in (files("config") / "sample" / "sites" / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            body = row.get("body") or row["summary"]
            found.append({"id": row["id"], "title": row["title"], "body": body, "time": "2026-11-18 09:00", "source": name, "url": ""})
    odd: list[dict[str, Any]] = [
        {"id": "空", "title": "", "body": "", "time": ""}, {"id": "😀", "title": "😀🏫", "body": "县一中😀食堂饭菜有虫子"},
        {"id": "双", "title": "清源一中\r\n食堂", "body": "清源一中食堂饭菜有虫子\r\n第二行"}, {"id": 0, "title": "零"},
    ]
    return found + odd


@pytest.mark.slow
@pytest.mark.parametrize("more", [[], ["--events"]], ids=["plain", "events"])
def test_analyse_writes_what_was_promised(county: County, tmp_path: Path, more: list[str]) -> None:
    rows = sample_rows()
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    county("analyse", given, "--out", out, *more)
    found = [json.loads(line) for line in out.read_text("utf-8").split("\n") if line]
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    shape = ROW | ({"event": (int, str)} if more else {})
    for row, given_row in zip(found, rows, strict=True):
        assert fits(row, shape, str(row["id"])) == []
        assert row["scope"] == "k12" or row["topics"] == []
        assert (row["owner"]["kind"] == "none") == (row["owner"]["party"] is None)
        assert row["redline"] == (row["redline_kind"] is not None)
        text = f"{given_row['title']}\n{given_row.get('body', '')}"
        for span in [*row["schools"], *row["accused"]]:
            assert text[span["start"] : span["end"]] == span["surface"]
        assert [s for s in row["schools"] if (s["name"] is None) != (s["code"] is None)] == []
        beside = [t["p"] for t in row["topics"][1:]]  # the main topic stands first, however likely the others are told of
        assert beside == sorted(beside, reverse=True)
    if more:
        assert len({row["event"] for row in found if row["id"] in (1006, 3002)}) == 1
        assert len({row["event"] for row in found}) > len(found) / 2


@pytest.mark.slow
def test_analyse_takes_another_registry(county: County, tmp_path: Path) -> None:
    registry = tmp_path / "schools.csv"
    registry.write_text("全称,邮箱\n望江县第九中学,a@b.example\n", "utf-8")
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text(json.dumps({"id": 1, "title": "望江县第九中学食堂饭菜有虫子", "body": "请查"}, ensure_ascii=False), "utf-8")
    County(tmp_path / "nowhere", county.models)("analyse", given, "--out", out, "--schools", registry, "--place", "某市/望江县")
    row = json.loads(out.read_text("utf-8"))
    assert [s["name"] for s in row["schools"]] == ["望江县第九中学"]
    assert (row["owner"]["kind"], row["scope"]) == ("school", "k12")


@pytest.mark.slow
def test_status_says_what_was_promised(county: County) -> None:
    told = county("status", "--json").json
    assert fits(told, STATUS, exact=False) == []
    assert [s["id"] for s in told["sources"]] == list(SITES)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["post", "text"])
def test_explain_says_what_was_promised(county: County, how: str) -> None:
    text = "清源一中食堂饭菜有虫子\n孩子拉肚子，请教育局查一查"
    if how == "post":
        title, _, body = text.partition("\n")
        row = {"id": "e1", "title": title, "body": body}
        county("import", county.write("one.jsonl", json.dumps(row, ensure_ascii=False)), "--source", "forum")
        told = county("explain", county.value("SELECT id FROM post WHERE key = 'e1'"), "--json").json
    else:
        told = county("explain", "--text", text, "--json").json
    shape = {key: inner for key, inner in ROW.items() if key != "id"}
    assert fits(told, shape | EXPLAINED, exact=False) == []
    assert told["clocks"]
    assert told["neighbours"] is None or len(told["neighbours"]) == 3
    assert all({"kind", "start", "start_basis", "due", "basis"} <= set(clock) for clock in told["clocks"])
    assert told["clues"]
    assert told["owner"]["rule"]


@pytest.mark.slow
def test_evaluate_says_what_was_promised(county: County, tmp_path: Path) -> None:
    rows = sample_rows()[:20]
    k12 = {"scope": "k12", "topics": ["A5"], "owner": "school", "schools": [], "tags": ["学生"], "nature": "投诉", "redline": False}
    told = [row | (k12 if n % 2 else {"scope": "none"}) for n, row in enumerate(rows)]
    given, out = tmp_path / "gold.jsonl", tmp_path / "out.jsonl"
    given.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in told), "utf-8")
    found = county("evaluate", given, "--worst", "5", "--curves", tmp_path / "curves", "--json").json
    shape = EVALUATED | {"curves": [str], "average_precision": dict}
    assert fits(found, shape) == []
    assert (found["n"], len(found["worst"])) == (20, 5)
    assert all(Path(file).is_file() for file in found["curves"])
    county("analyse", given, "--out", out)
    owners = [json.loads(line)["owner"]["kind"] for line in out.read_text("utf-8").split("\n") if line]
    assert found["scores"]["owner_accuracy"] == sum(kind == "school" for kind in owners[1::2]) / 10
