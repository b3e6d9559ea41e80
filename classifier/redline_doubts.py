"""Why words of a red line are none: a drill, a lecture, a fear, a denial, hearsay, long ago, a promise, a figure of speech."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifier.redline_clauses import FAR, RUMOUR, Clause, belied, claimed, clause, spoken_for
from pipeline.domain.terms import RedLine, Term


class Why(Term):
    """Why words of a red line were judged not to be one."""

    FOREIGN = "foreign", "外地的事"
    NEVER = "never", "演练、宣传、规定或影视等"
    IMAGINED = "imagined", "假设、担心或隐患"
    HEARSAY = "hearsay", "新闻或别处的见闻"
    DENIED = "denied", "否认或没有发生"
    UNDONE = "undone", "后文说不实或只是可能"
    GUARDED = "guarded", "防范的说法"
    UNTRUE = "untrue", "谣言或不实消息"
    FIGURE = "figure", "口头语"
    PAST = "past", "多年以前或早已了结"
    PROMISED = "promised", "只说将要、扬言，还没有做"
    CLAIMED = "claimed", "只是传言，别人已说不是真的"
    AGAINST = "against", "旁边另有说法"
    NO_CHILD = "no_child", "前后句没有说到学生、孩子"
    NO_SCHOOL = "no_school", "没有说到学校"
    GROWN_UP = "grown_up", "说的是大人"
    SLIGHT = "slight", "够不上这一类"
    FAINT = "faint", "全文涉教的把握太低"


@dataclass(frozen=True, slots=True)
class Doubted:
    """Words of a red line that drew none, and why: the words that spoke against it, empty where there are none to point at."""

    kind: RedLine
    start: int
    end: int
    why: Why
    words: str


# What is practised or taught: an event that a whole sentence may tell of.
LESSON = (
    r"演练|演习|宣传|讲座|知识竞赛|主题班会|应急预案|培训会|安全教育|教育活动|法治课|普法|公开课|法治报告|警示教育|告家长书|"
    r"倡议|易发期|课程|推迟体检"
)
PRETENDED = r"《[^》]{0,12}$|模拟(?![考试卷题成])|扮演|假装|演示|电影|电视剧|短剧|小说|影片|游戏里|课文|剧本|作文里"
WARNED = (
    r"(?:提示|提醒)(?![^,，。]{0,8}(?:声张|外传|说出|发帖|发网|保密))|(?:吸取|血的|惨痛|深刻)[^,，。]{0,12}教训|疫苗|条例|法律规定|"
    r"第[一二三四五六七八九百\d]+条|第十[一二三四五六七八九]?条|保险(?!公司|起见|只|才|不|就|拒)|保额|参保|投保|学平险"
)
NEVER = re.compile(f"{LESSON}|{PRETENDED}|{WARNED}")
NEVER_AT_ALL = re.compile(PRETENDED)
EVENT = re.compile(f"{LESSON}|{PRETENDED}")
FAILED = re.compile(  # a lesson that was not given, or did not help
    r"(?:没有?|从[不未来]|未|缺[少乏]?|不[重做搞讲]|刚|才)[^,，。]{0,8}$|(?:之后|以后|过后|后|完)[^,，。]{0,4}$"
)
IN_VAIN = re.compile(r"^[^,，。]{0,8}(?:形同虚设|走过场|形式|不到位|缺失|流于|没用|不够|结束|之?后|刚|的?第二天|当[天晚])")
TURNED = re.compile(r"却|还是|结果|不料|竟|第二天|当[天晚]|仍|其实|但|真的|真有")
HELD = re.compile(
    rf"(?:开展|举行|举办|组织|进行|召开|印发|发布|加强|观看|学习|下发|讲授)[^,，。]{{0,16}}(?:{LESSON})|模拟(?![考试卷题成])|提醒(?:广大|各位|家长|学生|同学|大家)|"
    r"保险[^。]{0,12}(?:最高|每人|可|保障|自愿|责任|保费|保额)|最高(?:赔|保障)|保额|保费|参保|投保|疫苗|第[一二三四五六七八九十百\d]+条"
)
AFTERWARDS = re.compile(r"^(?:之后|以后|后|了?才)")
IF = re.compile(r"如果|万一|假如|一旦|要是|倘若|假设")
HELP = re.compile(r"[没不再].*(?:我|就|真|只)")  # "if nobody cares for me, I …": a cry for help
FEAR = re.compile(r"怕(?!人)|恐(?:发生|怕|有|会)|担心|担忧|害怕|生怕")
OTHER_FEAR = re.compile(  # of the offender, of revenge, of going there: what has happened is not what is feared
    r"^(?:[^,，。]{0,8}(?:报复|打击|穿小鞋|针对|麻烦|影响|丢[人脸]|知道|曝光|声张)|(?:去|上|到|回|见|看到|听到).{0,4}(?:学|校|人|老师|他|她|班)|"
    r"得|极了|了$|(?:老师|班主任|教练|他|她)们?$)"
)
LEFT_OPEN = re.compile(
    r"会不会|可能(?:会|造成|导致|发生|出现)|容易(?:造成|导致|发生|引发)|难道(?:要|非)|"
    r"非要等|等到|真要|以免|避免|防止|预防"
)
IMAGINED = re.compile(
    LEFT_OPEN.pattern + r"|"
    r"是不是(?:要|非)|杜绝|隐患|风险|早晚(?:要|会)|迟早|才(?:肯|会|来)|差点(?!没)|差一点(?!没)|险些|几乎要|谨防|防范|以防|"
    r"之前不管|再(?:发生|出现)"
)
DENIED = re.compile(
    r"没有?(?:发生|出现|造成|人员|什么|被|任何)|并?未(?:发生|造成|出现|见|发现)|无(?:人|一)?(?:伤|死|员|例)|不存在|"
    r"不是(?:真|自杀|欺凌|霸凌)|不属实|谣言|辟谣|不实|否认|纯属|虚假|假的|造谣|以讹传讹|幸好|幸亏|还好没|还算不上|"
    r"够不上"
)
ELSEWHERE = re.compile(r"看新闻说|新闻里说|隔壁(?:的事|县|市|区)|转自|外省的|那边已经")
HEARSAY = re.compile(
    r"(?:新闻|电视|网上|抖音|报道|视频|外地|外省|别的(?:地方|学校|县|市)|其他(?:地方|县|市)|某地|"
    r"前几年.{0,4}外).{0,12}(?:看到|说|里|上|报道|发生|有|的)|(?:看到|看了|刷到).{0,10}(?:新闻|报道|视频)|全国各地|外地学生|每年新闻"
)
NEXT = 30  # a forwarded headline says where it comes from in the sentence that follows
GUARDED = re.compile(r"(?:防|反|零|预防|防范|远离|拒绝|珍爱.{0,4})$")
UNTRUE = re.compile(r"不属实|谣言|辟谣|不实|谎称|冒充教|假消息|编造|捏造|伪造[^,，。]{0,10}(?:消息|信息|谣言|事实|警情|视频)")
FIGURE = re.compile(
    r"(?:累|锈|钉|卡|锁|焊|跑|气|吓|急|笑|热|冷|冻|饿|烦|困|害|整|逼|闷|忙|挤|堵|愁|穷|恨|丑|爱|作|该|养|心|棍子打|臭|熏|吵)$"
)
UNDONE = re.compile(r"[^,，]{0,6}(?:不实|谣言|不存在|的话)|(?:\(|（)?外校")
UNASKED = re.compile(r"[^,，]{0,6}(?:隐患|风险|怎么办|谁负责)")
PAST = re.compile(
    r"小时候|多年(?:前|以前)|(?:[二三四五六七八九十几]|\d{1,2})年(?:以)?前|前[几两]年|(?<!目)(?<!以)(?<!之)前年|当年|那年|上世纪|"
    r"(?<!\d)(?:19\d\d|200\d)年|[6-9]\d年(?!级)|历史上"
)
SETTLED = re.compile(r"被判|判处|宣判|终审|法院认为|一审|获刑|平安(?:寻获|找到)|已(?:被)?(?:寻获|找回)")
PRESENT = re.compile(  # what is long past still does harm, or the one who did it still teaches
    r"(?:现在|如今|至今|到现在|目前|一直|仍|还在|依然|从此|后来)[^。！？!?]{0,14}(?:自[残杀伤]|抑郁|不敢|害怕|噩梦|失眠|住院|治疗|吃药|昏迷|"
    r"瘫|重症|任教|教书|教学|上课|当老师|不想活|轻生)"
)
PROMISED = re.compile(
    r"(?:准备|打算|将(?!军|近)|不排除|考虑|扬言|要求(?=到|去|集体)|必将|否则|必要时|只好|只能|不得不|逼.{0,6}|正在商量|有人主张|"
    r"就(?:要|会|去)|[再还]不.{0,12}|如.{0,12}|要不要|能不能|是否|可以|禁止|不得|不准|严禁|不要|别|说要)[^,，。]{0,8}$"
)


def doubt(kind: RedLine, folded: str, sentence: re.Match[str], match: re.Match[str]) -> tuple[Why, str] | None:
    """Why words do not tell what has happened, by the words that say so; None where they do tell it."""
    return next(((why, said.group()) for why, said in _objections(kind, folded, sentence, match) if said), None)


def _objections(
    kind: RedLine, folded: str, sentence: re.Match[str], match: re.Match[str]
) -> Iterator[tuple[Why, re.Match[str] | None]]:
    """One objection after the other, so that the first one spares the rest; each must govern the words themselves."""
    here = clause(folded, sentence, match)
    before = folded[max(sentence.start(), match.start() - 24) : match.start()]
    yield Why.NEVER, _never(folded[max(sentence.start(), match.start() - FAR) : match.start()], here)
    yield Why.IMAGINED, _imagined(kind, here)
    if not here.own:
        yield Why.HEARSAY, HEARSAY.search(before) or ELSEWHERE.search(folded, sentence.start(), sentence.end() + NEXT)
    yield Why.DENIED, spoken_for(DENIED, here.earlier + "," + here.before) if DENIED.search(here.before[-10:]) else None
    yield Why.UNDONE, UNDONE.match(here.after) or (None if here.told else UNASKED.match(here.after))
    yield Why.GUARDED, GUARDED.search(before)
    yield _untrue(folded[max(sentence.start(), match.start() - FAR) : min(sentence.end(), match.end() + FAR)], here)
    yield Why.FIGURE, FIGURE.search(before) if match.group()[0] == "死" else None
    if kind is RedLine.JOINT_ACTION:
        yield Why.PROMISED, PROMISED.search(before)
    elif not PRESENT.search(folded, match.end(), min(len(folded), match.end() + FAR)):
        yield Why.PAST, PAST.search(before) or SETTLED.search(sentence.group())


def _never(prior: str, here: Clause) -> re.Match[str] | None:
    """A drill, a lecture, a warning: in the clause itself, told of before it, or what the next clause says was held."""
    pretended = NEVER_AT_ALL.search(here.before) or NEVER_AT_ALL.search(here.whole)
    if pretended or here.own:
        return pretended
    for said in NEVER.finditer(here.whole):
        if not _in_vain(here.whole, said):
            return said
    if here.told or TURNED.search(here.whole):
        return None
    for pattern, text in ((EVENT, prior), (NEVER, here.earlier)):
        taught = next((m for m in pattern.finditer(text) if not _in_vain(text, m)), None)
        if taught:
            return taught
    held = HELD.search(here.later)
    return held if held and not AFTERWARDS.match(here.after) and not _in_vain(here.later, held) else None


def _in_vain(text: str, said: re.Match[str]) -> bool:
    return bool(FAILED.search(text[: said.start()]) or IN_VAIN.match(text[said.end() :]))


def _imagined(kind: RedLine, here: Clause) -> re.Match[str] | None:
    """A supposition or a fear of the deed itself: not of the offender or of revenge, not the cry of who wants to live no more."""
    suicide = kind is RedLine.SUICIDE_RISK
    supposed = IF.search(here.before)
    if supposed and not (suicide and HELP.search(here.before, supposed.end())):
        return supposed
    feared = FEAR.search(here.before)
    if feared and not OTHER_FEAR.match(here.before[feared.end() :]):
        return feared
    said = IMAGINED.search(here.before)
    if said or here.told or suicide:
        return said
    feared = FEAR.search(here.earlier)
    if feared and here.earlier[feared.end() :].strip() and not OTHER_FEAR.match(here.earlier[feared.end() :]):
        return feared
    return IF.search(here.earlier) or LEFT_OPEN.search(here.earlier)


def _untrue(around: str, here: Clause) -> tuple[Why, re.Match[str] | None]:
    """A rumour, as the writer or the police say; the word of a school alone cancels only what is told as a rumour."""
    rumour = bool(RUMOUR.search(here.whole) or RUMOUR.search(here.earlier))
    said = next((m for m in UNTRUE.finditer(around) if not belied(around, m, rumour)), None)
    return (Why.CLAIMED if said and claimed(around, said.start()) else Why.UNTRUE), said
