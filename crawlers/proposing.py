"""`source new` and `source test`: a site is looked at, its table proposed, its pages saved, and the table tried on them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.schema import Config
from config.schema.sources import DetailPage, ListPage, Source
from crawlers import wall
from crawlers.canonical import canonical, host_of
from crawlers.charset import Binary
from crawlers.drift import Drift
from crawlers.feed import feed
from crawlers.fetch import Fetcher
from crawlers.listing import boards, listing
from crawlers.page import Page
from crawlers.propose import FORUM, feeds_of, is_feed, propose_detail, propose_list
from crawlers.saved import Saved, differences, outcome, pages_of, save
from pipeline.faults import unusable
from pipeline.outcome import DONE, FAILED, Outcome
from pipeline.store import leases
from pipeline.store.db import Store

ABOUT = """
# ── 以下由 huiyin source new 起草（{url}），请核对后把 enabled 改为 true ──
# 逐项核对：list 的 item 是每条、link 是链接、title 是标题；detail 留空的项由程序自行辨认。试读：huiyin source test {id}
"""
TEST = '''"""保存的页面按当时的配置应读出同样的内容；网站改版或程序升级后用它核对。"""

from pathlib import Path

from crawlers.saved import differences


def test_saved_pages_of_{name}() -> None:
    assert differences(Path(__file__).parent / "pages" / "{id}") == []
'''


@dataclass(frozen=True, slots=True)
class Proposal:
    """A table for a source, with the pages it was made from."""

    source: Source
    pages: tuple[Saved, ...]
    remarks: tuple[str, ...] = ()


def new_source(config: Config, root: Path, id: str, url: str, now: datetime, store: Store | None) -> Outcome:
    """Proposes a source; nothing is written unless its table can be read back."""
    _must_be_free(config, id)
    url = canonical(url) or url
    # who types an address means it: an inner one is looked at, and its table says so by name
    fetcher = Fetcher(config.settings.crawl, [url], now, private=True)
    with _leased(store, url, now):
        proposal = propose(fetcher, url, now)
    if fetcher.met_private:
        source = proposal.source.model_copy(update={"private_address": True})
        proposal = replace(proposal, source=source, remarks=(*proposal.remarks, "这是内网地址，已写 private_address = true"))
    return _kept(root, id, proposal, written(id, proposal.source, url))


def _kept(root: Path, id: str, proposal: Proposal, table: str) -> Outcome:
    """Writes the table, the pages and their test, and tells what they say."""
    path = root / "sources.toml"
    before = path.read_text("utf-8") if path.is_file() else ""
    after = before.rstrip("\n") + ("\n" if before else "") + table
    tomllib.loads(after)
    folder = root / "tests" / "pages" / id
    save(folder, id, proposal.source, proposal.pages)
    name = id.replace("-", "_")
    (root / "tests" / f"test_{name}.py").write_text(TEST.format(id=id, name=name), "utf-8")
    path.write_text(after, "utf-8")
    read = [f"{saved.file}：{_shown(outcome(saved, id, proposal.source))}" for saved in proposal.pages]
    text = "\n".join([f"已写入 {path}（未启用），页面存于 {folder}。", table.strip(), "按此读出：", *read, *proposal.remarks])
    files = [saved.file for saved in proposal.pages]
    return Outcome({"id": id, "kind": proposal.source.kind, "table": table, "pages": files, "remarks": list(proposal.remarks)}, text)


def propose(fetcher: Fetcher, url: str, now: datetime) -> Proposal:
    """Looks at the page, and at one that it leads to."""
    page = _readable(fetcher.page(url))
    if is_feed(page):
        return Proposal(_source("feed", url), (Saved("feed.xml", "feed", page),))
    spec = propose_list(page, now)
    if spec is None:
        raise unusable(url, "页面上没有找到像列表的部分", "换成列出文章的栏目页，或在 sources.toml 中手工写选择器")
    listed = listing(page, "new", spec, now)
    inner = _readable(fetcher.page(listed.entries[0].url))
    forum = bool(spec.replies) or bool(FORUM.search(url))
    detail = propose_detail(inner, now, floors=forum)
    kind = "forum" if forum and detail.reply else "list_page"
    remarks = [f"该页还提供信息流：{found}（种类写 feed 更省事）" for found in feeds_of(page)]
    missing = {"list 的 time": spec.time, "list 的 next（翻页）": spec.next, "detail 的 next（翻页）": detail.next or kind != "forum"}
    remarks += [f"没有认出 {name}，请核对是否应有" for name, css in missing.items() if not css]
    part = "thread" if kind == "forum" else "page"
    return Proposal(_source(kind, url, spec, detail), (Saved("list.html", "list", page), Saved("page.html", part, inner)), tuple(remarks))


def try_source(config: Config, root: Path, id: str, now: datetime, store: Store | None) -> Outcome:
    """Reads the saved pages with the table as it is; without saved pages, the live ones."""
    if id not in config.sources:
        raise unusable(id, "没有这个信源", f"已有：{'、'.join(config.sources) or '无'}")
    source, folder = config.sources[id], root / "tests" / "pages" / id
    if number := pages_of(folder):
        try:
            changed = differences(folder, source)
        except Drift as drift:
            changed = [str(drift)]
        said = "读出的内容有变：" if changed else "读出的内容与保存时一致"
        text = "\n".join([f"信源 {id}：{number} 个保存的页面，{said}", *changed])
        return Outcome({"id": id, "saved_pages": number, "differences": changed}, text, FAILED if changed else DONE)
    if not source.starts:
        raise unusable(id, "这个信源没有网址，只供导入", "huiyin import 时直接使用")
    with _leased(store, source.starts[0], now):
        return _tried(config, id, source, now)


def _tried(config: Config, id: str, source: Source, now: datetime) -> Outcome:
    """The live start page, and the first page that it leads to, as the source's table reads them."""
    fetcher = Fetcher(config.settings.crawl, source.starts, now, private=source.private_address, encoding=source.encoding)
    found: list[dict[str, Any]] = []
    try:
        for saved in _live(fetcher, id, source, now):
            found.append({"part": saved.part, "url": saved.page.url, **outcome(saved, id, source)})
    except (Drift, Binary) as error:
        return Outcome({"id": id, "read": found, "error": str(error)}, "\n".join([*map(_shown, found), str(error)]), FAILED)
    return Outcome({"id": id, "read": found, "error": None}, "\n".join([f"信源 {id} 现场试读：", *map(_shown, found)]))


