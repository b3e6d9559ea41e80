"""How a crawl went: no source is called fine that was not really seen."""

import pytest

from config.schema.sources import Source
from crawlers.health import judge
from crawlers.tally import Problem, Tally
from pipeline.domain.terms import CrawlOutcome as O
from pipeline.store.posts import Added

SOURCE = Source(name="论坛", kind="forum", url="https://bbs.example/", min_posts=5)
NEW = Added(new=3)


def problem(kind: O, *, root: bool = False) -> Problem:
    return Problem(kind, "https://bbs.example/x", "某种原因", root)


CASES = [
    ("posts came", Tally(seen=9, details=3, stored=NEW), "finished", O.OK, ""),
    ("a text changed", Tally(seen=9, details=1, stored=Added(changed=1)), "finished", O.OK, ""),
    ("nothing new", Tally(seen=9), "finished", O.UNCHANGED, ""),
    ("too few seen", Tally(seen=4, stored=NEW), "finished", O.EMPTY, "只看到 4 条，少于应有的 5 条"),
    ("start page behind a wall", Tally(seen=0, problems=[problem(O.WALL, root=True)]), "finished", O.WALL, "某种原因"),
    ("robots", Tally(problems=[problem(O.ROBOTS, root=True)]), "finished", O.ROBOTS, ""),
    ("one of two boards drifted", Tally(seen=30, stored=NEW, problems=[problem(O.DRIFT, root=True)]), "finished", O.DRIFT, ""),
    ("one page of many failed", Tally(seen=9, details=9, stored=NEW, problems=[problem(O.DRIFT)]), "finished", O.OK, "1 个页面未能采集"),
    ("half of the pages failed", Tally(seen=9, details=2, stored=NEW, problems=[problem(O.DRIFT)]), "finished", O.DRIFT, "1 个正文页"),
    ("deleted pages are no failure", Tally(seen=9, details=3, gone=3), "finished", O.UNCHANGED, ""),
    ("time was up", Tally(seen=9, stored=NEW), "closespider_timeout", O.TIMEOUT, "已收的已入库"),
    ("stopped", Tally(seen=9, stored=NEW), "shutdown", O.FAILED, "被中止"),
    ("more than its limits", Tally(seen=9, stored=NEW, remaining=40), "finished", O.OK, "还有 40 条未取"),
]


@pytest.mark.parametrize(("why", "tally", "ended", "outcome", "said"), CASES, ids=[c[0] for c in CASES])
def test_a_crawl_is_judged_by_its_gravest_trouble(why: str, tally: Tally, ended: str, outcome: O, said: str) -> None:
    verdict = judge(tally, SOURCE, ended)
    assert verdict.outcome is outcome
    assert said in (verdict.error or "")
    assert (verdict.error is None) == (outcome.seen and not said)


def test_a_quiet_source_may_be_empty() -> None:
    assert judge(Tally(), SOURCE.model_copy(update={"min_posts": 0})).outcome is O.UNCHANGED


def test_a_long_reason_is_cut() -> None:
    tally = Tally(problems=[Problem(O.FAILED, "https://bbs.example/" + "x" * 900, "y", root=True)])
    assert len(judge(tally, SOURCE).error or "") == 300
