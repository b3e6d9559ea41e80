"""huiyin.toml: the bureau, its machine, its mail, its hours."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from config.schema.base import Frozen

PLAIN = r"^[A-Za-z0-9][A-Za-z0-9 ._/&+,-]{0,99}$"
"""A mail folder's name as it goes over the wire: no quotes, no control characters."""


class BureauSettings(Frozen):
    """Who we are."""

    id: str = Field("bureau", pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    name: str = "县教育局"
    county: str = ""
    city: str = ""
    places: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    phone: str = ""
    document: str = ""
    email: str = ""


class ConsoleSettings(Frozen):
    """Where the console listens (the office network), and by which `names` it may be called beside its bare address."""

    host: str = "127.0.0.1"
    port: int = Field(8600, ge=0, le=65535)
    https: bool = False
    names: tuple[str, ...] = ()


class MailSettings(Frozen):
    """How mail leaves. `file` writes .eml files beneath data/mail."""

    transport: Literal["file", "smtp"] = "file"
    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = "HUIYIN_SMTP_PASSWORD"  # noqa: S105 — the variable's name, not a password
    password_file: str = ""
    sender: str = "huiyin@localhost.example"
    sender_name: str = "教育舆情办理"
    timeout_seconds: int = Field(60, ge=5, le=600)
    quiet_from: time = time(22)
    quiet_to: time = time(7)
    group_minutes: int = Field(10, ge=0)
    group_again_minutes: int = Field(240, ge=0)
    daily_cap: int = Field(6, ge=1)
    expires_hours: int = Field(72, ge=1)


class InboxSettings(Frozen):
    """Where replies and bounces come in, by IMAP; an empty `host`: they are not fetched. `message_bytes` bounds what is kept of one
    message, the other two what one look takes."""

    host: str = ""
    port: int = Field(993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password_env: str = "HUIYIN_IMAP_PASSWORD"  # noqa: S105 — the variable's name, not a password
    password_file: str = ""
    folder: str = Field("INBOX", pattern=PLAIN)
    done_folder: str = Field("Huiyin", pattern=PLAIN)
    every_minutes: int = Field(3, ge=1, le=1440)
    timeout_seconds: int = Field(60, ge=1, le=600)
    most_messages: int = Field(200, ge=1, le=5000)
    message_bytes: int = Field(10_000_000, ge=10_000, le=100_000_000)
    most_bytes: int = Field(100_000_000, ge=10_000, le=1_000_000_000)


class ScheduleSettings(Frozen):
    """How often the worker asks what is due, and when the day's digest leaves."""

    tick_seconds: int = Field(15, ge=1, le=3600)
    digest_at: time = time(8)


class ClockSettings(Frozen):
    """From when clocks count, what is too old for them, and when the bureau works."""

    count_from: Literal["published", "found"] = "found"
    backfill_days: int = Field(7, ge=0)
    working_hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))


class CrawlSettings(Frozen):
    """Manners and limits of all crawls; a source may be slower, never faster."""

    user_agent: str = "Huiyin/0.1 (+public-opinion monitor of a county education bureau)"
    delay_seconds: float = Field(3.0, ge=0)
    timeout_seconds: int = Field(30, ge=1)
    page_bytes: int = Field(5_000_000, ge=10_000)
    run_seconds: int = Field(600, ge=5)
    memory_mb: int = Field(1024, ge=128)


class GatherSettings(Frozen):
    """What counts as one matter (归并)."""

    window_days: int = Field(45, ge=1, le=90)
    duplicate: float = Field(0.6, gt=0, le=1)
    same_matter: float = Field(0.5, gt=0, le=1)


class UrgentSettings(Frozen):
    """The bureau's own SMS gateway: a command that is given the text on standard input, the telephone number as its last argument."""

    command: tuple[str, ...] = ()


class Settings(Frozen):
    """The whole of huiyin.toml."""

    bureau: BureauSettings = BureauSettings()
    console: ConsoleSettings = ConsoleSettings()
    mail: MailSettings = MailSettings()
    inbox: InboxSettings = InboxSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    clocks: ClockSettings = ClockSettings()
    crawl: CrawlSettings = CrawlSettings()
    gather: GatherSettings = GatherSettings()
    urgent: UrgentSettings = UrgentSettings()
    files: dict[str, Literal["merge", "replace"]] = Field(default_factory=dict)
    sample: bool = False
