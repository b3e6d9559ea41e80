"""What is read from a page without selectors, and the walls that are recognised."""

import pytest

from config.schema.sources import DetailPage
from crawlers import wall
from crawlers.drift import Drift
from crawlers.extract import article
from crawlers.page import Page
from pipeline.domain.terms import Precision
from pipeline.moments import shown
from tests.conftest import NOW

GOV = """<html><head><title>关于做好秋季开学工作的通知_清源县教育局</title>
<meta name="ArticleTitle" content="关于做好秋季开学工作的通知"><meta name="PubDate" content="2026-08-20 09:15">
<script>var x = "<p>脚本里的字</p>";</script><style>p {color: red}</style></head>
<body><div class="nav"><a href="/">首页</a> <a href="/a">政务公开</a></div>
<h1>清源县教育局</h1><h1>关于做好秋季开学工作的通知</h1>
<div class="main"><p>各中小学、幼儿园：</p><p>为做好秋季开学工作，现将有关
事项通知如下，请各校提前检查校舍、食堂和校车，确保开学安全有序。</p><p>一、8月31日报到，9月1日正式上课。<br>二、各校不得提前开学，不得违规补课。</p>
<table><tr><td>学校</td><td>人数</td></tr><tr><td>一中</td><td>120</td></tr></table></div>
<div class="footer">主办：清源县教育局</div></body></html>"""


def page(html: str, **more: object) -> Page:
    return Page("https://jyj.example/a.html", html.encode(), NOW, **more)  # type: ignore[arg-type]


def test_an_article_is_found_without_selectors() -> None:
    found = article(page(GOV), DetailPage(), "jyj", NOW)
    assert (found.title, shown(found.published_at), found.precision) == ("关于做好秋季开学工作的通知", "2026-08-20 09:15", Precision.MINUTE)
    assert "现将有关事项通知如下" in found.body  # a line break in the source is none in the text
    assert "9月1日正式上课。\n二、各校" in found.body
    assert "脚本" not in found.body
    assert "首页" not in found.body


TITLES = [
    ("<title>食堂涨价_民生热线_清源论坛</title>", "食堂涨价"),
    ("<title>食堂涨价 - 清源论坛</title><h1>食堂涨价</h1>", "食堂涨价"),
    ("<title>清源论坛</title><h1>食堂涨价</h1>", "食堂涨价"),
    ("<title>清源论坛-食堂涨价</title><h1>清源</h1><h1>食堂涨价</h1>", "清源"),
    ("<meta property='og:title' content='食堂涨价'><title>x</title>", "食堂涨价"),
]


@pytest.mark.parametrize(("head", "title"), TITLES)
def test_a_title_is_found_without_the_sites_name(head: str, title: str) -> None:
    assert article(page(f"<html><head>{head}</head><body><p>{'正文' * 30}</p></body></html>"), DetailPage(), "s", NOW).title == title


WHEN = [
    ('<span class="pubtime">2026-03-05 10:20</span>', "2026-03-05 10:20"),
    ("<p>作者：小李　发布时间：2026年3月5日 10:20</p>", "2026-03-05 10:20"),
    ("<p>发表于 3小时前</p>", "2026-11-18 07:00"),
    ('<time datetime="x">昨天 12:30</time>', "2026-11-17 12:30"),
    ("<p>去年的事了</p>", "时间不明"),
]


@pytest.mark.parametrize(("html", "when"), WHEN)
def test_a_time_is_found_where_chinese_pages_put_it(html: str, when: str) -> None:
    body = f"<html><body><h1>标题</h1>{html}<div><p>{'食堂的饭菜今天又涨价了。' * 10}</p></div></body></html>"
    assert shown(article(page(body), DetailPage(), "s", NOW).published_at) == when


def test_an_author_is_found_and_its_label_left_out() -> None:
    html = "<html><body><h1>题</h1><p class='info'>作者：城东老李　来源：论坛</p><p>" + "正文" * 40 + "</p></body></html>"
    assert article(page(html), DetailPage(), "s", NOW).author == "城东老李"
    assert article(page(html), DetailPage(author=".info"), "s", NOW).author == "城东老李"


@pytest.mark.parametrize("detail", [DetailPage(title="h1.gone::text"), DetailPage(title="h1", body=".gone")])
def test_a_selector_for_title_or_body_that_matches_nothing_is_drift(detail: DetailPage) -> None:
    with pytest.raises(Drift, match="gone"):
        article(page(GOV), detail, "jyj", NOW)


def test_a_body_without_text_is_a_picture_and_no_drift() -> None:
    html = '<html><body><h1>题</h1><div class="c"><img src="a.jpg"></div></body></html>'
    assert article(page(html), DetailPage(title="h1", body=".c"), "s", NOW).body == ""


def test_an_optional_selector_that_matches_nothing_is_named() -> None:
    assert article(page(GOV), DetailPage(time=".gone::text"), "jyj", NOW).missing == (".gone::text",)


@pytest.mark.parametrize("depth", [200, 20_000])
def test_boxes_nested_without_end_break_nothing(depth: int) -> None:
    found = page("<p>浅处</p>" + "<div>" * depth + "深处" + "</div>" * depth)
    assert article(found, DetailPage(), "s", NOW).precision is Precision.UNKNOWN
    assert depth > 1000 or found.visible == "浅处\n深处"


@pytest.mark.parametrize("html", ["", "<", "a\x01b", "<html>", "<!-- -->", "<p>" * 300])
def test_odd_markup_breaks_nothing(html: str) -> None:
    article(page(html), DetailPage(), "s", NOW)


WALLS = [
    "<title>登录</title><form><input name=u><input type=password></form>",
    "<p>您需要登录后才可以查看本版块</p>",
    "<p>抱歉，您尚未登录，没有权限访问该版块</p>",
    "<p>请先登录</p>",
    "<title>安全验证</title><p>请完成下方验证后继续访问</p>",
    "<p>请输入验证码</p><input name=code>",
    "<p>您的访问过于频繁，请稍后再试</p>",
    "<title>Just a moment...</title><p>Checking your browser before accessing</p>",
    "<h1>Please sign in to continue</h1>",
    "<p>拖动滑块完成拼图</p>",
]


@pytest.mark.parametrize("html", WALLS)
def test_walls_are_recognised(html: str) -> None:
    assert wall.found(page(f"<html><body>{html}</body></html>"))


NO_WALLS = [
    "<p>警惕有人冒充教育局索要短信验证码</p>",
    "<a href=/login>登录</a> <a>注册</a><h1>食堂涨价</h1><p>这学期早餐涨了一元。</p>",
    f"<p>{'家长反映，报名系统要求输入验证码，请先登录后填写。' * 40}</p><input name=q>",
    GOV,
]


@pytest.mark.parametrize("html", NO_WALLS)
def test_a_page_that_speaks_of_captchas_or_offers_a_login_is_no_wall(html: str) -> None:
    assert not wall.found(page(html))


def test_http_401_is_a_wall_and_an_address_may_be_one() -> None:
    assert wall.found(page("<p>x</p>", status=401))
    assert wall.address("https://passport.example/login?next=/a")
    assert wall.address("https://bbs.example/member.php?mod=logging&action=login")
    assert not wall.address("https://bbs.example/thread-1-1.html")
