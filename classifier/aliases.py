"""The names people use for a school, derived by rule from its full name and then from what the registry declares.

Rules 1 and 7 of the page on schools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from classifier.words import fold
from config.schema.registry import School


class Strength(IntEnum):
    """How much a name says by itself."""

    AMBIGUOUS = 1  # declared 歧义别名 without a type word: a place or a person as well
    PART = 2  # the end of a longer name: 云栖学校 of 北岭云栖学校
    BARE = 3  # 一中, 实验小学: every county has one
    TOWN = 4  # 中心小学: every township has one
    LOCAL = 5  # 育才小学: a name of its own
    FULL = 6  # says its county or its township


@dataclass(frozen=True, slots=True)
class Alias:
    """One folded name of one school (`school` is its position in the registry)."""

    text: str
    school: int
    strength: Strength


@dataclass(frozen=True, slots=True)
class NameParts:
    """A folded full name, taken apart. `counties` are the place names before the township, the nearest last."""

    counties: tuple[str, ...]
    town: str
    core: str

    @property
    def county(self) -> str:
        """The county, district or city that the name begins with."""
        return self.counties[-1] if self.counties else ""


DIGITS = "一二三四五六七八九十"
NUMERAL = rf"(?:[{DIGITS}]{{1,3}}|\d{{1,2}})"
TYPES = (
    "职业教育中心|职业中等专业学校|中等职业学校|特殊教育学校|外国语实验学校|外国语学校|实验学校|初级中学|高级中学|完全中学|完全小学|中心小学|中心学校|"
    "中心幼儿园|附设幼儿园|实验小学|实验中学|实验幼儿园|机关幼儿园|职业中专|职业高中|中学|小学|幼儿园|学校|中心校|教学点|附小|附中|二小|高中|初中"
)
TYPED = re.compile(rf"(?:{TYPES})$")
TYPE_WORD = re.compile(r"中学|小学|幼儿园|学校|教学点|中心校|高中|初中|附小|附中|[中小幼]$|校$|园$")
CODED = re.compile(r"(?:[a-z]\d{0,3}(?:省|市|县|区))")
NAMED = re.compile(r"[\u4e00-\u9fff]{2,3}?(?:自治县|县|市|省|区|旗)")
ZONE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:管理区|开发区|新区|林区)")
TOWN = re.compile(r"[\u4e00-\u9fff]{1,4}?(?:镇|乡|街道|办事处)")
GENERIC = re.compile(
    rf"第|{NUMERAL}|实验|中心|机关|直属|县直|区直|市直|职业教育|职业|特殊教育|外国语|高级|初级|完全|民族|附设|附属|职教|中等|专业|{TYPES}|中|小|校|园"
)
CAMPUS = re.compile(r"^(.+?(?:中学|小学|学校|幼儿园|附[小中]))\(?([\u4e00-\u9fff]{1,6})(校区|分校|分园|园区)$")
CAMPUS_END = re.compile(r"(?:校区|分校|分园|园区)$")
CAMPUS_WORDS = {"校区": ("校区", "分校"), "分校": ("分校", "校区"), "分园": ("分园", "园区"), "园区": ("园区", "分园")}
GROUP = re.compile(r"^([\u4e00-\u9fff]{2,6}?)(?:教育)?集团([\u4e00-\u9fff]{3,})$")
ATTACHED = re.compile(r"附[属设](小学|中学|幼儿园)")
UNIVERSITY = re.compile(r"^(?:[\u4e00-\u9fff]{0,3}(师范)|([\u4e00-\u9fff]{2,4}))大学(?=附)")
# Words that people leave out of a name, or put into it, before its type word.
LEFT_OUT = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:公办|公立|民办|国际|双语|艺术|实验|科技)(?=(?:小学|中学|学校|幼儿园)$)")
OWNED = ("公办", "公立", "民办", "配套", "小区", "小区配套", "小区公办")
OTHER_GENERIC = re.compile(r"^(?:.?(?:国际|双语|艺术|电脑|科技|公园|花园|小区|集团|公办|民办)|[的路区镇乡村县市])")
PUT_IN = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?=幼儿园$)")
NUMBERED = re.compile(rf"^(.*?)第({NUMERAL})(实验|民族)?(中学|小学|幼儿园|初级中学|高级中学|完全小学|高中|初中)$")
SHORT_TYPE = {"中学": "中", "小学": "小", "幼儿园": "幼", "初级中学": "初", "高级中学": "高", "完全小学": "小", "高中": "高", "初中": "初"}
ENDINGS = (
    ("中心小学", ("中心校", "中心完小", "中心学校")),
    ("中心学校", ("中心校", "学校")),
    ("中心幼儿园", ("中心园", "中心幼")),
    ("附属小学", ("附小",)),
    ("附属中学", ("附中",)),
    ("附属幼儿园", ("附幼",)),
    ("实验小学", ("实小", "实验小")),
    ("实验中学", ("实验中", "实中")),
    ("实验幼儿园", ("实验幼", "实幼")),
    ("机关幼儿园", ("机关幼", "机幼")),
    ("职业教育中心", ("职教中心", "职高", "职中", "职校")),
    ("职业中等专业学校", ("职业中专", "职专", "职高", "职中", "职校")),
    ("职业中专", ("职专", "职高", "职中", "职校", "职业中等专业学校")),
    ("职业技术学校", ("职业学校", "职校", "职高", "职中")),
    ("中等专业学校", ("中专",)),
    ("中等职业学校", ("职高", "职中", "职校")),
    ("特殊教育学校", ("特校", "特教学校", "特殊学校")),
    ("外国语学校", ("外国语", "外国语中学", "外校")),
    ("初级中学", ("初中", "中学")),
    ("高级中学", ("高中", "中学")),
    ("完全中学", ("完中", "中学")),
    ("完全小学", ("完小", "小学")),
    ("附设幼儿园", ("附属幼儿园", "附设园", "附幼")),
    ("教学点", ("小学", "村小")),
)
# Words for a kind of school, which no school has for itself.
NOBODYS = re.compile(
    r"^(?:[省市县区]?(?:中学|小学|学校|幼儿园|教学点|村小|外国语|外校|附设园|附幼|附[小中])|[高初]中|职[高中校专]|"
    r"职业(?:技术学校|学校|中专|高中|中学)|中专)$"
)


def parts(full: str, places: Sequence[str]) -> NameParts:
    """Takes a folded name apart; `places` are the bureau's own places, the whole ones before their short forms."""
    rest = full
    counties: list[str] = []
    while place := _county(rest, places, bool(counties)):
        counties.append(place)
        rest = rest[len(place) :]
    town = TOWN.match(rest)
    if town and len(rest) - town.end() > 1:
        return NameParts(tuple(counties), town.group(), rest[town.end() :])
    return NameParts(tuple(counties), "", rest)


