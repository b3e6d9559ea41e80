"""How lengths of time and days are worded for staff, on pages and on the command line alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta

WEEKDAYS = "一二三四五六日"


def length(span: timedelta) -> str:
    """A length of time in its two largest units: 2天3小时, 3小时20分, 不足1分钟."""
    minutes = int(abs(span).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{rest}分" if rest else f"{hours}小时"
    return f"{rest}分钟" if rest else "不足1分钟"


def remaining(due: datetime, now: datetime) -> str:
    """How far off a due instant is: 还剩 3小时20分, 已超期 2天."""
    return f"还剩 {length(due - now)}" if now <= due else f"已超期 {length(now - due)}"


def weekday(day: date) -> str:
    """A day with its weekday: 2026-11-18 周三."""
    return f"{day.isoformat()} 周{WEEKDAYS[day.weekday()]}"
