"""One matter: copies, or the same school, topic and words within the window; different schools never."""

from __future__ import annotations

from datetime import timedelta

import pytest

from classifier.events import group
from config.schema.settings import GatherSettings
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import RedLine, Scope
from tests.classifier.samples import MOMENT

SETTINGS = GatherSettings()
CANTEEN = "食堂承包商把土豆丝卖到六块钱，菜里吃出钢丝球和虫子，后勤主任推给承包商，请公开供货合同和账目"
RETOLD = "食堂承包商太黑，土豆丝六块钱一份，菜里有虫子还有钢丝球，找后勤主任没用，要求公开合同账目"
NOISE = "操场旁边的工地半夜打桩，住校生睡不好，宿舍窗户也关不严，冬天漏风"


def told(
    body: str, school: str | None, topic: str = "A5", days: float = 0, redline: RedLine | None = None, scope: Scope = Scope.K12
) -> tuple[Post, Reading]:
    at = MOMENT - timedelta(days=days)
    mention = (SchoolMention(Span(school, 0, 2), school, school, 0.9),) if school else ()
    reading = Reading("m", scope, 0.9, (TopicScore(topic, 0.8),), schools=mention, redline=redline)
    return Post(1, "f", "1", "", "", body, at, MOMENT), reading


def same(one: tuple[Post, Reading], other: tuple[Post, Reading]) -> bool:
    events = group([one[0], other[0]], [one[1], other[1]], SETTINGS)
    return events[0] == events[1]


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (told(CANTEEN, "1"), told(CANTEEN, "1"), True),
        (told(CANTEEN, "1"), told(CANTEEN, None), True),
        (told(CANTEEN, "1"), told(RETOLD, "1"), True),
        (told(CANTEEN, "1"), told(RETOLD, "2"), False),
        (told(CANTEEN, "1"), told(RETOLD, "1", topic="D1"), False),
        (told(CANTEEN, "1"), told(RETOLD, "1", days=15), False),
        (told(CANTEEN, "1"), told(NOISE, "1"), False),
        (told(CANTEEN, None), told(RETOLD, None), False),
        (told(CANTEEN, "1"), told(CANTEEN.replace("六块", "七块"), "2"), False),
        (told(CANTEEN, None, scope=Scope.NONE), told(CANTEEN, None, scope=Scope.NONE), False),
    ],
)
def test_same_matter(one: tuple[Post, Reading], other: tuple[Post, Reading], wanted: bool) -> None:
    assert same(one, other) is wanted


def test_one_grave_event_at_one_school_needs_fewer_words() -> None:
    short = "刚刚有学生从教学楼坠楼，救护车来了，操场拉了警戒线"
    other = "听说教学楼有学生坠楼了，救护车刚走，学校不让家长进"
    first, harm = told(short, "1", "A1", redline=RedLine.DEATH_OR_INJURY), RedLine.DEATH_OR_INJURY
    assert same(first, told(other, "1", "A1", redline=harm))
    assert not same(first, told(f"{other}，{NOISE}", "1", "A1", days=4, redline=harm))


@pytest.mark.parametrize(
    ("school", "topic", "days", "redline", "wanted"),
    [
        ("1", "A1", 2, RedLine.FOOD_ILLNESS, True),
        ("1", "A5", 2, RedLine.FOOD_ILLNESS, True),
        ("1", "A5", 4, RedLine.FOOD_ILLNESS, False),
        ("2", "A5", 0, RedLine.FOOD_ILLNESS, False),
        ("1", "A5", 0, RedLine.MISSING_CHILD, False),
        ("1", "A5", 0, None, False),
        (None, "A5", 0, RedLine.FOOD_ILLNESS, False),
    ],
)
def test_one_red_line_at_one_school_within_days_is_one_matter(
    school: str | None, topic: str, days: float, redline: RedLine | None, wanted: bool
) -> None:
    first = told("今天中午食堂的鸡块，高一好几个班拉肚子", "1", "A5", redline=RedLine.FOOD_ILLNESS)
    assert same(first, told("我娃回来吐了一晚上，同宿舍的都一样", school, topic, days, redline)) is wanted


def test_every_post_has_an_event() -> None:
    pairs = [told(CANTEEN, "1"), told(NOISE, "2"), told(RETOLD, "1")]
    events = group([p for p, _ in pairs], [r for _, r in pairs], SETTINGS)
    assert events[0] == events[2] != events[1]
