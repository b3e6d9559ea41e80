"""What a configuration may lack and still work: each with what is lost by it (check 列出，不妨碍运行)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from config.schema import Config
from config.schema.registry import School
from pipeline.faults import Fault
from pipeline.moments import local, shown

ROSTER_AHEAD = timedelta(days=14)
CALENDAR_AHEAD = timedelta(days=60)


def advise(config: Config, now: datetime) -> list[Fault]:
    """Everything that staff would be better off with, file by file."""
    still = (_settings, _sources, _people)
    timely = (_schools, _duty, _policies, _calendar)
    return [advice for part in still for advice in part(config)] + [advice for part in timely for advice in part(config, now)]


def missing_calendar(config: Config, now: datetime) -> list[Fault]:
    """The fault of a present year without a calendar: no working day can be counted, and none is guessed. (A calendar with no
    year at all is the loader's fault to tell.)"""
    year = local(now).year
    if year in config.calendar.years or not config.calendar.years:
        return []
    mend = f"按国务院办公厅 {year} 年的通知补上（日期,类型,名称）"
    return [Fault("calendar.csv", f"没有 {year} 年的节假日，工作日时限无法计算", mend)]


def _settings(config: Config) -> Iterator[Fault]:
    bureau, mail, console = config.settings.bureau, config.settings.mail, config.settings.console
    if not bureau.county:
        yield Fault("huiyin.toml [bureau]", "没有填本县名称（county、places）", "不填则「一中」「实小」等简称无法确认是本县学校")
    if not bureau.phone:
        yield Fault("huiyin.toml [bureau]", "没有填值班电话（phone）", "不填则学校收到邮件后无处核实")
    if not bureau.document:
        yield Fault("huiyin.toml [bureau]", "没有填本局办理时限的文号（document）", "不填则对学校写明时限依据处印「参照」")
    if console.host not in ("127.0.0.1", "::1", "localhost") and not console.https:
        what = f"控制台在 {console.host} 上不经 HTTPS，密码在网内可被看到"
        yield Fault("huiyin.toml [console]", what, "前面加 HTTPS 代理后写 https = true")
    if not config.settings.school_page.opens:
        yield Fault("huiyin.toml [school_page]", "没有填学校页面的网址（public_url）", "不填则学校只能电话或回信签收，由值班室代为登记")
    if mail.transport == "file":
        yield Fault("huiyin.toml [mail]", "邮件只写成文件，不会真的发出", "试用可以；正式使用填 transport = \"smtp\" 和服务器")
    elif mail.security == "none":
        yield Fault("huiyin.toml [mail]", "发信不加密", "服务器支持时改用 starttls 或 tls")
    inbox = config.settings.inbox
    if mail.transport == "smtp" and not inbox.host:
        yield Fault("huiyin.toml [inbox]", "没有填收信服务器（host）", "不填则学校的回信、退信不会自动登记，须有人看邮箱")
    if inbox.host and inbox.security == "none":
        yield Fault("huiyin.toml [inbox]", "收信不加密", "服务器支持时改用 tls 或 starttls")
    if not config.settings.urgent.command:
        yield Fault("huiyin.toml [urgent]", "没有短信命令（command）", "不填则紧急事项只在控制台列为电话督办，须有人看着")


def _sources(config: Config) -> Iterator[Fault]:
    watched = [s for s in config.sources.values() if s.kind != "file" and s.enabled]
    if not watched:
        yield Fault("sources.toml", "没有启用任何网站信源", "用 huiyin source new 代号 网址 添加；只靠导入和人工录入也可运行")
    if config.settings.crawl.delay_seconds < 1 and any(not s.private_address for s in watched):
        yield Fault("huiyin.toml [crawl]", "抓取间隔不到 1 秒，可能给对方网站造成压力", "delay_seconds 写 3 以上")
    for name, source in config.sources.items():
        if not source.public and source.answer is None:
            what = f"「{source.name}」没有来文时限（answer）"
            yield Fault(f"sources.toml [{name}]", what, "不填则来件上没写时限的不起算答复时限")


def _schools(config: Config, now: datetime) -> Iterator[Fault]:
    schools = [s for s in config.registry.schools if s.open]
    if not schools:
        yield Fault("schools.csv", "名册里没有学校", "不填则一切事项都归教育局；至少填全称和邮箱")
    answering = {s.answers for s in schools}
    for school in schools:
        if school.code in answering and not school.email:
            yield Fault(f"schools.csv 第{school.line}行", f"回应主体「{school.name}」没有邮箱", "交办时由值班室代收并电话通知")
    for what, lacking, mend in _gaps(schools, now):
        if lacking:
            names = "、".join(s.name for s in lacking[:3]) + (" 等" if len(lacking) > 3 else "")
            yield Fault("schools.csv", f"{len(lacking)} 所学校{what}：{names}", mend)


def _gaps(schools: Sequence[School], now: datetime) -> list[tuple[str, list[School], str]]:
    own = [s for s in schools if s.answers == s.code]
    today = local(now).date()
    unnumbered = [s for s in schools if s.code == f"S{s.line}"]
    misnumbered = [s for s in schools if s.national_code and not _ten_digits(s.national_code)]
    return [
        ("没有内部编号和学校标识码", unnumbered, "现按行号代替，行序一变就对不上历史，请补编号"),
        ("的学校标识码不是 10 位数字", misnumbered, "核对学校标识码"),
        ("有邮箱但没有舆情联络员", [s for s in own if s.email and not s.contact], "补联络员，邮件才知道写给谁"),
        ("没有手机", [s for s in own if not s.phone], "紧急时无法电话督办"),
        ("没有负责人", [s for s in own if not s.head], "升级时无法提醒负责人"),
        ("没有主管股室", [s for s in schools if not s.section], "补后主管股室能收到升级提醒、列为指导"),
        ("没有所在乡镇", [s for s in schools if not s.township], "补后同名的村小才分得开"),
        ("没有学段", [s for s in schools if not s.stage], "补后按学段的规则和统计才用得上"),
        ("的办学性质不是公办或民办", [s for s in schools if s.ownership not in ("公办", "民办")], "补后相关规则才用得上"),
        ("已过终止日期但仍为在办", [s for s in schools if s.until and s.until < today], "改状态，或改终止日期"),
    ]


def _ten_digits(code: str) -> bool:
    return len(code) == 10 and code.isascii() and code.isdigit()


def _people(config: Config) -> Iterator[Fault]:
    lacking = [s for s in config.registry.sections if not s.email]
    if lacking:
        names = "、".join(s.name for s in lacking[:5]) + (" 等" if len(lacking) > 5 else "")
        yield Fault("sections.csv", f"{len(lacking)} 个股室没有邮箱：{names}", "不填则给它们的通知只在控制台显示")


def _duty(config: Config, now: datetime) -> Iterator[Fault]:
    roster = config.registry.duty
    if not roster:
        yield Fault("duty.csv", "没有值班表", "不填则红线事项找不到当班人员，只通知舆情值班室")
    elif now < roster[0].start:
        yield Fault("duty.csv", f"值班表从 {shown(roster[0].start)} 才开始，现在无人值班", "补上现在的班次")
    elif now >= roster[-1].end:
        yield Fault("duty.csv", f"值班表到 {shown(roster[-1].end)} 为止，现在无人值班", "补上以后的班次")
    elif roster[-1].end - now < ROSTER_AHEAD:
        yield Fault("duty.csv", f"值班表到 {shown(roster[-1].end)} 为止，不足 14 天", "补上以后的班次")
    unreachable = [s for s in roster if s.end > now and not s.phone]
    if unreachable:
        yield Fault(f"duty.csv 第{unreachable[0].line}行", f"{len(unreachable)} 班没有手机", "不填则紧急事项打不了电话、发不了短信")


def _policies(config: Config, now: datetime) -> Iterator[Fault]:
    policies, today = config.registry.policies, local(now).date()
    if not policies:
        yield Fault("policies.csv", "没有本局文件", "填后对政策的疑问能找到起草股室（谁起草、谁解读）")
    for policy in policies:
        if policy.until and policy.until < today:
            yield Fault(f"policies.csv 第{policy.line}行", f"{policy.number} 已于 {policy.until} 失效", "移除，或改失效日期")
        elif not policy.explained_at and policy.disclosure == "主动公开":
            yield Fault(f"policies.csv 第{policy.line}行", f"{policy.number} 尚无解读链接", "有人问起时会列为待解读")


def _calendar(config: Config, now: datetime) -> Iterator[Fault]:
    year = local(now + CALENDAR_AHEAD).year
    if year not in config.calendar.years and local(now).year in config.calendar.years:
        yield Fault("calendar.csv", f"没有 {year} 年的节假日，跨年的工作日时限将无法计算", f"国务院办公厅发布 {year} 年通知后补上")
