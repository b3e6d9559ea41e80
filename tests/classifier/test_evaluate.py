"""Scores: equal to the acceptance script's on any labels and readings; tables that fit a terminal of a hundred columns."""

from __future__ import annotations

import os
import random
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from classifier import rows, scoreboard
from classifier.evaluate import UNREAD, Count, figures, grouping, tally
from classifier.labels import Label, label
from classifier.layout import WIDTH, clipped, table, wrapped
from config.schema import Config
from pipeline.domain.cases import Decision
from pipeline.domain.readings import Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import Nature, OwnerKind, RedLine, Role, Scope, Tag

SCORE = Path(__file__).parents[3] / "shared" / "tools" / "score.py"
TOPICS, NAMES = ("A5", "C1", "D4", "B2"), ("清源一中", "清源县第一中学", "一中", "水泉小学", "三中")
FULL = ("清源县第一中学", "水泉小学", None)


def labelled(rng: random.Random, number: int) -> dict[str, Any]:
    """A row with any labels, all the scorer's options among them."""
    row: dict[str, Any] = {
        "id": number, "scope": rng.choice(list(Scope)).value, "topics": rng.sample(TOPICS, rng.randint(0, 3)),
        "owner": rng.choice(list(OwnerKind)).value, "tags": [t.value for t in rng.sample(list(Tag), rng.randint(0, 3))],
        "nature": rng.choice([Nature.ACCUSATION, Nature.QUESTION]).value, "redline": rng.random() < 0.3,
        "schools": [{"surface": s, "name": rng.choice(FULL)} for s in rng.sample(NAMES, rng.randint(0, 3))],
    }
    options = {"accept_owner": ["bureau"], "accept_topic": ["A5"], "skip_scope": True, "weight": 2.5, "event": rng.randint(1, 4)}
    return row | {name: value for name, value in options.items() if rng.random() < 0.3}


def read(rng: random.Random) -> tuple[Reading, Decision]:
    """Any reading, and anybody who answers."""
    topics = tuple(TopicScore(t, rng.random()) for t in rng.sample(TOPICS, rng.randint(0, 3)))
    schools = tuple(
        SchoolMention(Span(s, 0, len(s)), rng.choice(FULL), None, rng.random(), landmark=rng.random() < 0.2)
        for s in rng.sample(NAMES, rng.randint(0, 3))
    )
    reading = Reading(
        "test", rng.choice(list(Scope)), rng.random(), topics, tuple(rng.sample(list(Tag), 2)), nature=rng.choice(list(Nature)),
        redline=rng.choice([None, None, RedLine.EXAM_LEAK]), schools=schools,
    )
    return reading, Decision(rng.choice(list(OwnerKind)), "", "", Role.LEAD, "rule", "", "", confidence=rng.random())


@pytest.mark.skipif(not SCORE.is_file() and os.environ.get("CI") != "true", reason="the acceptance script is not beside the project")
@pytest.mark.parametrize("seed", range(60))
def test_every_figure_is_the_acceptance_scripts(seed: int) -> None:
    rng = random.Random(seed)
    many = rng.choice([1, 3, 40])
    told = [labelled(rng, n) for n in range(many)]
    readings, decisions = zip(*(read(rng) for _ in range(many)), strict=True)
    events = [rng.randint(1, 5) for _ in told]
    labels = [label(row, "") for row in told]
    found = tally(labels, readings, decisions)
    found.events = grouping(labels, events)
    out = {
        str(row["id"]): {**rows.reading_row(reading), "owner": {"kind": decision.kind.value}, "event": event}
        for row, reading, decision, event in zip(told, readings, decisions, events, strict=True)
    }
    wanted, _, education = runpy.run_path(str(SCORE))["score"]({str(row["id"]): row for row in told}, out)
    assert figures(found) == pytest.approx(wanted)
    assert found.education == education


def test_topics_add_up_to_all_topics() -> None:
    rng = random.Random(7)
    labels = [label(labelled(rng, n), "") for n in range(80)]
    readings, decisions = zip(*(read(rng) for _ in labels), strict=True)
    found = tally(labels, readings, decisions)
    for part in ("right", "wrong", "missed"):
        assert sum(getattr(count, part) for count in found.topic.values()) == getattr(found.topics, part)
    assert found.mains.total() == found.owners.total() == found.education
    assert sum(n for (wanted, said), n in found.mains.items() if wanted == said) >= found.main
    assert sum(n for (wanted, said), n in found.owners.items() if wanted == said) == found.owner


