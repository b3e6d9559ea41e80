"""A first guess at a source's selectors from one of its pages; a person looks at it before it counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from lxml import etree
from parsel import Selector

from config.schema.sources import DetailPage, ListPage
from crawlers import dates
from crawlers.address import own_site
from crawlers.canonical import canonical
from crawlers.drift import text_of
from crawlers.extract import find_body
from crawlers.numerals import count
from crawlers.page import Page, paragraphs

BOXES = ("li", "tr", "dl", "dd", "article", "section", "div", "p")
LEAST_LINKS = 4
LEAST_TITLE = 5
NEXT = re.compile(r"^\s*(下一页|下页|后一页|next|»|>>?|›)\s*[»›>]*\s*$", re.IGNORECASE)
STABLE = re.compile(r"^[A-Za-z][A-Za-z_-]*[A-Za-z]\d?$")
PASSING = frozenset(("odd", "even", "first", "last", "active", "current", "on", "hover", "new", "hot", "top", "read", "visited"))
FLOOR_ID = re.compile(r"^(p|pid|post|post_|reply|reply_|floor|floor_)[-_]?\d+$", re.IGNORECASE)
FORUM = re.compile(r"forum|thread|bbs|board|tieba|topic", re.IGNORECASE)


def is_feed(page: Page) -> bool:
    """Whether a page is RSS or Atom."""
    return bool(re.match(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(rss|feed|rdf:RDF)\b", page.decoded.text[:2000], re.DOTALL))


def feeds_of(page: Page) -> list[str]:
    """The feeds that a page announces."""
    links = page.sel.css("link[rel=alternate][type*='rss']::attr(href), link[rel=alternate][type*='atom']::attr(href)").getall()
    return [url for url in map(page.link, links) if url]


def css_of(node: etree._Element) -> str:
    """An element by its tag and a class (else id) that does not change from row to row."""
    classes = [c for c in (node.get("class") or "").split() if STABLE.match(c) and c.lower() not in PASSING]
    own_id = node.get("id") or ""
    return f"{node.tag}.{classes[0]}" if classes else f"{node.tag}#{own_id}" if STABLE.match(own_id) else str(node.tag)


def propose_list(page: Page, now: datetime) -> ListPage | None:
    """The list of a page: the kind of box that holds the most and longest links to its own site; None where there is none."""
    groups: dict[str, list[tuple[etree._Element, etree._Element]]] = {}
    for link in page.sel.css("a[href]"):
        url, text = canonical(link.attrib["href"], page.url), text_of(link)
        box = _box(link.root)
        if box is not None and len(text) >= LEAST_TITLE and url and own_site(url, [page.url]):
            parent = box.getparent()
            name = f"{css_of(parent)} {css_of(box)}" if parent is not None else css_of(box)
            groups.setdefault(name, []).append((box, link.root))
    if not groups:
        return None
    item, found = max(groups.items(), key=lambda group: sum(_worth(box, link, now) for box, link in group[1]))
    if len(found) < LEAST_LINKS:
        return None
    boxes, links = [box for box, _ in found], [link for _, link in found]
    name = _common(css_of(link) for link in links)
    return ListPage(
        item=item, link=f"{name}::attr(href)", title=f"{name}::text", time=_inside(boxes, lambda text: bool(dates.read(text, now)[0])),
        replies=_counted(boxes, ("repl", "huifu", "comment")), views=_counted(boxes, ("view", "click", "hit", "read")), next=_next(page),
    )


def propose_detail(page: Page, now: datetime, *, floors: bool) -> DetailPage:
    """The parts of a page with one post, those that can be named; `floors` for a thread of a forum."""
    headlines = page.sel.css("h1")
    title = f"{css_of(headlines[0].root)}::text" if len(headlines) == 1 and text_of(headlines[0]) else ""
    if floors and (floor := _floor(page)):
        first = page.sel.css(floor)[0].root
        return DetailPage(
            title=title, reply=floor, reply_id="::attr(id)", next=_next(page),
            reply_body=_named(first, ("body", "content", "message", "text")),
            reply_time=_inside([first], lambda text: bool(dates.read(text, now)[0])),
            reply_author=_named(first, ("author", "user", "name")),
        )
    return DetailPage(title=title, body=_body(page), time=_time(page, now))


def _box(link: etree._Element) -> etree._Element | None:
    """The row that a link stands in."""
    return next((node for node in link.iterancestors() if node.tag in BOXES), None)


def _worth(box: etree._Element, link: etree._Element, now: datetime) -> float:
    length = min(40, len("".join(map(str, link.itertext())).strip()))
    dated = dates.read(paragraphs(Selector(root=box, type="html"))[-40:], now)[0]
    return length * (2.0 if dated else 1.0)


def _common(names: Iterable[str]) -> str:
    return Counter(names).most_common(1)[0][0]


def _inside(boxes: list[etree._Element], fits: Callable[[str], bool]) -> str:
    """The element whose own text fits, by the name that most rows share; with `::text`."""
    within = [node for box in boxes for node in box.iter(etree.Element) if node is not box]
    return _shared(boxes, [node for node in within if 2 < len(_own(node)) <= 40 and fits(_own(node))])


def _shared(boxes: list[etree._Element], found: list[etree._Element]) -> str:
    return f"{_common(map(css_of, found))}::text" if found and 2 * len(found) >= len(boxes) else ""


def _own(node: etree._Element) -> str:
    return (node.text or "").strip()


def _counted(boxes: list[etree._Element], words: tuple[str, ...]) -> str:
    within = [node for box in boxes for node in box.iter(etree.Element) if any(word in (node.get("class") or "") for word in words)]
    return _shared(boxes, [node for node in within if count(_own(node)) is not None])


def _next(page: Page) -> str:
    for link in page.sel.css("a[href]"):
        text = text_of(link)
        if NEXT.match(text) and page.link(link.attrib["href"]):
            name = css_of(link.root)
            return f"{name}::attr(href)" if name != "a" else f"a:contains('{text}')::attr(href)"
    return ""


def _floor(page: Page) -> str:
    found = [css_of(node.root) for node in page.sel.css("[id]") if FLOOR_ID.match(node.attrib["id"])]
    return _common(found) if found and "." in _common(found) else ""


def _named(node: etree._Element, words: tuple[str, ...]) -> str:
    return next((css_of(n) for n in node.iter(etree.Element) for w in words if w in (n.get("class") or "").lower() and n is not node), "")


def _body(page: Page) -> str:
    """The smallest named element that holds nearly all of what readability calls the article."""
    wanted = len(find_body(page))
    best, least = "", 0
    for node in _elements(page):
        name, size = css_of(node), len(paragraphs(Selector(root=node, type="html")))
        if "." not in name and "#" not in name:
            continue
        if 0.9 * wanted <= size <= 1.5 * wanted + 20 and len(page.sel.css(name)) == 1 and (not best or size <= least):
            best, least = name, size
    return best


def _elements(page: Page) -> Iterator[etree._Element]:
    return (node.root for node in page.sel.css("div, section, article, td, main"))


def _time(page: Page, now: datetime) -> str:
    for node in page.sel.css("[class*=time], [class*=date], [class*=pub], time"):
        if dates.read(_own(node.root), now)[0] and page.sel.css(css_of(node.root))[0].root is node.root:
            return f"{css_of(node.root)}::text"
    return ""
