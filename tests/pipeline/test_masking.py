"""What identifies a person is hidden, what does not is left."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.masking import masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("家长13900001234来电", "家长［手机号］来电"),
        ("电话139 0000 1234。", "电话［手机号］。"),
        ("１３９－００００－１２３４", "［手机号］"),
        ("+86 13900001234", "［手机号］"),
        ("1 3 9 0 0 0 0 1 2 3 4", "［手机号］"),
        ("0999-5550199转801", "［电话号码］"),
        ("身份证340123201201011234", "身份证［身份证号］"),
        ("身份证340123 20120101 123x", "身份证［身份证号］"),
        ("卡号 6222 0212 3456 7890 123", "卡号 ［长号码］"),
        ("皖A12345、京AD12345", "［车牌号］、［车牌号］"),
        ("发到 zhang.san@mail.example", "发到 ［邮箱］"),
        ("微信号：abc_12345", "微信号：［号码］"),
        ("学籍号G340123201201", "学籍号［号码］"),
        ("孩子叫王小明，在二年级", "孩子叫［姓名］，在二年级"),
        ("我女儿叫李雷在三班", "我女儿叫［姓名］在三班"),
        ("姓名：欧阳修文", "姓名：［姓名］"),
        ("联系人：张三联系电话", "联系人：［姓名］联系电话"),
        ("联系人张伟", "联系人［姓名］"),
        ("联系人张伟电话13900001234", "联系人［姓名］电话［手机号］"),
        ("举报人欧阳修文，住校", "举报人［姓名］，住校"),
        ("住人民路12号3栋502室", "住人民路［门牌］"),
        ("幸福小区7栋2单元", "幸福小区［门牌］"),
    ],
)
def test_what_identifies_a_person_is_hidden(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "", "[教舆-2026-00123] 催办：签收", "2026-11-18 10:00 至 2026-11-20", "135 2026-11-18", "国办发〔2016〕61号第3条",
        "11月18号交，第5号楼食堂", "孩子叫苦连天", "我叫他来", "12345热线、110、119", "三年级2班42人，每人120元",
        "http://bbs.example/t/13900001234.html?id=340123201201011234",
        "联系人和电话", "当事人应当到场", "投诉人曾多次反映", "来电人于昨日反映", "联系人方面没有意见", "举报人的电话", "姓名、班级",
        "地铁轨道3号线", "2026年9月1日至2027年1月20日", "学校的学生叫什么",
    ],
)  # fmt: skip
def test_what_does_not_is_left(text: str) -> None:
    assert masked(text) == text


def test_what_is_ours_may_be_kept() -> None:
    assert masked("值班电话0999-5550100，家长0999-5550199", ("0999-5550100",)) == "值班电话0999-5550100，家长［电话号码］"


PIECES = st.sampled_from(
    [*"，。 :：-0139叫我住路号栋室", "13900001234", "340123201201011234", "姓名", "联系人", "王小明", "［姓名］", "http://a.b/", "@x.cn"]
)


@given(st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.text("家长电话，。号（）", max_size=5), st.sampled_from(["", " ", "-", "－"]))
def test_no_mobile_number_comes_through(number: str, around: str, gap: str) -> None:
    written = gap.join((number[:3], number[3:7], number[7:]))
    assert not re.search(re.escape(number[3:7]) + ".?" + re.escape(number[7:]), masked(f"{around}{written}{around}"))


def test_a_long_text_takes_no_long_time() -> None:
    for evil in ("1" * 20_000, "1 " * 10_000, "a.b@" * 5_000, "1栋" * 10_000, "孩子叫" * 7_000, "0" * 20_000, "a@" + "b." * 9_000):
        masked(evil)
