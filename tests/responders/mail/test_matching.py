"""Where a mail belongs: by what it answers, then by the number in its title, and never by guessing."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.inbound import InboundKind, Incoming, Named, Ours
from responders.mail.matching import Known, numbers, own_words, place
from responders.mail.returns import Fate, Judged

REPLY = Judged(InboundKind.REPLY)
ONE = Ours(5, "<one@jyj>", "QY001", "qy001@edu.example", "曾广霞", (11,), (21,))
MANY = Ours(6, "<many@jyj>", "QY001", "qy001@edu.example", "曾广霞", (11, 12), (21, 22))
DIGEST = Ours(7, "<digest@jyj>", "desk", "desk@jyj.example", "丁一禾")
A, B = Named(11, "教舆-2026-00011", frozenset({"QY001"})), Named(12, "教舆-2026-00012", frozenset({"QY002"}))
SCHOOL = frozenset({"QY001"})


@pytest.mark.parametrize(
    ("known", "case", "assignment", "is_known", "words"),
    [
        ({"ours": [ONE], "sender": SCHOOL}, 11, 21, True, "回复了本系统发出的邮件"),
        ({"ours": [ONE]}, 11, 21, False, "不是登记的联系人"),
        ({"ours": [ONE], "in_title": [B], "sender": SCHOOL}, 11, 21, True, "回复了"),
        ({"ours": [DIGEST, ONE], "sender": SCHOOL}, 11, 21, True, "回复了"),
        ({"ours": [MANY], "sender": SCHOOL}, None, None, True, "涉及 2 个事件"),
        ({"ours": [MANY], "in_title": [B], "sender": SCHOOL}, 12, None, True, "回复了"),
        ({"ours": [MANY], "in_text": [A], "sender": SCHOOL}, 11, None, True, "回复了"),
        ({"ours": [DIGEST], "sender": SCHOOL}, None, None, True, "不涉及具体事件"),
        ({"ours": [DIGEST], "in_title": [A], "sender": SCHOOL}, 11, None, True, "写有事件编号"),
        ({"in_title": [A], "sender": SCHOOL}, 11, None, True, "写有事件编号"),
        ({"in_text": [A], "sender": SCHOOL}, 11, None, True, "写有事件编号"),
        ({"in_title": [A]}, 11, None, False, "不是登记的联系人"),
        ({"in_title": [B], "sender": SCHOOL}, None, None, True, "没有交给发件单位"),
        ({"in_title": [A, B], "sender": SCHOOL}, None, None, True, "2 个事件编号"),
        ({}, None, None, False, "没有写事件编号"),
    ],
)  # fmt: skip
def test_a_reply_is_attached_or_left_to_staff(
    known: dict[str, Any], case: int | None, assignment: int | None, is_known: bool, words: str
) -> None:
    found = place(Incoming(subject="回复"), REPLY, Known(**known))
    assert (found.case_id, found.assignment_id, found.known) == (case, assignment, is_known)
    assert found.pen is (case is None)
    assert words in found.remark


def test_a_wrong_number_is_named() -> None:
    found = place(Incoming(subject="[教舆-2026-99999] 回复"), REPLY, Known(sender=SCHOOL))
    assert (found.pen, found.remark) == (True, "没有编号为 教舆-2026-99999 的事件")


@pytest.mark.parametrize(
    ("kind", "known", "case", "pen"),
    [
        (InboundKind.BOUNCE, {"ours": [ONE]}, 11, False), (InboundKind.BOUNCE, {"ours": [MANY]}, None, False),
        (InboundKind.BOUNCE, {"in_title": [A]}, None, True), (InboundKind.DELAYED, {"ours": [ONE]}, 11, False),
        (InboundKind.AUTOMATIC, {"ours": [ONE]}, 11, False), (InboundKind.AUTOMATIC, {}, None, False),
        (InboundKind.OWN, {"ours": [ONE]}, None, False),
    ],
)  # fmt: skip
def test_what_machines_wrote(kind: InboundKind, known: dict[str, Any], case: int | None, pen: bool) -> None:
    found = place(Incoming(), Judged(kind, Fate.LOST, "550"), Known(**known))
    assert (found.case_id, found.pen) == (case, pen)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[教舆-2026-00123] 交办", ["教舆-2026-00123"]), ("回复：［教舆－２０２６－００１２３］", ["教舆-2026-00123"]),
        ("教舆 - 2026 - 123 号", ["教舆-2026-00123"]),
        ("教舆-2026-00001、教舆-2026-00002、教舆-2026-00001", ["教舆-2026-00001", "教舆-2026-00002"]),
        ("教舆-26-1", []), ("[教舆] 3项办理提醒", []), ("教舆-2026-1234567890123", []),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, wanted: list[str]) -> None:
    assert list(numbers(text)) == wanted


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("已签收\n> 教舆-2026-00001", "已签收"), ("已签收\n\n------------------ 原始邮件 ------------------\n发件人：x", "已签收"),
        ("已签收\n在 2026-11-18 10:00:00，\"教育局\" <a@b> 写道：\n交办", "已签收"),
        ("好\nOn Wed, Nov 18, 2026 at 10:00 AM x <a@b> wrote:\ny", "好"),
        ("已签收", "已签收"), ("> 全是引用", "> 全是引用"), ("", ""),
    ],
)  # fmt: skip
def test_own_words_end_where_the_quote_begins(text: str, own: str) -> None:
    assert own_words(text) == own
