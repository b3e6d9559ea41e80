"""舆情日报: says what the facts of a day come to. Personal data is masked, accusations are only counted, and no source is called normal
that was not seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

from config.schema import Config
from config.schema.topics import Topic
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.digests import CaseFact, Day, Digest, News, Owed, Watched
from pipeline.domain.terms import Grade, ObligationStatus
from pipeline.masking import masked
from pipeline.moments import local, shown
from responders import paper
from responders.worktime import missing_year

DETAILED = 30
"""So many new cases are told in full; the others stand in a table or are counted."""
LISTED = 40
FIRST, TITLES = 20, 5
"""So many red lines and so many lapsed limits stand under 请先看, and so many titles of what is undecided."""
BY_HAND = ("抖音", "快手", "微信（公众号、视频号）", "小红书", "家长群等封闭群组")
"""What no program here can watch: a person looks, and ticks the box."""
FOCI = {
    "a": "教育工作决策部署", "b": "涉及学生、家长切身利益", "c": "引发媒体和公众关切", "d": "突发事件和自然灾害", "e": "冲击社会道德底线",
    "f": "危害社会秩序的不实信息",
}  # fmt: skip
HIDDEN = "检举控告类事项（内容不在日报显示，请在控制台按权限查看）"
STAGES = {
    "read": "研读", "gather": "归并", "route": "分派", "remind": "催办", "mail": "邮件", "urgent": "短信", "inbox": "收信", "crawl": "采集",
    "retention": "清除",
}  # fmt: skip
ACCUSING = re.compile("举报|检举|控告|揭发|实名")
LINK = ":/?#[]@!$&()*+,;=%~"
"""What may stand in a link besides letters and digits; quotes and angle brackets may not."""
Row = tuple[str, ...]


def digest(day: Day, config: Config, now: datetime) -> Digest:
    """The issue of a day, as HTML and as text."""
    names = {w.id: w.name for w in day.sources} | {key: source.name for key, source in config.sources.items()}
    major = [f for f in day.fresh if _major(f.case)]
    minor = [f for f in day.fresh if not _major(f.case)]
    facts = {
        "bureau": config.settings.bureau.name, "number": day.number, "date": day.date.strftime("%Y年%m月%d日"), "since": shown(day.since),
        "until": shown(day.until), "alerts": tuple(_alerts(day, config, now)), "overview": tuple(_overview(day, now)),
        "major": [(_title(f.case), tuple(_detail(f, config, names)), _link(f)) for f in major[:DETAILED]],
        "minor": [_minor(f, config) for f in (major[DETAILED:] + minor)[:LISTED]],
        "untold": day.fresh_total - min(len(major), DETAILED) - len((major[DETAILED:] + minor)[:LISTED]),
        "owed": [_owed(o, now) for o in day.owed], "owed_more": day.owed_total - len(day.owed), "news": [_news(n) for n in day.news],
        "sources": [_source(w, now) for w in day.sources], "by_hand": by_hand(config), "running": tuple(_running(day)),
        "audit": f"{day.audit_count} 条，最新校验值 {day.audit_hash}", "model": day.model or "尚无研读记录",
        "cleared": day.cleared.sentence if day.cleared else "尚未清除过到期数据",
    }
    return Digest(_subject(day), paper.html("digest.html", config.texts, **facts), paper.text("digest.txt", config.texts, **facts))


def by_hand(config: Config) -> tuple[str, ...]:
    """The platforms that a person has to look through."""
    watched = {s.platform for s in config.sources.values() if s.enabled and s.kind != "file" and s.platform}
    return tuple(p for p in BY_HAND if not any(p.startswith(w) for w in watched))


def normal(source: Watched, now: datetime) -> bool:
    """Whether a source was really seen: its last run saw it, and that run is no older than a day, or than two of its own turns."""
    if source.outcome is None or not source.outcome.seen or source.finished_at is None:
        return False
    return now - source.finished_at <= max(timedelta(days=1), timedelta(minutes=2 * source.every_minutes))


def _subject(day: Day) -> str:
    words = [f"新增{day.fresh_total}件" if day.fresh_total else "无新增"]
    words += [f"超期{day.overdue}项"] * bool(day.overdue) + [f"待研判超时{day.undecided_total}件"] * bool(day.undecided_total)
    return paper.one_line(f"舆情日报 {day.date.isoformat()} 总第{day.number}期（{'，'.join(words)}）")


def _alerts(day: Day, config: Config, now: datetime) -> Iterator[str]:
    """What must be read first: red lines, then statutory limits that have passed, then the rest."""
    yield from _redlines(day, now)
    yield from _lapsed(day, now)
    if day.breaker:
        yield f"邮件中断：自 {shown(day.breaker.since)} 起邮件未能发出（{masked(day.breaker.reason)}），到期通知已列为电话督办。"
    if day.inbox and day.inbox.since:
        yield f"收信中断：自 {shown(day.inbox.since)} 起收不到回信和退信（{masked(day.inbox.reason)}）。"
    if day.undecided_total:
        more = "等" if day.undecided_total > TITLES else ""
        yield f"超过4个工作小时未研判 {day.undecided_total} 件：{'；'.join(_title(o.case) for o in day.undecided[:TITLES])}{more}"
    year = missing_year(config.calendar, now)
    if year:
        yield f"calendar.csv 没有 {year} 年的放假安排，涉及该年的工作日时限无法计算，请及时补入。"


def _redlines(day: Day, now: datetime) -> Iterator[str]:
    for found in day.redlines[:FIRST]:
        case, clock = found.case, found.tightest
        state = "已确认" if case.redline_confirmed_at else "待确认"
        limit = f"；{clock.kind.zh} {shown(clock.due_at)} 到期，{_how(clock, now)}" if clock else ""
        yield f"红线{state}（{case.redline.zh if case.redline else ''}）：{_title(case)}{limit}"
    if len(day.redlines) > FIRST:
        yield f"另有 {len(day.redlines) - FIRST} 件红线事件，见控制台。"


def _lapsed(day: Day, now: datetime) -> Iterator[str]:
    for owed in day.lapsed[:FIRST]:
        clock = owed.obligation
        yield f"法定时限已超期：{_title(owed.case)}；{clock.kind.zh} {shown(clock.due_at)} 到期，{_how(clock, now)}"
    if day.lapsed_total > FIRST:
        yield f"另有 {day.lapsed_total - FIRST} 项法定时限已超期，见控制台。"


def _overview(day: Day, now: datetime) -> Iterator[str]:
    yield _coverage(day, now)
    yield f"本期新采集帖文 {day.posts} 条，其中涉教 {day.education} 条；新增需处置事件 {day.fresh_total} 件。"
    live = "、".join(f"{g.zh} {n} 件" for g, n in day.live)
    total = sum(n for _, n in day.live)
    parts = f"（{live}；待研判 {day.triage} 件）" if total else ""
    yield f"在办事件 {total} 件{parts}；本期公开回应 {day.published} 件，办结 {day.closed} 件。"
    yield f"未完成时限 {day.owed_total} 项：临期 {day.due_soon} 项，超期 {day.overdue} 项（本期新增超期 {day.missed_since} 项）。"


def _coverage(day: Day, now: datetime) -> str:
    """The sentence that every issue has: how much was watched, how much was seen, and what may be concluded from it."""
    unseen = [w.name for w in day.sources if not normal(w, now)]
    watched = f"今日监测{len(day.sources)}个信源（正常{len(day.sources) - len(unseen)}个）"
    if not day.sources:
        return "今日没有设置自动监测的信源，情况以人工巡查为准。"
    missing = f"未能看到：{'、'.join(unseen)}。" if unseen else ""
    if day.fresh_total:
        return f"{watched}，发现需处置的涉教舆情{day.fresh_total}件。{missing}"
    if len(unseen) == len(day.sources):
        return f"{watched}，没有看到任何信源，不能据此认为没有涉教舆情。{missing}"
    return f"{watched}，未发现需处置的涉教舆情。{missing + '上述结论不含这些信源。' if unseen else ''}"


def _major(case: Case) -> bool:
    return case.redline is not None or case.grade.severity >= Grade.III.severity


def _title(case: Case) -> str:
    title = HIDDEN if case.accusation else masked(paper.one_line(case.title, 80)) or "（无标题）"
    return f"[{case.number}] {title}"


def _link(fact: CaseFact) -> str:
    """The first post's link; none for what did not stand in public, and none for an accusation."""
    safe = fact.url.startswith(("http://", "https://")) and fact.case.public and not fact.case.accusation
    return quote(fact.url, safe=LINK) if safe else ""