def _county(rest: str, places: Sequence[str], below: bool) -> str:
    found = next((p for p in places if rest.startswith(p)), "")
    if not found:
        match = CODED.match(rest) or ZONE.match(rest) or (None if below else NAMED.match(rest))
        found = match.group() if match else ""
    return found if len(rest) - len(found) > 1 else ""


def short(place: str) -> str:
    """A place without its class: 清源县 → 清源, 柳河镇 → 柳河; a coded place has none."""
    bare = re.sub(r"(?:自治县|管理区|街道|办事处|县|市|区|镇|乡|省|旗)$", "", place)
    return bare if len(bare) > 1 and not CODED.match(place) else place


def distinctive(core: str) -> bool:
    """Whether a name without its place still has something of its own."""
    return len(GENERIC.sub("", core)) > 1


def variants(core: str) -> set[str]:
    """The forms that one core name takes: 第二实验小学 → 实验二小, 二实小 …"""
    campus = CAMPUS.match(core)
    if campus:
        bases = {*variants(campus[1]), *([stem] if len(stem := TYPED.sub("", campus[1])) > 1 else [])}
        forms = {base + campus[2] + word for base in bases for word in CAMPUS_WORDS[campus[3]]}
        return {core} | forms
    group = GROUP.match(core)
    if group:
        return {core, f"{group[1]}集团{group[2]}"} | {first + form for form in variants(group[2]) for first in ("", group[1])}
    numbered = NUMBERED.match(core)
    if numbered:
        return {core} | set(_numbered(*numbered.groups(default="")))
    return {core} | _attached(core) | _typed(core) | _looser(core)


def _typed(core: str) -> set[str]:
    """With other words for what it is: 职业教育中心 → 职教中心, 职高."""
    for ending, others in ENDINGS:
        if core.endswith(ending):
            return {core[: -len(ending)] + other for other in others}
    return set()


def _attached(core: str) -> set[str]:
    """师范大学附属小学 → 师范大学附小, 师大附小; 第二中学附属小学 → 二中附小."""
    found = ATTACHED.search(core)
    if not found or not found.start():
        return set()
    owner, rest = core[: found.start()], core[found.end() :]
    numbered = NUMBERED.match(owner)
    owners = {owner} | (set(_numbered(*numbered.groups(default=""))) if numbered else set())
    university = UNIVERSITY.match(core)
    owners |= {owner.replace("师范大学", "师大"), "师大"} if university and university[1] else set()
    owners |= {owner.replace("大学", "大")} if university else set()
    short_type = {"小学": "小", "中学": "中", "幼儿园": "幼"}[found[1]]
    return {f"{o}{a}{rest}" for o in owners for a in (f"附{short_type}", f"附属{found[1]}", f"附属{short_type}")}


def _looser(core: str) -> set[str]:
    """Without 国际, 双语, 实验 and the like, and with 公办 or 公立 in it, where the name has something of its own besides."""
    without = LEFT_OUT.sub("", core)
    forms = {form for form in (without,) if form != core and distinctive(form)}
    return forms | {PUT_IN.sub(word, form, count=1) for form in (core, *forms) if distinctive(form) for word in OWNED}


