"""An account quotes its posts and says nothing else; personal data is masked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.summary import account
from pipeline.domain.posts import Post
from pipeline.masking import masked

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
POSTS = (
    ("锦澜府业主请求就近划入青枫小学", "尊敬的领导您好！小区北门到青枫小学步行五分钟，今年却把我们划到三公里外的白沙湖学校。"
     "恳请按就近入学原则划入青枫小学。谢谢！"),
    ("为什么读不了家门口的学校", "买房时说读青枫小学，今年锦澜府被划到白沙湖学校。我的电话是13800001111，联系人王小明。"
     "家门口的青枫小学不让读，要坐四站公交。"),
    ("转发：锦澜府划片", "【转】锦澜府的孩子今年划到白沙湖学校，不能读门口的青枫小学。顺便问一句天气预报准不准。"),
)


def post(number: int, title: str, body: str, hours: float = 0, source: str = "f", **more: object) -> Post:
    return Post(number, source, str(number), "", title, body, NOW + timedelta(hours=hours), NOW + timedelta(days=9), **more)  # type: ignore[arg-type]  # fields by name


TOLD = [post(i, title, body, i * 10, "fwf"[i]) for i, (title, body) in enumerate(POSTS)]


def test_every_quote_stands_in_its_post() -> None:
    texts = {p.id: p.text for p in TOLD}
    quotes = account(TOLD).quotes
    assert 1 <= len(quotes) <= 3
    for quote in quotes:
        assert masked(texts[quote.post][quote.start : quote.end]) == quote.words


def test_the_quotes_are_about_the_matter_and_do_not_repeat_each_other() -> None:
    said = account(TOLD)
    assert said.title in {t for t, _ in POSTS}
    assert "青枫小学" in said.summary
    assert "白沙湖学校" in said.summary
    assert "尊敬的" not in said.summary
    assert "天气" not in said.summary


@pytest.mark.parametrize("secret", ["13800001111", "王小明"])
def test_personal_data_is_masked(secret: str) -> None:
    only = account([post(1, f"找{secret}", f"我的电话是13800001111，联系人王小明，青枫小学不让{'读' * 3}。", 0)])
    assert "13800001111" not in only.summary + only.title
    assert "联系人王小明" not in only.summary


@pytest.mark.parametrize(
    ("title", "body", "wanted"),
    [("", "青枫小学食堂涨价了没有公示", "青枫小学食堂涨价了没有公示"), ("食堂", "", "食堂"), ("", "", ""), (" ", "短", "短")],
)
def test_a_post_without_a_title_is_named_by_its_first_words(title: str, body: str, wanted: str) -> None:
    assert account([post(1, title, body)]).title == wanted


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=120)), min_size=1, max_size=4))
def test_nothing_is_invented_whatever_is_posted(texts: list[tuple[str, str]]) -> None:
    told = [post(i, title, body) for i, (title, body) in enumerate(texts)]
    whole = {p.id: p.text for p in told}
    for quote in account(told).quotes:
        assert masked(whole[quote.post][quote.start : quote.end]) == quote.words
