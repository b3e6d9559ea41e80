"""Names of schools that no registry knows: found by their last word, their beginning by what cannot be part of a name.

A name is read backwards from its type word: names, places and kinds belong to it; a verb, a person, a function word ends it.
The rules are those of the page on schools: 1 (forms of names), 5 (type words), 6 (bodies that are no schools of ours).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifier.aliases import DIGITS
from classifier.words import tagged

NUMERALS = (*DIGITS, *(f"十{d}" for d in DIGITS[:-1]), "二十")
ENDINGS = (
    "幼儿园", "幼稚园", "小学", "中学", "初中", "高中", "学校", "中心校", "完小", "完中", "附小", "附中", "附幼", "职高", "职中", "职校",
    "职教中心", "职业教育中心", "职业中专", "特校", "教学点", "村小", "镇小", "中心园",
    *(n + t for n in NUMERALS for t in ("中", "小", "幼", "完小", "实小")),
)  # fmt: skip
NUMBERED = re.compile(rf"第?[{DIGITS}]{{1,3}}(?:中学?|小学?|幼(?:儿园)?|完小|实小|实验小学|高中?|初中)$")
NUMBERED_BEHIND = re.compile(rf"[^第]{NUMBERED.pattern}")
# The school that a numbered one or a university has: 二中附小, 师大附中.
ATTACHED = re.compile(rf"(?:[{DIGITS}]{{1,3}}[中小]|[师科工理农医林].?大|大学|学院|中学|小学)附属?(?:[小中]学?|幼(?:儿园)?)$")
BREAK = re.compile(
    r"[^\w·]|\d+[年月日号点分名届级岁班]|\d{3,}|_x000d_|年代|[的了着吗呢吧啊呀嘛让]|(?:幼儿园|小学|中学|学校|附[小中])(?!附|第|分|集团|教育集团)"
)
# What stands before a name and is no part of it: the last of these in the window is where the name can begin at the earliest.
BEFORE = re.compile(
    "如果|关于|部门|政府|教育局|坚决|取缔|发展|广大|反映|举报|投诉|咨询|求助|建议|请求|恳请|希望(?!$)|中考|高考|请问|要求|孩子|小孩|儿子|女儿|子女|学生|老师|"
    "教师|家长|领导|同学|校长|园长|书记|局长|居民|人员|业主|村民|市民|"
    "位于|就读于?|毕业于?|毗邻|紧邻|紧靠|靠近|邻近|临近|就近|距离|附近|周边|周围|旁边|隔壁|对面|分配|分到|"
    "划[分到入为归]|属于|所属|隶属|考[入上取到]|转[到入学至]|进[入到]|入读|报[名读考]|录取|"
    "新建|扩建|改建|修建|建[设成立一造]|创办|开办|举办|停办|计划|拟建|在建|成立|引[进入]|新增|配建|规划|包括|包含|例如|比如|以及|还有|只有|没有|有些|"
    "有的|所有|全部|任何|其[他它中余]|别的|哪[个所些]?|什么|怎么|为何|如何|[多几两]所|[一二两三四五六七八九十几\\d]+所|一[下名位个些]|"
    "去年|今年|明年|前年|近年|目前|现在|已经|可以|应该|必须|因为|由于|通过|经过|根据|按照|当时|之前|以[前后]|之后|后来|[下起]来|"
    "每[年天次个]|多次|名叫|叫做|原名|现名|[改更]名|全[县市区国省镇乡校]|[我本贵你该各某同][县市区镇乡村校]|唯一|很多|许多|不少|部分|"
    "一些|个别|来自|来到|回到|直到|送[到去]|走到|开到|路过|问题|时间|时候|担任|任[教职]|工作|上班|"
    "发生|存在|出现|进行|开展|实施|执行|实行|推行|作为|我们|你们|他们|她们|咱们|自己|大家|一样|好像|不如|[东南西北]起"
)
# Function words and verbs of one character; only where the word cutter leaves them alone, so that 和平, 向阳 and 何家坪 stay whole.
SINGLE = frozenset(
    "和向对如至为有在去读是过得这那某每我你他她它您被把让给从离与或所也都就又很没不无将想能会应称即含送找却但且而并若则"
    "均仅只更最太再还否此者时需使令说讲问听看打交比因到及要等据请回由距除该像好以经后前莫连考升属"
)
ATTENDS = re.compile(r"(?:[上读念升进建入教]|(?<![公民国联合])办|个|[几一两多]所)(?:公[办立]|民办|私立|普惠性?)*$")
# Words that say what kind of school it is; a name needs something besides them.
KIND = re.compile(
    "公办|民办|私立|公立|民营|国办|农村|乡村|山村|城区|城镇|城市|乡镇|县城|城乡|城关|市区|山区|偏远|重点|热门|普通|寄宿制?|"
    "九年一贯制|九年制|九年义务教育|义务教育|义务|初级|高级|完全|普惠性?|惠民|配套|楼盘|优质|名牌|名校|贵族|薄弱|贫困|挂靠|大中专|"
    "[市省县区]属|[市县区省]直|直属|机关|小区|社区|校外|校内|全日制|住宿|走读|私人|标准化|现代化|新型|综合|大型|小型|双语|国际|"
    "艺术|体育|武术|电脑|科技|当地|本地|外地|异地|中小|中等|职业|技术|技能|特殊|教育|高等|成人|美术|音乐|舞蹈|文化|外语|英语|示范性?|"
    "[省市县区]级|集体|合法|非法|无证|正规|专门|专业|希望|实验|中心|学区|对口|村级|片区|地段|合作|所在|主管|有关|相关|各[级类]|分校|"
    "民族|外国语|附设|附属|定点|试点|联办|合办"
)
KIND_SINGLE = frozenset("省市县区镇乡村上下本外内里念入校生个间家同一二三初高中小普新老旧原黑好差大多片升街道城各")
PLACE = re.compile(
    r"(?:[a-z]\d{0,3}(?:省|市|县|区)(?:县|市)?|[\u4e00-\u9fff]{2,3}?(?:省|市|县|区)|[市县区](?=实验|机关|直属|职业|特殊|外国语|"
    r"高级|第))+"
)
CODED_RUN = re.compile(r"(?:[a-z]\d{0,3}(?:省|市|县|区))+")
TOWNED = re.compile(r"[\u4e00-\u9fff]+(?:镇|乡|街道|村|路|街|管理区|开发区|林场|农场|茶场|矿)$")
TOWN_FRONT = re.compile(r"(?![本全各该农乡])[\u4e00-\u9fff]{2,5}?(?:镇|乡|街道|村)(?!级)")
OUR_KIND = re.compile(r"实验|中心|机关|直属|职业|职教|特殊教育|外国语|高级|民族|进修|附[属小中幼]|希望(?=小学|中学|学校)")
# Single words before a name: the former one, the present one, one of a kind.
FRONT_KIND = re.compile("公办|民办|私立|公立|农村|乡镇|重点|普通|名校|城区|[原现老新家个间级名所]")
GOING = frozenset("上读念入进回建办")
GENERIC_END = re.compile("(?:[小城地]区|城乡|配套|[几一][个所家]|中小|大中专|初高|(?<!完)全|[各本外该后前里内时]|楼盘|惠民|热门|所在)$")
NOT_OURS = re.compile(
    r"研发|产业|驾校|驾驶|党校|老年|技工|技校|武校|武术|电脑|烹饪|厨师|美容|培训|辅导|补习|大学(?!附)|学院(?!附)|函授|卫校|军校|警校|技师|"
    r"技术学校$"
)
NAMING = frozenset({"nr", "ns", "nz", "nt", "nrt", "nrfg", "j", "eng", "ng"})
VERB = frozenset({"v", "vd", "vn"})
PHRASE = frozenset({"p", "c", "d", "r", "rr", "rz", "u", "uj", "ul", "uz", "ud", "ug", "uv", "y", "e", "df", "dg", "zg", "mq"}) | VERB
LOOSE = ("学校", "初中", "高中", "幼儿园", "教学点")
OWNER = re.compile("公办|公立|民办|私立|配套|完全(?=小学)|附设")
TYPE_END = re.compile(r"(?:幼儿园|幼稚园|完小|小学|中学|初中|高中|中心校|学校|[中小幼园校])$")
KINDS = {"园": "幼", "幼": "幼", "小": "小", "中": "中", "校": "校"}
LONGEST = 18


def whole(folded: str, start: int, end: int, floor: int) -> int | None:
    """Where the name that ends with the type word [start, end) begins, at `floor` at the earliest; None when it is nobody's name."""
    left = max(floor, start - LONGEST)
    window, stop = folded[left:end], start - left
    begin = _after_cuts(window, stop)
    begin, naming = _after_phrases(window, begin, stop)
    return left + begin if _names_one(window[begin:stop], window[stop:], naming) else None


