"""Bad input on the whole program: a clear word with its place and its mend, the right exit code, nothing half-written, nothing lost.

What a single room refuses is tested in that room; here is what only shows when everything is put together.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.county import County, dump, free_port, new_county

pytestmark = pytest.mark.slow

COMPLAINT = "清源一中食堂的饭菜里吃出虫子，孩子不敢吃，请教育局查一查"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, models: Path) -> County:
    """清源县 with its database made, and nothing in it."""
    county = new_county(tmp_path_factory.mktemp("bad") / "pristine", models)
    county("status")
    return county


@pytest.fixture
def county(pristine: County, tmp_path: Path) -> County:
    """A copy of it."""
    shutil.copytree(pristine.root, tmp_path / "demo")
    return County(tmp_path / "demo", pristine.models)


def taken(county: County, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Imports rows as posts of the public forum, works through them, and returns the posts with their cases."""
    file = county.write("in.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    county("import", file, "--source", "forum")
    county("process")
    assert county.rows("SELECT * FROM setback") == []
    sql = """SELECT p.*, c.id AS case_id, c.title AS case_title, c.dormant AS asleep, c.published_at AS case_published
             FROM post p LEFT JOIN case_post l ON l.post_id = p.id LEFT JOIN case_ c ON c.id = l.case_id ORDER BY p.id"""
    return county.rows(sql)


# ── odd posts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("time", ["", "不知道", "2036-01-01 10:00", "1900-01-01"], ids=["none", "nonsense", "future", "long ago"])
def test_a_post_whose_time_is_not_to_be_believed_counts_from_when_it_was_found(county: County, time: str) -> None:
    [post] = taken(county, {"id": "t", "title": "清源一中食堂有虫子", "body": COMPLAINT, "time": time})
    assert (post["published_at"], post["precision"]) == (None, "unknown")
    assert post["asleep"] == 0
    clocks = county.rows("SELECT * FROM obligation WHERE case_id = ?", post["case_id"])
    assert clocks
    assert {c["start_at"] for c in clocks} == {post["collected_at"]}
    assert "found" in {c["start_basis"] for c in clocks} <= {"found", "handed_over"}


@pytest.mark.parametrize("title", ["", "😀🏫🍚", "　 ", "<script>alert(1)</script>"])
def test_a_post_with_an_odd_title_has_a_case_and_a_digest_all_the_same(county: County, title: str) -> None:
    [post] = taken(county, {"id": "t", "title": title, "body": COMPLAINT, "time": "2026-11-18 09:00"})
    assert post["case_title"].strip()
    told = county("digest", "--out", county.root / "d.html", "--json").json
    page = (county.root / "d.html").read_text("utf-8")
    assert "[教舆-2026-00001]" in told["text"]
    assert "<script>alert" not in page
    county("send")
    assert county.value("SELECT count(*) FROM message WHERE state != 'sent'") == 0


def test_a_post_of_a_megabyte_passes_through_everything(county: County) -> None:
    body = COMPLAINT + "。" + "食堂的饭菜一直这样，反映了很多次没有人管。" * 17_000
    assert len(body.encode()) > 1_000_000
    [post] = taken(county, {"id": "t", "title": "清源一中食堂有虫子", "body": body, "time": "2026-11-18 09:00"})
    assert post["body"] == body
    assert post["case_id"]
    county("digest")
    county("send")
    assert county.value("SELECT max(length(text)) + max(length(html)) FROM message") < 200_000
    assert county("explain", post["id"], "--json").json["scope"] == "k12"


def test_the_same_post_under_three_addresses_is_one_case(county: County) -> None:
    rows = [
        {"id": str(n), "title": "清源一中食堂有虫子", "body": COMPLAINT, "time": f"2026-11-18 09:0{n}", "url": f"http://bbs{n}.example/t/{n}"}
        for n in range(3)
    ]
    posts = taken(county, *rows)
    assert len(posts) == 3
    assert {p["case_id"] for p in posts} == {1}
    assert county.value("SELECT count(*) FROM assignment WHERE role = 'lead'") == 1


# ── a mail server that refuses ──────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_server_that_refuses_is_said_and_every_mail_waits_for_it(county: County) -> None:
    taken(county, {"id": "t", "title": "清源一中食堂有虫子", "body": COMPLAINT, "time": "2026-11-18 09:00"})
    smtp = f'transport = "smtp"\nhost = "127.0.0.1"\nport = {free_port()}\nsecurity = "none"'
    county.change("huiyin.toml", ('transport = "file"', smtp))
    done = county.run("send", "--json")
    assert done.code == 1
    assert done.json["breaker"]["reason"]
    waiting = county.value("SELECT count(*) FROM message WHERE state = 'queued' AND attempts = 0")
    assert waiting == county.value("SELECT count(*) FROM message") > 0
    calls = county.value("SELECT count(*) FROM phone_task")
    assert calls > 0
    assert "邮件中断" in county("digest").out
    assert county.run("send", at="2026-11-18T10:05").code == 1
    assert county.value("SELECT count(*) FROM phone_task") == calls
    county.change("huiyin.toml", (smtp, 'transport = "file"'))
    county("send", at="2026-11-18T10:10")
    assert county.value("SELECT count(*) FROM message WHERE state != 'sent'") == 0
    assert county.value("SELECT count(*) FROM breaker") == 0
    assert county.value("SELECT count(*) FROM phone_task WHERE done_at IS NULL AND why LIKE '%服务器不可用%'") == 0


def test_a_mail_server_without_its_password_is_unusable_and_loses_nothing(county: County) -> None:
    taken(county, {"id": "t", "title": "清源一中食堂有虫子", "body": COMPLAINT, "time": "2026-11-18 09:00"})
    county.change("huiyin.toml", ('transport = "file"', 'transport = "smtp"\nhost = "127.0.0.1"\nuser = "u"\nsecurity = "none"'))
    done = county.run("send")
    assert done.code == 2
    assert "HUIYIN_SMTP_PASSWORD" in done.out + done.err
    assert county.value("SELECT count(*) FROM message WHERE state = 'queued'") > 0


# ── exit code 2, with its place and its mend, and nothing half-written ──────────────────────────────────────────────

UNUSABLE: dict[str, tuple[list[str], str]] = {
    "a source that does not exist": (["crawl", "nowhere"], "nowhere"),
    "a source that is not crawled": (["crawl", "hotline"], "hotline"),
    "an import into no source": (["import", "good.jsonl", "--source", "nowhere"], "nowhere"),
    "an import of no file": (["import", "none.csv", "--source", "hotline"], "none.csv"),
    "an import with a broken line": (["import", "broken.jsonl", "--source", "hotline"], "broken.jsonl:2"),
    "an import with an empty row": (["import", "hollow.csv", "--source", "hotline"], "hollow.csv:3"),
    "an import of unknown columns": (["import", "strange.csv", "--source", "hotline"], "strange.csv"),
    "an import that wants two things": (["import", "good.jsonl", "--source", "hotline", "--as-new", "--archive"], "--as-new"),
    "a mapping to no column": (["import", "good.jsonl", "--source", "hotline", "--map", "title=没有"], "--map"),
    "a digest of no date": (["digest", "--date", "昨天"], "--date"),
    "a digest into a strange file": (["digest", "--out", "d.pdf"], "d.pdf"),
    "a digest into no folder": (["digest", "--out", "no/d.html"], "no"),
    "nothing to explain": (["explain"], "explain"),
    "a post that does not exist": (["explain", "999"], "999"),
    "analysing no file": (["analyse", "none.jsonl", "--out", "out.jsonl"], "none.jsonl"),
    "explaining nothing but blanks": (["explain", "--text", " \n "], "文字是空的"),
    "analysing an empty file": (["analyse", "hollow.jsonl", "--out", "out.jsonl"], "hollow.jsonl"),
    "analysing a table": (["analyse", "strange.csv", "--out", "out.jsonl"], "strange.csv"),
    "analysing many broken lines": (["analyse", "ruin.jsonl", "--out", "out.jsonl"], "此外还有 5 处"),
    "a place that is none": (["analyse", "good.jsonl", "--out", "out.jsonl", "--place", "清源"], "--place"),
    "a command that does not exist": (["exlpain", "1"], "没有命令 exlpain"),
    "analysing broken lines": (["analyse", "broken.jsonl", "--out", "out.jsonl"], "broken.jsonl 第 2 行"),
    "analysing with a broken registry": (["analyse", "good.jsonl", "--out", "out.jsonl", "--schools", "bad.csv"], "bad.csv"),
    "scoring without labels": (["evaluate", "good.jsonl"], "good.jsonl"),
    "a user of no role": (["user", "add", "甲", "--role", "king", "--password-stdin"], "king"),
    "a password too short": (["user", "add", "甲", "--role", "viewer", "--password-stdin"], "密码"),
    "a new source of a bad name": (["source", "new", "坏 名", "http://127.0.0.1:1/"], "坏 名"),
    "a source to test that does not exist": (["source", "test", "nowhere"], "nowhere"),
    "a directory that is taken": (["init", "."], "."),
    "a moment that is none": (["status", "--now", "昨天"], "--now"),
}
FILES = {
    "good.jsonl": '{"id": 1, "title": "清源一中", "body": "食堂"}\n',
    "broken.jsonl": '{"id": 1, "title": "清源一中", "body": "食堂"}\n{"id": 2, "title":\n',
    "hollow.csv": "编号,标题,内容\n1,清源一中,食堂\n2,,\n",
    "strange.csv": "甲,乙\n1,2\n",
    "bad.csv": "全称,电话\n甲小学,1\n",
    "hollow.jsonl": "\n",
    "ruin.jsonl": "{\n" * 25,
    "out.jsonl": "before\n",
}


@pytest.mark.parametrize(("words", "where"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_input_is_said_with_its_place_and_its_mend_and_nothing_is_written(
    pristine: County, monkeypatch: pytest.MonkeyPatch, words: list[str], where: str
) -> None:
    for name, text in FILES.items():
        pristine.write(name, text)
    monkeypatch.chdir(pristine.root)
    before = dump(pristine.root / "data" / "huiyin.db"), tree(pristine.root)
    done = pristine.run(*words, "--json", given="abc\n")
    assert done.code == 2, done.out + done.err
    faults = done.json["error"]
    assert any(where in fault["where"] or where in fault["what"] for fault in faults), faults
    assert all(fault["where"] and fault["what"] and fault["mend"] for fault in faults), faults
    assert "错误" in done.err
    assert (dump(pristine.root / "data" / "huiyin.db"), tree(pristine.root)) == before


def tree(root: Path) -> dict[str, bytes]:
    """Every file but the database's own."""
    return {str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file() and not f.name.startswith("huiyin.db")}


@pytest.mark.parametrize("words", [["status"], ["process"], ["crawl"], ["send"], ["digest"], ["remind"], ["check"], ["run"]], ids=" ".join)
def test_with_a_broken_configuration_no_command_does_anything(county: County, words: list[str]) -> None:
    county.change("routing.toml", ("[qingyuan-everyday]", "[qingyuan-everyday"))
    county.change("schools.csv", ("全称", "全 称"))
    before = dump(county.root / "data" / "huiyin.db")
    done = county.run(*words)
    assert done.code == 2 or (words == ["check"] and done.code == 1)
    assert "routing.toml" in done.out + done.err
    assert dump(county.root / "data" / "huiyin.db") == before


def test_a_moment_is_shanghai_time_and_stands_before_and_after_the_command(county: County) -> None:
    taken(county, {"id": "t", "title": "清源一中食堂有虫子", "body": COMPLAINT})
    said = {county.run("status", "--json", at=at).out for at in ("2026-11-18T20:00", "2026-11-18T12:00Z", "2026-11-18T20:00+08:00")}
    assert len(said) == 1
    after = county.run("status", "--json", "--now", "2026-11-18T20:00", at="")
    assert {after.out} == said
    assert after.json["obligations"]["overdue"] > 0
    assert datetime.fromisoformat(county.rows("SELECT collected_at FROM post")[0]["collected_at"]).hour == 2
