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


class SchoolPageSettings(Frozen):
    """Where the school's page listens, and under which address those who get a link reach it. Without `public_url` there is no page
    and no link. HTTPS comes from a `certificate` with its `key`, or from a proxy: one on this machine, or one of `proxies`."""

    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(8601, ge=1, le=65535)
    certificate: str = ""
    key: str = ""
    proxies: tuple[str, ...] = ()
    link_days: int = Field(30, ge=1, le=365)

    @property
    def opens(self) -> bool:
        """Whether there is a school's page at all."""
        return bool(self.public_url)


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
    retention_at: time = time(3)


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


class RetentionSettings(Frozen):
    """How many days what is kept (保存期限), each number with its basis. Evidence of a case stays as long as the case."""

    other_days: int = Field(7, ge=1)
    other_basis: str = "个人信息保护法第十九条；网络数据安全管理条例第二十四条"
    dismissed_days: int = Field(90, ge=1)
    dismissed_basis: str = "个人信息保护法第十九条；本局内控期限，供复核"
    gone_days: int = Field(7, ge=1)
    gone_basis: str = "个人信息保护法第十九条；本局内控期限，供核对"
    inbound_days: int = Field(90, ge=1)
    inbound_basis: str = "个人信息保护法第十九条；本局内控期限，供核对"
    forgotten_days: int = Field(730, ge=30)
    forgotten_basis: str = "本局内控期限；只留加密指纹，用来不重复采集"


class ReportSettings(Frozen):
    """To whom reports go up (报送) and hand-over letters go out (移交): names that forms offer, others can be typed. The receipt of a
    hand-over letter to a body whose name holds one of the words of `child_harm` meets the phone report of suspected harm to a child."""

    to: tuple[str, ...] = ("县委网信办", "县政府总值班室", "市教育局")
    hand_over_to: tuple[str, ...] = ("县公安局", "县民政局", "县纪委监委", "县市场监督管理局", "县卫生健康局", "县信访局")
    child_harm: tuple[str, ...] = ("公安", "民政")


class Settings(Frozen):
    """The whole of huiyin.toml."""

    bureau: BureauSettings = BureauSettings()
    console: ConsoleSettings = ConsoleSettings()
    school_page: SchoolPageSettings = SchoolPageSettings()
    mail: MailSettings = MailSettings()
    inbox: InboxSettings = InboxSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    clocks: ClockSettings = ClockSettings()
    crawl: CrawlSettings = CrawlSettings()
    gather: GatherSettings = GatherSettings()
    urgent: UrgentSettings = UrgentSettings()
    retention: RetentionSettings = RetentionSettings()
    reports: ReportSettings = ReportSettings()
    files: dict[str, Literal["merge", "replace"]] = Field(default_factory=dict)
    sample: bool = False
