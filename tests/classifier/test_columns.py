"""Words and pairs counted for a batch: what a column holds, and that no text depends on its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.columns import PAIRS, WORDS, Columns

TEXTS = [
    ("食堂饭菜有虫子", "孩子说学校食堂的饭菜里有虫子，收了1500元。"),
    ("学校补课收费", "学校周末补课，收费3200元，孩子不想去学校。"),
    ("小区停水", "小区停水三天，食堂没有水。"),
    ("小区停电", "小区停电，学校也停电，孩子没法写作业。"),
    ("饭菜太贵", "学校食堂饭菜太贵，收了0900元。"),
]
KNOWN = Columns.learn(TEXTS)


def dense(*texts: tuple[str, str]) -> np.ndarray:
    return KNOWN.matrix(texts).toarray()


def test_a_word_counts_when_two_texts_have_it_and_a_pair_when_four_do() -> None:
    assert {"学校", "食堂", "饭菜", "0000"} <= set(KNOWN.words)
    assert "虫子" not in KNOWN.words
    assert "学校" in KNOWN.pairs
    assert "停水" not in KNOWN.pairs


def test_all_numbers_of_one_length_are_one_word() -> None:
    assert np.array_equal(dense(("", "收了1500元")), dense(("", "收了9876元")))


def test_each_block_of_a_row_has_its_length() -> None:
    row = dense(TEXTS[0])[0]
    words, pairs = row[: len(KNOWN.words)], row[len(KNOWN.words) :]
    assert np.linalg.norm(words) == pytest.approx(WORDS, abs=1e-5)
    assert np.linalg.norm(pairs) == pytest.approx(PAIRS, abs=1e-5)


def test_the_title_counts_more_than_the_body() -> None:
    column = KNOWN.words.index("食堂")
    assert dense(("食堂", "学校"))[0, column] > dense(("学校", "食堂"))[0, column]


def test_a_batch_counts_as_each_text_alone() -> None:
    alone = np.vstack([dense(text) for text in TEXTS])
    assert np.array_equal(dense(*TEXTS), alone)


@pytest.mark.parametrize("text", [("", ""), ("zzz", "？？？"), ("\ud800", "\x00"), ("", "😀" * 50)])
def test_a_text_without_known_words_is_an_empty_row(text: tuple[str, str]) -> None:
    assert not dense(text).any()
    assert np.array_equal(dense(TEXTS[0], text, TEXTS[1])[[0, 2]], dense(*TEXTS[:2]))


def test_no_texts_make_no_rows() -> None:
    assert KNOWN.matrix([]).shape == (0, KNOWN.width)


def test_a_column_says_what_it_stands_for() -> None:
    assert KNOWN.name(KNOWN.words.index("学校")) == "学校"
    assert KNOWN.name(len(KNOWN.words)) == KNOWN.pairs[0]
