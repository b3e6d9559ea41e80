"""A local server of everything that goes wrong: each path is one kind of trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROWS = "".join(f'<li><a href="{{base}}/a-{n}.html">第{n}条消息的标题</a><i class="d">2026-01-0{n}</i></li>' for n in range(1, 6))
LIST = '<html><body><ul class="list">{rows}</ul></body></html>'
PAGE = '<html><body><h1>标题{n}</h1><i class="t">2026-01-02 08:00</i><div class="c"><p>正文{n}，学校和家长。</p></div></body></html>'
LOGIN = "<html><title>用户登录</title><body><form><input name=u><input type=password name=p></form></body></html>"
CAPTCHA = "<html><body><p>您的访问过于频繁，请完成下方验证</p><input name=code></body></html>"
FEED = '<rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = "<item><title>第{0}条</title><link>http://elsewhere.example/{0}</link><description>摘要{0}</description></item>"


class Handler(BaseHTTPRequestHandler):
    """GET alone; every request is written down."""

    seen: list[tuple[str, dict[str, str]]]
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        kind, _, rest = self.path.lstrip("/").partition("/")
        trouble: Callable[[str], None] = getattr(self, f"do_{kind.replace('.', '_')}", self.nothing)
        trouble(rest)

    def say(self, body: str | bytes, content_type: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def site(self, kind: str, rest: str, charset: str = "utf-8", said: str = "utf-8") -> None:
        """A good little site beneath a path."""
        text = PAGE.format(n=rest[2:3]) if rest.startswith("a-") else LIST.format(rows=ROWS.format(base=f"/{kind}"))
        self.say(text.encode(charset), f"text/html; charset={said}")

    def nothing(self, rest: str) -> None:
        self.say("没有这一页", status=404)

    def do_robots_txt(self, rest: str) -> None:
        self.say("User-agent: *\nDisallow: /forbidden/\n", "text/plain")

    def do_good(self, rest: str) -> None:
        self.site("good", rest)

    def do_forbidden(self, rest: str) -> None:
        self.site("forbidden", rest)

    def do_lying(self, rest: str) -> None:
        self.site("lying", rest, "gb18030", "utf-8")

    def do_login(self, rest: str) -> None:
        self.say(LOGIN)

    def do_captcha(self, rest: str) -> None:
        self.site("captcha", rest) if not rest.startswith("a-") else self.say(CAPTCHA)

    def do_unauthorised(self, rest: str) -> None:
        self.say("no", status=401)

    def do_broken(self, rest: str) -> None:
        self.say("oops", status=500)

    def do_drift(self, rest: str) -> None:
        self.say("<html><body><section>全新版式，列表换了样子。</section></body></html>")

    def do_pagedrift(self, rest: str) -> None:
        self.site("pagedrift", rest) if not rest.startswith("a-") else self.say("<html><body><h2>新版式</h2><p>正文</p></body></html>")

    def do_empty(self, rest: str) -> None:
        self.say("<html><body><p>暂无内容</p></body></html>")

    def do_binary(self, rest: str) -> None:
        self.say(b"\x89PNG\r\n\x1a\n" + bytes(5000))

    def do_loop(self, rest: str) -> None:
        self.say("", status=302, Location=f"/loop/{rest}x")

    def do_tologin(self, rest: str) -> None:
        self.say("", status=302, Location="http://passport.county.example/login?next=/")

    def do_elsewhere(self, rest: str) -> None:
        self.say("", status=302, Location="http://127.0.0.77:1/secret")

    def do_slow(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        for _ in range(60):
            time.sleep(0.1)
            self.wfile.write(b" ")

    def do_huge(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        for _ in range(800):
            self.wfile.write(b"<p>" + b"x" * 65_000 + b"</p>")

    def do_endless(self, rest: str) -> None:
        self.say(FEED.format("".join(ITEM.format(n) for n in range(20_000))), "application/rss+xml; charset=utf-8")

    def do_notfeed(self, rest: str) -> None:
        self.say("<html><body>这里不是信息流</body></html>")

    def handle(self) -> None:
        """A client that went away is no news."""
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            return

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def hostile() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """The address of the server, and the requests it saw."""
    seen: list[tuple[str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Handler,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
