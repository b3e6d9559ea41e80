"""The day's digest as an act: when it is due, that it is made once, what it reports as new, who gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from config.schema import Config
from config.schema.registry import Registry
from config.schema.settings import BureauSettings, Settings
from config.schema.sources import Source
from pipeline.domain.cases import Notice
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.posts import RawPost
from pipeline.domain.terms import ContactRole, CrawlOutcome, PartyKind, Urgency
from pipeline.faults import Unusable
from pipeline.moments import parse, to_text
from pipeline.outcome import DONE, FAILED
from pipeline.store import audit, notices, parties, posts, sources
from pipeline.store.db import Store
from responders.daily import digest_due, make_digest

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = (
    PartyEntry(PartyKind.SECTION, "desk", "舆情值班室", (ContactEntry(ContactRole.DUTY, "丁一禾", "desk@jyj.example"),)),
    PartyEntry(PartyKind.SECTION, "director", "局长", (ContactEntry(ContactRole.PRINCIPAL, "周砚秋", "director@jyj.example"),)),
    PartyEntry(PartyKind.SECTION, "deputy", "分管副局长", ()),
)


@pytest.fixture
def config() -> Config:
    """Two sources on the web, one that is imported."""
    feed = Source(name="清源论坛", kind="feed", url="http://127.0.0.1/")
    off, hotline = feed.model_copy(update={"enabled": False}), Source(name="热线", kind="file")
    watched = {"forum": feed, "news": feed.model_copy(update={"name": "清源新闻"}), "off": off, "hotline": hotline}
    return Config(settings=Settings(bureau=BureauSettings(id="test", name="清源县教育局")), sources=watched, registry=Registry())


@pytest.fixture
def bureau(store: Store) -> Store:
    with store.transaction():
        parties.sync(store, PEOPLE, NOW - 30 * DAY)
    return store


@pytest.fixture
def case(bureau: Store) -> Callable[..., int]:
    def open_one(number: int, **given: Any) -> int:
        values = {
            "bureau": "test", "number": f"教舆-2026-{number:05d}", "state": "triage", "title": f"第{number}件", "grade": "Ⅳ", "public": 1,
            "dormant": 0, "found_at": to_text(NOW - 10 * DAY), "opened_by": "machine",
        } | given  # fmt: skip
        with bureau.transaction():
            return bureau.insert("case_", **values)

    return open_one


def crawled(store: Store, *ids: str, outcome: CrawlOutcome = CrawlOutcome.OK, at: datetime = NOW) -> None:
    for key in ids:
        sources.end_run(store, sources.begin_run(store, key, at), outcome, at)


def section(text: str, begins: str, ends: str) -> str:
    return text.split(begins)[1].split(ends)[0]


def fresh(text: str) -> str:
    return section(text, "二、重点舆情", "三、在办")


@pytest.mark.parametrize(("local", "due"), [("07:59:59", False), ("08:00:00", True), ("23:59:59", True), ("00:00:00", False)])
def test_it_is_due_from_its_hour_on_until_it_is_made(bureau: Store, config: Config, local: str, due: bool) -> None:
    now = parse(f"2026-11-18T{local}")
    assert digest_due(bureau, config, now) is due
    if due:
        make_digest(bureau, config, now)
        assert not digest_due(bureau, config, now)


def test_a_day_that_was_missed_is_made_up_the_next_morning_and_a_clock_set_back_repeats_nothing(bureau: Store, config: Config) -> None:
    make_digest(bureau, config, NOW)
    assert not digest_due(bureau, config, NOW - timedelta(hours=1))
    assert digest_due(bureau, config, NOW + 3 * DAY)
    make_digest(bureau, config, NOW + 3 * DAY)
    issues = bureau.rows("SELECT date, number FROM digest ORDER BY id")
    assert [(i["date"], i["number"]) for i in issues] == [("2026-11-18", 1), ("2026-11-21", 2)]


def test_the_first_ever_is_due_as_soon_as_every_web_source_has_run_once(bureau: Store, config: Config) -> None:
    night = parse("2026-11-18T03:00")
    assert not digest_due(bureau, config, night)
    crawled(bureau, "forum", at=night)
    assert not digest_due(bureau, config, night)
    crawled(bureau, "news", outcome=CrawlOutcome.UNREACHABLE, at=night)
    assert digest_due(bureau, config, night)
    make_digest(bureau, config, night)
    assert not digest_due(bureau, config, night + DAY)


def test_it_is_made_once_a_date_and_given_out_again_as_it_was(bureau: Store, config: Config, case: Any) -> None:
    case(1)
    first = make_digest(bureau, config, NOW)
    case(2)
    again = make_digest(bureau, config, NOW + timedelta(hours=3))
    assert (first.code, first.data["new"], again.data["new"]) == (DONE, True, False)
    assert first.data["text"] == again.data["text"]
    assert bureau.value("SELECT count(*) FROM digest") == 1
    assert bureau.value("SELECT count(*) FROM message") == 2


def test_each_reader_with_an_address_gets_it_whole_and_the_others_are_noted(bureau: Store, config: Config) -> None:
    outcome = make_digest(bureau, config, NOW)
    mails = bureau.rows("SELECT recipient, subject, html FROM message ORDER BY id")
    issue = bureau.row("SELECT html, subject FROM digest")
    assert issue
    assert [m["recipient"] for m in mails] == ["desk@jyj.example", "director@jyj.example"] == outcome.data["mailed"]
    assert {(m["html"], m["subject"]) for m in mails} == {(issue["html"], issue["subject"])}
    assert bureau.value("SELECT dropped FROM notice WHERE key = 'digest:2026-11-18:deputy'") == "没有可用的邮箱，日报请在控制台查看"
    assert bureau.value("SELECT count(*) FROM notice WHERE waiting = 1") == 0


def test_without_any_reader_it_is_kept_all_the_same(store: Store, config: Config) -> None:
    outcome = make_digest(store, config, NOW)
    assert "没有发信" in outcome.text
    assert store.value("SELECT count(*) FROM digest") == 1


def test_a_reported_case_is_never_new_again_and_one_that_was_opened_late_is_never_missed(bureau: Store, config: Config, case: Any) -> None:
    case(1)
    assert "教舆-2026-00001" in fresh(make_digest(bureau, config, NOW).data["text"])
    case(2, found_at=to_text(NOW - 20 * DAY))
    text = fresh(make_digest(bureau, config, NOW + DAY).data["text"])
    assert "教舆-2026-00001" not in text
    assert "教舆-2026-00002" in text
    assert "教舆-2026" not in fresh(make_digest(bureau, config, NOW + 2 * DAY).data["text"])


@pytest.mark.parametrize("given", [{"dormant": 1}, {"state": "dismissed"}, {"state": "closed"}, {"state": "merged"}])
def test_what_asks_nothing_of_anybody_is_not_reported(bureau: Store, config: Config, case: Any, given: dict[str, Any]) -> None:
    case(1, **given)
    assert "教舆-2026" not in make_digest(bureau, config, NOW).data["text"]


def test_news_of_known_cases_are_posts_that_joined_and_what_was_done(bureau: Store, config: Config, case: Any) -> None:
    known = case(1)
    make_digest(bureau, config, NOW)
    posts.add(bureau, [RawPost("forum", "k", "转发", "")], NOW + timedelta(hours=2), public=True, dormant=[False])
    post = posts.waiting(bureau, "read", 1)[0]
    with bureau.transaction():
        attached = {"attached_at": to_text(NOW), "attached_by": "machine"}
        bureau.insert("case_post", post_id=post.id, case_id=known, generation=1, how="duplicate", **attached)
        audit.write(bureau, "王某", "交办", "教舆-2026-00001", {}, NOW + timedelta(hours=3), known)
    text = make_digest(bureau, config, NOW + DAY).data["text"]
    assert "新增帖文 1 条；交办" in section(text, "四、舆情追踪", "五、")
    assert "往期事件没有新的进展" in make_digest(bureau, config, NOW + 2 * DAY).data["text"]


def test_a_reopened_case_is_news_not_new(bureau: Store, config: Config, case: Any) -> None:
    known = case(1)
    make_digest(bureau, config, NOW)
    with bureau.transaction():
        bureau.execute("UPDATE case_ SET generation = 2 WHERE id = ?", known)
        audit.write(bureau, "系统", "重开", "教舆-2026-00001", {}, NOW, known)
    text = make_digest(bureau, config, NOW + DAY).data["text"]
    assert "教舆-2026-00001" not in fresh(text)
    assert "重新办理" in section(text, "四、舆情追踪", "五、")


def test_undecided_cases_top_the_issue(bureau: Store, config: Config, case: Any) -> None:
    opened = case(1)
    with bureau.transaction():
        bureau.insert(
            "obligation", bureau="test", case_id=opened, generation=1, kind="triage", party="desk", clock="working_hours", amount=4.0,
            basis="内控", start_at=to_text(NOW - DAY), start_basis="found", warn_at=to_text(NOW - DAY),
            due_at=to_text(NOW - timedelta(hours=1)),
        )
    assert "未研判 1 件：[教舆-2026-00001]" in make_digest(bureau, config, NOW).data["text"].split("一、总体情况")[0]


def test_red_lines_and_lapsed_limits_come_before_what_is_undecided(bureau: Store, config: Config, case: Any) -> None:
    rules = {k: r for k, r in load(None).deadlines.items() if k == "response"}
    with bureau.transaction():
        for opened, kind, party, hours in (
            (case(1), "triage", "desk", -5), (case(2), "response", "外部:公安机关", -1),
            (case(3, redline="suicide_risk"), "response", "QY1", 9), (case(4, redline="missing_child"), "triage", "desk", 2),
        ):  # fmt: skip
            bureau.insert(
                "obligation", bureau="test", case_id=opened, generation=1, kind=kind, party=party, clock="hours", amount=4.0, basis="内控",
                start_at=to_text(NOW - DAY), start_basis="found", warn_at=to_text(NOW - DAY), due_at=to_text(NOW + timedelta(hours=hours)),
            )
        notices.put(bureau, Notice("k", "desk", ("duty",), Urgency.URGENT, "s", "t", NOW, phone=True))
    text = make_digest(bureau, replace(config, deadlines=rules), NOW).data["text"]
    head = text.split("一、总体情况")[0]
    wanted = ("待确认（儿童失踪）", "待确认（自伤自杀风险）", "法定时限已超期：[教舆-2026-00002]", "未研判 1 件")
    found = [head.index(words) for words in wanted]
    assert found == sorted(found)
    assert "公安机关" in text
    assert "外部:" not in text
    assert "还有 1 条通知即将列为电话督办" in text


def test_the_record_goes_out_with_every_issue(bureau: Store, config: Config) -> None:
    with bureau.transaction():
        audit.write(bureau, "王某", "研判", "x", {}, NOW)
    head = audit.head(bureau)
    text = make_digest(bureau, config, NOW).data["text"]
    assert f"留痕：1 条，最新校验值 {head.hash}" in text


def test_only_sources_that_ran_are_called_normal(bureau: Store, config: Config) -> None:
    crawled(bureau, "forum")
    crawled(bureau, "news", outcome=CrawlOutcome.WALL)
    text = make_digest(bureau, config, NOW).data["text"]
    assert "今日监测2个信源（正常1个），未发现需处置的涉教舆情。未能看到：清源新闻。" in text


def test_the_past_cannot_be_written_only_printed_again(bureau: Store, config: Config) -> None:
    make_digest(bureau, config, NOW)
    assert make_digest(bureau, config, NOW + DAY, date(2026, 11, 18)).data["number"] == 1
    for day in (date(2026, 11, 17), date(2026, 11, 30)):
        outcome = make_digest(bureau, config, NOW, day)
        assert (outcome.code, outcome.data["number"]) == (FAILED, None)
    assert bureau.value("SELECT count(*) FROM digest") == 1


@pytest.mark.parametrize(("name", "files"), [("日报.html", ["日报.html"]), ("d.txt", ["d.txt"]), ("d", ["d.html", "d.txt"])])
def test_it_is_written_to_files(bureau: Store, config: Config, tmp_path: Path, name: str, files: list[str]) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    make_digest(bureau, config, NOW, out=folder / name)
    assert sorted(p.name for p in folder.iterdir()) == files
    assert all("舆情日报" in p.read_text("utf-8") for p in folder.iterdir())


@pytest.mark.parametrize("name", ["d.pdf", "nowhere/d.html", "nowhere/d"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_made(bureau: Store, config: Config, tmp_path: Path, name: str) -> None:
    with pytest.raises(Unusable):
        make_digest(bureau, config, NOW, out=tmp_path / name)
    assert bureau.value("SELECT count(*) FROM digest") == 0
