"""Who is accused of wrongdoing (被检举控告人): the words that name the person, the head, the unit or the bureau."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.domain.readings import Accusation, SchoolMention, Span
from pipeline.domain.terms import AccusedKind

SURNAME = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "史唐费廉岑薛雷贺倪汤罗毕郝邬常傅齐康伍余元顾孟黄穆萧尹姚邵汪祁毛"
    "狄米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房宗丁邓洪包左石崔龚程"
    "邢裴陆翁曲段侯仇武符刘景詹龙叶司黎白赖卓池乔谭申易廖曾沙欧肖涂聂阳"
)
END = r"(?=[,，。、;；:：\s()（）!！?？“”\"在利从于身向对收把的以与和及是为将私借多长因被涉曾还就没用每打骂扇摸公]|$)"
NAME = rf"[{SURNAME}](?:某[某甲乙]?|x{{1,2}}|\*{{1,2}}|姓?老师|姓?教师|主任|[\u4e00-\u9fff]{{1,2}}{END}|{END})"
HEAD = r"(?:常务|分管(?:[\u4e00-\u9fff]{2}的?)?)?副?(?:校长|园长|书记)|举办者|董事长|法人(?:代表)?"
OFFICER = (
    r"(?:副?(?:局长|股长|科长)|(?:人事|基教|基建|财务|资助|招生|安全|办公室|教育|营养)(?:股|科|办|局)(?:工作人员|干部|"
    r"负责人|副?股长|副?主任)?|局领导)"
)
STAFF = (
    r"(?:教导|教务处?|总务处?|政教处?|德育处?|后勤|年级|班|就业办|招生办|校办)副?主任|(?:语文|数学|英语|物理|化学|"
    r"生物|历史|地理|政治|体育|美术|音乐|舞蹈|生活|主班|配班|在职|任课|退休|监考|带队|心理)(?:老师|教师|教练)|"
    r"保育员|宿管(?:员|阿姨)?|司机|会计|出纳|(?:食堂)?承包人|食堂老板|保安|校医|考官|监考员|考点主考|主考|"
    r"家委会(?:主任|会长)?|项目负责人|公司负责人|店主|教练"
)
WHO = re.compile(
    rf"(?P<bureau>(?:[县市区]?教(?:育|体|育体育)局)?(?:{OFFICER})(?:{NAME})?|[县市区]?教(?:育|体|"
    rf"育体育)局(?:[\u4e00-\u9fff]{{2,4}}(?:股|科|办|室))?)"
    rf"|(?P<head>(?:{HEAD})(?:{NAME})?|[{SURNAME}](?:某某?)?姓?(?:{HEAD}))"
    rf"|(?P<person>(?:{STAFF})(?:{NAME}(?:老师|教师)?)?|[{SURNAME}](?:姓|某某?|x{{1,2}}|"
    rf"[\u4e00-\u9fff]{{1,2}})?(?:{STAFF}|老师|主任|教练|会计)|[{SURNAME}](?:某某?|x{{1,2}}|\*{{1,2}}))"
)
ACCUSES = re.compile(r"举报|检举|控告|实名|揭发|反映|投诉|请查|严查|查处|查一查|查查|曝光|控诉")
STRONG = re.compile(r"举报|检举|控告|实名|揭发|请查|严查|查处|查一查|纪委|监委")
MISCONDUCT = re.compile(
    r"贪污|受贿|行贿|回扣|索[要贿]|收(?:受|取|了?(?:钱|礼|红包|好处))|红包|好处费|送礼|吃请|克扣|截留|套取|冒领|"
    r"挪用|侵占|私吞|中饱|小金库|吃空饷|假(?:发票|合同|材料|证|条子|档案|学籍)|虚报|虚列|造假|弄虚作假|伪造|"
    r"有偿补课|办(?:补习)?班收费|在外(?:补课|办班)|(?:组织|强制|要求)学生.{0,10}(?:补课|补习)|体罚|打(?:骂|了|"
    r"学生|孩子|人)|辱骂|骂学生|扇|掐|踢|猥亵|性侵|骚扰|乱摸|虐待|侮辱|偏袒|包庇|优亲厚友|任人唯亲|打招呼|走后门|"
    r"泄露|泄题|徇私|以权谋私|权钱|违规(?:招生|收费|办学|提拔|操作|发放|使用)|利益输送|围标|串标|指定(?:商家|"
    r"书店)|倒卖|卖学[位籍]|空挂学籍|喝酒|酒后|赌博|不正当(?:男女)?关系|婚外情|出轨|传教|不当言论|旷工|长期不上班|"
    r"在编不在岗|吃喝|公车私用|公款|侵吞|勒索|欺骗|拿提成|抽成|提成|入干股|打击报复|失职|渎职|滥用职权|侵害|不轨|"
    r"针(?:扎|眼)|无证"
)
GREETED = re.compile(r".{0,2}(?:您好|你好|好[!,，。]|：|:|热线|信箱)")
ASKED = re.compile(r"(?:尊敬的|敬爱的|请|向|找|恳请|希望|我是.{0,8}|我们是.{0,8}|要求|建议|呼吁|感谢|求助|作为.{0,6})$")
DENIES = re.compile(r"感谢|表扬|好老师|点赞|辛苦")
HEADLESS = frozenset({"在职教师", "任课老师", "任课教师", "退休教师", "教练", "考官", "家委会", "会计", "法人", "法人代表"})
REACH = 60


def misconduct(folded: str) -> bool:
    """Whether the text tells of misconduct at all, rather than of a condition or a service."""
    return bool(MISCONDUCT.search(folded))


def accuses(folded: str) -> bool:
    """Whether the text accuses somebody in so many words."""
    return bool(STRONG.search(folded)) and misconduct(folded)


def find(text: str, folded: str, schools: Sequence[SchoolMention], wholly: bool, most: int = 6) -> tuple[Accusation, ...]:
    """Who is accused, those nearest to the accusation first. Spans count code points of `text`.

    A text that is `wholly` an accusation accuses whom it names; in another one the accusing words must stand near.
    """
    points = [m.start() for m in ACCUSES.finditer(folded)] + [m.start() for m in MISCONDUCT.finditer(folded)]
    if (not points and not wholly) or DENIES.search(folded[:30]):
        return ()
    found: dict[str, tuple[int, Accusation]] = {}
    for accusation in (*_people(text, folded, schools), *_units(folded, schools)):
        distance = min((abs(p - accusation.span.start) for p in points), default=0)
        known = next((k for k in found if accusation.span.surface in k or k in accusation.span.surface), accusation.span.surface)
        if (wholly or distance <= REACH) and (known not in found or len(accusation.span.surface) > len(known)):
            distance = min(distance, found.pop(known, (distance, None))[0])
            found[accusation.span.surface] = (distance, accusation)
    ranked = sorted(found.values(), key=lambda pair: (pair[0] > REACH // 2, pair[1].span.start))
    return tuple(accusation for _, accusation in ranked[:most])


def _people(text: str, folded: str, schools: Sequence[SchoolMention]) -> Iterator[Accusation]:
    for match in WHO.finditer(folded):
        if match.group() in HEADLESS or (match.lastgroup == "bureau" and not _bureau_itself(folded, match)):
            continue
        if GREETED.match(folded[match.end() : match.end() + 5]) or _asked(folded, match.start()):
            continue
        kind = {"bureau": AccusedKind.BUREAU, "head": AccusedKind.HEAD, "person": AccusedKind.PERSON}[match.lastgroup or "person"]
        yield Accusation(kind, Span(text[match.start() : match.end()], match.start(), match.end()), _school_of(schools, match.start()))


def _asked(folded: str, start: int) -> bool:
    """Whether the words name those who are asked for help, or the writer."""
    return bool(ASKED.search(folded[max(0, start - 12) : start]))


def _bureau_itself(folded: str, match: re.Match[str]) -> bool:
    """The bureau is accused where an officer is named, or where the accusing word stands directly before it."""
    officer = bool(re.search(OFFICER, match.group()))
    before = folded[max(0, match.start() - 12) : match.start()]
    return officer or bool(re.search(r"(?:举报|检举|控告|投诉|查处|揭发)(?:.{0,6}[县市区])?$", before))


def _units(folded: str, schools: Sequence[SchoolMention]) -> Iterator[Accusation]:
    """A school or another body that is itself accused: named directly after the accusing word, and no person of it is."""
    for mention in schools:
        before = folded[max(0, mention.span.start - 10) : mention.span.start]
        after = folded[mention.span.end : mention.span.end + 12]
        person = re.match(rf"的?(?:{STAFF}|{HEAD}|[{SURNAME}]某|.{{0,6}}(?:老师|校长|园长|主任))", after)
        if not mention.landmark and not person and re.search(r"(?:举报|检举|控告|查处|严查|请查|揭发).{0,4}$", before):
            yield Accusation(AccusedKind.UNIT, mention.span, mention.code)


def _school_of(schools: Sequence[SchoolMention], at: int) -> str | None:
    """The school that the accused belongs to: the one named nearest before, else the only one."""
    before = [m for m in schools if m.span.end <= at + 2 and not m.landmark]
    if before:
        return max(before, key=lambda m: m.span.end).code
    subjects = [m for m in schools if not m.landmark]
    return subjects[0].code if len(subjects) == 1 else None
