"""The three little sites of the sample county 清源县: a forum, a bureau's site in GB18030, a newspaper with a feed.

They are served on loopback addresses, so that the program really crawls over HTTP. The moment a post was published is fixed when the
server starts; how a page writes it (刚刚, 3分钟前, 昨天 12:30 …) grows old with the clock.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, ClassVar
from urllib.parse import urlsplit

from jinja2 import Environment, FunctionLoader

from config.schema.sources import Source
from pipeline.faults import unusable
from pipeline.moments import LOCAL, WallClock

SOURCES = ("forum", "jyj", "daily")
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
PORTS = (8701, 8702, 8703)
ROBOTS = "User-agent: *\nCrawl-delay: 0.1\nDisallow: /admin/\n"
THREADS_A_PAGE, FLOORS_A_PAGE, NOTICES_A_PAGE = 15, 20, 12


@dataclass(frozen=True, slots=True)
class Served:
    """A site that is being served, and where."""

    address: str
    site: Site


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site says to a request."""

    body: bytes
    content_type: str


class Site:
    """One site: pages by path, made when they are asked for."""

    data = ""
    charset = "utf-8"
    declared = "utf-8"

    def __init__(self, clock: WallClock) -> None:
        self.clock, self.start = clock, clock()
        text = (files("config") / "sample" / "sites" / f"{self.data}.jsonl").read_text("utf-8")
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.strip()]
        self.templates = Environment(loader=FunctionLoader(_template), autoescape=True)
        self.templates.filters["ago"] = self.ago
        self.templates.filters["full"] = self.full

    def page(self, path: str) -> str | None:
        """The page at a path; None where there is none."""
        raise NotImplementedError

    def answer(self, path: str) -> Answer | None:
        """The bytes at a path, in the site's own charset."""
        if path == "/robots.txt":
            return Answer(ROBOTS.encode(), "text/plain")
        text = self.page(path)
        kind = "application/rss+xml" if path.endswith(".xml") else "text/html"
        return Answer(text.encode(self.charset, "xmlcharrefreplace"), f"{kind}; charset={self.declared}") if text is not None else None

    def render(self, template: str, **values: Any) -> str:
        """A filled template."""
        return self.templates.get_template(template).render(charset=self.declared, **values)

    def when(self, row: dict[str, Any]) -> datetime:
        """The moment a row was published, on the county's wall."""
        return (self.start - timedelta(minutes=row["age_minutes"])).astimezone(LOCAL)

    def ago(self, row: dict[str, Any]) -> str:
        """A time as forums write it: the nearer, the vaguer."""
        moment, now = self.when(row), self.clock().astimezone(LOCAL)
        minutes, days = int((now - moment).total_seconds() // 60), (now.date() - moment.date()).days
        if minutes < 60:
            return f"{minutes}分钟前" if minutes else "刚刚"
        if days <= 2:
            return f"{('今天', '昨天', '前天')[days]} {moment:%H:%M}"
        if moment.year == now.year and row["id"] % 2:
            return f"{moment.month}月{moment.day}日 {moment:%H:%M}"
        return f"{moment:%m-%d %H:%M}" if moment.year == now.year else f"{moment:%Y-%m-%d %H:%M}"

    def full(self, row: dict[str, Any]) -> str:
        """A time in full, in one of the ways that sites write it."""
        moment = self.when(row)
        half = "上午" if moment.hour < 12 else "下午"
        ways = (
            f"{moment:%Y-%m-%d %H:%M}", f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}", f"{moment:%Y/%m/%d %H:%M:%S}",
            f"{moment.year}年{moment.month}月{moment.day}日 {half}{moment.hour % 12 or 12}:{moment:%M}",
        )
        return ways[row["id"] % len(ways)]


class Forum(Site):
    """清源论坛: boards, threads, replies."""

    data = "forum"

    def page(self, path: str) -> str | None:
        boards = list(dict.fromkeys(row["board"] for row in self.rows))
        if path == "/":
            return self.render("forum_front.html", boards=list(enumerate(boards, 1)), hot=self.rows[:5])
        kind, number, turn = _numbers(path)
        if kind == "forum" and 0 < number <= len(boards):
            return self.board(boards[number - 1], number, turn)
        thread = next((row for row in self.rows if row["id"] == number), None)
        return self.thread(thread, turn) if kind == "thread" and thread else None

    def board(self, name: str, number: int, turn: int) -> str | None:
        """One page of a board, the thread with the latest word first."""
        rows = [row for row in self.rows if row["board"] == name]
        rows.sort(key=lambda row: min([row["age_minutes"], *(r["age_minutes"] for r in row["replies"])]))
        part = rows[(turn - 1) * THREADS_A_PAGE : turn * THREADS_A_PAGE]
        more = turn * THREADS_A_PAGE < len(rows)
        return self.render("forum_board.html", name=name, number=number, turn=turn, threads=part, more=more) if part else None

    def thread(self, row: dict[str, Any], turn: int) -> str | None:
        """One page of a thread; the opening post is the first floor of the first page."""
        floors = [row, *row["replies"]]
        part = list(enumerate(floors, 1))[(turn - 1) * FLOORS_A_PAGE : turn * FLOORS_A_PAGE]
        more = turn * FLOORS_A_PAGE < len(floors)
        return self.render("forum_thread.html", thread=row, floors=part, turn=turn, more=more) if part else None


