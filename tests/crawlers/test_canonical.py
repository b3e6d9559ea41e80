"""One page, one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.canonical import canonical

URLS = [
    ("HTTP://BBS.Example:80/thread-1-1.html#p5", "http://bbs.example/thread-1-1.html"),
    ("https://bbs.example:443/", "https://bbs.example/"),
    ("https://bbs.example", "https://bbs.example/"),
    ("https://bbs.example:8443/a", "https://bbs.example:8443/a"),
    ("https://bbs.example/a?utm_source=x&id=5&from=groupmessage&spm=1.2", "https://bbs.example/a?id=5"),
    ("https://bbs.example/a?b=2&a=1", "https://bbs.example/a?a=1&b=2"),
    ("https://bbs.example/a?tid=7&extra=page%3D1&sid=Ab3", "https://bbs.example/a?tid=7"),
    ("https://bbs.example/a;jsessionid=0A1B?id=3&PHPSESSID=9", "https://bbs.example/a?id=3"),
    ("https://bbs.example/a?share_token=z&shareid=4&isappinstalled=0&id=1", "https://bbs.example/a?id=1"),
    ("https://m.bbs.example/a", "https://m.bbs.example/a"),
    ("https://bbs.example/%e6%95%99?q=%d6%d0", "https://bbs.example/%E6%95%99?q=%D6%D0"),  # GBK stays GBK
    ("https://bbs.example/教育", "https://bbs.example/%E6%95%99%E8%82%B2"),
    ("https://user:secret@bbs.example/a", "https://bbs.example/a"),
    ("http://教育.example/a", "http://xn--wcvs22d.example/a"),
    ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ("javascript:void(0)", ""),
    ("mailto:a@b.example", ""),
    ("http://", ""),
    ("http://a:b/", ""),
]


@pytest.mark.parametrize(("url", "name"), URLS, ids=[u[0] for u in URLS])
def test_tracking_sessions_and_accidents_of_writing_make_no_other_page(url: str, name: str) -> None:
    assert canonical(url) == name


def test_a_link_is_taken_from_its_page() -> None:
    assert canonical("../b.html?from=x", "https://bbs.example/a/c.html") == "https://bbs.example/b.html"


@given(st.text(max_size=60))
def test_a_canonical_address_is_its_own_name(text: str) -> None:
    name = canonical(f"https://bbs.example/{text}")
    assert canonical(name) == name
