"""One page, fetched politely and by hand: for proposing and testing a source. Crawls do not come here."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from protego import Protego

from config.schema.settings import CrawlSettings
from crawlers import address, wall
from crawlers.canonical import canonical, host_of
from crawlers.page import Page
from pipeline.faults import unusable

REDIRECTS = 5


class Fetcher:
    """Fetches pages of one site with the manners of a crawl: robots.txt, delay, limits, the address guard."""

    def __init__(self, manners: CrawlSettings, starts: Sequence[str], now: datetime, *, private: bool = False, encoding: str = "") -> None:
        self.manners, self.starts, self.now, self.private, self.encoding = manners, starts, now, private, encoding
        self.robots: dict[str, Protego] = {}
        self.busy = self.met_private = False

    def page(self, url: str) -> Page:
        """The page at an address, after at most five redirects within the site. Raises `Unusable` where it is not to be had."""
        for _ in range(REDIRECTS + 1):
            self._must_be_allowed(url)
            status, headers, body = self._get(url)
            target = urljoin(url, headers.get("location", ""))
            if status in (301, 302, 303, 307, 308) and target != url:
                url = target
                continue
            if status >= 400:
                raise unusable(url, f"网站答复 HTTP {status}", "在浏览器中打开核对网址")
            return Page(url, body, self.now, status, headers.get("content-type", ""), self.encoding)
        raise unusable(url, "重定向次数过多", "在浏览器中打开，改用最后停留的网址")

    def _must_be_allowed(self, url: str) -> None:
        if not canonical(url):
            raise unusable(url, "不是网址", "写完整，如 https://www.example.gov.cn/list.html")
        if not address.own_site(url, self.starts):
            what = "跳转到登录或验证页，不绕过" if wall.address(url) else "跳转到其他网站"
            raise unusable(url, what, "只采集不登录就能看到的内容")
        origin = urljoin(url, "/")
        if origin not in self.robots:
            status, _, body = self._get(urljoin(url, "/robots.txt"))
            self.robots[origin] = Protego.parse(body.decode("utf-8", "replace") if status == 200 else "")
        if not self.robots[origin].can_fetch(url, self.manners.user_agent):
            raise unusable(url, "robots.txt 不允许采集", "遵守网站的规定，改用其他信源")

    def _get(self, url: str) -> tuple[int, dict[str, str], bytes]:
        if self.busy:
            time.sleep(self.manners.delay_seconds)
        self.busy = True
        parts = urlsplit(url)
        connection = self._connected(parts.scheme, host_of(url), parts.port or (443 if parts.scheme == "https" else 80))
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Host": parts.netloc, "User-Agent": self.manners.user_agent, "Accept-Encoding": "identity", "Connection": "close"}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, self._body(url, response)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise unusable(url, f"无法访问（{error}）", "检查网址和网络") from error
        finally:
            connection.close()

    def _connected(self, scheme: str, host: str, port: int) -> http.client.HTTPConnection:
        """A connection to the very address that was checked, so that a name cannot point elsewhere a moment later."""
        try:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
            address.check(host, found, self.private)
            self.met_private |= address.private(found[0])
            sock = socket.create_connection((found[0], port), self.manners.timeout_seconds)
        except address.OffLimits as error:
            raise unusable(host, str(error)) from error
        except OSError as error:
            raise unusable(host, f"无法访问（{error.strerror or error}）", "检查网址和网络") from error
        connection = http.client.HTTPConnection(host, port, timeout=self.manners.timeout_seconds)
        if scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # as the crawl: counties' certificates are often wrong
            sock = context.wrap_socket(sock, server_hostname=host)
        connection.sock = sock
        return connection

    def _body(self, url: str, response: http.client.HTTPResponse) -> bytes:
        """At most `page_bytes`, within the time limit, unpacked where the site packed it unasked."""
        most, deadline = self.manners.page_bytes, time.monotonic() + self.manners.timeout_seconds
        parts: list[bytes] = []
        while part := response.read1(65_536):
            parts.append(part)
            if sum(map(len, parts)) > most:
                raise unusable(url, f"页面超过 {most // 1_000_000} MB 上限", "换一个更小的列表页")
            if time.monotonic() > deadline:
                raise unusable(url, f"{self.manners.timeout_seconds} 秒内没有读完", "稍后再试")
        body = b"".join(parts)
        if response.headers.get("content-encoding") in ("gzip", "deflate"):
            body = zlib.decompressobj(47).decompress(body, most)
        return body
