"""保存期限: what goes and what stays as a table, to the second; that a death in between loses nothing; that what is gone is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from config.schema import Config
from pipeline.domain.posts import Engagement, Evidence, RawPost
from pipeline.domain.retention import CLEARED, Expired, Expiry, leaving
from pipeline.domain.terms import Scope
from pipeline.moments import local, parse, to_text
from pipeline.store import audit, digests, evidence, posts, readings, retention, search, sources, users
from pipeline.store.db import Store
from pipeline.store.posts import Added
from responders import retention as keeping
from responders.daily import make_digest

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
CONFIG = load(None)
Make = Callable[..., int]


@pytest.fixture
def post(store: Store, reading: Callable[..., Any], now: datetime) -> Make:
    """A post that was collected and read; `state` puts it into a case of that state, which ended when the post was collected."""

    def make(
        key: str, *, scope: Scope = Scope.NONE, at: datetime = now, parent: str | None = None, page: bytes = b"",
        gone: datetime | None = None, state: str = "", ended: datetime | None = None, dormant: int = 0, wait: str | None = None,
    ) -> int:
        kept = Evidence(f"http://x.example/{page.decode()}", page, at) if page else None
        raw = RawPost("forum", key, f"题目{key}", f"正文{key}", parent=parent, evidence=kept, engagement=Engagement(replies=2))
        posts.add(store, [raw], at, public=True, dormant=[False])
        stored = posts.waiting(store, "read", 1)[0]
        with store.transaction():
            readings.save(store, [(stored, reading(stored.text, scope=scope))], at)
            store.execute("UPDATE post SET waiting = ?, gone_at = ? WHERE id = ?", wait, to_text(gone) if gone else None, stored.id)
            if state:
                case_id = store.insert(
                    "case_", bureau=store.bureau, number=f"教舆-2026-{stored.id:05}", state=state, title=stored.title, grade="Ⅳ", public=1,
                    dormant=dormant, found_at=to_text(at), opened_by="machine", closed_at=to_text(ended) if ended else None,
                )
                store.insert("case_post", post_id=stored.id, case_id=case_id, generation=1, how="first", attached_at=to_text(at),
                             attached_by="machine")
        return stored.id

    return make


def clear(store: Store, now: datetime, config: Config = CONFIG, **more: Any) -> Any:
    return keeping.clear(store, config, lambda: now, store.root / "process.lock", **more)


def keys(store: Store) -> list[str]:
    return [r["key"] for r in store.rows("SELECT key FROM post ORDER BY id")]


def planned(store: Store, now: datetime, config: Config = CONFIG) -> dict[int, Expiry]:
    return {e.post_id: e.why for e in keeping.plan(store, config, now)}


NONE, HIGHER, OURS = Scope.NONE, Scope.HIGHER_ED, Scope.K12
TABLE: list[tuple[str, dict[str, Any], timedelta, bool]] = [
    ("no education, 7 days", {"scope": NONE}, 7 * DAY, False),
    ("no education, a second longer", {"scope": NONE}, 7 * DAY + SECOND, True),
    ("another field's education", {"scope": HIGHER}, 8 * DAY, True),
    ("education without a case", {"scope": OURS}, 800 * DAY, False),
    ("no education but in a case", {"scope": NONE, "state": "open"}, 800 * DAY, False),
    ("no education, read anew just now", {"scope": NONE, "wait": "read"}, 8 * DAY, False),
    ("dismissed 90 days ago", {"scope": OURS, "state": "dismissed", "ended": 0}, 90 * DAY, False),
    ("dismissed a second longer ago", {"scope": OURS, "state": "dismissed", "ended": 0}, 90 * DAY + SECOND, True),
    ("no education, but dismissed by a person", {"scope": NONE, "state": "dismissed", "ended": 0}, 30 * DAY, False),
    ("closed long ago", {"scope": OURS, "state": "closed", "ended": 0}, 4000 * DAY, False),
    ("merged long ago", {"scope": OURS, "state": "merged", "ended": 0}, 4000 * DAY, False),
    ("gone 7 days ago", {"scope": OURS, "gone": 0}, 7 * DAY, False),
    ("gone a second longer ago", {"scope": OURS, "gone": 0}, 7 * DAY + SECOND, True),
    ("gone, a case open on it", {"scope": OURS, "gone": 0, "state": "triage"}, 400 * DAY, False),
    ("gone, answered for", {"scope": OURS, "gone": 0, "state": "published"}, 400 * DAY, False),
    ("gone, evidence of a closed case", {"scope": OURS, "gone": 0, "state": "closed", "ended": 0}, 400 * DAY, False),
    ("gone, in a case that nobody opened", {"scope": OURS, "gone": 0, "state": "triage", "dormant": 1}, 8 * DAY, True),
    ("gone, dismissed since", {"scope": OURS, "gone": 0, "state": "dismissed", "ended": 0}, 8 * DAY, True),
    ("gone long ago, dismissed now", {"scope": OURS, "gone": -100, "state": "dismissed", "ended": 0}, 6 * DAY, False),
]


@pytest.mark.parametrize(("given", "later", "goes"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_goes_and_what_stays(store: Store, post: Make, now: datetime, given: dict[str, Any], later: timedelta, goes: bool) -> None:
    moments = {name: now + given[name] * DAY for name in ("gone", "ended") if name in given}
    post("a", **given | moments)
    assert bool(planned(store, now + later)) is goes
    clear(store, now + later)
    assert keys(store) == ([] if goes else ["a"])


def test_a_post_whose_new_text_nobody_read_is_not_judged_by_the_old_one(store: Store, post: Make, now: datetime) -> None:
    post("a", scope=NONE)
    with store.transaction():
        store.execute("UPDATE post SET version = 2, body = '有学生跳楼'")  # edited, and its reading failed
    assert planned(store, now + 30 * DAY) == {}


def test_what_was_reported_upward_on_a_case_that_nobody_opened_stays(store: Store, post: Make, now: datetime) -> None:
    post("a", scope=OURS, gone=now, state="triage", dormant=1)
    told = {"kind": "first", "recipient": "县委网信办", "number": "1", "state": "received", "text": "x", "drafted_by": "x"}
    with store.transaction():
        store.insert("report_up", case_id=1, generation=1, drafted_at=to_text(now), **told)
    assert planned(store, now + 30 * DAY) == {}


def test_what_a_case_answered_before_it_was_merged_stays_when_the_other_is_dismissed(store: Store, post: Make, now: datetime) -> None:
    post("a", scope=OURS, state="dismissed", ended=now)
    post("b", scope=OURS, state="merged", ended=now)
    with store.transaction():
        store.insert("response", case_id=2, generation=1, state="published", wording="通报", recorded_by="x", recorded_at=to_text(now))
        store.execute("UPDATE case_ SET merged_into = 1 WHERE id = 2")
        store.execute("UPDATE case_post SET case_id = 1")
    assert planned(store, now + 900 * DAY) == {}


@pytest.mark.parametrize("table", ["response", "instruction"])
def test_a_dismissed_case_that_was_answered_once_is_evidence(store: Store, post: Make, now: datetime, table: str) -> None:
    post("a", scope=OURS, state="dismissed", ended=now, gone=now)
    columns: dict[str, Any] = {"case_id": 1}
    columns |= {
        "response": {"generation": 1, "state": "published", "wording": "通报", "recorded_by": "x", "recorded_at": to_text(now)},
        "instruction": {"kind": "letter", "sender": "x", "number": "1", "words": "w", "received_at": to_text(now), "entered_by": "x"},
    }[table]
    with store.transaction():
        store.insert(table, **columns)
    assert planned(store, now + 900 * DAY) == {}


def test_every_number_is_configuration(store: Store, post: Make, now: datetime) -> None:
    post("a")
    settings = CONFIG.settings.model_copy(update={"retention": CONFIG.settings.retention.model_copy(update={"other_days": 30})})
    config = replace(CONFIG, settings=settings)
    assert planned(store, now + 30 * DAY, config) == {}
    assert planned(store, now + 30 * DAY + SECOND, config) == {1: Expiry.OTHER}


THREADS: list[tuple[str, set[int], list[tuple[int, int]], list[int]]] = [
    ("replies first", {1, 2, 3}, [(1, 2), (2, 3)], [3, 2, 1]),
    ("a reply that stays keeps the whole way up", {1, 2}, [(1, 2), (2, 3)], []),
    ("its sister goes", {1, 2}, [(1, 2), (1, 3)], [2]),
    ("nothing", set(), [], []),
]


@pytest.mark.parametrize(("expired", "replies", "go"), [row[1:] for row in THREADS], ids=[row[0] for row in THREADS])
def test_a_post_stays_as_long_as_its_replies(expired: set[int], replies: list[tuple[int, int]], go: list[int], now: datetime) -> None:
    found = [Expired(i, "forum", "", now, Expiry.OTHER) for i in expired]
    assert [e.post_id for e in leaving(found, replies)] == go


def test_a_thread_goes_whole_or_not_at_all_also_over_batches(
    store: Store, post: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 1)
    post("a")
    post("a#1", parent="a")
    post("b")
    post("b#1", parent="b", scope=OURS, state="open")
    assert clear(store, now + 8 * DAY).data["counts"]["other"] == 2
    assert keys(store) == ["b", "b#1"]


def test_nothing_of_a_post_is_left(store: Store, post: Make, now: datetime) -> None:
    post("甲乙丙", page=b"page of it", scope=OURS, state="dismissed", ended=now)
    with store.transaction():
        store.execute("INSERT INTO account VALUES (1, '题目甲乙丙', '[[1, 1, 0, 2]]')")
    [file] = store.evidence.rglob("*.gz")
    clear(store, now + 91 * DAY)
    assert search.find(store, "正文") == []
    for table in ("post", "post_version", "reading", "case_post", "engagement", "account", "evidence"):
        assert store.value(f"SELECT count(*) FROM {table}") == 0, table
    assert not file.exists()
    assert store.value("SELECT title FROM case_") == CLEARED
    assert store.rows("PRAGMA foreign_key_check") == []
    for part in ("huiyin.db", "huiyin.db-wal"):
        assert "甲乙丙".encode() not in (store.root / part).read_bytes(), part


def test_a_page_stays_as_long_as_anything_names_it(store: Store, post: Make, now: datetime) -> None:
    post("a", page=b"list")
    post("b", page=b"list", scope=OURS, state="open")
    post("c", page=b"shot")
    with store.transaction():
        store.insert(
            "instruction", case_id=1, kind="letter", sender="x", number="1", words="w", attachment_id=2, received_at=to_text(now),
            entered_by="x",
        )
    clear(store, now + 8 * DAY)
    assert keys(store) == ["b"]
    assert [evidence.read(store, i) for i in (1, 2)] == [b"list", b"shot"]


def test_one_file_of_two_addresses_stays_until_both_are_gone(store: Store, now: datetime) -> None:
    with store.transaction():
        for url in ("http://a.example/", "http://b.example/"):
            evidence.keep(store, Evidence(url, b"the same", now))
        store.execute("DELETE FROM evidence WHERE id = 1")
    clear(store, now)
    assert evidence.read(store, 2) == b"the same"


def test_files_that_no_row_names_go_and_foreign_files_stay(store: Store, now: datetime) -> None:
    folder = store.evidence / "ab"
    folder.mkdir(parents=True)
    for name in ("ab" + "0" * 62 + ".gz", "ab" + "0" * 62 + ".gz.123.part", "README"):
        (folder / name).write_bytes(b"x")
    assert clear(store, now).data["counts"] == {"files": 2}
    assert [f.name for f in folder.iterdir()] == ["README"]


@pytest.mark.parametrize(
    ("place", "name", "n"),
    [
        (retention, "begin", 1), (retention, "remove", 1), (retention, "remove", 2), (evidence, "sweep", 1), (retention, "end", 1),
        (retention, "settle_file", 1),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_short_anywhere_and_called_again_it_ends_the_same(
    store: Store, post: Make, now: datetime, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, n: int, when: str
) -> None:
    for key in "abc":
        post(key, page=key.encode())
    monkeypatch.setattr(keeping, "BATCH", 2)
    whole, calls = getattr(place, name), 0

    def dies(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == n and when == "before":
            raise MemoryError
        result = whole(*args)
        if calls == n:
            raise MemoryError
        return result

    monkeypatch.setattr(place, name, dies)
    later = now + 8 * DAY
    with pytest.raises(MemoryError):
        clear(store, later)
    monkeypatch.undo()
    clear(store, later)
    assert keys(store) == []
    assert list(store.evidence.rglob("*.gz")) == []
    found = retention.on(store, local(later).date())
    assert found is not None
    assert found.ended_at == later
    assert (found.counts["other"], found.counts["pages"]) == (3, 3)
    assert audit.verify(store) is None


KILLED = """
import importlib, os, signal, sys
from datetime import datetime
from pathlib import Path
from config.load import load
from pipeline.store.db import open_store
from responders import retention

