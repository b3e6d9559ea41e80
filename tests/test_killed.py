"""kill -9 at any point of any stage, then started again: everything is as if nothing had happened, and nobody is told twice."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.county import PROJECT, County, dump, new_county, sites

pytestmark = pytest.mark.slow

Kill = tuple[str, str, int, str]
PASSING = ("source_run", "host_lease", "message", "school_link")
LASTING = "message_id, date, party, contact_id, recipient, subject, text, html, thread, urgency, state"
"""What a message is for good; how often it was tried, when, and under which lease may differ."""
OPENING = "assignment_id, contact_id, scope, issued_at, expires_at, revoked_at, uses"
LINK = re.compile(r"/s/[\w.-]+")
"""The random part of a link is another each time; whom it was made for, and for what, is not."""

POINTS: dict[str, Kill] = {
    "import, in the middle of a batch": ("pipeline.store.posts", "_add_one", 20, "before"),
    "import, stored but not told": ("crawlers.commands", "imported", 1, "before"),
    "read, before the first batch is stored": ("pipeline.store.readings", "_row", 30, "before"),
    "read, in a later batch": ("pipeline.store.readings", "_row", 55, "after"),
    "gather, while a case is opened": ("pipeline.store.gathering", "open_case", 15, "after"),
    "gather, while a post joins": ("pipeline.store.gathering", "attach", 12, "after"),
    "route, while an owner is proposed": ("pipeline.store.assignments", "propose", 21, "after"),
    "route, before the desk is told": ("responders.stages", "_tell", 13, "before"),
    "route, while it hands over by itself": ("responders.stages", "_by_itself", 3, "after"),
    "remind, while rungs fire": ("responders.stages", "_climb", 7, "after"),
    "remind, while misses are recorded": ("pipeline.store.obligations", "record_miss", 3, "before"),
    "digest, kept but not mailed": ("pipeline.store.digests", "keep", 1, "after"),
    "digest, while it is mailed": ("pipeline.store.outbox", "put", 2, "after"),
    "compose, while letters are written": ("pipeline.store.outbox", "put", 9, "after"),
    "send, a mail claimed": ("pipeline.store.outbox", "claim", 5, "after"),
    "send, a mail out and not recorded": ("responders.mail.outbox", "record", 4, "before"),
    "send, a mail recorded": ("responders.mail.outbox", "record", 6, "after"),
}


class Killable:
    """The program's stand-in, at work on one county."""

    def __init__(self, crawled: County, process: subprocess.Popen[str]) -> None:
        self.crawled, self.process = crawled, process

    def day(self, root: Path, kill: Kill | None = None) -> int:
        """A day of one directory, from the import of a file to the evening's mail, once; returns how it ended."""
        steps = [
            ("10:02", ["import", str(self.crawled.root / "letters.jsonl"), "--source", "forum"]), ("10:02", ["process"]),
            ("20:00", ["remind"]), ("20:01", ["digest"]), ("20:02", ["send"]), ("20:09", ["send"]), ("20:15", ["send"]),
        ]
        commands = [["-C", str(root), "--now", f"2026-11-18T{at}", *words] for at, words in steps]
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps({"commands": commands, "kill": kill}), file=self.process.stdin, flush=True)
        return int(json.loads(self.process.stdout.readline()))


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Killable]:
    """A crawled county, and the stand-in."""
    county = new_county(tmp_path_factory.mktemp("killed") / "crawled", models)
    with sites(county):
        county("crawl", "jyj", "daily")
    rows = [
        {"id": f"L{n}", "title": f"第{n}封：{school}的饭菜", "body": f"{school}食堂的饭菜里有虫子，孩子吃了不舒服，请查一查。第{n}次反映。"}
        for n, school in enumerate(("清源一中", "清源二中", "城关镇中心小学", "青山镇中学") * 8)
    ]
    county.write("letters.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    command = [sys.executable, str(PROJECT / "tests" / "killed_program.py"), str(county.root)]
    with subprocess.Popen(
        command, env=county.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Killable(county, process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def copied(killable: Killable, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], County]:
    """A copy of the crawled county."""

    def copy() -> County:
        root = tmp_path_factory.mktemp("copy") / "demo"
        shutil.copytree(killable.crawled.root, root)
        return County(root, killable.crawled.models)

    return copy


def state(county: County) -> dict[str, Any]:
    """Everything that lasts: every row of every table, every mail."""
    database = county.root / "data" / "huiyin.db"
    return {
        "rows": dump(database, PASSING),
        "messages": [LINK.sub("/s/", str(row)) for row in county.rows(f"SELECT {LASTING} FROM message ORDER BY id")],
        "links": county.rows(f"SELECT {OPENING} FROM school_link ORDER BY id"),
        "mails": sorted(f.name for f in (county.root / "data" / "mail").glob("*")),
    }


@pytest.fixture(scope="module")
def undisturbed(killable: Killable, copied: Callable[[], County]) -> dict[str, Any]:
    """How the day ends when nothing happens."""
    county = copied()
    assert killable.day(county.root) == 0
    told = county("status", "--json", at="2026-11-18T20:05").json
    assert told["cases"]["triage"] > 20
    assert told["obligations"]["overdue"] > 0
    assert told["messages"] | {"sent": 0} == dict.fromkeys(told["messages"], 0)
    assert told["messages"]["sent"] > 10
    return state(county)


def test_the_same_day_again_changes_nothing(killable: Killable, copied: Callable[[], County], undisturbed: dict[str, Any]) -> None:
    county = copied()
    assert killable.day(county.root) == killable.day(county.root) == 0
    differ(state(county), undisturbed)


@pytest.mark.parametrize("kill", POINTS.values(), ids=POINTS)
def test_killed_and_started_again_it_ends_as_if_nothing_had_happened(
    killable: Killable, copied: Callable[[], County], undisturbed: dict[str, Any], kill: Kill
) -> None:
    county = copied()
    assert killable.day(county.root, kill) == -signal.SIGKILL
    assert killable.day(county.root) == 0
    differ(state(county), undisturbed)
    copies = Counter(mail["Message-ID"] for mail in county.mails())
    assert max(copies.values()) == 1
    assert county("audit", "verify", "--json").json["broken_at"] is None


def differ(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Fails with what is too much and what is missing."""
    for name in wanted:
        has, should = (Counter(map(str, rows)) for rows in (found[name], wanted[name]))
        more, less = list(has - should), list(should - has)
        assert not more + less, shown(name, more, less)


def shown(name: str, more: Sequence[str], less: Sequence[str]) -> str:
    """A few of the differing rows."""
    few = [f"{sign} {row}"[:600] for sign, rows in (("+", more), ("-", less)) for row in rows[:4]]
    return "\n".join([f"{name}: {len(more)} too much, {len(less)} missing", *few])