def _live(fetcher: Fetcher, id: str, source: Source, now: datetime) -> Iterator[Saved]:
    page = _readable(fetcher.page(source.starts[0]))
    if source.kind == "feed":
        yield Saved("feed.xml", "feed", page)
        entries = feed(page, id, now).entries
        inner = entries[0].post.url if entries and entries[0].summary_only else ""
    elif source.list is None:
        raise Drift(id, "sources.toml", "list", "没有配置，无法读取列表")
    else:
        if source.list.boards:
            yield Saved("front.html", "front", page)
            page = _readable(fetcher.page(boards(page, id, source.list.boards)[0]))
        yield Saved("list.html", "list", page)
        listed = listing(page, id, source.list, now)
        inner = listed.entries[0].url if listed.entries else ""
    if inner:
        yield Saved("page.html", "thread" if source.kind == "forum" else "page", _readable(fetcher.page(inner)))


def written(id: str, source: Source, url: str) -> str:
    """The table as it stands in sources.toml, with a word on what to check."""
    values = source.model_dump(mode="json", exclude_defaults=True)
    lines = [f"[{id}]", *(f"{key} = {_toml(value)}" for key, value in values.items() if not isinstance(value, dict))]
    for key in ("list", "detail"):
        if values.get(key):
            lines += [f"[{id}.{key}]", *(f"{name} = {_toml(value)}" for name, value in values[key].items())]
    return ABOUT.format(url=url, id=id) + "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _source(kind: str, url: str, spec: ListPage | None = None, detail: DetailPage | None = None) -> Source:
    table: dict[str, Any] = {"name": host_of(url), "kind": kind, "url": url, "enabled": False, "list": spec}
    return Source(**table, detail=detail or DetailPage())


def _readable(page: Page) -> Page:
    """The page, where it is one; raises `Unusable` for a wall or a binary."""
    try:
        said = wall.found(page)
    except Binary as error:
        raise unusable(page.url, str(error), "换成网页地址") from error
    if said:
        raise unusable(page.url, f"页面要求登录或验证（“{said}”），不绕过", "只采集不登录就能看到的内容")
    return replace(page)


def _must_be_free(config: Config, id: str) -> None:
    if id in config.sources:
        raise unusable(id, "已有这个信源", "换一个代号，或直接修改 sources.toml")
    if not id.replace("-", "").replace("_", "").isalnum() or not id.isascii() or not id[0].isalpha() or id != id.lower():
        raise unusable(id, "代号写法不对", "以小写字母开头，只用小写字母、数字、- 和 _")


@contextmanager
def _leased(store: Store | None, url: str, now: datetime) -> Iterator[None]:
    """Holds the host's lease, where there is a store to hold it in."""
    host, holder = host_of(url), "source"
    if store is None:
        yield
        return
    if not leases.take(store, host, holder, now, now + timedelta(minutes=5)):
        raise unusable(url, "正在采集这个网站", "过一会儿再试")
    try:
        yield
    finally:
        leases.release(store, host, holder)


def _shown(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)