root, at, module, name, n, when = sys.argv[1:]
place, calls = importlib.import_module(module), 0
whole = getattr(place, name)

def deadly(*args):
    global calls
    calls += 1
    if calls == int(n) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = whole(*args)
    if calls == int(n):
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(place, name, deadly)
retention.BATCH = 2
store = open_store(Path(root) / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
retention.clear(store, load(None), lambda: datetime.fromisoformat(at), Path(root) / "process.lock")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "n", "when"),
    [
        ("pipeline.store.search", "remove", 3, "before"), ("pipeline.store.retention", "count", 1, "after"),
        ("pipeline.store.evidence", "sweep", 2, "after"), ("pipeline.store.retention", "end", 1, "before"),
        ("pipeline.store.retention", "settle_file", 1, "before"),
    ],
)
def test_killed_anywhere_and_started_again_it_ends_the_same(
    store: Store, post: Make, now: datetime, module: str, name: str, n: int, when: str
) -> None:
    for key in "abcde":
        post(key, page=key.encode())
    later = now + 8 * DAY
    command = [sys.executable, "-c", KILLED, str(store.root), later.isoformat(), module, name, str(n), when]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], env=os.environ | {"PYTHONPATH": "."}, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL
    clear(store, later)
    assert keys(store) == []
    assert list(store.evidence.rglob("*.gz*")) == []
    found = retention.on(store, local(later).date())
    assert found is not None
    assert (found.counts["other"], found.counts["pages"], found.ended_at) == (5, 5, later)
    assert store.value("SELECT count(*) FROM forgotten") == 5
    assert audit.verify(store) is None


