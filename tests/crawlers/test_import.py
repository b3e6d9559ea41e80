"""Imported tables: known columns, every fault at once, and the same file again changes nothing."""

import io
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from config.schema import Config
from config.schema.sources import Source
from crawlers import files
from crawlers.commands import import_file
from pipeline.domain.terms import Precision
from pipeline.faults import Unusable
from pipeline.outcome import Outcome
from pipeline.store import posts
from pipeline.store.db import Store
from tests.conftest import NOW

CONFIG = Config(sources={"hotline": Source(name="12345热线", kind="file", public=False), "manual": Source(name="人工录入", kind="file")})
MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "messages.csv"


def run(store: Store, file: Path, source: str = "hotline", mapping: str = "", *, as_new: bool = False, archive: bool = False) -> Outcome:
    return import_file(store, CONFIG, file, source, mapping, as_new, archive, NOW, lambda _: None)


def table(folder: Path, text: str, charset: str = "utf-8", name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(charset))
    return path


def faults(error: pytest.ExceptionInfo[Unusable]) -> str:
    return str(error.value)


HEADERS = [
    ("id,title,body,time,user,url", ["id", "title", "body", "time", "user", "url"]),
    ("工单号,诉求标题,诉求内容,来电时间,姓名,链接", ["工单号", "诉求标题", "诉求内容", "来电时间", "姓名", "链接"]),
    ("留言编号,主题,留言详情,留言时间,留言用户,网址", ["留言编号", "主题", "留言详情", "留言时间", "留言用户", "网址"]),
    ("编号,标题,内容,受理时间,用户,链接", ["编号", "标题", "内容", "受理时间", "用户", "链接"]),
]


