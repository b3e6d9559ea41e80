"""The corpus: every row is whole, every slot is filled, names differ between variants, and the test data is not in it."""

from __future__ import annotations

import json
import random
import re

import pytest

from classifier import corpus
from classifier.corpus import PIECE, SLOT, examples, fingerprint, lines, pieces
from classifier.slots import filling
from config.schema import Config

ROWS = lines()
KEYS = {"title", "body", "register", "scope", "topics", "owner", "nature", "tags", "redline", "accused"}


def test_every_row_has_the_keys_of_the_guide_and_known_topics(county: Config) -> None:
    for line in ROWS:
        row = json.loads(line)
        assert set(row) == KEYS, row["title"]
        assert set(row["topics"]) <= set(county.topics), row["title"]
        assert bool(row["topics"]) <= (row["scope"] == "k12"), row["title"]


def test_every_slot_is_filled() -> None:
    for example in examples(ROWS, 2):
        assert not SLOT.search(example.text), example.title
        assert all(a in example.text for a in example.accused), example.title


def test_pieces_are_short_and_of_every_scope() -> None:
    found = pieces(ROWS)
    assert len(found) > len(ROWS) / 2
    assert {p.scope for p in found} == {"k12", "none", "higher_ed"}
    assert all(len(p.text) < 2 * PIECE[1] and not SLOT.search(p.text) for p in found)
    assert all(not (p.title and p.body) for p in found)


def test_the_same_seed_gives_the_same_examples() -> None:
    assert examples(ROWS[:50], 2) == examples(ROWS[:50], 2)
    assert examples(ROWS[:50], 2) != examples(ROWS[:50], 2, seed=2)


def test_asides_stand_in_all_variants_but_the_first() -> None:
    first, second = examples([ROWS[0]], 2)
    assert len(second.body) > len(first.body)


SLOTS = "小学 小学2 中学 高中 幼儿园 职校 民办 特校 县 外县 镇 村 小区 路 机构 大学 驾校 人 金额 数 日期 电话"


@pytest.mark.parametrize("slot", re.findall(r"\w+", SLOTS))
def test_a_slot_is_filled_in_many_ways(slot: str) -> None:
    rng = random.Random(1)
    values = {filling(slot, rng) for _ in range(60)}
    assert len(values) > 1
    assert all(values)


def test_every_topic_has_examples(county: Config) -> None:
    told = {code for line in ROWS for code in json.loads(line)["topics"]}
    assert told == set(county.topics)


def test_the_fingerprint_tells_one_corpus_from_another() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", fingerprint(ROWS))
    assert fingerprint(ROWS) != fingerprint(ROWS[:-1])
    assert corpus.fingerprint(ROWS) == fingerprint(list(ROWS))
