"""What staff merged and split stays so, whatever is gathered later; the anchor posts of what was said may move, the word holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.stage import gather_stage, read_stage
from config.schema import Config
from config.schema.sources import Source
from pipeline.domain.cases import Case
from pipeline.domain.posts import Post, RawPost
from pipeline.domain.readings import Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import Nature, Precision, Scope
from pipeline.stage import run
from pipeline.store import accounts, cases, gathering, posts, ties
from pipeline.store.db import Store
from responders import actions

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
CANTEEN = "食堂承包商把土豆丝卖到六块钱，菜里吃出虫子和钢丝球，后勤主任推给承包商，请公开供货合同和账目，还孩子一口安全饭"
SCHOOL = (SchoolMention(Span("QY001", 0, 5), "QY001", "QY001", 0.9),)


class Canteen:
    """A reader to whom every post is about one canteen."""

    version = "script-1"

    def read(self, batch: Sequence[Post]) -> list[Reading]:
        one = Reading(self.version, Scope.K12, 0.9, (TopicScore("A5", 0.9),), nature=Nature.COMPLAINT, schools=SCHOOL)
        return [one] * len(batch)


@pytest.fixture
def settled(county: Config) -> Config:
    return replace(county, sources={"f": Source(name="论坛", kind="forum", platform="论坛")})


@pytest.fixture
def one(store: Store, settled: Config) -> Case:
    """A case of six posts with the same words."""
    raw = [RawPost("f", str(n), f"食堂{n}", CANTEEN, published_at=NOW, precision=Precision.MINUTE) for n in range(1, 7)]
    posts.add(store, raw, NOW, public=True, dormant=[False] * len(raw))
    process(store, settled)
    return case_of(store, 1)


def process(store: Store, settled: Config) -> None:
    run(read_stage(store, Canteen()), store, lambda: NOW)
    run(gather_stage(store, settled), store, lambda: NOW)


def case_of(store: Store, post_id: int) -> Case:
    """The case that holds a post."""
    found = gathering.case_of(store, post_id)
    assert found is not None
    return found


def placed(store: Store) -> dict[int, int]:
    """Which case holds which post."""
    return {r["post_id"]: r["case_id"] for r in store.rows("SELECT post_id, case_id FROM case_post ORDER BY post_id")}


def gather_again(store: Store, settled: Config) -> None:
    """Every post is gathered anew, as after an upgrade of the reader."""
    with store.transaction():
        store.execute("UPDATE post SET waiting = 'gather'")
    process(store, settled)


def snapshot(store: Store) -> list[Any]:
    """What a gather run might change."""
    columns = "id, state, grade, redline, accusation, public, dormant, published_at, found_at, taken_up_at, generation, version"
    return [store.rows(f"SELECT {columns} FROM case_ ORDER BY id"), placed(store), store.rows("SELECT * FROM obligation ORDER BY id"),
            store.rows("SELECT * FROM tie ORDER BY one, other"), store.value("SELECT count(*) FROM audit_entry")]


def test_a_gather_run_after_merge_and_split_changes_nothing_but_the_account(store: Store, settled: Config, one: Case) -> None:
    new = actions.split(store, settled, one.id, one.version, [2, 5], "另一所食堂", "li", NOW)
    third = actions.split(store, settled, new.id, new.version, [5], "再分", "li", NOW)
    rest = case_of(store, 1)
    actions.merge(store, settled, third.id, third.version, rest.id, rest.version, "还是一件", "li", NOW)
    assert placed(store) == {1: one.id, 2: new.id, 3: one.id, 4: one.id, 5: one.id, 6: one.id}
    before = snapshot(store)
    for _ in range(2):
        gather_again(store, settled)
        assert snapshot(store) == before
    assert all(accounts.summary(store, i) for i in (one.id, new.id))


def test_the_account_is_written_anew_by_the_next_gather_run(store: Store, settled: Config, one: Case) -> None:
    assert accounts.quotes(store, one.id)
    new = actions.split(store, settled, one.id, one.version, [1, 2, 3], "两件事", "li", NOW)
    assert not accounts.quotes(store, new.id)
    process(store, settled)
    assert {q.post_id for q in accounts.quotes(store, new.id)} <= {1, 2, 3}
    assert {q.post_id for q in accounts.quotes(store, one.id)} <= {4, 5, 6}
    assert accounts.quotes(store, one.id)


def test_a_merged_dormant_thread_that_is_gathered_again_turns_no_clock_back(store: Store, settled: Config, one: Case) -> None:
    old = RawPost("f", "old", "旧帖", "校门口没有红绿灯", published_at=NOW - timedelta(days=300), precision=Precision.MINUTE)
    posts.add(store, [old], NOW - timedelta(days=200), public=True, dormant=[True])
    process(store, settled)
    case = case_of(store, 7)
    assert case.dormant
    actions.merge(store, settled, case.id, case.version, one.id, case_of(store, 1).version, "旧事重提", "li", NOW)
    before = snapshot(store)
    gather_again(store, settled)
    assert snapshot(store) == before
    assert case_of(store, 1).found_at == NOW


def test_the_anchor_of_a_split_may_leave_and_the_halves_stay_apart(store: Store, settled: Config, one: Case) -> None:
    """1 is what every post that left was said to be apart from; then 1 leaves as well."""
    new = actions.split(store, settled, one.id, one.version, [4, 5, 6], "两件事", "li", NOW)
    rest = case_of(store, 2)
    actions.split(store, settled, rest.id, rest.version, [1], "三件事", "li", NOW)
    for post in (4, 5, 6):
        assert case_of(store, 2).id in gathering.said_apart(store, [post])
        assert case_of(store, 1).id in gathering.said_apart(store, [post])
    assert new.id in gathering.said_apart(store, [2]) & gathering.said_apart(store, [3])


def test_the_anchor_of_a_merge_may_leave_and_the_others_stay_together(store: Store, settled: Config, one: Case) -> None:
    new = actions.split(store, settled, one.id, one.version, [4, 5, 6], "两件事", "li", NOW)
    rest = case_of(store, 1)
    whole = actions.merge(store, settled, new.id, new.version, rest.id, rest.version, "一件事", "li", NOW)
    actions.split(store, settled, whole.id, whole.version, [1, 2], "又两件", "li", NOW)  # 1 is what 4, 5 and 6 are tied to
    with store.transaction():  # as if it had never been gathered
        store.execute("DELETE FROM case_post WHERE post_id = 5")
    assert gathering.said_together(store, 5) == case_of(store, 4)


MOVES = st.lists(st.tuples(st.booleans(), st.sets(st.integers(1, 6), min_size=1, max_size=5), st.integers(1, 6)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_staff_split_and_merge_nothing_that_was_said_is_contradicted(
    store: Store, one: Case, moves: list[tuple[bool, set[int], int]]
) -> None:
    """`apart` is what a reader of the history would say: cases that were one and were split, and were not merged since."""
    with store.transaction():
        store.execute("UPDATE case_post SET case_id = ?", one.id)
        store.execute("DELETE FROM tie")
        store.execute("UPDATE case_ SET state = 'triage', merged_into = NULL")
    groups, apart = [set(range(1, 7))], set[frozenset[int]]()
    for splits, chosen, to in moves:
        source = next(g for g in groups if min(chosen) in g)
        if splits and (leaving := chosen & source) != source:
            gathering.split(store, case_of(store, min(source)), sorted(leaving), "两件", "li", NOW)
            apart |= {frozenset((a, b)) for a in leaving for b in source - leaving}
            groups = [*(g for g in groups if g is not source), leaving, source - leaving]
        elif not splits and to not in source:
            target = next(g for g in groups if to in g)
            gathering.merge(store, case_of(store, min(source)), case_of(store, to), "一件", "li", NOW)
            apart -= {frozenset((a, b)) for a in source for b in target}
            groups = [*(g for g in groups if g not in (source, target)), source | target]
    for group in groups:
        case = case_of(store, min(group))
        assert set(ties.posts(store, case.id)) == group
        for post in group:
            barred = gathering.said_apart(store, [post])
            assert case.id not in barred
            for other in set(range(1, 7)) - group:
                if frozenset((post, other)) in apart:
                    assert case_of(store, other).id in barred
            together = gathering.said_together(store, post)
            assert together is None or together.id == case.id


def test_a_case_holds_its_numbers_place(store: Store, settled: Config, one: Case) -> None:
    new = actions.split(store, settled, one.id, one.version, [6], "两件事", "li", NOW)
    assert new.number == "教舆-2026-00002"
    assert cases.by_number(store, new.number) == new
