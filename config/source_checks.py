"""What must hold for sources and for huiyin.toml itself."""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import cssselect

from config.cells import well_formed
from config.documents import Document
from config.files import ALL
from config.schema.settings import Settings
from config.schema.sources import Source
from pipeline.faults import Fault


def check_sources(document: Document, sources: Mapping[str, Source], settings: Settings, faults: list[Fault]) -> None:
    """What a crawl needs is there: address, list selectors, a charset that exists, no private host that was not meant."""
    for name, source in sources.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", name):
            faults.append(Fault(document.at(name), f"信源代号「{name}」写法不对", "以小写字母开头，只用小写字母、数字、- 和 _"))
        faults.extend(_selectors(document, name, source))
        if source.kind != "file":
            faults.extend(_crawled(document, name, source, settings))


def check_settings(document: Document, settings: Settings, faults: list[Fault]) -> None:
    """Mail can leave, hours are in order, the named files exist."""
    mail = settings.mail
    if mail.transport == "smtp" and not mail.host:
        mend = "填 [mail] 的 host，或改回 transport = \"file\""
        faults.append(Fault(document.at("mail", "host"), "用 SMTP 发信，但没有写服务器地址", mend))
    if settings.inbox.host and not settings.inbox.user:
        faults.append(Fault(document.at("inbox", "host"), "填了收信服务器，但没有登录用户名", "填 [inbox] 的 user，或清空 host"))
    for path, address in ((("mail", "sender"), mail.sender), (("bureau", "email"), settings.bureau.email)):
        if address and not well_formed(address):
            faults.append(Fault(document.at(*path), f"{'.'.join(path)} 的「{address}」不是格式正确的邮箱地址", "填一个完整地址"))
    if not mail.sender:
        faults.append(Fault(document.at("mail", "sender"), "没有发件地址", "填 [mail] 的 sender"))
    for name in settings.files:
        if name not in ALL or name == "huiyin.toml":
            allowed = "、".join(file for file in ALL if file != "huiyin.toml")
            faults.append(Fault(document.at("files", name), f"[files] 中的「{name}」不是可以替换的文件", f"可用：{allowed}"))
    end = None
    for start, stop in settings.clocks.working_hours:
        if stop <= start or (end is not None and start < end):
            what = f"工作时间段 {start:%H:%M}–{stop:%H:%M} 不对"
            faults.append(Fault(document.at("clocks", "working_hours"), what, "每段先起后止，各段按先后写，互不重叠"))
        end = stop
    if not settings.clocks.working_hours:
        faults.append(Fault(document.at("clocks", "working_hours"), "没有工作时间段，「工作小时」无法计算", "至少写一段"))


def _crawled(document: Document, name: str, source: Source, settings: Settings) -> Iterator[Fault]:
    if not source.starts:
        yield Fault(document.at(name), f"信源 {name} 没有网址", "补写 url = \"https://…\"")
    if source.kind in ("list_page", "forum") and source.list is None:
        mend = f"补写 [{name}.list] 和 item = \"…\"，或用 huiyin source new 起草"
        yield Fault(document.at(name), f"信源 {name} 没有列表选择器", mend)
    for address in source.starts:
        yield from _address(document, name, source, address)
    if source.encoding and not _charset(source.encoding):
        what = f"信源 {name} 的字符集「{source.encoding}」不存在"
        yield Fault(document.at(name, "encoding"), what, "如 gb18030、utf-8，一般可不写")
    if source.delay_seconds is not None and source.delay_seconds < settings.crawl.delay_seconds:
        what = f"信源 {name} 的间隔 {source.delay_seconds:g} 秒快于总配置的 {settings.crawl.delay_seconds:g} 秒"
        yield Fault(document.at(name, "delay_seconds"), what, "信源可以更慢，不能更快")


def _address(document: Document, name: str, source: Source, address: str) -> Iterator[Fault]:
    where = document.at(name, "url" if address == source.url else "urls")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        yield Fault(where, f"信源 {name} 的网址「{address}」不完整", "写完整网址，如 https://www.example/news/")
    elif _private(host) and not source.private_address:
        yield Fault(where, f"信源 {name} 的网址 {host} 是内网地址", "确要抓取内网时，写 private_address = true")


def _selectors(document: Document, name: str, source: Source) -> Iterator[Fault]:
    for table, part in (("list", source.list), ("detail", source.detail)):
        for key, selector in part or ():
            if selector and not _readable(selector):
                mend = "用 CSS 写法，如 ul.list li 或 a.title::text"
                yield Fault(document.at(name, table, key), f"选择器「{selector}」写法不对", mend)


def _readable(selector: str) -> bool:
    try:
        cssselect.parse(selector)
    except cssselect.SelectorError:
        return False
    return True


def _charset(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _private(host: str) -> bool:
    """Whether a host is, by its name alone, inside; what a public name resolves to is the crawler's to check."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
