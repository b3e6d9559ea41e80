"""Where a short school name is none: 一中 in 十一中, 一中午, 统一中; and where a name is only a place: ××中学旁."""

from __future__ import annotations

import re

NUMERAL = "一二三四五六七八九十百千零〇两0123456789"
LEADS = re.compile(rf"[{NUMERAL}第]")
BEFORE_NUMERAL = re.compile(rf"[{NUMERAL}第统唯同万之某每这那其划初高专逐进单惟归合]")
AFTER = {
    "中": re.compile(r"[午等心间旬央国年部途性文药医场标介转枪毒专层级式华断期]|学(?!生)|全会"),
    "小": re.compile(r"[时区组段伙口店镇队姐型心巷户事步块部点片包瓶把碗孩]|学(?!生)"),
    "幼": re.compile(r"[儿小年师教童]"),
    "高": re.compile(r"[级层楼峰三二一中等考]"),
}
# Typed words that a longer word or another body continues.
AFTER_TYPED = re.compile(
    r"^(?:生(?!产|活|源|命|病)|附属|附设|路(?!段|口|边|上|面|况)|街(?!道)|站(?!在|了|出|着|岗)|教育(?!局|集团|部门|"
    r"主管|管理|质量|教学|收费|资源|厅|和|问题)|文化(?!程度|课|节))"
)
LANDMARK_AFTER = re.compile(

        r"^(?:(?:的|正|斜|东|西|南|北|大)?(?:旁边|旁|对面|附近|隔壁|边上|后面|前面|周边|公交站|地铁站|站台|东侧|西侧|"
        r"南侧|北侧|十字路口|路口|旧址|老校址)|(?:东|西|南|北)(?:面|边|侧)|到(?!校|底|期|了|现|今|处|场|达|位|账|"
        r"办)[\u4e00-\u9fff]{2,8}(?:路段|段|公路|道路))"

)
# 附近 and the like after which the school is the subject after all (its own gate, its own pupils).
SUBJECT_AFTER = re.compile(r"^(?:旁边|旁|对面|附近|周边)的?(?:学生|家长|孩子|同学|摊贩.{0,8}学生)")
LANDMARK_BEFORE = re.compile(r"(?:靠近|紧邻|毗邻|紧挨|邻近|临近|距离?|对面是|旁边是|隔壁是|路过|途经|经过)$")
SELLING = re.compile(r"首付|均价|售楼处|拎包入住|户型图|出售|出租|房源|急售|看房|低首付|认筹")

GOODS = re.compile(
    r"出售|转让|闲置|二手|自提|[七八九]成新|低价|包邮|求购|求租|急[售转]|面交|可看|看房|面议|出租|可小刀|有意.{0,3}(?:联系|私信)|"
    r"(?:联系|致电|微信|私聊).{0,4}\d{5}"
)
NO_SALE = re.compile(r"投诉|反映|举报|希望|强制|要求|家长|建议|承包|请问|违规|是否")
LONGEST_SALE = 200


def stands_alone(folded: str, start: int, end: int, name: str) -> bool:
    """Whether a name found at [start, end) is not a piece of another word."""
    if LEADS.match(name) and start and BEFORE_NUMERAL.match(folded[start - 1]):
        return False
    if start and folded[start - 1] == "第" and not name.startswith("第"):
        return False
    follow = AFTER.get(name[-1])
    if follow and follow.match(folded, end):
        return False
    return not AFTER_TYPED.match(folded[end : end + 8])


def is_landmark(folded: str, start: int, end: int) -> bool:
    """Whether the school at [start, end) only says where something is (地标, 不是涉事主体)."""
    after = folded[end : end + 16]
    if LANDMARK_AFTER.match(after) and not SUBJECT_AFTER.match(after):
        return True
    return bool(LANDMARK_BEFORE.search(folded[max(0, start - 4) : start]))


def sells(folded: str) -> bool:
    """Whether a text advertises homes, so that its schools are bait (学区房广告), or goods of one's own (二手), where they say where."""
    if len(set(SELLING.findall(folded[:2000]))) >= 2 and "学区" in folded[:2000]:
        return True
    return len(folded) <= LONGEST_SALE and len(set(GOODS.findall(folded))) >= 2 and not NO_SALE.search(folded)
