"""One matter: copies, or the same school, topic and words within the window; different schools never."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.events import Matters, group, judge
from classifier.events import told as tell
from classifier.sameness import model
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
    reading = Reading("m", scope, 0.9 if scope is Scope.K12 else 0.01, (TopicScore(topic, 0.8),), schools=mention, redline=redline)
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
        (told(CANTEEN, "1"), told(RETOLD, "1", topic="D1"), True),
        (told(CANTEEN, "1"), told(RETOLD, "1", days=46), False),
        (told(CANTEEN, "1"), told(NOISE, "1"), False),
        (told(CANTEEN, None), told(RETOLD, None), True),
        (told(CANTEEN, "1"), told(CANTEEN.replace("六块", "七块"), "2"), False),
        (told(CANTEEN, None, scope=Scope.NONE), told(CANTEEN, None, scope=Scope.NONE), True),  # one story, whatever it is about
        (told(CANTEEN, None, scope=Scope.NONE), told(NOISE, None, scope=Scope.NONE), False),
    ],
)
def test_same_matter(one: tuple[Post, Reading], other: tuple[Post, Reading], wanted: bool) -> None:
    assert same(one, other) is wanted


def test_one_grave_event_at_one_school_needs_fewer_words() -> None:
    short = "刚刚有学生从教学楼坠楼，救护车来了，操场拉了警戒线"
    other = "听说教学楼有学生坠楼了，救护车刚走，学校不让家长进"
    first, harm = told(short, "1", "A1", redline=RedLine.DEATH_OR_INJURY), RedLine.DEATH_OR_INJURY
    assert same(first, told(other, "1", "A1", redline=harm))
    assert not same(first, told(NOISE, "1", "A1", days=4, redline=harm))


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


ESTATE = "锦澜府二期的配套幼儿园去年就建好了，大门一直锁着，开发商说等移交，请问什么时候开园，是公办还是普惠"
ESTATE_RETOLD = "我们小区锦澜府有个现成的幼儿园空着不开，孩子没处去，教育局和开发商互相推，到底什么时候开园"
OTHER_ESTATE = "栖霞郡交房两年了，规划的幼儿园还没有动工，想问问今年秋季能不能招生，是公办还是普惠"


@pytest.mark.parametrize(
    ("one", "other", "days", "wanted"),
    [
        (ESTATE, ESTATE_RETOLD, 12, True),
        (ESTATE, OTHER_ESTATE, 2, False),
        ("临澜区租房的孩子上小学要什么材料，居住证要满一年吗", "望湖区租房的孩子上小学要什么材料，居住证要满一年吗", 3, False),
        (ESTATE, "锦澜府的地下车位只卖不租，业主的车天天被贴条，请住建部门管一管", 5, False),
    ],
)
def test_posts_that_name_no_school_meet_by_the_place_they_name(one: str, other: str, days: float, wanted: bool) -> None:
    assert same(told(one, None, "E3"), told(other, None, "E3", days=days)) is wanted


def test_the_order_of_the_posts_makes_no_difference_to_who_belongs_together() -> None:
    pairs = [told(CANTEEN, "1"), told(NOISE, "1", "A7", 1), told(RETOLD, "1", days=2)]
    pairs += [told(ESTATE, None, "E3"), told(ESTATE_RETOLD, None, "E3", 9)]
    forward = group([p for p, _ in pairs], [r for _, r in pairs], SETTINGS)
    backward = group([p for p, _ in pairs[::-1]], [r for _, r in pairs[::-1]], SETTINGS)[::-1]
    assert [[a == b for b in forward] for a in forward] == [[a == b for b in backward] for a in backward]


def test_batches_make_no_difference_as_long_as_the_stream_is_short() -> None:
    pairs = [told(CANTEEN, "1", days=9), told(ESTATE, None, "E3", 8), told(RETOLD, "1", days=7), told(ESTATE_RETOLD, None, "E3", 6)]
    matters = Matters(SETTINGS)
    found = [matters.add(i, tell([p], [r])[0]) for i, (p, r) in enumerate(pairs)]
    assert found == group([p for p, _ in pairs], [r for _, r in pairs], SETTINGS) == [0, 1, 0, 1]


def test_memory_is_bounded_by_the_window() -> None:
    matters = Matters(SETTINGS)
    for i in range(200):
        post, reading = told(f"第{i}件事：{CANTEEN[i % 20 :]}{i}", str(i), days=400 - 2 * i)
        matters.add(i, tell([post], [reading])[0])
    assert len(matters) <= SETTINGS.window_days // 2 + 1


class Opposites:
    """Meanings that are the same where both texts speak of a fall, else at right angles."""

    def vectors(self, texts: Sequence[str], workers: int = 1) -> NDArray[np.float32]:
        return np.array([[1, 0] if "楼" in text else [0, 1] for text in texts], np.float32)


def test_what_posts_mean_is_asked_where_words_leave_it_open() -> None:
    one, other = told("刚刚有学生从教学楼坠楼，救护车来了", "1", "A1"), told("孩子们说楼上有人跳下去了，学校封了门", "1", "A1", days=1)
    a, b = tell([one[0], other[0]], [one[1], other[1]])
    plain, asked = judge(a, b, SETTINGS, model()), judge(a, b, SETTINGS, model(), Opposites())
    assert plain.value < SETTINGS.same_matter
    assert asked.value > plain.value


@pytest.mark.parametrize(
    ("one", "topic", "other", "its_topic", "wanted"),
    [
        ("幼儿园的午饭里吃出虫子，希望整改食堂卫生", "A5", "用七座面包车接送孩子，严重超员，车上没有照管员", "A6", False),
        ("幼儿园的午饭里吃出虫子，希望整改食堂卫生", "A5", "中班老师打孩子，回来脸上有手印", "B1", False),
        ("中班老师打孩子，回来脸上有手印", "B1", "用七座面包车接送孩子，严重超员", "A6", False),
        ("幼儿园的午饭里吃出虫子，希望整改食堂卫生", "A5", "中午的青菜里有虫，别的家长也说吃出过，请查食堂", "A5", True),
    ],
)
def test_a_long_name_that_two_short_posts_share_makes_no_one_matter(one: str, topic: str, other: str, its_topic: str, wanted: bool) -> None:
    name = "东河镇蓓蕾幼儿园"
    posts = [told(f"{name}{text}", name, code) for text, code in ((one, topic), (other, its_topic))]
    assert same(*posts) is wanted
