"""Curves: their points are what scikit-learn says, their pictures the same bytes again, with Chinese letters or without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier import curves
from classifier.evaluate import Count
from classifier.judging import Chances
from classifier.labels import Label
from classifier.model import Head
from pipeline.domain.readings import Reading
from pipeline.domain.terms import Scope

NONE = np.zeros(0, dtype=np.float32)
COLUMNS = {"scope:k12": 0, "topic:A5": 1, "topic:C1": 2}
NAMES = {"k12": "涉教", "all": "合计", "A5": "A5 食堂", "C1": "C1 招生"}


def chances(*p: float) -> Chances:
    return Chances(Head(NONE, NONE, NONE, NONE, {}, {}), COLUMNS, np.array(p, dtype=np.float32))


def told(*topics: str, scope: Scope = Scope.K12, accept: tuple[str, ...] = (), skip: bool = False) -> Label:
    return Label("1", "题", scope, topics, accept_topic=frozenset(accept), skip_scope=skip)


LABELS = [told("A5"), told("C1", accept=("A5",)), told(scope=Scope.NONE), told("A5", skip=True)]
CHANCES = [chances(0.9, 0.8, 0.1), chances(0.7, 0.9, 0.6), chances(0.2, 0.9, 0.9), chances(0.1, 0.1, 0.9)]
READINGS = [Reading("m", Scope.K12, p) for p in (0.9, 0.7, 0.2, 0.1)]


def both() -> list[curves.Picture]:
    return [curves.relevance(LABELS, READINGS, Count(2, 1, 0)), curves.topics(LABELS, CHANCES, Count())]


def test_only_what_counts_is_drawn() -> None:
    relevance, topics = both()
    assert [(c.name, c.average, c.at) for c in relevance.curves] == [("k12", 1.0, (1.0, 2 / 3))]
    assert [(c.name, c.average, c.at) for c in topics.curves] == [("all", 1.0, None), ("A5", 1.0, None), ("C1", 1.0, None)]


def test_what_nobody_wanted_has_no_curve() -> None:
    alone = [told(scope=Scope.NONE)]
    assert curves.relevance(alone, READINGS[:1], Count()).curves == ()
    assert curves.topics(alone, CHANCES[:1], Count()).curves == ()
    assert curves.topics([], [], Count()).curves == ()


@pytest.mark.parametrize("letters", [True, False], ids=["chinese", "codes"])
def test_the_same_figures_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters: bool) -> None:
    if not letters:
        monkeypatch.setattr(curves, "FAMILIES", ())
    curves.chinese.cache_clear()
    once, again = tmp_path / "once.png", tmp_path / "again.png"
    for file in (once, again):
        curves.draw([file], both(), NAMES)
    curves.chinese.cache_clear()
    assert once.read_bytes() == again.read_bytes()
    assert sorted(tmp_path.iterdir()) == [again, once]


def test_the_picture_of_topics_says_why_a_cross_may_lie_below_its_curve() -> None:
    relevance, topics = both()
    assert (relevance.note, topics.note) == ("", curves.WHY_BELOW)
    assert "低于曲线" in topics.note
    assert topics.note_in_code.isascii()


def test_letters_that_no_font_has_are_left_to_codes() -> None:
    assert curves.chinese("\U0010fffd") is None
