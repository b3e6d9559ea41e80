"""The normal form keeps every code point in its place; both cutters cut alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.words import FastCutter, PlainCutter, fold, tokens

TEXT = "清源縣第１中學的食堂飯菜變質，ＡＢＣ　ｘｙｚ！😀İ\ud800\x00裏"


def test_full_width_case_and_traditional_are_folded() -> None:
    assert fold("Ａ７縣第１中學　食堂！") == "a7县第1中学 食堂!"


def test_every_code_point_stays_in_its_place() -> None:
    folded = fold(TEXT)
    assert len(folded) == len(TEXT)
    assert folded.index("食堂") == TEXT.index("食堂")


@given(st.text(max_size=200))
def test_fold_never_changes_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=100))
def test_fold_is_idempotent_on_what_it_made(text: str) -> None:
    assert len(fold(fold(text))) == len(text)


def test_numbers_are_one_word_and_punctuation_is_none() -> None:
    assert tokens("收了350元，还有12元！") == ["收", "了", "#", "元", "还有", "#", "元"]


def test_the_fallback_cuts_the_same_words() -> None:
    text = fold("尊敬的领导您好，孩子在县一中读高二，学校食堂饭菜里吃出虫子，周末还强制补课收费")
    assert list(FastCutter().cut(text)) == list(PlainCutter().cut(text))
