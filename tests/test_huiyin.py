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


@pytest.mark.parametrize("words", [["status", "--bogus"], ["nosuch"], ["import"]])
def test_words_that_name_no_command_are_unusable_input_in_both_forms(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code, out, err = call(capsys, *words, "--json")
    assert code == 2
    assert json.loads(out)["error"][0]["where"] == "命令行"
    assert "huiyin --help" in err


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
