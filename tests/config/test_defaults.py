"""The defaults say what the rules say: topics, calendar, every key explained."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.files import default
from config.load import load
from config.schema.settings import Settings
from config.schema.sources import DetailPage, ListPage, Source
from config.schema.topics import Topic
from pipeline.domain.terms import Clock


def test_every_setting_stands_explained_in_the_default_file() -> None:
    text = default("huiyin.toml").text
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            table = text.split(f"[{name}]\n")[1].split("\n[")[0]
            for key in field.annotation.model_fields:
                assert re.search(rf"^{key} = ", table, re.MULTILINE), f"{name}.{key}"
        else:
            assert re.search(rf"^(\[{name}\]|{name} = )", text, re.MULTILINE), name


def test_the_default_file_says_what_the_program_takes_by_default() -> None:
    assert load(None).settings == Settings()


@pytest.mark.parametrize(("file", "models"), [("sources.toml", (Source, ListPage, DetailPage)), ("topics.toml", (Topic,))])
def test_every_key_of_sources_and_topics_is_explained(file: str, models: tuple[type[BaseModel], ...]) -> None:
    text = default(file).text
    for model in models:
        for key in model.model_fields:
            assert re.search(rf"\b{key}\b", text), f"{file}: {key}"


def test_the_commented_sources_are_examples_that_work(tmp_path: Path) -> None:
    text = default("sources.toml").text.split("# ── 不抓取")[0]
    example = "\n".join(line[2:] for line in text.splitlines() if re.match(r"# (\[|[a-z_]+ = )", line))
    (tmp_path / "sources.toml").write_text(example, "utf-8")
    assert [s.kind for s in load(tmp_path).sources.values() if s.url or s.urls] == ["feed", "list_page", "forum"]


def test_topics_are_the_thirty_of_six_groups() -> None:
    topics = load(None).topics
    assert {code[0]: sum(c[0] == code[0] for c in topics) for code in topics} == {"A": 8, "B": 2, "C": 5, "D": 6, "E": 5, "F": 4}
    assert [code for code, topic in topics.items() if topic.lead == "bureau"] == [
        "A3", "B2", "C1", "C2", "C3", "C4", "E1", "E5", "F1", "F2", "F3", "F4",
    ]
    assert [code for code, topic in topics.items() if topic.person_only] == ["F4"]
    assert all(len(topic.words) >= 15 for topic in topics.values())


@pytest.mark.parametrize(
    ("first", "last"),
    [((1, 1), (1, 3)), ((2, 15), (2, 23)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((6, 19), (6, 21)), ((9, 25), (9, 27)), ((10, 1), (10, 7))],
)
def test_the_days_off_of_2026(first: tuple[int, int], last: tuple[int, int]) -> None:
    day, off = date(2026, *first), load(None).calendar.off
    assert day - timedelta(days=1) not in off
    while day <= date(2026, *last):
        assert day in off
        day += timedelta(days=1)
    assert day not in off


def test_the_makeup_workdays_of_2026() -> None:
    worked = load(None).calendar.worked
    assert {day for day in worked if day.year == 2026} == {
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    }
    assert all(day.weekday() >= 5 for day in worked)


def test_sources_that_are_not_public_have_their_own_limit() -> None:
    sources = load(None).sources
    answer = sources["hotline"].answer
    assert answer is not None
    assert (answer.amount, answer.clock, bool(answer.basis)) == (5, Clock.WORKING_DAYS, True)
    assert [name for name, source in sources.items() if source.public] == ["manual"]


def test_the_sample_sections_have_the_topics_that_the_defaults_give_them() -> None:
    assert load(Path("config/sample")).topics == load(None).topics
