"""Where a short school name is none: 一中 in 十一中, 一中午, 统一中; and where a name is only a place: ××中学旁.

Rules 2 (boundaries) and 6 (a place reference is not a subject) of the page on schools.
"""

from __future__ import annotations

import re

from classifier.words import cutter

NUMERAL = "一二三四五六七八九十百千零〇两0123456789"
LEADS = re.compile(rf"[{NUMERAL}第]")
BEFORE_NUMERAL = re.compile(rf"[{NUMERAL}第统唯同万之某每这那其划初高专逐进单惟归合]")
CLASS_YEAR = re.compile(r"[高初][一二三]$")  # 高三一中 says both
AFTER = {
    "中": re.compile(r"[午等心间旬央国年部途性文药医场标介转枪毒专层级式华断期]|学(?!生|校|子)|全会|附[小中幼属设]"),
    "小": re.compile(r"[时区组段伙口店镇队姐型心巷户事步块部点片包瓶把碗孩]|学(?!生)"),
    "幼": re.compile(r"[儿小年师教童]"),
    "高": re.compile(r"[级层楼峰三二一中等考]"),
}
# Typed words that a longer word or another body continues.
AFTER_TYPED = re.compile(
    r"^(?:生(?!产|活|源|命|病)|附[属设小中幼]|路(?!段|口|边|上|面|况)|街(?!道)|站(?!在|了|出|着|岗)|"
    r"文化(?!程度|课|节))"
)
AFTER_BARE = re.compile(r"^教育(?!局|集团|部门|主管|管理|质量|教学|收费|资源|厅|和|问题)")
TYPED = re.compile(r"(?:小学|中学|学校|幼儿园|中心校)$")
SHORT = re.compile(r"^[实机][中小幼]$")
LANDMARK_AFTER = re.compile(
    r"^(?:(?:的|正|斜|东|西|南|北|大)?(?:旁边|旁|对面|附近|隔壁|边上|后面|前面|周边|公交站|地铁站|站台|东侧|西侧|"
    r"南侧|北侧|十字路口|路口|旧址|老校址)|(?:东|西|南|北)(?:面|边|侧)|到(?!校|底|期|了|现|今|处|场|达|位|账|"
    r"办)[\u4e00-\u9fff]{2,8}(?:路段|段|公路|道路)|挂靠)"
)
# 附近 and the like after which the school is the subject after all (its own gate, its own pupils).
SUBJECT_AFTER = re.compile(r"^(?:旁边|旁|对面|附近|周边)的?(?:学生|家长|孩子|同学|摊贩.{0,8}学生)")
LANDMARK_BEFORE = re.compile(
    r"(?:靠近|紧邻|毗邻|紧挨|邻近|临近|距离?|(?:对面|旁边|隔壁)就?是|路过|途经|途径|经过|[东西南北][起至临靠]|"
    r"(?:周边|周围)(?:还|又|都)?有(?:\w{2,12}[、和])*)$"
)
# A school that another is measured by: 不能像××中学, 学习××中学的办法.
COMPARED_BEFORE = re.compile(r"(?:(?<!好)像|不如|比不上|学习|效仿|仿照|参照|借鉴|堪比)$")
# 离××小学更近, 到××小学五百米: how far a home is, not what is wrong.
FAR_BEFORE = re.compile(r"(?:离|离着|到)$")
FAR_AFTER = re.compile(rf"^.{{0,3}}(?:更近|最近|很近|不远|较近|近些|[{NUMERAL}多几]+(?:米|公里|里路|分钟))")
# Works of the town at a school's gate: the school is to blame for none of them, unless its pupils are what it is about.
AT_GATE = re.compile(
    r"^(?:学校)?(?:大门|校门|正门|后门|侧门|[东南西北]门|门)(?:口|外|前)?的?.{0,6}?(?:公交|站牌|站台|路灯|红绿灯|信号灯|"
    r"井盖|下水|污水|公路|马路|道路|路面|路段|人行道|天桥|工地|施工|修路|挖路|水管|电缆|垃圾站|停车位)"
)
PUPILS = re.compile(r"学生|孩子|小孩|家长|师生|接送|上下?学|放学")
STOP = re.compile(r"[。！？!?；;\n]")

SELLING = re.compile(r"首付|均价|售楼处|拎包入住|户型图|出售|出租|房源|急售|看房|低首付|认筹")

GOODS = re.compile(
    r"出售|转让|闲置|二手|自提|[七八九]成新|低价|包邮|求购|求租|急[售转]|面交|可看|看房|面议|出租|可小刀|有意.{0,3}(?:联系|私信)|"
    r"(?:联系|致电|微信|私聊).{0,4}\d{5}"
)
NO_SALE = re.compile(r"投诉|反映|举报|希望|强制|要求|家长|建议|承包|请问|违规|是否")
LONGEST_SALE = 200


def stands_alone(folded: str, start: int, end: int, name: str) -> bool:
    """Whether a name found at [start, end) is not a piece of another word."""
    if LEADS.match(name) and start and BEFORE_NUMERAL.match(folded[start - 1]) and not CLASS_YEAR.match(folded[max(0, start - 2) : start]):
        return False
    if start and folded[start - 1] == "第" and not name.startswith("第"):
        return False
    follow = AFTER.get(name[-1])
    if follow and follow.match(folded, end):
        return False
    after = folded[end : end + 8]
    if AFTER_TYPED.match(after) or (not TYPED.search(name) and AFTER_BARE.match(after)):
        return False
    return not SHORT.match(name) or _starts_word(folded, start)


def _starts_word(folded: str, start: int) -> bool:
    """Whether a word begins here: 实中 does not in 落实中."""
    position = max(0, start - 4)
    for word in cutter().cut(folded[position : start + 4]):
        if position >= start:
            return position == start
        position += len(word)
    return False


def is_landmark(folded: str, start: int, end: int) -> bool:
    """Whether the school at [start, end) only says where something is (地标, 不是涉事主体)."""
    after, before = folded[end : end + 16], folded[max(0, start - 30) : start]
    if LANDMARK_AFTER.match(after) and not SUBJECT_AFTER.match(after):
        return True
    if LANDMARK_BEFORE.search(before) or COMPARED_BEFORE.search(before) or (FAR_BEFORE.search(before) and FAR_AFTER.match(after)):
        return True
    return bool(AT_GATE.match(after)) and not PUPILS.search(_sentence(folded, start, end))


def _sentence(folded: str, start: int, end: int) -> str:
    """The sentence around [start, end)."""
    begin = max((m.end() for m in STOP.finditer(folded, max(0, start - 100), start)), default=max(0, start - 100))
    stop = STOP.search(folded, end, end + 100)
    return folded[begin : stop.start() if stop else end + 100]


def sells(folded: str) -> bool:
    """Whether a text advertises homes, so that its schools are bait (学区房广告), or goods of one's own (二手), where they say where."""
    head = folded[:2000]
    if "学区" in head and len(set(SELLING.findall(head))) >= 2:
        return True
    return len(folded) <= LONGEST_SALE and len(set(GOODS.findall(folded))) >= 2 and not NO_SALE.search(folded)
