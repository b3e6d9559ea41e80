"""Publication times as Chinese pages write them (发布时间), read against a `now` and believed only where they can be true."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from crawlers.numerals import folded, number
from pipeline.domain.terms import Precision
from pipeline.moments import LOCAL, local

When = tuple[datetime | None, Precision]
"""A moment in UTC with how exactly it is known; `(None, UNKNOWN)` where none is believed. A day stands for its first instant."""

UNKNOWN: When = (None, Precision.UNKNOWN)
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)

NUMERAL = r"\d+|[〇零一二两三四五六七八九十百]+"
N = f"({NUMERAL})"
DAWN, MORNING, NOON = "凌晨", "清晨|早上|早晨|上午", "中午|午间"
AFTERNOON, NIGHT = "下午|午后|傍晚|晚上|晚间|晚", "夜里|深夜|夜间"
OF_DAY = rf"(?:({DAWN}|{MORNING}|{NOON}|{AFTERNOON}|{NIGHT})\s*)?"
COLONS = r"\s*:\s*(\d{1,2})(?:\s*:\s*(\d{1,2})(?:\.\d+)?)?"
WORDS = rf"\s*[点时](?!间)(?:\s*(半|一刻|三刻|{NUMERAL})分?(?:\s*(\d{{1,2}})秒)?)?"
CLOCK = rf"{OF_DAY}(\d{{1,2}}|[〇零一二两三四五六七八九十]{{1,3}})(?:{COLONS}|{WORDS})"
"""Six groups: part of the day, hour, minute and second after colons, minute and second after 点 or 时."""
WEEKDAY = r"(?:\s*[(（\[]?(?:星期|周|礼拜)[一二三四五六日天][)）\]]?)?"
THEN = rf"{WEEKDAY}[\sT,，|]*"
YEAR = r"(\d{4}|\d{2}(?=[-/.]\d{1,2}[-/.]\d)|[〇零一二三四五六七八九]{4})"

ISO = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})(?!\d)")
MAIL = re.compile(r"(?:[A-Z][a-z]{2},\s*)?\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\s+\d{2}:\d{2}(:\d{2})?(?:\s*(?:[+-]\d{4}|[A-Z]{2,4}))?")
EPOCH = re.compile(r"\d{10}(?:\d{3})?")
FULL = re.compile(rf"(?<!\d){YEAR}\s*[-/.年]\s*{N}\s*[-/.月]\s*{N}(?!\d)\s*[日号]?(?:{THEN}{CLOCK})?")
COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
DASHED = r"(?:(?<=[\s\[(（【:|于在])|^)(\d{1,2})[-/](\d{1,2})(?=[\s\])）】,，|T]|$)"
MONTH_DAY = re.compile(rf"(?:(?<!年){N}\s*月\s*{N}\s*[日号]|{DASHED})(?:{THEN}{CLOCK})?")
JUST_NOW = re.compile(r"刚刚|刚才|just now", re.IGNORECASE)
AGO = re.compile(rf"(?:{N}\s*(?:个)?|(半)\s*(?:个)?)\s*(半)?\s*(秒|分钟|分|小时|钟头|天|日|周|星期|礼拜|月|年)钟?\s*(?:以)?前")
NAMED = re.compile(rf"(今天|今日|昨天|昨日|前天|前日|大前天){THEN}(?:{CLOCK})?|(今晨|今早|今晚|昨晚|昨夜){THEN}(?:{CLOCK})?")
BARE = re.compile(rf"{CLOCK}")
PREFIX = re.compile(r"^(?:[\[【(（]\s*)?(?:发表|发布|更新|编辑|回复|提交|留言|来信|创建|日期|时间|发帖|于|在|[:：\s])*")
DAYS_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "前日": 2, "大前天": 3}


def read(text: str, now: datetime) -> When:
    """The first time that the text names, whatever stands around it (发表于 …, 来源：… 时间：…): Shanghai's where no zone is given.

    A year that is not written is the latest one that keeps the day out of the future. What lies more than ten minutes ahead of
    `now`, or before 1995, is not believed.
    """
    plain = " ".join(folded(text).split())
    for absolute in (_iso, _mail, _epoch, _full, _compact):
        if found := absolute(plain):
            return believed(found, now)
    for relative in (_named, _just_now, _ago, _month_day, _bare):
        if found := relative(plain, now):
            return believed(found, now)
    return UNKNOWN


def believed(found: When, now: datetime) -> When:
    """The same time where it can be true, else none."""
    moment, _ = found
    if moment is None or moment > now + AHEAD or moment < EARLIEST:
        return UNKNOWN
    return moment.astimezone(UTC), found[1]


def _iso(text: str) -> When | None:
    match = ISO.search(text)
    if not match:
        return None
    zone = match[3].replace("Z", "+00:00")
    zone = zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    exact = Precision.SECOND if match[2].count(":") == 2 else Precision.MINUTE
    return _made(lambda: datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}"), exact)


def _mail(text: str) -> When | None:
    match = MAIL.search(text)
    if not match:
        return None
    moment, exact = _made(lambda: parsedate_to_datetime(match[0]), Precision.SECOND if match[1] else Precision.MINUTE)
    return (moment if moment is None or moment.tzinfo else moment.replace(tzinfo=LOCAL)), exact


def _epoch(text: str) -> When | None:
    if not EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC), Precision.SECOND


def _full(text: str) -> When | None:
    match = FULL.search(text)
    if not match:
        return None
    year = number(match[1])
    year = year + 2000 if year < 100 else year
    return _made(lambda: date(year, number(match[2]), number(match[3])), Precision.DAY, match.groups()[3:])


def _compact(text: str) -> When | None:
    match = COMPACT.fullmatch(PREFIX.sub("", text))
    return _made(lambda: date(int(match[1]), int(match[2]), int(match[3])), Precision.DAY) if match else None


def _month_day(text: str, now: datetime) -> When | None:
    match = MONTH_DAY.search(text)
    if not match:
        return None
    month, day = number(match[1] or match[3]), number(match[2] or match[4])
    this_year = local(now).year
    ahead = _made(lambda: date(this_year, month, day), Precision.DAY, match.groups()[4:])[0]
    if ahead is not None and now + AHEAD < ahead < now + timedelta(days=1):
        return UNKNOWN  # a clock that is wrong by hours, not last year's post
    for year in range(this_year, this_year - 9, -1):  # nine years back there is surely a 29 February
        moment, exact = _made(lambda: date(year, month, day), Precision.DAY, match.groups()[4:])  # noqa: B023 — called at once
        if moment is not None and moment <= now + AHEAD:
            return moment, exact
    return UNKNOWN


def _just_now(text: str, now: datetime) -> When | None:
    return (now, Precision.MINUTE) if JUST_NOW.search(text) else None


def _ago(text: str, now: datetime) -> When | None:
    match = AGO.search(text)
    if not match:
        return None
    amount = (number(match[1]) if match[1] else 0) + (0.5 if match[2] or match[3] else 0)
    unit = match[4]
    if unit in ("秒", "分钟", "分"):
        return now - timedelta(seconds=amount * (1 if unit == "秒" else 60)), Precision.MINUTE
    if unit in ("小时", "钟头"):
        return now - timedelta(hours=amount), Precision.MINUTE if amount < 1 else Precision.HOUR
    if unit in ("天", "日") and amount < 1:
        return now - timedelta(hours=12), Precision.HOUR
    # a count of months or years is no exact day either, but unknown would let an old post pass for a new one
    days = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}[unit]
    return _at(local(now).date() - timedelta(days=int(amount * days)), None), Precision.DAY


def _named(text: str, now: datetime) -> When | None:
    match = NAMED.search(text)
    if not match:
        return None
    day, clock, evening, its_clock = match[1], match.groups()[1:7], match[8], match.groups()[8:14]
    if day:
        back = DAYS_BACK[day]
    else:
        back = 1 if evening[0] == "昨" else 0
        clock = ("上午" if evening[1] in "晨早" else "晚上", *its_clock[1:]) if its_clock[1] else ()
    return _made(lambda: local(now).date() - timedelta(days=back), Precision.DAY, clock)


def _bare(text: str, now: datetime) -> When | None:
    match = BARE.fullmatch(PREFIX.sub("", text).strip(" 】])）"))
    if not match:
        return None
    today = local(now).date()
    moment, exact = _made(lambda: today, Precision.DAY, match.groups())
    if moment is not None and moment > now + AHEAD:
        moment -= timedelta(days=1)
    return moment, exact


Clock = tuple[str | None, ...]
"""The six groups of `CLOCK`."""


def _made(make: Callable[[], date], exact: Precision, clock: Clock = ()) -> When:
    """The moment of a day (and a time of day, where one is written); unknown where no such day or time exists."""
    try:
        made = make()
        if isinstance(made, datetime):
            return made, exact
        return (_at(made, clock), _exactness(clock)) if clock and clock[1] else (_at(made, None), exact)
    except (ValueError, OverflowError):
        return UNKNOWN


def _exactness(clock: Clock) -> Precision:
    if clock[3] or clock[5]:
        return Precision.SECOND
    return Precision.MINUTE if clock[2] or clock[4] else Precision.HOUR


def _at(day: date, clock: Clock | None) -> datetime:
    if clock is None:
        return datetime.combine(day, time(), LOCAL).astimezone(UTC)
    part, hour = clock[0] or "", number(clock[1] or "0")
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(clock[4] or "") or number(clock[2] or clock[4] or "0")
    second = number(clock[3] or clock[5] or "0")
    if (_in(part, NOON) and 1 <= hour < 11) or (_in(part, AFTERNOON, NIGHT) and 1 <= hour < 12):
        hour += 12
    elif part == "上午" and hour == 12 and clock[2]:  # a program's AM: 上午12:06; a person's 上午12点 is noon
        hour = 0
    elif _in(part, DAWN, NIGHT, "晚上") and hour == 12:
        hour, day = 0, day if part == DAWN else day + timedelta(days=1)
    if hour == 24 and not minute:
        hour, day = 0, day + timedelta(days=1)
    return datetime.combine(day, time(hour, minute, second), LOCAL).astimezone(UTC)


def _in(part: str, *words: str) -> bool:
    return bool(part) and part in "|".join(words).split("|")
