"""舆情日报: what an issue says of a day, above all of a day on which nothing was found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from config.schema.sources import Source
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.digests import Call, CaseFact, Day, News, Owed, RedLined, Watched
from pipeline.domain.inbound import InboundKind, Inbox, Received
from pipeline.domain.mail import Breaker, Trouble
from pipeline.domain.terms import (
    AssignmentState,
    CaseState,
    Clock,
    CrawlOutcome,
    Grade,
    MessageState,
    ObligationKind,
    RedLine,
    StartBasis,
)
from responders.digest import by_hand, digest, normal

NOW = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OK, FAILED, WALL = CrawlOutcome.OK, CrawlOutcome.FAILED, CrawlOutcome.WALL


def case(**given: Any) -> Case:
    values = {
        "id": 1, "number": "教舆-2026-00123", "generation": 1, "state": CaseState.TRIAGE, "title": "食堂饭菜里有虫", "topic": "A5",
        "grade": Grade.IV, "public": True, "dormant": False, "found_at": NOW - 20 * HOUR, "published_at": NOW - 22 * HOUR, "version": 1,
    } | given  # fmt: skip
    return Case(**values)


def owed(hours: float, kind: ObligationKind = ObligationKind.RESPONSE, **given: Any) -> Owed:
    due = NOW + timedelta(hours=hours)
    held = Obligation(kind, "QY001", NOW - 50 * HOUR, StartBasis.FOUND, due, due - HOUR, Clock.HOURS, 48, "61号")
    return Owed(held, case(**given), "清源县第一中学")


def source(name: str = "清源论坛", outcome: CrawlOutcome | None = OK, ago: float = 1, every: int = 60, **given: Any) -> Watched:
    finished = NOW - timedelta(hours=ago) if outcome else None
    return Watched(name, name, every, outcome, finished, finished if outcome and outcome.seen else None, **given)


@pytest.fixture
def issue(config: Config) -> Callable[..., Any]:
    """Writes an issue. No quick way around its checks: HTML and text come from the same facts."""

    def write(**given: Any) -> Any:
        values = {"date": date(2026, 11, 18), "number": 7, "since": NOW - 24 * HOUR, "until": NOW, "sources": (source(),)} | given
        if "fresh" in values:
            values.setdefault("fresh_total", len(values["fresh"]))
        if "owed" in values:
            values.setdefault("owed_total", len(values["owed"]))
        values.setdefault("undecided_total", len(values.get("undecided", ())))
        values.setdefault("lapsed_total", len(values.get("lapsed", ())))
        return digest(Day(**values), config, NOW)

    return write


# ── coverage: nothing is called normal that was not seen ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("watched", "is_normal"),
    [
        (source(), True), (source(outcome=CrawlOutcome.UNCHANGED), True), (source(outcome=FAILED), False), (source(outcome=WALL), False),
        (source(outcome=CrawlOutcome.EMPTY), False), (source(outcome=CrawlOutcome.DRIFT), False),
        (source(outcome=CrawlOutcome.ROBOTS), False),
        (source(outcome=None), False), (source(ago=23.9), True), (source(ago=24.1), False), (source(ago=40, every=1440), True),
        (source(ago=49, every=1440), False),
    ],
)  # fmt: skip
def test_a_source_is_normal_only_if_it_was_really_seen_and_lately(watched: Watched, is_normal: bool) -> None:
    assert normal(watched, NOW) is is_normal


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ((source("甲"), source("乙")), "今日监测2个信源（正常2个），未发现需处置的涉教舆情。"),
        ((source("甲"), source("乙", WALL)), "今日监测2个信源（正常1个），未发现需处置的涉教舆情。未能看到：乙。上述结论不含这些信源。"),
        (
            (source("甲", ago=99), source("乙", FAILED)),
            "今日监测2个信源（正常0个），没有看到任何信源，不能据此认为没有涉教舆情。未能看到：甲、乙。",
        ),
        ((), "今日没有设置自动监测的信源，情况以人工巡查为准。"),
    ],
)
def test_an_empty_day_says_what_was_seen_and_what_was_not(issue: Any, sources: tuple[Watched, ...], says: str) -> None:
    made = issue(sources=sources)
    assert says in made.text
    assert says in made.html
    assert made.subject == "舆情日报 2026-11-18 总第7期（无新增）"


def test_an_empty_issue_still_has_every_part(issue: Any) -> None:
    made = issue(audit_count=42, audit_hash="ab" * 32, model="m1")
    for part in (
        "内部资料 注意保管", "清源县教育局教育舆情日报", "总第7期", "2026年11月18日", "一、总体情况", "二、重点舆情", "三、在办与超时一览",
        "四、舆情追踪", "五、政策与外地参考", "六、研判与建议", "附一、监测覆盖", "附二、邮件、电话与运行", "留痕：42 条", "ab" * 32,
        "研读模型：m1", "签发：",
        "一切正常", "抖音", "快手", "微信", "小红书", "□已查 □未查",
    ):  # fmt: skip
        assert part in made.text, part
        assert part in made.html, part


def test_the_coverage_table_names_each_outcome(issue: Any) -> None:
    made = issue(sources=(source("甲", new=3), source("乙", WALL, error="跳转到登录页"), source("丙", None), source("丁", ago=72)))
    assert "· 甲｜正常｜2026-11-18 07:00 正常｜新帖 3" in made.text
    assert "· 乙｜未看到｜2026-11-18 07:00 需登录或验证码｜新帖 0｜跳转到登录页；上次正常：从未" in made.text
    assert "· 丙｜未看到｜从未采集｜新帖 0｜尚未采集过" in made.text
    assert "· 丁｜未看到｜2026-11-15 08:00 正常｜新帖 0｜采集已中断；上次正常：2026-11-15 08:00" in made.text


def test_a_platform_that_a_source_watches_needs_no_hand(config: Config) -> None:
    watching = replace(config, sources={"d": Source(name="抖音号", kind="feed", platform="抖音")})
    assert "抖音" not in by_hand(watching)
    assert "抖音" in by_hand(replace(config, sources={"d": Source(name="抖音号", kind="feed", platform="抖音", enabled=False)}))


# ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def fact(**given: Any) -> CaseFact:
    names = ("posts", "sources", "views", "replies", "url", "lead", "lead_state", "reason", "pending")
    about = {k: given.pop(k) for k in names if k in given}
    defaults = {
        "posts": 4, "sources": ("清源论坛",), "views": 1200, "replies": 30, "url": "http://bbs.example/t/1", "lead": "清源县第一中学",
        "lead_state": AssignmentState.PROPOSED, "reason": "一所学校的食堂问题，由该校答复",
    }  # fmt: skip
    return CaseFact(case(**given), **defaults | about)


def test_a_major_case_is_told_in_full(issue: Any) -> None:
    text = issue(fresh=(fact(grade=Grade.III),)).text
    for part in (
        "1. [教舆-2026-00123] 食堂饭菜里有虫", "等级：Ⅲ级 较大·黄（建议等级）", "时间：首发 2026-11-17 10:00，发现 2026-11-17 12:00",
        "传播：4 条帖文，最高阅读 1200，最高回复 30；见于 清源论坛",
        "重点类别：涉及学生、家长切身利益 / 引发媒体和公众关切", "回应主体：清源县第一中学", "进展：待研判，拟交办",
        "建议：一所学校的食堂问题，由该校答复", "链接：http://bbs.example/t/1",
    ):  # fmt: skip
        assert part in text, part


def test_a_minor_case_is_one_row_and_beyond_the_limit_it_is_counted(issue: Any) -> None:
    made = issue(fresh=tuple(fact(id=n, number=f"教舆-2026-{n:05d}") for n in range(45)), fresh_total=45)
    assert made.text.count("· [教舆-2026-") == 40
    assert "另有 5 件新增事件" in made.text
    assert "新增45件" in made.subject


def test_major_cases_beyond_those_told_in_full_stand_in_the_table(issue: Any) -> None:
    made = issue(fresh=tuple(fact(id=n, number=f"教舆-2026-{n:05d}", grade=Grade.II) for n in range(35)))
    assert made.text.count("等级：Ⅱ级") == 30
    assert made.text.count("｜Ⅱ级") == 5
    assert "另有" not in made.text


def test_red_lines_come_first_then_lapsed_limits_then_what_is_undecided(issue: Any) -> None:
    undecided = tuple(owed(-2, ObligationKind.TRIAGE, number=f"教舆-2026-0090{n}") for n in range(7))
    red = {"grade": Grade.II, "redline": RedLine.SUICIDE_RISK}
    tight = owed(0.4, ObligationKind.PHONE_REPORT).obligation
    redlines = (RedLined(case(redline_confirmed_at=NOW, **red), tight), RedLined(case(number="教舆-2026-00124", **red)))
    made = issue(redlines=redlines, undecided=undecided, lapsed=(owed(-3, number="教舆-2026-00777"),))
    head = made.text.split("一、总体情况")[0].split("【请先看】")[1].split()
    first, second, third, fourth, *_ = (line for line in "".join(head).split("!") if line)
    assert first.startswith("红线已确认（自伤自杀风险）：[教舆-2026-00123]食堂饭菜里有虫；电话报告2026-11-1808:24到期，临期，余24分钟")
    assert second == "红线待确认（自伤自杀风险）：[教舆-2026-00124]食堂饭菜里有虫"
    assert third.startswith("法定时限已超期：[教舆-2026-00777]")
    assert fourth.startswith("超过4个工作小时未研判7件：[教舆-2026-00900]")
    assert fourth.count("教舆") == 5
    assert "待研判超时7件" in made.subject


def test_a_digest_that_knows_of_calls_to_come_does_not_call_all_well(issue: Any) -> None:
    assert "一切正常" in issue().text
    for given in ({"calls_coming": 2}, {"calls_total": 3}):
        made = issue(**given)
        assert "一切正常" not in made.text + made.html
        assert "电话督办" in made.text


def test_of_an_accusation_the_digest_says_neither_what_nor_whom(issue: Any) -> None:
    about = {"accusation": True, "title": "举报一中校长贪污"}
    accused = fact(grade=Grade.III, lead="派驻纪检监察组", reason="检举校长，由纪检办理", url="http://x.example/1", **about)
    made = issue(fresh=(accused,), news=(News(case(**about), 2),), owed=(owed(1, **about),))
    for part in ("贪污", "校长", "纪检监察组", "清源县第一中学", "x.example"):
        assert part not in made.text, part
        assert part not in made.html, part
    assert made.text.count("检举控告类事项") == 3


def test_a_letter_has_no_link(issue: Any) -> None:
    assert "bbs.example" not in issue(fresh=(fact(grade=Grade.III, public=False),)).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example/"])
def test_only_web_links_are_links(issue: Any, url: str) -> None:
    assert url not in issue(fresh=(fact(grade=Grade.III, url=url),)).html


def test_hostile_words_stay_words_and_persons_are_masked(issue: Any) -> None:
    evil = '<script>alert("1")</script>我叫王小明13900001234'
    made = issue(
        fresh=(fact(grade=Grade.III, title=evil, url='http://x.example/"><script>'),),
        sources=(source("<b>甲</b>", FAILED, error="<img src=x>"),),
        troubles=(Trouble(1, MessageState.DEAD, "<i>", "13900001234", "<script>", NOW),), news=(News(case(title=evil), 1, ("<u>",)),),
    )
    assert not re.search(r"<(script|img|i|u|b)[ >]", made.html)
    for part in (made.html, made.text, made.subject):
        assert "13900001234" not in part
        assert "王小明" not in part


def test_the_table_of_what_is_owed(issue: Any) -> None:
    made = issue(owed=(owed(-30), owed(0.5), owed(47)), owed_total=99, overdue=1, due_soon=1, missed_since=1)
    for part in ("超期 30小时", "临期，余 30分钟", "未到期，余 47小时", "另有 96 项", "超期 1 项（本期新增超期 1 项）"):
        assert part in made.text, part
    assert "超期1项" in made.subject


def test_news_of_known_cases(issue: Any) -> None:
    news = (News(case(), 3, ("交办", "签收")), News(case(number="教舆-2026-00077"), 1, (), again=True))
    text = issue(news=news).text
    assert "· [教舆-2026-00123] 食堂饭菜里有虫｜Ⅳ级 一般·蓝（建议等级）｜待研判｜新增帖文 3 条；交办；签收" in text
    assert "重新办理；新增帖文 1 条" in text


# ── the system itself ───────────────────────────────────────────────────────────────────────────────────────────────


def test_stuck_dead_and_bounced_mail_calls_and_setbacks_are_named(issue: Any) -> None:
    dead = Trouble(1, MessageState.DEAD, "曾广霞", "[教舆-2026-00123] 催办", "RCPT：450", NOW)
    call = Call("清源县第三中学", "钱润和", "13900001003", "催办：签收", "没有邮箱", NOW)
    text = issue(
        troubles=(dead, Trouble(2, MessageState.UNCERTAIN, "甲", "乙", "", NOW)), stuck=3, bounced=("清源县第二中学 袁承静 a@b.example",),
        calls=(call,), calls_total=5, setbacks=(("read", 2),), breaker=Breaker(NOW - HOUR, "连接被拒绝", 3, NOW),
    ).text  # fmt: skip
    for part in (
        "邮件已放弃：曾广霞《[教舆-2026-00123] 催办》RCPT：450", "邮件结果不明：甲《乙》", "积压邮件 3 封",
        "联系邮箱退信，请更正：清源县第二中学", "待打电话：清源县第三中学（钱润和 13900001003）催办：签收，没有邮箱", "另有 4 件电话督办",
        "研读环节有 2 条记录未能处理", "邮件中断：自 2026-11-18 07:00 起",
    ):  # fmt: skip
        assert part in text, part


def received(subject: str, party: str = "") -> Received:
    return Received(
        id=1, kind=InboundKind.UNMATCHED, received_at=NOW, sender="a@b.example", sender_name="王主任", subject=subject, text="机密正文",
        attachments=(), remark="",
        party=party, known=False, cut=False, size=1, evidence_id=1, case_id=None, case_number="", accusation=False, version=1,
        waiting=True, settlement="",
    )


def test_mail_that_nobody_has_claimed_is_named_and_an_accusation_is_not_told(issue: Any) -> None:
    mails = (received("关于食堂，电话13800001111", "清源县第一中学"), received("举报王校长收回扣"), received(""))
    text = issue(unclaimed=mails, unclaimed_total=5, inbox=Inbox(NOW, NOW, NOW - HOUR, "登录：密码错", 3)).text
    for part in (
        "来信待认领：清源县第一中学《关于食堂，电话［手机号］》，2026-11-18 08:00 收到", "来信待认领：未登记的发件人（标题不在日报显示）",
        "来信待认领：未登记的发件人《没有标题》", "另有 2 封来信待认领", "收信中断：自 2026-11-18 07:00 起收不到回信和退信（登录：密码错）",
    ):  # fmt: skip
        assert part in text, part
    for part in ("王校长", "机密正文", "13800001111", "王主任"):
        assert part not in text


def test_a_year_without_calendar_is_shown_sixty_days_ahead(config: Config) -> None:
    day = Day(date(2026, 12, 1), 1, NOW, NOW)
    assert "calendar.csv 没有 2027 年" in digest(day, config, datetime(2026, 12, 1, tzinfo=UTC)).text
    assert "calendar.csv" not in digest(day, config, NOW - 60 * 24 * HOUR).text


def test_the_same_facts_give_the_same_issue(issue: Any) -> None:
    assert issue(fresh=(fact(),)) == issue(fresh=(fact(),))
