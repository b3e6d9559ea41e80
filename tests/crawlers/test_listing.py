"""Lists, boards and threads as their sources describe them."""

import pytest

from config.schema.sources import DetailPage, ListPage
from crawlers.drift import Drift
from crawlers.forum import opening, replies
from crawlers.listing import Entry, boards, listing
from crawlers.page import Page
from pipeline.domain.terms import Precision
from pipeline.moments import shown
from tests.conftest import NOW

SPEC = ListPage(
    item="tr.t", link="a.title::attr(href)", title="a.title::text", time=".time::text", replies=".r::text", views=".v::text", next="a.next"
)
ROW = (
    '<tr class="t"><td><a class="title" href="/t-{n}.html?from=list">第{n}帖</a></td><td class="time">{n}分钟前</td>'
    '<td class="r">{n}</td><td class="v">1.2万</td></tr>'
)
THREAD = DetailPage(
    title="h1", reply="div.post", reply_id="::attr(id)", reply_body=".body", reply_time=".time::text", reply_author=".author"
)
FLOOR = (
    '<div class="post" id="p{n}"><i class="author">用户{n}</i><i class="time">昨天 12:{n}</i>'
    '<div class="body"><p>第{n}层</p><p>第二段</p></div></div>'
)


def page(html: str) -> Page:
    return Page("https://bbs.example/f.html", f"<html><body>{html}</body></html>".encode(), NOW)


def board(*numbers: int, tail: str = "") -> Page:
    return page("<table>" + "".join(ROW.format(n=n) for n in numbers) + f"</table>{tail}")


def test_a_list_gives_entries_and_the_next_page() -> None:
    found = listing(board(3, 5, tail='<a class="next" href="f2.html">下一页</a>'), "bbs", SPEC, NOW)
    first = found.entries[0]
    assert (first.url, first.title, first.replies, first.views) == ("https://bbs.example/t-3.html", "第3帖", 3, 12_000)
    assert (shown(first.published_at), first.precision, found.next) == ("2026-11-18 09:57", Precision.MINUTE, "https://bbs.example/f2.html")


def test_a_post_that_is_listed_twice_is_one() -> None:
    assert [e.title for e in listing(board(3, 5, 3), "bbs", SPEC, NOW).entries] == ["第3帖", "第5帖"]


def test_a_new_layout_is_drift() -> None:
    with pytest.raises(Drift, match=r"tr\.t"):
        listing(page("<ul><li><a href='/1'>新版式</a></li></ul>"), "bbs", SPEC, NOW)


def test_a_list_that_says_it_is_empty_is_no_drift() -> None:
    assert listing(page("<p>暂无主题</p>"), "bbs", SPEC, NOW).entries == ()


def test_items_of_which_most_have_no_link_are_drift() -> None:
    rows = "<table>" + '<tr class="t"><td>无链接</td></tr>' * 3 + ROW.format(n=1) + "</table>"
    with pytest.raises(Drift, match="4 条中的 1 条"):
        listing(page(rows), "bbs", SPEC, NOW)


def test_one_odd_row_among_good_ones_is_passed_over() -> None:
    rows = '<table><tr class="t"><td>广告</td></tr>' + "".join(ROW.format(n=n) for n in (1, 2)) + "</table>"
    assert len(listing(page(rows), "bbs", SPEC, NOW).entries) == 2


def test_a_front_page_without_boards_is_drift() -> None:
    assert boards(page('<ul class="b"><a href="/f-1.html">一</a><a href="/f-1.html">一</a></ul>'), "bbs", "ul.b a") == ("https://bbs.example/f-1.html",)
    with pytest.raises(Drift):
        boards(page("<p>改版</p>"), "bbs", "ul.b a")


ENTRY = Entry("https://bbs.example/t-3.html", "第3帖", replies=2, views=9)


@pytest.mark.parametrize("detail", [THREAD, THREAD.model_copy(update={"body": ".body", "time": ".time::text", "author": ".author"})])
def test_the_first_floor_opens_the_thread_and_the_others_reply_to_it(detail: DetailPage) -> None:
    thread = page("<h1>食堂</h1>" + "".join(FLOOR.format(n=n) for n in (10, 11, 12)))
    first, is_floor = opening(thread, detail, "bbs", ENTRY, NOW)
    rest = replies(thread, detail, "bbs", first.key, NOW, skip_first=is_floor)
    assert (first.key, first.title, first.body, first.author, first.parent) == (ENTRY.url, "食堂", "第10层\n第二段", "用户10", None)
    assert (first.engagement.replies, first.engagement.views, shown(first.published_at)) == (2, 9, "2026-11-17 12:10")
    assert [(r.key, r.body[:4], r.author, r.parent) for r in rest] == [
        (f"{ENTRY.url}#p11", "第11层", "用户11", ENTRY.url), (f"{ENTRY.url}#p12", "第12层", "用户12", ENTRY.url),
    ]


def test_a_reply_without_an_id_is_known_by_its_author_and_text() -> None:
    detail = THREAD.model_copy(update={"reply_id": ""})
    html = page("<h1>食堂</h1>" + FLOOR.format(n=10) + FLOOR.format(n=11))
    one, two = (replies(html, detail, "bbs", "k", NOW, skip_first=True)[0].key for _ in range(2))
    assert one == two != "k#"


def test_a_deleted_floor_is_passed_over_and_a_thread_of_none_but_such_is_drift() -> None:
    gone = '<div class="post" id="p1">该楼层已删除</div>'
    assert len(replies(page(gone + FLOOR.format(n=11)), THREAD, "bbs", "k", NOW, skip_first=False)) == 1
    with pytest.raises(Drift, match="body"):
        replies(page(gone * 2), THREAD, "bbs", "k", NOW, skip_first=False)


def test_a_thread_without_floors_is_drift() -> None:
    with pytest.raises(Drift, match=r"div\.post"):
        opening(page("<h1>食堂</h1><p>新版式</p>"), THREAD, "bbs", ENTRY, NOW)
