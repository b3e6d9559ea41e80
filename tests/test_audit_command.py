"""`audit verify` as people run it: whole, held against a digest on paper, one option without the other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store import audit
from pipeline.store.db import open_store
from tests.county import County, new_county


@pytest.fixture
def county(tmp_path: Path) -> County:
    """清源县 with three entries on record."""
    made = new_county(tmp_path / "demo", tmp_path)
    made("status")  # takes over the registry, which is on record
    secret = (made.root / "data" / "secret.key").read_bytes()
    store = open_store(made.root / "data" / "huiyin.db", "qingyuan", "清源县教育局", secret)
    with store.transaction():
        for n in range(2):
            audit.write(store, "王股长", "研判", f"案件 {n}", {}, datetime(2026, 11, 18, 2, tzinfo=UTC))
    store.close()
    return made


def test_a_whole_record_is_called_so_and_fits_what_was_printed(county: County) -> None:
    told = county("audit", "verify", "--json").json
    assert (told["entries"], told["broken_at"], told["damage"]) == (3, None, None)
    assert "环环相扣" in county("audit", "verify", "--count", "3", "--hash", told["head"].upper()).out


@pytest.mark.parametrize(
    ("words", "damage", "says"),
    [
        (["--count", "5", "--hash", "ab"], "cut_off", "第 4 条起被截去：所给日报印的是 5 条，现在只有 3 条"),
        (["--count", "2", "--hash", "ab"], "rewritten", "第 1 条至第 2 条之间被改写"),
    ],
)
def test_one_that_does_not_fit_the_paper_fails(county: County, words: list[str], damage: str, says: str) -> None:
    done = county.run("audit", "verify", *words)
    assert (done.code, says in done.out) == (1, True)
    assert county.run("audit", "verify", *words, "--json").json["damage"] == damage


@pytest.mark.parametrize("words", [["--count", "3"], ["--hash", "ab"]])
def test_one_option_without_the_other_is_refused(county: County, words: list[str]) -> None:
    done = county.run("audit", "verify", *words)
    assert (done.code, "只写了一个" in done.err) == (2, True)