class Bureau(Site):
    """清源县教育局网站: a list that leads to pages; GB18030 that calls itself gb2312, as real ones do."""

    data = "news"
    charset = "gb18030"
    declared = "gb2312"

    def page(self, path: str) -> str | None:
        rows = sorted(self.rows, key=lambda row: row["age_minutes"])
        kind, number, turn = ("list", 0, 1) if path == "/" else _numbers(path)
        if kind == "list":
            part = rows[(turn - 1) * NOTICES_A_PAGE : turn * NOTICES_A_PAGE]
            more = turn * NOTICES_A_PAGE < len(rows)
            dates = [self.when(row).strftime("%Y-%m-%d") for row in part]
            return self.render("bureau_list.html", rows=list(zip(part, dates, strict=True)), turn=turn, more=more) if part else None
        row = next((row for row in rows if row["id"] == number), None)
        return self.render("bureau_page.html", row=row) if kind == "art" and row else None


class Newspaper(Site):
    """清源日报: a feed with the beginnings, pages with the rest."""

    data = "feed"

    def page(self, path: str) -> str | None:
        rows = sorted(self.rows, key=lambda row: row["age_minutes"])
        if path == "/rss.xml":
            return self.render("rss.xml", rows=[(row, format_datetime(self.when(row))) for row in rows])
        kind, number, _ = _numbers(path)
        row = next((row for row in rows if row["id"] == number), None)
        return self.render("newspaper_page.html", row=row, others=rows[:6]) if kind == "news" and row else None


def _numbers(path: str) -> tuple[str, int, int]:
    """`/thread-1001-2.html` → thread, 1001, 2."""
    kind, *numbers = path.strip("/").removesuffix(".html").split("-")
    if not 1 <= len(numbers) <= 2 or not all(n.isascii() and n.isdigit() for n in numbers):
        return "", 0, 1
    return kind, int(numbers[0]), max(1, int(numbers[1])) if len(numbers) == 2 else 1


def _template(name: str) -> str:
    return (files("crawlers") / "sample" / name).read_text("utf-8")


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for one site."""

    site: ClassVar[Site]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = self.site.answer(urlsplit(self.path).path)
        body = answer.body if answer else "页面不存在".encode()
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", answer.content_type if answer else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 — http.server's name

    def log_message(self, format: str, *args: Any) -> None:
        """The sample's sites keep no log."""


@contextmanager
def running(clock: WallClock, hosts: Sequence[str] = HOSTS, ports: Sequence[int] = PORTS) -> Iterator[tuple[Served, ...]]:
    """Serves the sites for the length of a block; port 0 takes any that is free."""
    with ExitStack() as stack:
        served = []
        for make, host, port in zip((Forum, Bureau, Newspaper), hosts, ports, strict=True):
            site = make(clock)
            handler = type(f"{make.__name__}Handler", (Handler,), {"site": site})
            server = stack.enter_context(_listening(host, port, handler))
            served.append(Served(f"http://{host}:{server.server_port}/", site))
        yield tuple(served)


@contextmanager
def _listening(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        mend = "停掉占用它的程序，或在 sources.toml 里给样例网站改用别的端口"
        raise unusable(f"{host}:{port}", f"样例网站无法使用这个端口（{error.strerror}）", mend) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve(clock: WallClock, stop: threading.Event, sources: Mapping[str, Source]) -> None:
    """Serves the sites, where sources.toml says that they are, until `stop` is set."""
    homes = [_home(sources.get(id), host, port) for id, host, port in zip(SOURCES, HOSTS, PORTS, strict=True)]
    with running(clock, [host for host, _ in homes], [port for _, port in homes]):
        stop.wait()


def _home(source: Source | None, host: str, port: int) -> tuple[str, int]:
    """The address of a site; its own where sources.toml names no other of this machine."""
    said = urlsplit(source.url) if source else urlsplit("")
    return (said.hostname, said.port) if said.hostname and said.port and said.hostname.startswith("127.") else (host, port)