@pytest.mark.parametrize(("header", "columns"), HEADERS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_common_columns_and_charsets_are_known(store: Store, tmp_path: Path, header: str, columns: list[str], charset: str) -> None:
    file = table(tmp_path, f"{header}\r\n7,食堂涨价,早餐涨了一元,2026-11-17 09:20,张某,https://a.example/7?from=x\r\n", charset)
    data = run(store, file).data
    assert (data["new"], list(data["columns"].values()), data["unused_columns"]) == (1, columns, [])
    post = posts.waiting(store, "read", 1)[0]
    assert (post.key, post.title, post.body, post.url) == ("7", "食堂涨价", "早餐涨了一元", "https://a.example/7")
    assert (post.published_at, post.precision) == (datetime(2026, 11, 17, 1, 20, tzinfo=NOW.tzinfo), Precision.MINUTE)
    assert (post.public, post.dormant) == (False, False)


def test_columns_are_named_by_hand_and_the_unused_are_told(store: Store, tmp_path: Path) -> None:
    file = table(tmp_path, "甲,乙,丙\n食堂涨价,早餐涨了,x\n")
    outcome = run(store, file, mapping="title=甲, body=乙")
    assert outcome.data["columns"] == {"title": "甲", "body": "乙"}
    assert outcome.data["unused_columns"] == ["丙"]
    assert "未采用：丙" in outcome.text


def test_quoted_newlines_a_title_line_above_and_blank_lines_are_read(store: Store, tmp_path: Path) -> None:
    file = table(tmp_path, '热线十一月导出,,\n\n标题,内容,编号\n食堂,"第一段\n第二段，""引号""",1\n,,\n校车,超载,2\n')
    assert run(store, file).data["new"] == 2
    assert posts.waiting(store, "read", 1)[0].body == '第一段\n第二段，"引号"'


def test_semicolons_and_tabs_part_cells_too(store: Store, tmp_path: Path) -> None:
    assert run(store, table(tmp_path, "标题;内容\n食堂;涨价，很贵\n")).data["new"] == 1
    assert run(store, table(tmp_path, "标题\t内容\n校车\t超载\n", name="t.tsv")).data["new"] == 1


def test_an_excel_sheet_is_read(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    called = datetime(2026, 11, 17, 9, 20)  # noqa: DTZ001 — Excel knows no zone
    for row in (("热线导出", None, None, None), ("工单号", "诉求标题", "诉求内容", "来电时间"), (20260001, "食堂", "涨价", called)):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    assert run(store, tmp_path / "t.xlsx").data["new"] == 1
    post = posts.waiting(store, "read", 1)[0]
    assert (post.key, post.published_at) == ("20260001", datetime(2026, 11, 17, 1, 20, tzinfo=NOW.tzinfo))


def test_json_lines_are_read(store: Store, tmp_path: Path) -> None:
    rows = [{"id": 1, "title": "食堂", "body": "涨价", "extra": [1]}, {"id": 2, "title": "校车"}]
    file = table(tmp_path, "\n".join(json.dumps(r) for r in rows), name="t.jsonl")
    assert run(store, file).data["new"] == 2


def test_doing_it_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    text = "id,title,body\n1,食堂,涨价\n,无编号,一\n,无编号,二\n1,食堂,同号不同文\n1,食堂,涨价\n"
    first = run(store, table(tmp_path, text)).data
    again = run(store, table(tmp_path, text)).data
    assert (first["rows"], first["new"]) == (5, 4)  # the last row is the first once more
    assert (again["new"], again["changed"], again["known"]) == (0, 0, 4)


AGES = [("2026-11-17", False), ("2026-11-01", True), ("", False), ("2027-01-01", False)]


@pytest.mark.parametrize(("day", "dormant"), AGES)
def test_what_is_older_than_the_backfill_starts_no_clock(store: Store, tmp_path: Path, day: str, dormant: bool) -> None:
    run(store, table(tmp_path, f"title,time\n食堂,{day}\n"))
    assert posts.waiting(store, "read", 1)[0].dormant is dormant


def test_as_new_is_of_now_and_archive_sleeps(store: Store, tmp_path: Path) -> None:
    old = "title,time\n食堂,2019-01-01 08:00\n"
    run(store, table(tmp_path, old), as_new=True)
    run(store, table(tmp_path, old.replace("2019", "2026").replace("食堂", "校车")), archive=True)
    new, archived = posts.waiting(store, "read", 2)
    assert (new.published_at, new.precision, new.dormant) == (NOW, Precision.MINUTE, False)
    assert archived.dormant


def test_emoji_empty_titles_long_texts_and_unfit_characters_pass(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    rows = [{"title": "😡食堂🍚", "body": "贵"}, {"title": "", "body": "长" * 350_000}, {"title": "有\x00空\ud800字", "body": "好\ufeff"}]
    file.write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    run(store, file)
    found = posts.waiting(store, "read", 9)
    assert [(p.title, len(p.body)) for p in found] == [("😡食堂🍚", 1), ("", 350_000), ("有空字", 1)]


BROKEN = [
    ("t.csv", "标题,内容\n食堂,涨价\n\n,\n ,  \n校车,超载,多一格\n,无所谓,\n第四,,x\n", ["t.csv:6", "t.csv:8", "比表头多"]),
    ("t.csv", "标题,内容,编号\n食堂,涨价,1\n,,2\n,,3\n", ["t.csv:3", "t.csv:4", "没有标题也没有正文"]),
    ("t.csv", '标题,内容\n食堂,"涨价\n没有闭合\n', ["t.csv:2", "引号没有闭合"]),
    ("t.csv", "标题,标题\n食堂,涨价\n", ["列名「标题」重复"]),
    ("t.csv", "甲,乙\n食堂,涨价\n", ["认不出", "甲、乙", "--map"]),
    ("t.csv", "", ["文件是空的"]),
    ("t.jsonl", '{"title": "a"}\n{"title": \n[1]\n', ["t.jsonl:2", "t.jsonl:3"]),
    ("t.xlsx", "不是表格", ["不是可用的 XLSX"]),
    ("t.xls", "x", [".xls", "另存为 .xlsx"]),
]


@pytest.mark.parametrize(("name", "text", "said"), BROKEN)
def test_an_unusable_file_is_refused_whole_with_every_fault(store: Store, tmp_path: Path, name: str, text: str, said: list[str]) -> None:
    with pytest.raises(Unusable) as error:
        run(store, table(tmp_path, text, name=name))
    assert all(part in faults(error) for part in said), faults(error)
    assert posts.count_waiting(store, "read") == 0


def test_bytes_of_no_charset_and_a_missing_file_are_said_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xff\xff\x80\x80,\n")
    with pytest.raises(Unusable, match="GB18030"):
        run(store, tmp_path / "t.csv")
    with pytest.raises(Unusable, match="读不到"):
        run(store, tmp_path / "none.csv")


def test_wrong_options_are_said_so(store: Store, tmp_path: Path) -> None:
    file = table(tmp_path, "标题\n食堂\n")
    with pytest.raises(Unusable, match="hotline（12345热线）、manual"):
        run(store, file, "hotlin")
    with pytest.raises(Unusable, match="互相矛盾"):
        run(store, file, as_new=True, archive=True)
    with pytest.raises(Unusable) as error:
        run(store, file, mapping="titel=标题,body=正文")
    assert "titel" in faults(error)
    assert "没有「正文」这一列" in faults(error)


@pytest.mark.skipif(not MESSAGES.is_file() and os.environ.get("CI") != "true", reason="the real messages are not beside the project")
def test_real_messages_are_imported_and_twice_changes_nothing(store: Store) -> None:
    first = run(store, MESSAGES, as_new=True).data
    again = run(store, MESSAGES, as_new=True).data
    assert (first["rows"], first["new"], again["new"], again["changed"], again["known"]) == (2751, 2751, 0, 0, 2751)
    assert first["unused_columns"] == ["reply", "reply_time"]


def workbook(folder: Path, part: str, text: bytes) -> Path:
    """A workbook of one row, one part of which is something else."""
    book, whole = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["标题", "内容"])
    book.active.append(["甲", "乙"])
    book.save(whole)
    path = folder / "t.xlsx"
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(name, text if name.endswith(part) else parts.read(name))
    return path


@pytest.mark.parametrize("part", ["workbook.xml", "sheet1.xml", "[Content_Types].xml"])
def test_a_damaged_workbook_is_said_whatever_part_is_damaged(store: Store, tmp_path: Path, part: str) -> None:
    with pytest.raises(Unusable, match="不是可用的 XLSX 文件"):
        run(store, workbook(tmp_path, part, b"<worksheet><sheetData><row>"))


def test_a_workbook_with_a_damaged_stream_is_said(store: Store, tmp_path: Path) -> None:
    path = workbook(tmp_path, "nothing", b"")
    body = bytearray(path.read_bytes())
    at = body.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    body[at : at + 40] = bytes(40)
    path.write_bytes(body)
    with pytest.raises(Unusable, match="不是可用的 XLSX 文件"):
        run(store, path)


def test_a_small_workbook_that_unpacks_to_more_than_memory_holds_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_CELLS", 1000)
    row = b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>'
    rows = b"".join(row % (n, n) for n in range(1, 4))
    main = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    with pytest.raises(Unusable, match="展开后过大"):
        run(store, workbook(tmp_path, "sheet1.xml", main % rows))
    monkeypatch.setattr(files, "LARGEST", 50_000)
    with pytest.raises(Unusable, match="展开后过大"):
        run(store, workbook(tmp_path, "styles.xml", bytes(100_000)))
