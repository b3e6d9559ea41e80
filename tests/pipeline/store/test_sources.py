"""Runs of sources, when they are due, and the leases of hosts."""

from datetime import timedelta

import pytest

from pipeline.domain.posts import Engagement, RawPost
from pipeline.domain.terms import CrawlOutcome as O
from pipeline.store import leases, posts, sources
from pipeline.store.db import Store
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def ran(store: Store, source: str, outcome: O, ago: int, **counts: int) -> None:
    run = sources.begin_run(store, source, NOW - ago * MINUTE)
    sources.end_run(store, run, outcome, NOW - ago * MINUTE, **counts)


def test_a_source_that_never_ran_is_due(store: Store) -> None:
    state = sources.states(store, {"a": 60}, NOW)[0]
    assert (state.due, state.run, state.data()) == (
        True, None, {"id": "a", "last_run": None, "outcome": None, "new": 0, "error": None, "next_run": "2026-11-18T02:00:00Z"},
    )


DUE = [
    ([(O.OK, 59)], False), ([(O.OK, 60)], True), ([(O.DRIFT, 59)], False), ([(O.TIMEOUT, 59)], False),
    ([(O.UNREACHABLE, 1)], True), ([(O.OK, 90), (O.UNREACHABLE, 2), (O.UNREACHABLE, 1)], False),
    ([(O.UNREACHABLE, n) for n in range(300, 50, -20)], True), ([(O.UNREACHABLE, n) for n in range(300, 30, -20)], False),
]


@pytest.mark.parametrize(("history", "due"), DUE)
def test_a_source_is_due_after_its_time_and_sooner_when_not_reached(store: Store, history: list[tuple[O, int]], due: bool) -> None:
    for outcome, ago in history:
        ran(store, "a", outcome, ago)
    assert bool(sources.due(store, {"a": 60}, NOW)) is due


def test_the_longest_overdue_comes_first(store: Store) -> None:
    ran(store, "a", O.OK, 70)
    ran(store, "b", O.OK, 90)
    assert sources.due(store, {"a": 60, "b": 60, "c": 60}, NOW) == ["b", "a", "c"]


def test_the_newest_ended_run_counts_and_an_open_one_hides_nothing(store: Store) -> None:
    ran(store, "a", O.OK, 90, pages=3, seen=9, new=2)
    sources.begin_run(store, "a", NOW - MINUTE)
    state = sources.states(store, {"a": 60}, NOW)[0]
    assert (sources.latest(store)["a"].new, state.running, state.due) == (2, True, False)
    assert state.last_seen == NOW - 90 * MINUTE


def test_a_run_that_was_cut_off_is_asked_about_again_soon_and_ended_by_the_next(store: Store) -> None:
    sources.begin_run(store, "a", NOW - 3 * MINUTE)
    assert sources.due(store, {"a": 60}, NOW) == ["a"]
    sources.begin_run(store, "a", NOW)
    assert sources.latest(store)["a"].outcome is O.FAILED


def test_what_a_dead_child_left_open_is_ended_with_the_reason_once(store: Store) -> None:
    run = sources.begin_run(store, "a", NOW)
    assert sources.end_open(store, ["a", "b"], O.TIMEOUT, "超时", NOW) == ["a"]
    sources.end_run(store, run, O.OK, NOW)
    assert (sources.latest(store)["a"].outcome, sources.latest(store)["a"].error) == (O.TIMEOUT, "超时")


FIRST = [
    ([], True), ([(O.OK, 90, 0)], False), ([(O.UNCHANGED, 90, 0)], False), ([(O.OK, 90, 12)], True), ([(O.TIMEOUT, 90, 0)], True),
    ([(O.WALL, 25 * 60, 0)], False), ([(O.EMPTY, 90, 0), (O.OK, 30, 0)], False),
]


@pytest.mark.parametrize(("history", "first"), FIRST)
def test_a_first_crawl_lasts_until_one_ends_well_but_at_most_a_day(
    store: Store, history: list[tuple[O, int, int]], first: bool
) -> None:
    for outcome, ago, remaining in history:
        ran(store, "a", outcome, ago, remaining=remaining)
    assert sources.first_crawl(store, "a", NOW) is first


def test_latest_knows_every_source_that_ever_ran_and_no_other_bureau(store: Store) -> None:
    for source in ("b", "a", "c"):
        ran(store, source, O.OK, 5)
    assert sorted(sources.latest(store)) == ["a", "b", "c"]
    assert list(sources.latest(store, ["c", "x"])) == ["c"]


def test_replies_that_were_collected_are_known_by_key(store: Store) -> None:
    threads = [RawPost("f", key, "题", "文", engagement=Engagement(views=5, replies=n)) for key, n in (("a", 3), ("b", None))]
    posts.add(store, threads, NOW, public=True, dormant=[False, False])
    assert sources.replies_of(store, "f", ["a", "b", "c"]) == {"a": 3, "b": None}


def test_one_holder_a_host_until_the_lease_runs_out(store: Store) -> None:
    assert leases.take(store, "a.example", "one", NOW, NOW + MINUTE)
    assert leases.take(store, "a.example", "one", NOW, NOW + MINUTE)
    assert not leases.take(store, "a.example", "two", NOW + MINUTE / 2, NOW + 2 * MINUTE)
    assert leases.held(store, "a.example", NOW)
    assert leases.take(store, "a.example", "two", NOW + MINUTE, NOW + 2 * MINUTE)
    assert not leases.renew(store, "a.example", "one", NOW + 9 * MINUTE)
    leases.release(store, "a.example", "one")
    assert leases.held(store, "a.example", NOW)
    leases.release(store, "a.example", "two")
    assert not leases.held(store, "a.example", NOW)


def test_a_dead_process_gives_back_all_of_its_leases_and_no_others(store: Store) -> None:
    for host, holder in (("a", "m:12/0"), ("b", "m:12/1"), ("c", "m:123/0"), ("d", "m:12")):
        leases.take(store, host, holder, NOW, NOW + MINUTE)
    leases.release_all(store, "m:12")
    assert [host for host in "abcd" if leases.held(store, host, NOW)] == ["c"]