def test_a_stop_is_obeyed_between_batches_and_the_rest_follows(
    store: Store, post: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 1)
    for key in "abc":
        post(key)
    answers = iter([False, True])
    done = clear(store, now + 8 * DAY, stopped=lambda: next(answers))
    assert (done.data["ended"], len(keys(store))) == (False, 2)
    assert keeping.due(store, CONFIG, now + 8 * DAY)
    clear(store, now + 8 * DAY)
    assert (keys(store), keeping.due(store, CONFIG, now + 8 * DAY)) == ([], False)


def test_one_post_that_cannot_be_removed_holds_up_no_other_and_is_told_once(
    store: Store, post: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abc":
        post(key)
    whole = search.remove

    def poisoned(store: Store, post_id: int, *texts: str) -> None:
        if post_id == 2:
            raise ValueError("no such text")
        whole(store, post_id, *texts)

    monkeypatch.setattr(search, "remove", poisoned)
    for days in (8, 9):
        assert clear(store, now + days * DAY).data["ended"]
    assert keys(store) == ["b"]
    assert store.rows("SELECT stage, subject FROM setback") == [{"stage": "retention", "subject": "帖文 2"}]
    assert "清除环节有 1 条记录未能处理" in make_digest(store, CONFIG, now + 9 * DAY).data["text"]


def test_what_staff_took_up_since_the_plan_stays(store: Store, post: Make, now: datetime) -> None:
    number = post("a")
    planned_before = keeping.plan(store, CONFIG, now + 8 * DAY)
    post("b", scope=OURS, state="open")
    with store.transaction():
        store.insert("case_post", post_id=number, case_id=1, generation=1, how="by_hand", attached_at=to_text(now), attached_by="王")
        retention.begin(store, local(now).date(), now)
        keeping._batch(store, CONFIG, [e.post_id for e in planned_before], now + 8 * DAY)
    assert keys(store) == ["a", "b"]


def test_what_was_removed_is_not_collected_again_unless_it_says_something_else(store: Store, post: Make, now: datetime) -> None:
    post("a")
    clear(store, now + 8 * DAY)
    again = RawPost("forum", "a", "题目a", "正文a", engagement=Engagement(replies=5))
    assert sources.replies_of(store, "forum", ["a", "b"]) == {"a": 2}
    add = lambda raw, at: posts.add(store, [raw], at, public=True, dormant=[False])  # noqa: E731 — three calls of one line
    assert add(again, now + 9 * DAY) == Added(known=1)
    assert sources.replies_of(store, "forum", ["a"]) == {"a": 5}
    assert add(replace(again, source="news"), now + 9 * DAY) == Added(new=1)
    assert add(replace(again, body="现在还要收费"), now + 9 * DAY) == Added(new=1)
    assert not any("题目a" in str(row) for row in store.rows("SELECT * FROM forgotten"))
    clear(store, now + 8 * DAY + 731 * DAY)
    assert store.value("SELECT count(*) FROM forgotten WHERE at < ?", to_text(now + 700 * DAY)) == 0


def test_a_dry_run_says_what_a_run_then_does_and_changes_nothing(store: Store, post: Make, now: datetime) -> None:
    post("13800001111")
    post("t")
    post("t#1", parent="t", scope=OURS)
    post("d", scope=OURS, state="dismissed", ended=now - 90 * DAY)
    before = list(store.db.iterdump())
    said = keeping.preview(store, CONFIG, now + 8 * DAY)
    assert list(store.db.iterdump()) == before
    assert {k["kind"]: k["posts"] for k in said.data["kinds"] if "posts" in k} == {"gone": [], "dismissed": [4], "other": [1]}
    for words in ("满 7 天：1 条（依据：个人信息保护法第十九条", "满 90 天：1 条", "题目［手机号］", "共 2 条"):
        assert words in said.text, words
    assert clear(store, now + 8 * DAY).data["counts"] == {"other": 1, "dismissed": 1}


@pytest.mark.parametrize(("at", "is_due"), [("02:59:59", False), ("03:00:00", True), ("23:00:00", True), ("00:10:00", False)])
def test_it_is_due_once_a_night(store: Store, at: str, is_due: bool) -> None:
    moment = parse(f"2026-11-18T{at}")
    assert keeping.due(store, CONFIG, moment) is is_due
    first = keeping.clear_if_due(store, CONFIG, lambda: moment, store.root / "process.lock")
    second = keeping.clear_if_due(store, CONFIG, lambda: moment + HOUR, store.root / "process.lock")
    assert [first is not None, second is None or at == "02:59:59"] == [is_due, True]
    assert keeping.due(store, CONFIG, parse("2026-11-19T03:00"))


def test_its_report_is_in_the_record_and_in_the_digest(store: Store, post: Make, now: datetime) -> None:
    post("a")
    assert "尚未清除过到期数据" in make_digest(store, CONFIG, now).data["text"]
    clear(store, now + 8 * DAY)
    [entry] = store.rows("SELECT subject, detail FROM audit_entry WHERE action = '清除到期数据'")
    assert (entry["subject"], json.loads(entry["detail"])) == ("2026-11-26", {"与基础教育无关的帖文": 1})
    assert "2026-11-26 清除到期数据：与基础教育无关的帖文 1" in make_digest(store, CONFIG, now + 8 * DAY).data["text"]
    clear(store, now + 9 * DAY)
    assert store.value("SELECT count(*) FROM audit_entry WHERE action = '清除到期数据'") == 1
    assert "2026-11-27 清除到期数据：没有到期的" in make_digest(store, CONFIG, now + 9 * DAY).data["text"]


def test_a_case_tells_that_its_posts_were_removed_and_no_digest_calls_that_news(store: Store, post: Make, now: datetime) -> None:
    post("a", scope=OURS, state="triage")
    make_digest(store, CONFIG, now)
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'dismissed', closed_at = ?", to_text(now))
    clear(store, now + 91 * DAY)
    assert [e.action for e in audit.history(store, 1)] == ["清除到期数据"]
    assert digests.collect(store, local(now + 91 * DAY).date(), [], now + 91 * DAY).news == ()


def test_log_ins_that_ran_out_go(store: Store, now: datetime) -> None:
    with store.transaction():
        store.execute("INSERT INTO user VALUES (1, 'test', '王', 'viewer', 'x', 1, ?)", to_text(now))
        users.open_session(store, users.get(store, "王"), "token", "csrf", now)  # type: ignore[arg-type]  # it is there
        users.failed(store, "李", "10.0.0.1", now)
    clear(store, now + timedelta(minutes=10))
    assert store.value("SELECT count(*) FROM session") == store.value("SELECT count(*) FROM login_failure") == 1
    assert clear(store, now + 13 * HOUR).data["counts"]["log_ins"] == 2


LETTERS: list[tuple[str, dict[str, Any], timedelta, bool]] = [
    ("an automatic reply, 90 days", {"kind": "automatic"}, 90 * DAY, False),
    ("a second longer", {"kind": "automatic"}, 90 * DAY + SECOND, True),
    ("a bounce", {"kind": "bounce"}, 91 * DAY, True),
    ("one that waits for staff", {"kind": "unmatched", "waiting": "staff"}, 900 * DAY, False),
    ("one that staff settled", {"kind": "unmatched", "settled": 30}, 121 * DAY, True),
    ("one that staff settled lately", {"kind": "unmatched", "settled": 60}, 121 * DAY, False),
    ("a reply that belongs to a case", {"kind": "reply", "case_id": 1}, 900 * DAY, False),
    ("one that still lies in the inbox", {"kind": "own", "moved_at": None}, 900 * DAY, False),
]


@pytest.mark.parametrize(("given", "later", "goes"), [row[1:] for row in LETTERS], ids=[row[0] for row in LETTERS])
def test_which_letters_go(store: Store, post: Make, now: datetime, given: dict[str, Any], later: timedelta, goes: bool) -> None:
    post("a", scope=OURS, state="open")
    columns = {"moved_at": to_text(now)} | {k: v for k, v in given.items() if k != "settled"}
    with store.transaction():
        page = evidence.keep(store, Evidence("mail", b"raw mail", now))
        settled = to_text(now + given["settled"] * DAY) if "settled" in given else None
        store.insert(
            "inbound", bureau=store.bureau, place="imap", uidvalidity=1, uid=1, size=8, evidence_id=page, received_at=to_text(now),
            settled_at=settled, **columns,
        )
    assert ("：1 封" in keeping.preview(store, CONFIG, now + later).text) is goes
    clear(store, now + later)
    assert (store.value("SELECT count(*) FROM inbound") == 0) is goes
    assert (evidence.read(store, page) is None) is goes


def test_every_lookup_uses_an_index(store: Store, post: Make, now: datetime, tmp_path: Path) -> None:
    """The nightly cost follows what is not education, not all of history."""
    for why, sql in retention.WHERE.items():
        values = [store.bureau] + [to_text(now)] * (sql.count("?") - 1)
        steps = [r["detail"] for r in store.rows(f"EXPLAIN QUERY PLAN SELECT {sql}", *values)]
        assert not any(s.startswith("SCAN p") or s.startswith("SCAN post") for s in steps), (why, steps)