def fronted(folded: str, start: int, end: int, floor: int) -> int | None:
    """Where a name begins that only ends with what every county has (一中, 中心小学); None when nothing that names stands before it."""
    left = max(floor, start - LONGEST)
    window, stop = folded[left:end], start - left
    begin, naming = _after_phrases(window, _after_cuts(window, stop), stop)
    return left + begin if naming and _own(window[begin:stop]) > 1 and not NOT_OURS.search(window[begin:]) else None


def _own(front: str) -> int:
    """How many characters of a name's beginning are its own rather than words for a kind of school."""
    rest = KIND.sub("", front)
    return 0 if all(c in KIND_SINGLE for c in rest) else len(rest)


def _after_cuts(window: str, stop: int) -> int:
    begin = 0
    for match in BREAK.finditer(window, 0, stop):
        begin = match.end()
    for match in BEFORE.finditer(window, begin, stop):
        begin = match.end()
    for match in CODED_RUN.finditer(window, begin, stop):
        begin = match.start()  # a name begins with its county, whatever verb stands before
    return begin


def _words(window: str, begin: int) -> Iterator[tuple[str, str, int]]:
    """The words from here on, from the last to the first, with their beginnings."""
    position = len(window)
    for word, kind in reversed(list(tagged(window[begin:]))):
        position -= len(word)
        yield word, kind, position


