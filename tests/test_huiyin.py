"""The command line: global options anywhere, one JSON document on stdout, exit codes, clear errors."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

import huiyin
from pipeline.commandline import hoisted
from pipeline.faults import Unusable


@pytest.mark.parametrize(
    ("given", "left", "options"),
    [
        (["status"], ["status"], {}),
        (["-C", "demo", "status", "--json"], ["status"], {"-C": "demo", "--json": ""}),
        (["status", "--json", "-C", "demo"], ["status"], {"-C": "demo", "--json": ""}),
        (["-Cdemo", "status"], ["status"], {"-C": "demo"}),
        (["crawl", "--now=2026-11-18T10:00", "bbs"], ["crawl", "bbs"], {"--now": "2026-11-18T10:00"}),
        (["explain", "--text", "一中"], ["explain", "--text", "一中"], {}),
        (["explain", "--", "--json"], ["explain", "--", "--json"], {}),
    ],
)
def test_global_options_stand_anywhere(given: Sequence[str], left: list[str], options: dict[str, str]) -> None:
    assert hoisted(given) == (left, options)


@pytest.mark.parametrize("given", [["status", "-C"], ["--now"]])
def test_a_global_option_without_its_value_is_said(given: Sequence[str]) -> None:
    with pytest.raises(Unusable, match="后面缺少值"):
        hoisted(given)


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the program."""
    with pytest.raises(SystemExit) as end:
        huiyin.main(words)
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


def test_a_directory_that_is_no_bureau_is_said_with_its_mend(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = call(capsys, "-C", str(tmp_path), "status", "--json")
    assert code == 2
    assert json.loads(out)["error"][0]["what"] == "这里没有 huiyin.toml，不是回音的工作目录"
    assert "huiyin init" in err
    assert list(tmp_path.iterdir()) == []


def test_a_moment_that_cannot_be_read_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "status", "--now", "昨天")
    assert code == 2
    assert "看不懂的时刻 昨天" in err


def test_help_names_every_command_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "--help")
    assert code == 0
    wanted = {"init", "check", "crawl", "import", "process", "remind", "send", "digest", "run"}
    wanted |= {"status", "explain", "analyse", "train", "evaluate", "source", "user"}
    assert wanted <= set(out.split())


MISUSED = {
    "status --bogus": ("命令行 status", "没有选项 --bogus", "用 huiyin status --help 看写法"),
    "explain 3 --whi": ("命令行 explain", "没有选项 --whi", "是否想写 --why？"),
    "exlpain 3": ("命令行", "没有命令 exlpain", "是否想写 explain？"),
    "user ad 甲": ("命令行 user", "没有命令 ad", "是否想写 add？"),
    "import": ("命令行 import FILE", "没有写，须写上", "用 huiyin import --help 看写法"),
    "analyse x": ("命令行 analyse --out", "没有写，须写上", "用 huiyin analyse --help 看写法"),
    "analyse x --out": ("命令行", "--out 后面缺少值", "用 huiyin --help 看写法"),
    "evaluate x --worst -1": ("命令行 evaluate --worst", "不能小于 0", "用 huiyin evaluate --help 看写法"),
    "evaluate x --worst many": ("命令行 evaluate --worst", "应是整数", "用 huiyin evaluate --help 看写法"),
    "explain first": ("命令行 explain POST", "应是整数", "用 huiyin explain --help 看写法"),
    "explain 3 --why=yes": ("命令行", "--why 后面不写值", "用 huiyin --help 看写法"),
    "train now": ("命令行 train", "多出来的词：now", "用 huiyin train --help 看写法"),
    "explain": ("explain", "没有说明要看哪一条", '写帖文编号，或写文字，如 huiyin explain --text "县一中周末补课"'),
    "explain 3 --text 你好": ("explain", "帖文编号和 --text 只能写一个", '写帖文编号，或写文字，如 huiyin explain --text "县一中周末补课"'),
    "explain --text=": ("--text", "文字是空的", '写上要研读的文字，如 --text "县一中周末补课"'),
    "explain --text=\u3000": ("--text", "文字是空的", '写上要研读的文字，如 --text "县一中周末补课"'),
    "evaluate none.jsonl": ("none.jsonl", "读不到这个文件（没有这个文件或目录）", "检查路径和权限"),
}
"""Words of a command line → where it is wrong, what, and how to mend it."""


@pytest.mark.parametrize(("words", "fault"), MISUSED.items(), ids=MISUSED)
def test_what_is_wrong_with_a_command_line_is_said_in_chinese_in_both_forms(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str, fault: tuple[str, str, str]
) -> None:
    monkeypatch.setattr("classifier.commands.open_reader", lambda *given: None)
    code, out, err = call(capsys, *words.split(" "), "--json")
    assert code == 2
    assert json.loads(out)["error"] == [dict(zip(("where", "what", "mend"), fault, strict=True))]
    assert f"错误　{fault[0]}：{fault[1]}（{fault[2]}）" in err


def test_a_locked_or_full_database_is_said_and_nothing_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(given: Sequence[str]) -> int:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(huiyin, "called", locked)
    code, out, err = call(capsys, "-C", str(tmp_path), "status")
    assert (code, out) == (1, "")
    assert "数据库：暂时不能使用：database is locked" in err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version")[:2] == (0, "0.1.0\n")
