"""A page as it was received, with its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from lxml import etree
from parsel import Selector

from crawlers import charset
from crawlers.canonical import canonical
from pipeline.domain.posts import Evidence

EMPTY = "<html></html>"


@dataclass(frozen=True)
class Page:
    """The bytes of one page and what they say. `url` is where it was found after all redirects."""

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    content_type: str = ""
    encoding: str = ""

    @cached_property
    def decoded(self) -> charset.Decoded:
        """The text and its charset; raises `charset.Binary` when it is no text."""
        return charset.decode(self.body, self.content_type, self.encoding)

    @cached_property
    def sel(self) -> Selector:
        """The page as a tree."""
        return Selector(text=self.decoded.text.replace("\x00", "") or EMPTY, type="html", base_url=self.url)

    @cached_property
    def visible(self) -> str:
        """The text a reader sees, paragraphs parted by newlines."""
        return paragraphs(self.sel)

    @property
    def title(self) -> str:
        """What stands in the browser's title bar."""
        return " ".join("".join(self.sel.css("title::text").getall()).split())

    def link(self, href: str) -> str:
        """A link of this page as a canonical URL; empty for what is no web address."""
        base = self.sel.css("base::attr(href)").get() or ""
        return canonical(href, canonical(base, self.url) or self.url)

    @property
    def evidence(self) -> Evidence:
        """The page as it is kept."""
        return Evidence(self.url, self.body, self.fetched_at, self.status, self.content_type, self.decoded.charset)


BLOCKS = frozenset(
    """address article aside blockquote body br center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody tfoot thead tr ul""".split()  # noqa: SIM905 — readable so
)
UNSEEN = frozenset(("script", "style", "noscript", "template", "iframe", "svg", "object", "head", "select", "textarea"))


def paragraphs(sel: Selector) -> str:
    """The visible text beneath an element: one line a paragraph, white space folded, scripts and styles left out.

    Walks without recursion, so that a page of ten thousand nested boxes is no worse than another.
    """
    root = sel.root
    if not isinstance(root, etree._Element):
        return " ".join(str(root).split())
    out: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        edge = "\n" if node.tag in BLOCKS else " " if node.tag in ("td", "th") else ""
        if event != "start":
            out += [edge, _inline(node.tail) if node is not root else ""]
        elif node.tag in UNSEEN:
            walk.skip_subtree()
        else:
            out += [edge, _inline(node.text)]
    lines = (" ".join(line.split()) for line in "".join(out).split("\n"))
    return "\n".join(line for line in lines if line)


def _inline(text: str | None) -> str:
    """A text node: a line break in the source is no break in the text, and between Chinese characters it is nothing at all."""
    if not text:
        return ""
    lines = [line.strip() for line in text.splitlines()]
    joined = lines[0]
    for line in lines[1:]:
        chinese = joined[-1:] > "\u2e80" and line[:1] > "\u2e80"
        joined += line if chinese or not joined or not line else f" {line}"
    lead, trail = text[:1].isspace(), text[-1:].isspace()
    return (" " if lead else "") + joined + (" " if trail else "")
