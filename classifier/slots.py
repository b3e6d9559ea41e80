"""What fills the slots of the corpus: invented names in the many forms that people write them, none of them a real school's."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

SYLLABLES = (
    "安北柏碧昌春翠德东丰枫福高谷桂海禾和恒虹湖华槐嘉江锦景静菊康兰澜莲林岭龙麓梅明南宁平浦启清庆泉瑞沙杉山尚石双水松"
    "桃田望文梧溪霞湘祥秀雅阳怡银樱雨玉源云泽昭振竹紫"
)
SURNAMES = (
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹章苏潘葛范彭鲁韦马方任袁柳史唐费薛雷贺汤罗毕郝安常于"
    "傅齐康余顾孟黄穆萧尹姚汪"
)
NUMBERS = "一二三四五六七八九十"
FLOWERS = ("小博士", "金太阳", "贝贝", "蓝天", "童星", "智慧树", "阳光", "新世纪", "未来星", "七色花", "花蕾", "星星", "启蒙", "红黄蓝")


def filling(slot: str, rng: random.Random) -> str:
    """A value for one slot; a second school (小学2) is filled like the first."""
    return _MAKERS[slot.rstrip("2")](rng)


def _name(rng: random.Random) -> str:
    return "".join(rng.sample(SYLLABLES, 2))


def _place(rng: random.Random, kind: str) -> str:
    return rng.choice((f"{_name(rng)}{kind}", f"{rng.choice('ABCDEFGHJKLM')}{rng.randint(1, 12)}{kind}"))


def _numbered(kind: str, brief: str, rng: random.Random) -> str:
    n = rng.choice(NUMBERS)
    return rng.choice((f"第{n}{kind}", f"{n}{brief}", f"县{n}{brief}", f"{_place(rng, '县')}第{n}{kind}", f"{_name(rng)}{n}{brief}"))


def _named(kind: str, rng: random.Random) -> str:
    return rng.choice((f"{_name(rng)}{kind}", f"{_place(rng, '县')}{_name(rng)}{kind}", f"{_name(rng)}镇{_name(rng)}{kind}"))


def _kindergarten(rng: random.Random) -> str:
    own = rng.choice((f"{rng.choice(FLOWERS)}幼儿园", f"{_name(rng)}镇中心幼儿园", "机关幼儿园", f"{_name(rng)}幼儿园"))
    return rng.choice((own, own, _numbered("幼儿园", "幼", rng)))


def _primary(rng: random.Random) -> str:
    townish = (f"{_name(rng)}镇中心小学", "县实验小学", f"{_name(rng)}村小学")
    urban = (f"{_name(rng)}路小学", f"{_name(rng)}区实验小学", f"{_name(rng)}附小", f"{_name(rng)}小学{rng.choice('东西南北')}校区")
    return rng.choice((_named("小学", rng), _named("小学", rng), _numbered("小学", "小", rng), *townish, *urban))


def _middle(rng: random.Random) -> str:
    townish = (f"{_name(rng)}镇初级中学", f"{_name(rng)}镇中学", "县实验中学")
    numbered = f"市第{rng.choice(NUMBERS)}十{rng.choice(NUMBERS)}中学"
    urban = (numbered, f"{_name(rng)}附中", f"{_name(rng)}区外国语学校", f"{_name(rng)}中学{_name(rng)}校区")
    return rng.choice((_named("中学", rng), _numbered("中学", "中", rng), _named("学校", rng), *townish, *urban))


def _senior(rng: random.Random) -> str:
    return rng.choice((_numbered("中学", "中", rng), _named("高级中学", rng), f"{_name(rng)}高中", "县第一高级中学"))


def _vocational(rng: random.Random) -> str:
    return rng.choice(("县职教中心", f"{_place(rng, '县')}职业教育中心", f"{_name(rng)}职业中专", f"{_name(rng)}职业学校"))


def _private(rng: random.Random) -> str:
    return rng.choice((f"{_name(rng)}学校", f"{_name(rng)}外国语学校", f"{_name(rng)}实验学校", f"{_name(rng)}双语学校"))


def _training(rng: random.Random) -> str:
    return _name(rng) + rng.choice(("教育", "培训学校", "英语", "艺术中心", "托管中心", "舞蹈", "学堂"))


def _date(rng: random.Random) -> str:
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice((f"{month}月{day}日", f"{rng.randint(2018, 2026)}年{month}月{day}日", f"{month}月{day}号"))


def _sum(rng: random.Random) -> str:
    n = rng.randint(2, 98)
    return rng.choice((f"{n * 100}元", f"{n // 3 + 2}万元", f"{n * 50}块", f"{n}00多元"))


_MAKERS: Mapping[str, Callable[[random.Random], str]] = {
    "幼儿园": _kindergarten,
    "小学": _primary,
    "中学": _middle,
    "高中": _senior,
    "职校": _vocational,
    "民办": _private,
    "特校": lambda rng: rng.choice(("县特殊教育学校", f"{_place(rng, '县')}特殊教育学校", "县特校")),
    "县": lambda rng: _place(rng, "县"),
    "市": lambda rng: _place(rng, "市"),
    "区": lambda rng: rng.choice((_place(rng, "区"), _place(rng, "区"), f"{_name(rng)}新区")),
    "街道": lambda rng: f"{_name(rng)}街道",
    "外县": lambda rng: _place(rng, "县"),
    "镇": lambda rng: f"{_name(rng)}{rng.choice('镇镇乡')}",
    "村": lambda rng: f"{_name(rng)}村",
    "小区": lambda rng: _name(rng) + rng.choice(("小区", "花园", "华府", "城", "苑", "家园", "国际")),
    "路": lambda rng: f"{_name(rng)}{rng.choice('路路街')}",
    "机构": _training,
    "大学": lambda rng: rng.choice((f"{_name(rng)}大学", f"{_name(rng)}学院", f"{_name(rng)}职业技术学院")),
    "驾校": lambda rng: f"{_name(rng)}驾校",
    "人": lambda rng: rng.choice(SURNAMES),
    "金额": _sum,
    "数": lambda rng: str(rng.choice((2, 3, 5, 6, 8, 12, 15, 20, 30, 45, 60, 120, 300))),
    "日期": _date,
    "电话": lambda rng: rng.choice(("0731-0000000", "1380000" + str(rng.randint(1000, 9999)))),
}
