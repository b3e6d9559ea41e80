"""The corpus: every row keeps to the guide, none stands twice, every kind is there, every slot is filled."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest

from classifier import corpus
from classifier.corpus import SLOT, examples, fingerprint, lines
from classifier.slots import filling
from config.schema import Config
from pipeline.domain.terms import Nature, OwnerKind, RedLine, Scope, Tag

ROWS = lines()
KEYS = {"title", "body", "register", "scope", "topics", "owner", "nature", "tags", "redline", "accused"}


PARSED = [json.loads(line) for line in ROWS]
REGISTERS = {"forum", "mailbox", "hotline", "weibo", "wechat", "news", "notice", "advert", "rumour"}


def faults(row: dict[str, Any], topics: Collection[str]) -> list[str]:
    """What the guide forbids."""
    ours, text = row["scope"] == "k12", f"{row['title']}\n{row['body']}"
    checks = {
        "keys": set(row) == KEYS,
        "register": row["register"] in REGISTERS,
        "scope": row["scope"] in set(Scope),
        "topics": set(row["topics"]) <= set(topics) and len(row["topics"]) <= 3 and len(set(row["topics"])) == len(row["topics"]),
        "topics are given for k12 alone": bool(row["topics"]) == ours,
        "owner": row["owner"] in set(OwnerKind) and (row["owner"] != "none") == ours,
        "nature": row["nature"] in set(Nature),
        "tags": set(row["tags"]) <= set(Tag) and (ours or not row["tags"]),
        "redline": row["redline"] is None or row["redline"] in set(RedLine),
        "the accused stand in the text": all(words in text for words in row["accused"]),
        "text": bool(text.strip()) and len(row["body"]) <= 1200,
    }
    return [name for name, holds in checks.items() if not holds]


def test_every_row_keeps_to_the_guide(county: Config) -> None:
    wrong = [(row["title"] or row["body"][:30], found) for row in PARSED if (found := faults(row, county.topics))]
    assert not wrong


def test_no_message_stands_twice() -> None:
    seen = Counter((row["title"], row["body"]) for row in PARSED)
    assert not [text for text, times in seen.items() if times > 1]


def test_there_are_enough_rows_of_every_kind(county: Config) -> None:
    assert len(PARSED) >= 2_000
    assert {row["register"] for row in PARSED} == REGISTERS
    main = Counter(row["topics"][0] for row in PARSED if row["topics"])
    assert min(main[topic] for topic in county.topics) >= 15
    assert {row["redline"] for row in PARSED if row["redline"]} == set(RedLine)
    scopes = Counter(row["scope"] for row in PARSED)
    assert scopes["none"] + scopes["higher_ed"] >= len(PARSED) / 4
    school_words = re.compile("学校|小学|中学|幼儿园|学生|孩子|老师|教育|培训")
    near = [row for row in PARSED if row["scope"] == "none" and school_words.search(row["title"] + row["body"])]
    assert len(near) >= 500


def test_every_slot_is_filled() -> None:
    for example in examples(ROWS):
        assert not SLOT.search(example.text), example.title
        assert all(a in example.text for a in example.accused), example.title


def test_the_same_seed_gives_the_same_examples() -> None:
    assert examples(ROWS[:50]) == examples(ROWS[:50])
    assert examples(ROWS[:50]) != examples(ROWS[:50], seed=2)


SLOTS = "小学 小学2 中学 高中 幼儿园 职校 民办 特校 县 市 区 街道 外县 镇 村 小区 路 机构 大学 驾校 人 金额 数 日期 电话"


@pytest.mark.parametrize("slot", re.findall(r"\w+", SLOTS))
def test_a_slot_is_filled_in_many_ways(slot: str) -> None:
    rng = random.Random(1)
    values = {filling(slot, rng) for _ in range(60)}
    assert len(values) > 1
    assert all(values)


def test_the_fingerprint_tells_one_corpus_from_another() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", fingerprint(ROWS))
    assert fingerprint(ROWS) != fingerprint(ROWS[:-1])
    assert corpus.fingerprint(ROWS) == fingerprint(list(ROWS))
