"""What the school's page shows and asks, what it takes and what not, and the headers that everything goes out with."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import SchoolPageSettings
from pipeline.domain.cases import Assignment
from pipeline.domain.terms import AnswerKind
from pipeline.store import cases, evidence, party_reports
from pipeline.store.db import Store
from responders import actions, links
from responders.school import guard, page, sent

PERSON = {"name": "曾广霞", "post": "教导主任", "phone": "13900001001"}
FOUND = PERSON | {"findings": "已查实，系存放不当"}
PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n" + b"x", b"\xff\xd8\xff" + b"x", b"%PDF-1.7"
HOSTILE = '<script>alert(1)</script><img src="http://x.example/1"> "\' \u202egnp'


def packed(*names: str) -> bytes:
    """An archive with such members."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return body.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")


def test_it_shows_the_one_matter_by_its_summary_and_nothing_of_the_reporter(phone: Any, link: str, held: Assignment) -> None:
    shown = phone.open(link).text
    told = (held.summary, "教舆-2026-00001", "清源县第一中学", "主责单位", "2026-11-18 16:30 前", "依据清教办〔2026〕5号", "0999-5550100")
    hidden = ("发霉", "拉肚子", "王小明", "13800001111", "forum", "家长电话", held.reason, held.rule)
    assert [words for words in told if words not in shown] == []
    assert [words for words in hidden if words in shown] == []


def test_every_answer_has_its_headers_and_no_script(phone: Any, link: str) -> None:
    for path in (link, "/s/x", "/", "/login", "/cases/1", "/static/x"):
        reply = phone.open(path)
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Security-Policy"] == guard.POLICY
        assert "script" not in guard.POLICY
        assert "set-cookie" not in reply.headers
        assert not re.search(r"<script|\bon\w+=|style=|http://(?!127)", reply.text)


def test_its_files_are_there_and_nothing_else_of_the_console_is(phone: Any, link: str) -> None:
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', phone.open(link).text)
    assert {phone.open(path).status_code for path in found} == {200}
    assert len(set(found)) == 2
    for path in ("/login", "/cases", "/static/console.js", "/static/..%2fschool.css", "/s/", "/s"):
        assert phone.open(path).status_code == 404


def test_a_hostile_word_stays_a_word(phone: Any, link: str, store: Store) -> None:
    reply = phone.send(link, "findings", findings=HOSTILE, measures=HOSTILE, name=HOSTILE[:40], post=HOSTILE[:40], phone="1")
    assert reply.status_code == 303
    shown = phone.open(link).text
    assert "<script" not in shown
    assert '<img src="http' not in shown
    assert "〔U+202E〕" in shown


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("findings", PERSON, "请填写核查情况"), ("findings", FOUND | {"post": ""}, "请填写职务"),
        ("findings", FOUND | {"phone": " "}, "请填写电话"), ("findings", FOUND | {"name": ""}, "请填写姓名"),
        ("findings", FOUND | {"findings": "长" * 4001}, "最多 4000 字"),
        ("findings", FOUND | {"public_url": "javascript:alert(1)"}, "http:// 或 https://"),
        ("acknowledge", {"name": ""}, "请填写姓名"), ("dispute", {"name": "曾广霞", "reason": "  "}, "请填写退回的理由"),
        ("hand_over", {}, "表单不完整"), ("reassign", {"party": "QY002"}, "表单不完整"),
        ("", {}, "表单不完整"),
    ],
)
def test_what_is_not_whole_is_not_taken_and_what_was_typed_comes_back(
    phone: Any, link: str, everything: Callable[[], object], act: str, fields: dict[str, str], said: str
) -> None:
    before = everything()
    reply = phone.send(link, act, **fields)
    assert reply.status_code == 422
    assert said in reply.text
    kept = [fields.get(name, "").strip()[:50] for name in ("findings", "post", "reason")]
    assert [words for words in kept if words not in reply.text] == []
    assert everything() == before


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("截图.png", PNG, "png"), ("a.jpg", JPEG, "jpg"), ("说明.pdf", PDF, "pdf"), ("情况说明.docx", WORD, "docx"), ("x.exe", PNG, "png"),
        ("../../etc/passwd", PNG, "png"), ("C:\\fakepath\\照片.png", PNG, "png"), ("\u202egnp.exe", PNG, "png"), ("", PNG, "png"),
        ("a" * 300 + ".png", PNG, "png"), ("<script>.png", PNG, "png"), ("page.html", b"<html><script>", ""), ("a.png", b"MZ\x90", ""),
        ("a.svg", b"<svg onload=alert(1)>", ""), ("a.docx", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""),
        ("a.docx", packed("x"), ""), ("a.docx", WORD[:40], ""), ("a.zip", packed("a.png"), ""), ("a.gif", b"GIF89a", ""),
        ("large.png", PNG + bytes(sent.FILE_BYTES), ""),
    ],
)
def test_a_file_is_known_by_its_bytes_and_kept_under_its_hash(
    phone: Any, link: str, store: Store, held: Assignment, name: str, body: bytes, kind: str
) -> None:
    reply = phone.send(link, "findings", files=[("file", (name or "x", body, "image/png"))], **FOUND)
    if not kind:
        assert reply.status_code == 422
        assert "不能接收" in reply.text or "超过 5 MB" in reply.text
        assert store.value("SELECT count(*) FROM report_file") == 0
        return
    [file] = party_reports.of_assignment(store, held.id)[0].files
    assert sent.ENDINGS[file.kind] == kind
    assert evidence.read(store, file.evidence_id) == body
    assert file.name.isprintable()
    assert not set("/\\") & set(file.name)
    assert len(file.name) <= sent.NAME
    assert {f.suffix for f in (store.root / "evidence").rglob("*") if f.is_file()} == {".gz"}
    shown = phone.open(link).text
    assert "<script>" not in shown
    assert str(store.root) not in shown


