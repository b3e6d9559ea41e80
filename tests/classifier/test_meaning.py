"""Sentence meaning: near for what means the same, the same alone and in a batch, and dispensable."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.meaning import HEAD, SIZE, TITLE, WITHOUT, Meaning, head, sentence_meaning
from classifier.model import Model
from classifier.reader import PostReader
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.terms import Scope
from tests.classifier.samples import MOMENT

ASKED = "孩子说学校食堂的菜里吃出虫子"


@pytest.fixture(scope="module")
def meaning() -> Meaning:
    found = sentence_meaning()
    assert found is not None
    return found


def test_the_same_told_in_other_words_is_nearer_than_another_matter(meaning: Meaning) -> None:
    one, same, other = meaning.vectors([ASKED, "学校饭堂的饭里有虫，孩子不敢吃", "小区物业停水三天没人管"])
    assert one @ same > one @ other + 0.2


def test_vectors_have_length_one(meaning: Meaning) -> None:
    found = meaning.vectors([ASKED, "", "😀", "\ud800半个字", "a" * 5_000])
    assert found.shape == (5, SIZE)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)


def test_a_text_means_the_same_alone_in_a_batch_and_on_two_threads(meaning: Meaning) -> None:
    texts = [ASKED, "老师打学生", "请问小学报名要什么材料", ASKED]
    alone = np.vstack([meaning.vectors([text]) for text in texts])
    assert np.array_equal(meaning.vectors(texts), alone)
    assert np.array_equal(meaning.vectors(texts, workers=2), alone)


def test_no_texts_no_vectors(meaning: Meaning) -> None:
    assert meaning.vectors([]).shape == (0, SIZE)


@pytest.mark.parametrize(
    ("title", "body", "read"),
    [("标题", "正文", "标题。正文"), ("", "正文", "正文"), ("题" * 200, "", "题" * TITLE + "。"), ("", "文" * 900, "文" * HEAD),
     ("", "顶！" * 400 + "求助", "顶！求助")],
)
def test_title_and_beginning_are_read(title: str, body: str, read: str) -> None:
    assert head(title, body) == read


def test_it_can_be_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence_meaning.cache_clear()
    monkeypatch.setenv(WITHOUT, "1")
    assert sentence_meaning() is None
    sentence_meaning.cache_clear()


def test_the_linear_reader_alone_reads_too(model: Model, county: Config) -> None:
    asked = Post(1, "f", "1", "", "清源一中食堂饭菜有虫子", f"{ASKED}，家长反映了也没有改。", MOMENT, MOMENT)
    [found] = PostReader(model, county, None, None).read([asked])
    assert found.scope is Scope.K12
    assert found.topics[0].code == "A5"
    assert "-words+" in found.model