def a_label(**more: Any) -> Label:
    return Label("1", "标题", Scope.K12, ("A5",), OwnerKind.SCHOOL, nature=Nature.COMPLAINT, **more)


def a_reading(scope: Scope = Scope.K12, topic: str = "C1", relevance: float = 0.9) -> Reading:
    return Reading("test", scope, relevance, (TopicScore(topic, 0.7),), nature=Nature.COMPLAINT)


BUREAU = Decision(OwnerKind.BUREAU, "", "", Role.LEAD, "r", "", "", confidence=0.6)


@pytest.mark.parametrize(
    ("labels", "reading", "mistakes", "main", "owner"),
    [
        ({}, a_reading(), [("主题", 0.7), ("回应主体", 0.6)], ("A5", "C1"), ("school", "bureau")),
        ({"accept_topic": frozenset({"C1"})}, a_reading(), [("回应主体", 0.6)], ("C1", "C1"), ("school", "bureau")),
        ({"accept_owner": frozenset({"bureau"})}, a_reading(topic="A5"), [], ("A5", "A5"), ("bureau", "bureau")),
        ({}, a_reading(Scope.NONE, relevance=0.1), [("范围", 0.9)], ("A5", UNREAD), ("school", UNREAD)),
        ({"redline": True}, a_reading(topic="A5"), [("红线", 1.0), ("回应主体", 0.6)], ("A5", "A5"), ("school", "bureau")),
    ],
)
def test_a_mistake_is_told_with_how_sure_the_program_was(
    labels: dict[str, Any], reading: Reading, mistakes: list[tuple[str, float]], main: tuple[str, str], owner: tuple[str, str]
) -> None:
    found = tally([a_label(**labels)], [reading], [BUREAU])
    assert [(m.about, m.sureness) for m in found.worst(9)] == mistakes
    assert (list(found.mains), list(found.owners)) == ([main], [owner])


def test_a_mistake_names_the_red_lines_words_and_the_rules_reason() -> None:
    words = (Span("跳楼", 3, 5), Span("不想活", 9, 12), Span("跳楼", 20, 22))
    read = replace(a_reading(topic="A5"), redline=RedLine.SUICIDE_RISK, redline_words=words)
    found = tally([a_label()], [read], [replace(BUREAU, rule="life-at-risk", reason="儿童生命安全，由本局牵头")])
    assert {m.about: m.said for m in found.mistakes} == {
        "红线": f"{RedLine.SUICIDE_RISK.zh}（跳楼、不想活）", "回应主体": "教育局：儿童生命安全，由本局牵头",
    }


def test_nothing_to_measure_is_no_figure() -> None:
    assert set(figures(tally([], [], [])).values()) == {None}
    assert (Count().precision, Count().recall, Count().f1) == (None, None, None)


def test_the_tables_fit_a_terminal_of_a_hundred_columns(county: Config) -> None:
    rng = random.Random(3)
    labels = [label(labelled(rng, n), "清源县第一中学食堂饭菜有虫子[/red]" * 9) for n in range(60)]
    readings, decisions = zip(*(read(rng) for _ in labels), strict=True)
    said = scoreboard.text(tally(labels, readings, decisions), county, 30)
    assert max(cell_len(line) for line in said.splitlines()) <= WIDTH
    assert "[/red]" in table("题", ("头",), [["[/red]"]])
    assert not [line for line in said.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([], ["  词　"]),
        (["食堂", "虫子"], ["  词　食堂　虫子"]),
        (["食" * 40, "堂" * 10], ["  词　" + "食" * 40, "      " + "堂" * 10]),
        (["食" * 50], ["  词　" + "食" * 47, "      食食食"]),
    ],
)
def test_lines_wrap_under_their_first_piece(pieces: list[str], lines: list[str]) -> None:
    assert wrapped("词", pieces) == lines


def test_a_clipped_text_says_so() -> None:
    assert clipped("食堂\n饭菜", 20) == "食堂 饭菜"
    assert clipped("食堂饭菜有虫子", 8) == "食堂饭…"
