"""Drift (版式有变): a page that no longer looks as its source says. It is raised and recorded, never absorbed as an empty field."""

from __future__ import annotations

from parsel import Selector


class Drift(Exception):
    """A selector that matches nothing where something must stand; names source, page and selector."""

    def __init__(self, source: str, page: str, selector: str, what: str = "没有匹配到任何内容") -> None:
        super().__init__(source, page, selector, what)
        self.source, self.page, self.selector, self.what = source, page, selector, what

    def __str__(self) -> str:
        return f"信源 {self.source} 的页面 {self.page}：选择器 {self.selector!r} {self.what}"


def one(sel: Selector, css: str, source: str, page: str) -> str:
    """The text of the first match; raises `Drift` where there is none or it is blank."""
    found = some(sel, css)
    if not found:
        raise Drift(source, page, css)
    return found


def some(sel: Selector, css: str) -> str:
    """The text of the first match, white space folded; empty where there is none or no selector is given."""
    if not css:
        return ""
    hit = next(iter(sel.css(css)), None)
    return text_of(hit) if hit is not None else ""


def text_of(hit: Selector) -> str:
    """The text within a match (an element, an attribute or a text node), white space folded."""
    parts = hit.css("*::text").getall() if hasattr(hit.root, "tag") else [str(hit.get() or "")]
    return " ".join("".join(parts).split())
