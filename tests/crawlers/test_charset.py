"""Bytes to text, whatever a page says of itself."""

import pytest

from crawlers.charset import Binary, decode

TEXT = "关于2026年秋季学期义务教育学校招生工作的通知，各学校和家长请注意：镕、喆、囧"
PAGE = "<html><head><meta charset={}></head><body>{}</body></html>"

DECLARED = [
    ("utf-8", "text/html; charset=utf-8", "utf-8", "utf-8"),
    ("gb18030", "text/html; charset=gb2312", "gb2312", "gb18030"),
    ("gb18030", "text/html; charset=utf-8", "utf-8", "gb18030"),  # both lie
    ("utf-8", "text/html; charset=gbk", "gbk", "utf-8"),
    ("gb18030", "text/html", "gb2312", "gb18030"),
    ("gb18030", "text/html; charset=iso-8859-1", "utf-8", "gb18030"),
    ("utf-8", "", "no-such-charset", "utf-8"),
    ("utf-8-sig", "text/html; charset=gbk", "gbk", "utf-8"),
    ("utf-16", "text/html; charset=utf-8", "utf-8", "utf-16"),
]


@pytest.mark.parametrize(("real", "header", "meta", "found"), DECLARED)
def test_a_declared_charset_is_believed_as_far_as_the_bytes_bear_it_out(real: str, header: str, meta: str, found: str) -> None:
    text = PAGE.format(meta, TEXT)
    decoded = decode(text.encode(real), header)
    assert (decoded.text, decoded.charset) == (text, found)


def test_the_sources_own_setting_comes_first() -> None:
    assert decode("教育".encode("big5"), "text/html; charset=gbk", "big5").text == "教育"


def test_two_characters_are_enough_to_see_through_a_lie() -> None:
    assert decode("学校".encode(), "text/html; charset=gbk").text == "学校"


def test_a_page_cut_within_a_character_is_still_read() -> None:
    assert decode((TEXT * 20).encode()[:-1], "text/html; charset=utf-8").text.startswith(TEXT)


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n" + bytes(100), b"%PDF-1.7 ...", b"PK\x03\x04" + bytes(50), b"text" + bytes(200)])
def test_a_binary_served_as_html_is_no_text(body: bytes) -> None:
    with pytest.raises(Binary):
        decode(body, "text/html; charset=utf-8")


def test_an_empty_body_is_an_empty_text() -> None:
    assert decode(b"", "text/html").text == ""
