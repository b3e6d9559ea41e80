"""What must hold before a link to the school's page may leave: an address, HTTPS beyond this machine, a port of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.documents import Document
from config.schema.settings import SchoolPageSettings, Settings
from pipeline.faults import Fault

TABLE = "school_page"


def check_school_page(document: Document, settings: Settings, faults: list[Fault]) -> None:
    """Whoever reads a link in passing could answer for the school: beyond this machine it travels by HTTPS alone."""
    faults.extend(Fault(document.at(TABLE, key), what, mend) for key, what, mend in _faults(settings.school_page, settings))


def page_files(directory: Path, settings: Settings) -> list[Fault]:
    """A certificate or key that is missing, or a key that others may read."""
    page = settings.school_page
    if not (page.opens and page.certificate):
        return []
    found = []
    for label, name in (("证书", page.certificate), ("私钥", page.key)):
        path = directory / name
        if name and not path.is_file():
            found.append(Fault(f"huiyin.toml [{TABLE}]", f"{label}文件 {name} 不存在", "核对文件名，相对路径从本目录算起"))
        elif name == page.key and os.name == "posix" and path.stat().st_mode & 0o077:
            found.append(Fault(f"huiyin.toml [{TABLE}]", f"私钥文件 {name} 其他人也能读", f"运行 chmod 600 {path}"))
    return found


def loopback(host: str) -> bool:
    """Whether a host is this machine and no other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _faults(page: SchoolPageSettings, settings: Settings) -> Iterator[tuple[str, str, str]]:
    if bool(page.certificate) != bool(page.key):
        yield "certificate", "certificate（证书）和 key（私钥）须同时填写", "补上另一项，或两项都留空、用 HTTPS 代理"
    for address in page.proxies:
        if not _address(address):
            yield "proxies", f"「{address}」不是 IP 地址", "写代理的 IP 地址，如 \"10.1.2.3\""
    if not page.opens:
        return
    yield from _url(page)
    if (page.host, page.port) == (settings.console.host, settings.console.port):
        yield "port", f"学校页面和控制台用了同一个端口 {page.port}", "两个页面各用一个端口：控制台只对办公网开放"
    if not loopback(page.host) and not page.certificate and not page.proxies:
        mend = "填 certificate 和 key；或把 host 改回 127.0.0.1，由本机代理转发；或在 proxies 写明代理的 IP 地址"
        yield "host", f"学校页面在 {page.host} 上不经 HTTPS，链接在网内可被看到", mend


def _url(page: SchoolPageSettings) -> Iterator[tuple[str, str, str]]:
    parts = _split(page.public_url)
    if parts is None or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        yield "public_url", f"「{page.public_url}」不是可用的网址", "写学校打开的完整网址，如 https://yuqing.bureau.example，不带 ? 和 #"
    elif parts.scheme == "http" and not loopback(parts.hostname or ""):
        mend = "改为 https:// 的网址（证书或代理），只在本机试用时可用 http://127.0.0.1"
        yield "public_url", f"学校页面的网址 {page.public_url} 不是 HTTPS，链接在途中可被看到", mend


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
