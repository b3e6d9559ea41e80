"""Chinese publication times, read on Wednesday 2026-11-18 at 10:00 in Shanghai."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.dates import EARLIEST, read
from pipeline.domain.terms import Precision
from pipeline.moments import LOCAL, shown
from tests.conftest import NOW

S, M, H, D, U = Precision.SECOND, Precision.MINUTE, Precision.HOUR, Precision.DAY, Precision.UNKNOWN

TIMES = [
    ("刚刚", "2026-11-18 10:00", M),
    ("10秒前", "2026-11-18 09:59", M),
    ("3分钟前", "2026-11-18 09:57", M),
    ("三分钟前", "2026-11-18 09:57", M),
    ("半小时前", "2026-11-18 09:30", M),
    ("2小时前", "2026-11-18 08:00", H),
    ("两小时前", "2026-11-18 08:00", H),
    ("今天 08:05", "2026-11-18 08:05", M),
    ("今早7:40", "2026-11-18 07:40", M),
    ("昨天 12:30", "2026-11-17 12:30", M),
    ("昨天12:30", "2026-11-17 12:30", M),
    ("昨晚8点", "2026-11-17 20:00", H),
    ("前天", "2026-11-16 00:00", D),
    ("前天 8:00", "2026-11-16 08:00", M),
    ("3天前", "2026-11-15 00:00", D),
    ("1周前", "2026-11-11 00:00", D),
    ("3月5日", "2026-03-05 00:00", D),
    ("11月17日 09:00", "2026-11-17 09:00", M),
    ("12月5日", "2025-12-05 00:00", D),  # the year that keeps it out of the future
    ("03-05 10:20", "2026-03-05 10:20", M),
    ("12-05 10:20", "2025-12-05 10:20", M),
    ("2月29日", "2024-02-29 00:00", D),
    ("12:30", "2026-11-17 12:30", M),
    ("09:30", "2026-11-18 09:30", M),
    ("2026-3-5", "2026-03-05 00:00", D),
    ("2026.3.5", "2026-03-05 00:00", D),
    ("26-3-5 10:20", "2026-03-05 10:20", M),
    ("20260305", "2026-03-05 00:00", D),
    ("2026年3月5日 上午9点", "2026-03-05 09:00", H),
    ("2026年3月5日下午3点半", "2026-03-05 15:30", M),
    ("2026年3月5日9时5分", "2026-03-05 09:05", M),
    ("2026年3月5日 下午12:06", "2026-03-05 12:06", M),
    ("2026年3月5日 凌晨12:06", "2026-03-05 00:06", M),
    ("2026年3月5日 上午12:06", "2026-03-05 00:06", M),
    ("2026年3月5日 上午12点", "2026-03-05 12:00", H),
    ("2026/3/5 9:5:3", "2026-03-05 09:05", S),
    ("2026-03-05 09:20:11.0", "2026-03-05 09:20", S),
    ("二〇二六年三月五日", "2026-03-05 00:00", D),
    ("Thu, 05 Mar 2026 09:02:03 +0800", "2026-03-05 09:02", S),
    ("Thu, 05 Mar 2026 01:02:03 GMT", "2026-03-05 09:02", S),
    ("2026-03-05T09:02:03+08:00", "2026-03-05 09:02", S),
    ("2026-03-05T01:02:03.123Z", "2026-03-05 09:02", S),
    ("2026-03-05T09:02", "2026-03-05 09:02", M),
    ("1772672523", "2026-03-05 09:02", S),
    ("1772672523000", "2026-03-05 09:02", S),
    ("发表于 2026-3-5 10:20", "2026-03-05 10:20", M),
    ("发表于 昨天 23:59", "2026-11-17 23:59", M),
    ("编辑于 5 分钟前", "2026-11-18 09:55", M),
    ("发布时间：2026年03月05日 09:20", "2026-03-05 09:20", M),
    ("来源：清源县教育局  发布时间：2026-03-05 09:20  浏览：33", "2026-03-05 09:20", M),
    ("2026-03-05（星期四）09:20", "2026-03-05 09:20", M),
    ("[2026-03-05]", "2026-03-05 00:00", D),
    ("２０２６－０３－０５　１０：２０", "2026-03-05 10:20", M),
    ("2026-11-18 10:09", "2026-11-18 10:09", M),  # a clock ten minutes fast is believed
    ("2026-11-18 10:11", "时间不明", U),
    ("11-18 10:20", "时间不明", U),  # a clock twenty minutes fast is no post of last year
    ("2027-01-01", "时间不明", U),
    ("1994-12-31", "时间不明", U),
    ("2026-02-30", "时间不明", U),
    ("2026-3-5 25:00", "时间不明", U),
    ("13-45", "时间不明", U),
    ("7-8年级", "时间不明", U),
    ("电话0999-5550133", "时间不明", U),
    ("点击 30 次", "时间不明", U),
    ("", "时间不明", U),
]


@pytest.mark.parametrize(("text", "when", "precision"), TIMES, ids=[t[0] for t in TIMES])
def test_times_are_read_as_chinese_pages_mean_them(text: str, when: str, precision: Precision) -> None:
    found, exact = read(text, NOW)
    assert (shown(found), exact) == (when, precision)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_or_yields_an_unbelievable_time(text: str) -> None:
    found, precision = read(text, NOW)
    assert (found is None) == (precision is U)
    assert found is None or EARLIEST <= found <= NOW + timedelta(minutes=10)


@given(st.integers(0, int((NOW - EARLIEST).total_seconds() // 60)))
def test_a_written_time_comes_back_to_the_minute(minutes: int) -> None:
    there = (EARLIEST + timedelta(minutes=minutes)).astimezone(LOCAL)
    for form in ("%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M", "发布时间：%Y/%m/%d %H:%M"):
        assert read(there.strftime(form), NOW) == (there, M)
