"""Misconduct (违规违纪行为) by the words that tell of it, kind by kind; a poor service or a condition is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.domain.terms import Term


class Misconduct(Term):
    """What somebody is said to have done."""

    ABUSE = "abuse", "侵害学生"
    VIOLENCE = "violence", "体罚辱骂"
    TUTORING = "tutoring", "有偿补课"
    GIFTS = "gifts", "索要收受财物"
    FUNDS = "funds", "侵占挪用钱款"
    FORGERY = "forgery", "弄虚作假"
    FAVOUR = "favour", "徇私照顾"
    SELLING = "selling", "强制推销牟利"
    RULES = "rules", "违规招生收费办学"
    CONDUCT = "conduct", "作风不正"
    NEGLECT = "neglect", "失职包庇"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of misconduct with its place in the folded text."""

    kind: Misconduct
    start: int
    end: int


DEEDS = {
    Misconduct.ABUSE: (
        r"猥亵|性侵|摸(?:了)?(?:女生|女孩|女学生|学生|胸|屁股|大腿)|伸进.{0,4}(?:衣|裤|裙)|骚扰|乱摸|侵害|不轨|虐待|"
        r"针(?:扎|眼)|搂抱|动手动脚|手放干净"
    ),
    Misconduct.VIOLENCE: (
        r"体罚|打(?:骂|了(?=[^,，。]{0,8}(?:孩子|学生|儿子|女儿|[他她我](?!电)|巴掌|耳光|手心|头|脸|屁股|一顿))|学生|孩子|人(?!家|数))|"
        r"辱骂|骂(?:学生|孩子)|(?<![风吊电])扇(?!形|贝)|掐|踢(?!皮球|足球|球)|侮辱|罚[站跪跑蹲]|互相打|关在|打手心|抽打|爆粗|骂人"
    ),
    Misconduct.TUTORING: (
        r"有偿补课|办(?:补习)?班收费|在外(?:面)?(?:机构)?(?:补课|办班|挂职|兼职|讲课)|(?:组织|强制|要求)学生.{0,10}(?:补课|补习)|开办.{0,6}补习|"
        r"家[里中].{0,4}(?:办班|补课|上课)|租房(?:开班)?补课|违规(?:有偿)?补[课习]|开(?:办)?补习班|办(?:培训|辅导|补习)班|变相(?:学科)?培训"
    ),
    Misconduct.GIFTS: (
        r"受贿|行贿|回扣|索[要贿]|收(?:受|贿|了?(?:钱|礼|红包|好处|贿))|红包|好处费|送礼|礼金|吃请|拿提成|抽成|提成|入干股|返[点给成现]|"
        r"敛财|勒索|(?:收|拿|索|开口|张口)(?:了|过|就是|就要)?(?:我|人家|家长)?[一二三四五六七八九十两几\d]{1,3}万|要好处|打点|信封|购物卡"
    ),
    Misconduct.FUNDS: (
        r"贪污|克扣|截留|套取|冒领|挪用|侵占|侵吞|私吞|中饱|小金库|公车私用|公款|吃喝|报销|倒卖|利益输送|围标|串标|陪标|贪腐|腐败|私分|"
        r"吃空饷|挂名领|长期不上班|在编不在岗|旷工"
    ),
    Misconduct.FORGERY: (
        r"假(?:发票|合同|材料|证|条子|档案|学籍|公示)|虚报|虚列|造假|弄虚作假|伪造|篡改|作弊|泄露|泄题|顶替|空挂学籍|欺骗|冒充|翻新|舞弊|"
        r"非正规渠道|没有检疫"
    ),
    Misconduct.FAVOUR: (
        r"偏袒|卖(?:名额|编制|岗位|官|职称|指标)|优亲厚友|任人唯亲|打招呼|走后门|徇私|以权谋私|权钱|关系户|卖学[位籍]|暗箱|黑幕|内定|递条子|"
        r"(?:给|把|为|替|让|将)(?:自己的?|他的?|其)?(?:亲戚|亲属|侄[女子]?|外甥女?|儿子|女儿|老婆|妻子|小舅子|小姨子).{0,8}(?:安排|调[进入到]|上岗|编制|入学|分班)|"
        r"内部(?:人员)?(?:名额|占用|买卖)|领导包圆"
    ),
    Misconduct.SELLING: r"指定(?:商家|书店|.{0,6}买)|(?:强制|强迫|逼).{0,10}(?:购买|订购|消费|缴费|买)|推销|统一订|卖.{0,8}学习机",
    Misconduct.RULES: (
        r"收取.{0,10}(?:费|元|钱)|违规(?:考编|招生|收费|办学|提拔|操作|发放|使用|接收|借用|将|经营|招聘|录取)|(?:招生|收费|办学|招聘|录取)违规|乱收费|无证|超范围|"
        r"违法(?:制作|办学|招生|办园)|择校费|资质.{0,4}(?:没有|不全)|没有(?:办学)?资质|违规违纪|违法违纪|非法(?:办|招|收|经|牟)"
    ),
    Misconduct.CONDUCT: r"喝酒|酒后|赌博|不正当(?:男女)?关系|婚外情|出轨|传教|不当言论|生活作风|道德败坏|泡温泉|打牌|嫖",
    Misconduct.NEGLECT: r"包庇|打击报复|失职|渎职|滥用职权|玩忽职守|不作为|隐瞒不报|瞒报|袒护|充当保护伞|保护伞",
}
PATTERNS = {kind: re.compile(words) for kind, words in DEEDS.items()}
ANY = re.compile("|".join(DEEDS.values()))
# What makes an accusation of any text that tells it: of the bureau's people, of a head, and of a teacher himself.
IN_BUREAU = frozenset({Misconduct.GIFTS, Misconduct.FUNDS, Misconduct.FAVOUR})
IN_OFFICE = IN_BUREAU | {Misconduct.ABUSE, Misconduct.VIOLENCE}
IN_CLASS = frozenset({Misconduct.ABUSE, Misconduct.VIOLENCE, Misconduct.TUTORING, Misconduct.GIFTS, Misconduct.FUNDS})
# The school's own courses and fees, hard words, turns of speech: no grave deed of one person.
COMMON = re.compile(r"组织|强制|要求|变相|打招呼|打点|信封|提成|报销|吃喝|送礼|行贿|辱?骂|打骂|侮辱|爆粗|罚站|互相打|踢出|骂人")
FEES = re.compile(r"收了?钱")


def told(folded: str) -> bool:
    """Whether the text tells of misconduct at all, rather than of a condition or a service."""
    return ANY.search(folded) is not None


def deeds(folded: str) -> tuple[Deed, ...]:
    """What is said to have been done, in the order of the text: its own words, with their kind."""
    found = [Deed(kind, *m.span()) for kind, pattern in PATTERNS.items() for m in pattern.finditer(folded)]
    return tuple(sorted(found, key=lambda d: (d.start, d.end)))