def _after_phrases(window: str, begin: int, stop: int) -> tuple[int, bool]:
    """Walks back over the words before the type word until one that names no thing; says too whether one of them names something."""
    words: list[tuple[int, str]] = []
    single, naming, verb = 0, False, False
    for word, kind, position in _words(window, begin):
        if position >= stop:
            continue
        word, kind = (word, kind) if position + len(word) <= stop else (word[: stop - position], "x")
        alone = len(word) == 1
        if word in SINGLE if alone else kind in PHRASE and not (_kind_word(word) or (not words and kind in VERB)):
            break
        verb = verb or (not alone and kind in VERB and not _kind_word(word))
        words.append((position, word))
        single += alone
        naming = naming or (not alone and kind in NAMING) or single > 1
    while len(words) > 1 and (FRONT_KIND.fullmatch(words[-1][1]) or _going(window, words)):
        words.pop()
    found = words[-1][0] if words else stop
    # Schools are called 解放, 跃进, 摇篮 too; that such a word is no verb (成立小学) a place before it tells.
    return (stop, False) if verb and not PLACE.match(window, found) else (found, naming)


def _going(window: str, words: list[tuple[int, str]]) -> bool:
    """Whether the first word only says that somebody goes there: 我们上明远学校; but 在上柳湾小学, 上柳湾小学."""
    position, word = words[-1]
    before = window[position - 1 : position] if position else ""
    return word in GOING and (word in "入读念" or len(words[-2][1]) > 1) and before.isalnum() and before not in "在到的是于为和与"


def _kind_word(word: str) -> bool:
    return bool(KIND.fullmatch(word)) or word == "进修"


def _names_one(front: str, ending: str, naming: bool) -> bool:
    """Whether a name names one school rather than a kind of school (农村小学, 附近的学校)."""
    name = front + ending
    if not front or name.endswith("中小学") or NOT_OURS.search(name) or ATTENDS.search(front) or GENERIC_END.search(front):
        return False
    if NUMBERED_BEHIND.search(name) or ATTACHED.search(name):
        return True
    place = PLACE.match(front)
    behind = front[place.end() :] if place else front
    rest = _own(behind)
    if OUR_KIND.search(name) and (place or rest > 1):
        return True
    town = TOWN_FRONT.match(behind)
    if (TOWNED.search(front) and rest) or (town and _own(behind[town.end() :])):
        return True
    if town and behind[town.end() :]:
        return False  # of a township only the kind is said: ××镇私立幼儿园
    own = rest > 1 or (bool(place) and rest == 1)
    return own and (naming or bool(place) or ending not in LOOSE)


def kin(one: str, other: str) -> bool:
    """Whether two folded names can be one school's, the longer and the shorter form: 泉湾公办幼儿园 and 泉湾幼儿园."""
    (a, kind), (b, its) = sorted((_stem(one), _stem(other)), key=lambda pair: -len(pair[0]))
    if not _one_kind(kind, its):
        return False
    if _numerals(a) != _numerals(b) or not b or _apart(one, other):
        return False
    if a == b or len(b) < 2:
        return a == b or a.endswith(b)
    return a.endswith(b) or (a[0] == b[0] and _within(b, a))


def _apart(one: str, other: str) -> bool:
    """Whether two names begin with two counties (A7县 and B2县); a city and its county are no two places."""
    places = [match.group() for name in (one, other) if (match := PLACE.match(name))]
    return len(places) == 2 and places[0][-1] == places[1][-1] and not (places[0].endswith(places[1]) or places[1].endswith(places[0]))


def _stem(name: str) -> tuple[str, str]:
    """A name without its places and kind of owner, and the word for what it is (小, 中, 幼, 校)."""
    place = PLACE.match(name)
    rest = name[place.end() :] if place else name
    town = TOWN_FRONT.match(rest)
    rest = OWNER.sub("", rest[town.end() :] if town and len(rest) - town.end() > 2 else rest)
    typed = TYPE_END.search(rest)
    return (rest[: typed.start()], KINDS[typed.group().removesuffix("学")[-1]]) if typed else (rest, "")


def _one_kind(kind: str, its: str) -> bool:
    return kind == its or "" in (kind, its) or ("校" in (kind, its) and "幼" not in (kind, its))


def _numerals(stem: str) -> list[str]:
    return re.findall(rf"[{DIGITS}\d]+", stem)


def _within(short: str, long: str) -> bool:
    """Whether the characters of the one stand in the other in their order."""
    left = iter(long)
    return all(c in left for c in short)