def test_too_many_files_and_too_large_a_body_are_not_taken(phone: Any, link: str, everything: Callable[[], object]) -> None:
    before = everything()
    many = [("file", (f"{n}.png", PNG, "image/png")) for n in range(sent.MOST_FILES + 1)]
    assert "最多 6 个" in phone.send(link, "findings", files=many, **FOUND).text
    large = [("file", (f"{n}.png", PNG + bytes(sent.FILE_BYTES - 100), "image/png")) for n in range(5)]
    assert "附件过大" in phone.send(link, "findings", files=large, **FOUND).text
    assert everything() == before


def test_a_body_is_not_even_read_for_a_link_that_is_not_good(phone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responders.school.sent.read", lambda *_: 1 / 0)
    assert phone.client.post("/s/x", data=FOUND).status_code == 404


def test_no_address_says_done_where_nothing_was_done(phone: Any, link: str) -> None:
    for act in ("acknowledge", "findings", "dispute", "x"):
        assert 'role="status"' not in phone.open(f"{link}?done={act}").text
    done = phone.send(link, "acknowledge", name="曾广霞")
    assert "已签收，谢谢" in phone.open(link + done.headers["location"]).text


def test_who_signs_second_is_told_that_it_is_signed(phone: Any, link: str, store: Store) -> None:
    assert phone.send(link, "acknowledge", name="曾广霞").status_code == 303
    assert phone.send(link, "acknowledge", name="沈怀远").status_code == 303
    assert store.value("SELECT count(*) FROM party_report") == 1


def test_a_link_that_was_used_up_only_shows(phone: Any, link: str, store: Store, everything: Callable[[], object]) -> None:
    with store.transaction():
        store.execute("UPDATE school_link SET uses = most_uses")
    before = everything()
    assert "<form" not in phone.open(link).text
    assert phone.client.post(link, data=FOUND | {"act": "findings"}).status_code == 422
    assert everything() == before


def test_a_matter_that_is_done_is_shown_and_takes_nothing_more(
    phone: Any, link: str, store: Store, config: Config, held: Assignment, now: datetime, everything: Callable[[], object]
) -> None:
    case = cases.get(store, held.case_id)
    assert case is not None
    case = actions.choose_answer(store, config, case.id, case.version, AnswerKind.NONE, "已口头说明", "乙", now)
    actions.close(store, config, case.id, case.version, "已办", "乙", now)
    before = everything()
    shown = phone.open(link)
    assert shown.status_code == 200
    assert "<form" not in shown.text
    assert phone.client.post(link, data=FOUND | {"act": "findings"}).status_code == 422
    assert everything() == before


def test_a_scope_is_a_bound(phone: Any, link: str, store: Store, everything: Callable[[], object]) -> None:
    for scope, forms in (("view", []), ("ack", ["acknowledge", "dispute"]), ("answer", ["acknowledge", "findings", "dispute"])):
        with store.transaction():
            store.execute("UPDATE school_link SET scope = ?", scope)
        shown = re.findall(r'name="act" value="(\w+)"', phone.open(link).text)
        assert shown == forms
    with store.transaction():
        store.execute("UPDATE school_link SET scope = 'ack'")
    before = everything()
    assert phone.send(link, "findings", **FOUND).status_code == 422
    assert everything() == before


@pytest.mark.parametrize(("host", "passes"), [("127.0.0.1:8601", True), ("10.1.2.3", True), ("evil.example", False), ("", False)])
def test_another_name_is_refused(phone: Any, link: str, host: str, passes: bool) -> None:
    assert phone.client.get(link, headers={"host": host}).status_code == (200 if passes else 400)


@pytest.mark.parametrize(
    ("given", "client", "passes"),
    [
        ({}, "10.9.9.9", True), ({"proxies": ("10.1.2.3",)}, "10.1.2.3", True), ({"proxies": ("10.1.2.3",)}, "127.0.0.1", True),
        ({"proxies": ("10.1.2.3",)}, "10.9.9.9", False), ({"proxies": ("10.1.2.3",), "certificate": "c", "key": "k"}, "10.9.9.9", True),
    ],
)
def test_behind_another_machine_that_machine_alone_is_trusted(given: dict[str, Any], client: str, passes: bool) -> None:
    assert guard.trusted((client, 5), SchoolPageSettings(public_url="https://x.example", **given)) is passes


def test_an_address_with_a_path_is_the_base_of_every_link(store: Store, config: Config, link: str, clock: Any) -> None:
    given = SchoolPageSettings(public_url="https://x.example/school/")
    below = replace(config, settings=config.settings.model_copy(update={"school_page": given}))
    found = links.opened(store, below, link.removeprefix("/s/"), clock())
    assert found is not None
    assert 'href="/school/static/school.css' in page.content(store, below, found, clock())
