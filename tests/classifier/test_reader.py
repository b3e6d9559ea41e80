"""The reader on whole posts: what it says of plain ones, and that nothing a post holds can stop it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.reader import LONGEST, PostReader
from pipeline.domain.posts import Post
from pipeline.domain.readings import Span
from pipeline.domain.terms import Grade, Nature, RedLine, Scope, Tag

Make = Callable[..., Post]


@pytest.mark.parametrize(
    ("title", "body", "topic"),
    [
        ("清源一中食堂饭菜有虫子", "孩子说食堂的菜里吃出虫子和头发，饭菜还经常是馊的，请查一查食堂卫生。", "A5"),
        ("请问小学报名需要什么材料", "我是外地户口，孩子今年上一年级，请问划片和入学报名需要哪些材料？", "C1"),
        ("代课教师工资拖欠三个月", "我们几位代课教师的工资从九月起一直没发，绩效也没有，请教育局解决。", "B2"),
        ("培训机构关门跑路不退费", "孩子在一家英语培训机构交了一万多，现在机构关门，课时费无人退。", "E1"),
    ],
)
def test_plain_posts_are_education_with_their_topic(reader: PostReader, post: Make, title: str, body: str, topic: str) -> None:
    [found] = reader.read([post(title, body)])
    assert found.scope is Scope.K12
    assert found.topics[0].code == topic
    assert found.grade is not None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("小区物业乱收停车费", "我们小区物业把公共车位租出去，业主没地方停车，电梯也经常坏，请住建局处理。"),
        ("解放路修了半年还没修好", "路面坑坑洼洼，晴天一身灰雨天一脚泥，沿街商户生意没法做。"),
    ],
)
def test_city_matters_are_none(reader: PostReader, post: Make, title: str, body: str) -> None:
    [found] = reader.read([post(title, body)])
    assert (found.scope, found.topics, found.tags, found.grade) == (Scope.NONE, (), (), None)


SHORT = [
    ("孩子在县一中读书，食堂又涨价", Scope.K12),
    ("去年县一中收的补课费什么时候退", Scope.K12),
    ("关于县一中乱收费的投诉", Scope.K12),
    ("从县一中转学到三中怎么办手续", Scope.K12),
    ("向阳小学的操场什么时候能修修？", Scope.K12),
    ("县二小门口太堵了", Scope.K12),
    ("一中的空调什么时候装", Scope.K12),
    ("四中又停课了", Scope.K12),
    ("县一中学区房出售，首付20万，均价六千", Scope.NONE),
    ("急售：一中学区房，三室两厅，看房方便", Scope.NONE),
    ("出售二手电动车，九成新，清源一中门口自提", Scope.NONE),
    ("闲置校服转让，县一中高一女款", Scope.NONE),
    ("清源三中对面小区停水三天", Scope.NONE),
]


@pytest.mark.parametrize("in_title", [True, False])
@pytest.mark.parametrize(("text", "scope"), SHORT)
def test_short_posts_are_read_by_the_school_they_name(
    reader: PostReader, post: Make, text: str, scope: Scope, in_title: bool
) -> None:
    [found] = reader.read([post(text) if in_title else post("", text)])
    assert found.scope is scope


def test_a_word_before_the_county_makes_no_other_county_of_it(reader: PostReader, post: Make) -> None:
    [found] = reader.read([post("今天县一中高三两个学生吃完食堂晚饭呕吐腹泻住院，全班请假十几个")])
    assert found.foreign_place is None
    assert [m.name for m in found.subjects] == ["清源县第一中学"]
    assert found.redline is RedLine.FOOD_ILLNESS


def test_an_accusation_names_the_accused(reader: PostReader, post: Make) -> None:
    [found] = reader.read([post("实名举报清源三中校长王某", "清源三中校长王某在食堂承包中收受回扣，虚报公用经费，请纪委严查。")])
    assert found.nature is Nature.ACCUSATION
    assert any("校长王某" in a.span.surface and a.code == "QY004" for a in found.accused)


def test_a_red_line_is_at_least_two(reader: PostReader, post: Make) -> None:
    [found] = reader.read([post("清源四中学生被围殴", "我儿子在清源四中宿舍被七八个同学围殴，还被逼下跪拍视频，现在不敢上学。")])
    assert found.redline is RedLine.SERIOUS_BULLYING
    assert found.grade is Grade.II
    assert Tag.PUPIL in found.tags


def test_another_countys_news_is_foreign_and_low(reader: PostReader, post: Make) -> None:
    [found] = reader.read([post("临川县某小学学生集体腹泻", "临川县一小学十多名学生午餐后腹泻送医，当地教育局已介入调查。")])
    assert found.foreign_place is not None
    assert found.redline is None
    assert found.grade in (Grade.IV, None)


HOSTILE = [
    ("", ""),
    ("\n\n", "\n"),
    ("😀👍🏽", "🈲️" * 50),
    ("\ud800坏字符", "\udfff\x00\x1b[31m"),
    ("İSTANBUL ﬁ", "ẞ" * 100),
    ("=cmd|' /C calc'!A0", "<script>alert(1)</script>" * 50),
    ("学校" * 3000, "第" * 5000 + "一中"),
    ("一中" * 2000, "县" * 4000),
    ("（" * 500, "县县县县市市市市区区区" * 300),
    ("老师" * 200 + "举报" * 200, "校长" * 3000),
    ("\u202e反转", "a" * 100_000),
]


@pytest.mark.parametrize(("title", "body"), HOSTILE)
def test_nothing_a_post_holds_stops_the_reader(reader: PostReader, post: Make, title: str, body: str) -> None:
    made = post(title, body)
    [found] = reader.read([made])
    spans = [*found.redline_words, *(m.span for m in found.schools), *(a.span for a in found.accused), *(c.span for c in found.clues)]
    assert all(made.text[s.start : s.end] == s.surface for s in spans)


def test_a_megabyte_is_read_by_its_beginning(reader: PostReader, post: Make) -> None:
    [found] = reader.read([post("清源一中周末补课收费", "学校强制补课，每人收三百元。" + "废话。" * 400_000)])
    assert found.scope is Scope.K12
    assert all(m.span.end < 2 * LONGEST for m in found.schools)


def test_spans_count_code_points_of_title_newline_body(reader: PostReader, post: Make) -> None:
    made = post("😀標題", "清源縣第１中學強制補課")
    [found] = reader.read([made])
    assert Span("清源縣第１中學", 4, 11) in [m.span for m in found.schools]


def test_a_batch_reads_as_each_post_alone(reader: PostReader, post: Make) -> None:
    posts = [post(f"标题{n}", body, n) for n, (_, body) in enumerate(HOSTILE[:6])] + [post("清源一中补课", "周末补课收费", 99)]
    assert reader.read(posts) == [reader.read([p])[0] for p in posts]


def test_the_version_names_model_and_configuration(reader: PostReader) -> None:
    assert reader.version.startswith(("reader-", "words-"))
    assert "+" in reader.version


def test_no_posts_no_readings(reader: PostReader) -> None:
    assert reader.read([]) == []
