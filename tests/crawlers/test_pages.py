"""Saved pages, as bytes: what came out of them when they were saved comes out of them now."""

import json
import shutil
from pathlib import Path

import pytest

from config.schema.sources import ListPage, Source
from crawlers.charset import decode
from crawlers.saved import DESCRIPTION, differences

PAGES = Path(__file__).parents[1] / "pages"
SOURCES = sorted(folder.name for folder in PAGES.iterdir() if (folder / DESCRIPTION).is_file())


@pytest.mark.parametrize("source", SOURCES)
def test_a_saved_page_still_says_what_it_said(source: str) -> None:
    assert differences(PAGES / source) == []


@pytest.mark.parametrize("source", SOURCES)
def test_every_saved_page_is_described_and_every_described_page_is_saved(source: str) -> None:
    described = {row["file"] for row in json.loads((PAGES / source / DESCRIPTION).read_text("utf-8"))["pages"]}
    assert described == {path.name for path in (PAGES / source).iterdir()} - {DESCRIPTION}


def test_some_of_them_are_gb18030_that_calls_itself_gb2312() -> None:
    body = (PAGES / "county_bureau" / "page.html").read_bytes()
    assert b"charset=gb2312" in body
    assert decode(body, "text/html; charset=gb2312").charset == "gb18030"
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")


def test_a_change_is_named_with_its_file_and_part(tmp_path: Path) -> None:
    folder = tmp_path / "gov"
    shutil.copytree(PAGES / "gov_no_selectors", folder)
    (folder / "list.html").write_bytes((folder / "list.html").read_bytes().replace(b"2026-06-18", b"2026-06-19"))
    found = differences(folder)
    assert len(found) == 1
    assert found[0].startswith("list.html 的 first：原为")


def test_another_table_may_be_tried_on_them() -> None:
    other = Source(name="x", kind="list_page", url="https://www.pingwan.example/zwgk/", list=ListPage(item="ul.news li"))
    assert any("'time': None" in line for line in differences(PAGES / "gov_no_selectors", other))