def _numbered(prefix: str, numeral: str, middle: str, kind: str) -> Iterator[str]:
    for n in _numerals(numeral):
        tail = SHORT_TYPE[kind]
        tails = {tail, f"{tail}中"} if tail in "高初" else {tail}
        yield f"{prefix}第{n}{middle}{kind}"
        for t in tails:
            yield from (f"{prefix}{n}{middle}{t}", f"{prefix}第{n}{middle}{t}")
        yield f"{prefix}{n}{middle}{kind}"
        if len(prefix) > 1 and len(tail) == 1:
            yield f"{prefix[0]}{n}{tail}"  # 青石第二小学 → 青二小
        if middle == "实验":
            yield from (f"{prefix}实验{n}{tail}", f"{prefix}实验第{n}{kind}", f"{prefix}{n}实{tail}", f"{prefix}第{n}实{tail}")


def _numerals(numeral: str) -> list[str]:
    """Both ways of writing a number up to twenty or so: 十一 and 11."""
    if numeral.isdigit():
        return [numeral, chinese(int(numeral))]
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        value = (DIGITS.index(tens) + 1 if tens else 1) * 10 + (DIGITS.index(ones) + 1 if ones else 0)
    else:
        value = DIGITS.index(numeral) + 1
    return [numeral, str(value)]


def chinese(n: int) -> str:
    """A number below a hundred in Chinese: 11 → 十一."""
    if n <= 10:
        return DIGITS[n - 1] if n else "〇"
    tens, ones = divmod(n, 10)
    return (DIGITS[tens - 1] if tens > 1 else "") + "十" + (DIGITS[ones - 1] if ones else "")


def derive(school: School, position: int, places: Sequence[str]) -> set[Alias]:
    """Every name by which this school is known."""
    names = [school.name, *(f.name for f in school.former)]
    found = {a for name in names for a in _of_name(fold(name), school, position, places)}
    for name in (school.short, *school.aliases):
        if name:
            found |= _declared(fold(name), position, places)
    for name in map(fold, school.ambiguous):
        strength = Strength.BARE if TYPE_WORD.search(name) else Strength.AMBIGUOUS
        found = {a for a in found if a.text != name} | {Alias(name, position, strength)}
    bare = re.compile(rf"^[省市县区]{re.escape(parts(fold(school.name), places).core)}$")
    return {a for a in found if len(a.text) > 1 and (bare.match(a.text) or not NOBODYS.match(a.text))}


def _declared(name: str, position: int, places: Sequence[str]) -> set[Alias]:
    cut = parts(name, places)
    if cut.counties or cut.town:
        return {Alias(name, position, Strength.FULL)}
    return {Alias(form, position, Strength.LOCAL if distinctive(name) else Strength.BARE) for form in variants(name)}


def _of_name(full: str, school: School, position: int, places: Sequence[str]) -> Iterator[Alias]:
    whole, _, inner = full.rstrip(")").partition("(")
    if CAMPUS_END.search(inner):
        yield from _of_name(whole + inner, school, position, places)
        return
    yield Alias(whole, position, Strength.FULL)
    if TYPED.search(inner):
        yield Alias(inner, position, Strength.BARE)
    cut = parts(whole, places)
    town = cut.town or (fold(school.township) if not distinctive(cut.core) and cut.core.startswith("中心") else "")
    forms = variants(cut.core) | _senior(cut.core, school)
    for form in forms:
        yield from _placed(form, cut, town, position)
    yield from (Alias(tail, position, Strength.PART) for tail in _tails(cut.core) if tail not in forms)
    if town and cut.core == "中心小学":
        yield from (Alias(f"{t}小", position, Strength.FULL) for t in {town, f"{short(town)}镇"})
    if town and cut.core == "初级中学":
        yield Alias(f"{town}中", position, Strength.FULL)


def _tails(core: str) -> Iterator[str]:
    """The ends of a long name that people use alone: brand and group names of two or three characters stand before them."""
    typed = TYPED.search(core)
    stem = core[: typed.start()] if typed else ""
    for length in (2, 3):
        if len(stem) >= length + 2 and typed and distinctive(stem[length:]) and not OTHER_GENERIC.search(core[length:]):
            yield core[length:]


def _senior(core: str, school: School) -> set[str]:
    """县第一中学 that is a senior school is also 一高."""
    numbered = NUMBERED.match(core)
    if numbered and numbered[4] == "中学" and not numbered[3] and "高" in school.stage:
        return {f"{numbered[1]}{n}高" for n in _numerals(numbered[2])}
    return set()


def _placed(form: str, cut: NameParts, town: str, position: int) -> Iterator[Alias]:
    """A form alone, behind its township, behind its county, and behind the county's class word (县一中)."""
    own = distinctive(form) and bool(TYPE_WORD.search(form))
    alone = Strength.LOCAL if own else Strength.TOWN if town else Strength.BARE
    if len(form) > 1:
        yield Alias(form, position, alone)
    towns = {town, short(town)} if town else set()
    for t in towns:
        yield Alias(t + form, position, Strength.FULL)
    for county in {c for whole in cut.counties for c in (whole, short(whole))}:
        yield from (Alias(county + t + form, position, Strength.FULL) for t in {"", *towns} if t or not town or own)
    if cut.county and not town:
        yield Alias(cut.county[-1] + form, position, Strength.LOCAL if own else Strength.BARE)