def _grade(case: Case) -> str:
    return case.grade.zh if case.grade_confirmed else f"{case.grade.zh}（建议等级）"


def _topic(case: Case, config: Config) -> Topic | None:
    return config.topics.get(case.topic or "")


def _detail(fact: CaseFact, config: Config, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    case, topic = fact.case, _topic(fact.case, config)
    yield "等级", _grade(case) + (f"；红线：{case.redline.zh}{'' if case.redline_confirmed_at else '（待确认）'}" if case.redline else "")
    yield "时间", f"首发 {shown(case.published_at)}，发现 {shown(case.found_at)}"
    counts = [f"{fact.posts} 条帖文"] + [f"最高阅读 {fact.views}"] * bool(fact.views) + [f"最高回复 {fact.replies}"] * bool(fact.replies)
    yield "传播", f"{'，'.join(counts)}；见于 {'、'.join(names.get(s, s) for s in fact.sources) or '不明'}"
    if topic:
        yield "主题", f"{case.topic} {topic.name}；重点类别：{' / '.join(FOCI[f] for f in topic.foci)}"
    yield "回应主体", _lead(fact)
    yield "进展", "，".join(term.zh for term in (case.state, fact.lead_state, case.answer_kind) if term)
    if fact.reason:
        yield "建议", "按规定报告移交，不公开" if case.accusation else masked(fact.reason)


def _lead(fact: CaseFact) -> str:
    """Who is to answer. Of an accusation nothing is said: the party may be the accused."""
    if fact.case.accusation:
        return "按检举控告程序办理"
    return (fact.lead or "待定") + (f"（{fact.pending}）" if fact.pending else "")


def _minor(fact: CaseFact, config: Config) -> Row:
    topic = _topic(fact.case, config)
    return _title(fact.case), _grade(fact.case), topic.name if topic else "", _lead(fact), fact.case.state.zh


def _owed(owed: Owed, now: datetime) -> Row:
    party = "按检举控告程序办理" if owed.case.accusation else owed.party
    clock = owed.obligation
    return _title(owed.case), owed.case.grade.value, party, clock.kind.zh, shown(clock.due_at), _how(clock, now)


def _how(owed: Obligation, now: datetime) -> str:
    """How a running limit stands: `超期 3小时`, `临期，余 20分钟`."""
    status, left = owed.status(now), owed.due_at - now
    return f"{status.zh} {_span(-left)}" if status is ObligationStatus.OVERDUE else f"{status.zh}，余 {_span(left)}"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 72 * 60 else f"{minutes // 1440}天"


def _news(news: News) -> Row:
    words = ["重新办理"] * news.again + [f"新增帖文 {news.posts} 条"] * bool(news.posts) + list(dict.fromkeys(news.actions))
    return _title(news.case), _grade(news.case), news.case.state.zh, "；".join(words)


def _source(source: Watched, now: datetime) -> Row:
    if source.outcome is None:
        return source.name, "未看到", "从未采集", "", "尚未采集过"
    stale = source.outcome.seen and not normal(source, now)
    state = "正常" if normal(source, now) else "未看到"
    why = "采集已中断" if stale else masked(source.error)
    seen = f"上次正常：{shown(source.last_seen) if source.last_seen else '从未'}" if state != "正常" else ""
    return source.name, state, f"{shown(source.finished_at)} {source.outcome.zh}", str(source.new), "；".join(filter(None, (why, seen)))


def _running(day: Day) -> Iterator[str]:
    """How the system itself does: mails that did not arrive, calls to make, what was set aside."""
    for t in day.troubles:
        yield f"邮件{t.state.zh}：{masked(t.recipient_name)}《{masked(t.subject)}》{masked(t.error)}"
    if day.stuck:
        yield f"积压邮件 {day.stuck} 封（超过1小时未发出）。"
    for contact in day.bounced:
        yield f"联系邮箱退信，请更正：{contact}"
    yield from _mail_in(day)
    for call in day.calls:
        number = f"{call.name} {call.phone}".strip() or "没有登记电话"
        yield f"待打电话：{call.party}（{number}）{masked(call.subject)}，{call.why}，自 {local(call.since).strftime('%m-%d %H:%M')}"
    if day.calls_total > len(day.calls):
        yield f"另有 {day.calls_total - len(day.calls)} 件电话督办，见控制台。"
    if day.calls_coming:
        yield f"还有 {day.calls_coming} 条通知即将列为电话督办，见控制台。"
    for stage, n in day.setbacks:
        yield f"{STAGES.get(stage, stage)}环节有 {n} 条记录未能处理，已搁置待查。"


def _mail_in(day: Day) -> Iterator[str]:
    """The mails that wait for somebody. Nobody has read them yet: one whose title speaks of an accusation is only counted."""
    for mail in day.unclaimed:
        title = "（标题不在日报显示）" if ACCUSING.search(mail.subject) else f"《{masked(mail.subject) or '没有标题'}》"
        yield f"来信待认领：{mail.party or '未登记的发件人'}{title}，{shown(mail.received_at)} 收到。"
    if day.unclaimed_total > len(day.unclaimed):
        yield f"另有 {day.unclaimed_total - len(day.unclaimed)} 封来信待认领，见控制台。"
