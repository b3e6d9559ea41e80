"""Names of schools that no registry knows: found by their last word, their beginning by what cannot be part of a name."""

from __future__ import annotations

import re

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
BREAK = re.compile(r"[^\w·]|\d+[年月日号点分名届级岁班]|\d{3,}")
# What stands before a name and is no part of it: the last of these in the window is where the name can begin at the earliest.
BEFORE = re.compile(
    "关于|反映|举报|投诉|咨询|求助|建议|请求|恳请|希望(?!小学|学校|中学)|请问|要求|孩子|小孩|儿子|女儿|学生|老师|"
    "教师|家长|领导|同学|校长|园长|书记|局长|"
    "位于|就读于?|毕业于?|毗邻|紧邻|紧靠|靠近|邻近|临近|距离|附近|周边|周围|旁边|隔壁|对面|分配|分到|"
    "划[分到入为归]|属于|所属|隶属|考[入上取到]|转[到入学至]|进[入到]|入读|报[名读考]|录取|"
    "新建|扩建|改建|修建|建[设成立一造]|创办|开办|举办|成立|引[进入]|新增|配建|规划|包括|包含|例如|比如|以及|还有|只有|没有|有些|有的|"
    "所有|全部|任何|其[他它中余]|别的|哪[个所些]?|什么|怎么|为何|如何|多所|几所|[一二两三四五六七八九十几\\d]+所|"
    "去年|今年|明年|前年|目前|现在|已经|可以|应该|必须|因为|由于|通过|经过|根据|按照|当时|之前|以后|之后|后来|每[年天次个]|多次|"
    "名叫|叫做|全[县市区国省镇乡校]|[我本贵你该各某同][县市区镇乡村校]|唯一|很多|许多|不少|部分|一些|个别|来自|"
    "来到|送[到去]|走到|开到|路过|问题|时间|时候|担任|任[教职]|工作|上班|"
    "发生|存在|出现|进行|开展|实施|执行|实行|推行|作为|我们|你们|他们|她们|咱们|自己|大家|"
    "和(?!平|谐|睦|顺|兴|美)|向(?!阳|东|荣|上|明|群)|对(?!面)|如(?!意)|至(?!善|德|诚)|为(?!民)|有(?!志|为)|"
    "[在去读是的了着过得这那某每我你他她它您被把让给从离与或所也都就又很没不无将想能会应称即含送找却但且而并若则"
    "均仅只更最太再还何否此者时嘛呢吗吧啊呀需使令说讲问听看打交比因到及要等据]"
)
ATTENDS = re.compile(r"[上读念升进办建]$")
KIND = re.compile(
    "公办|民办|私立|公立|农村|乡村|城区|城镇|城市|乡镇|县城|城乡|山区|偏远|重点|普通|寄宿制?|九年一贯制|九年制|"
    "九年义务教育|义务教育|义务|初级|高级|完全|普惠性?|普惠|配套|优质|名牌|名校|薄弱|贫困|"
    "市属|省属|县属|区属|市直|县直|区直|国办|小区|社区|校外|校内|全日制|住宿|走读|私人|标准化|现代化|"
    "新型|综合|大型|小型|双语|国际|艺术|体育|武术|当地|本地|外地|异地|原|"
    "中小|中等|职业|技术|技能|特殊|教育|高等|成人|美术|音乐|舞蹈|文化|外语|英语|示范性?|[省市县区]级|集体|合法|"
    "非法|无证|黑|正规|专门|专业|希望|实验|中心|学区|对口|村级?|片区|地段|合作|"
    "[省市县区镇乡上下本外内里念入校生个间家同一二三初高中小普新老旧好差大多片升街道]"
)
PLACE = re.compile(
    r"(?:[a-z]\d{0,3}(?:省|市|县|区)|[\u4e00-\u9fff]{2,3}?(?:省|市|县|区)|[市县区](?=实验|机关|直属|职业|特殊|外国语|"
    r"高级|第))+"
)
TOWNED = re.compile(r"[\u4e00-\u9fff]+(?:镇|乡|街道|村|路|街|管理区|开发区|林场|农场|茶场|矿)$")
OUR_KIND = re.compile(r"实验|中心|机关|直属|职业|职教|特殊教育|外国语|高级|民族|进修|附[属小中幼]")
FRONT_KIND = re.compile("公办|民办|私立|公立|农村|乡镇|重点|普通|原|老|新|名校|家|个|间|级")
NOT_OURS = re.compile(
    r"驾校|驾驶|党校|老年|技工|技校|武校|武术|电脑|烹饪|厨师|美容|培训|辅导|补习|大学|学院|函授|卫校|军校|警校|技师|"
    r"技术学校$"
)
NAMING = frozenset({"nr", "ns", "nz", "nt", "nrt", "nrfg", "j", "eng", "ng"})
PHRASE = frozenset({"v", "vd", "p", "c", "d", "r", "rr", "rz", "u", "uj", "ul", "uz", "ud", "ug", "uv", "y", "e", "df", "dg", "zg", "mq"})
LOOSE = ("学校", "初中", "高中", "幼儿园", "教学点")
LONGEST = 14


def whole(folded: str, start: int, end: int, floor: int) -> int | None:
    """Where the name that ends with the type word [start, end) begins, at `floor` at the earliest; None when it is nobody's name."""
    left = max(floor, start - LONGEST)
    window, stop = folded[left:end], start - left
    begin = _after_cuts(window, stop)
    begin, naming = _after_phrases(window, begin, stop)
    while (match := FRONT_KIND.match(window, begin, stop)) and match.end() < stop:
        begin = match.end()
    return left + begin if _names_one(window[begin:stop], window[stop:], naming) else None


def _after_cuts(window: str, stop: int) -> int:
    begin = 0
    for match in BREAK.finditer(window, 0, stop):
        begin = match.end()
    for match in BEFORE.finditer(window, begin, stop):
        begin = match.end()
    return begin


def _after_phrases(window: str, begin: int, stop: int) -> tuple[int, bool]:
    """Walks back over the words before the type word until one that names no thing; says too whether one of them names something."""
    position, found, single, naming = len(window), stop, 0, False
    for word, kind in reversed(list(tagged(window[begin:]))):
        position -= len(word)
        if position < stop and len(word) > 1 and kind in PHRASE:
            break
        found = min(found, max(position, begin))
        single += len(word) == 1 and position < stop
        naming = naming or (position < stop and len(word) > 1 and kind in NAMING) or single > 1
    return found, naming


def _names_one(front: str, ending: str, naming: bool) -> bool:
    """Whether a name names one school rather than a kind of school (农村小学, 附近的学校)."""
    name = front + ending
    if not front or NOT_OURS.search(name) or ATTENDS.search(front):
        return False
    if NUMBERED_BEHIND.search(name):
        return True
    place = PLACE.match(front)
    rest = KIND.sub("", front[place.end() :] if place else front)
    if OUR_KIND.search(name) and (place or len(rest) > 1):
        return True
    if TOWNED.search(front) and rest:
        return True
    own = len(rest) > 1 or (bool(place) and len(rest) == 1)
    return own and (naming or ending not in LOOSE) and not re.search("小区|配套$", front)
