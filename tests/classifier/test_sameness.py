"""The model that holds two posts for one matter: its weights follow from the corpus, and what it says has the right direction."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from classifier import sameness_fit
from classifier.meaning import sentence_meaning
from classifier.sameness import FEATURES, Told, features, model
from classifier.sameness_fit import FILE, fit, meanings, reading, rows
from classifier.telling import told


@pytest.fixture(scope="module")
def corpus() -> list[sameness_fit.Row]:
    return rows()


def facts(found: list[sameness_fit.Row]) -> list[Told]:
    return told([r.post for r in found], [reading(r, "named") for r in found], rarity=model().rarity.fresh())


def test_the_weights_follow_from_the_corpus(corpus: list[sameness_fit.Row]) -> None:
    """Fails when corpus_events was changed and the file was not made anew: `python -m classifier.sameness_fit`."""
    assert fit(corpus, model().rarity) == pytest.approx(dict(model().plain), abs=0.01)


@pytest.mark.skipif(sentence_meaning() is None, reason="no encoder is installed")
def test_the_weights_with_meaning_follow_too(corpus: list[sameness_fit.Row]) -> None:
    assert fit(corpus, model().rarity, meanings(corpus)) == pytest.approx(dict(model().meaning), abs=0.01)


def test_the_corpus_holds_enough_of_each_kind(corpus: list[sameness_fit.Row]) -> None:
    own = [r for r in corpus if not r.twin and not r.host]
    sizes = Counter(r.event for r in own)
    assert len(own) >= 150
    assert sum(n > 1 for n in sizes.values()) >= 40
    assert sum(n == 1 for n in sizes.values()) >= 40


def test_a_pair_has_the_same_features_both_ways(corpus: list[sameness_fit.Row]) -> None:
    found = facts(corpus[:12])
    for one in found:
        for other in found:
            assert features(one, other) == pytest.approx(features(other, one))


@pytest.mark.parametrize("name", sorted(sameness_fit.AGAINST))
def test_what_speaks_against_one_matter_never_speaks_for_it(name: str) -> None:
    assert model().plain[name] <= 0
    assert name in FEATURES


def test_time_between_two_posts_never_makes_them_likelier_one_matter(corpus: list[sameness_fit.Row]) -> None:
    one, two = corpus[0], corpus[1]
    near, moved = facts([one, two])
    values = []
    for days in (0, 3, 9, 27):
        values.append(model().probability(near, replace(moved, at=near.at + timedelta(days=days))))
    assert values == sorted(values, reverse=True)


def test_the_file_says_what_it_is() -> None:
    from importlib.resources import files

    found = json.loads((files("classifier") / FILE).read_text("utf-8"))
    assert set(found) == {"rows", "plain", "meaning", "words"}
    assert set(found["plain"]) == {*FEATURES, "constant"}
