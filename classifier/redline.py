"""Red lines (红线) by words and what stands around them: a drill, a lecture, a fear, a denial or another county's news is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.domain.terms import RedLine

PUPIL = (
    r"学生|孩子|小孩|娃|儿童|幼儿|小朋友|宝宝|同学|男生|女生|男孩|女孩|少年|少女|未成年|女儿|儿子|闺女|侄|外甥|孙子|孙女|学童|考生|"
    r"[一二三四五六七八九]年级|初[一二三]|高[一二三]|\d{1,2}岁|[三四五六七八九十]{1,2}岁|妹妹|弟弟|表[弟妹]|室友|"
    r"队员|学员|外孙|女童|幼女|住校生|寄宿生|双胞胎|班上|全班|班里"
)
SCHOOL = (
    r"学校|校园|幼儿园|小学|中学|高中|初中|教室|宿舍|操场|食堂|班主任|老师|教师|校车|校长|园长|保育员|宿管|教练|托管|"
    r"培训班|辅导班|职高|职校"
)
MANY = (
    r"(?:[3-9]|\d{2,}|[三四五六七八九十百几数多]+)(?:多|来|余)?\s*(?:名|个|位)(?:学生|孩子|同学|幼儿|小朋友|娃|师生|"
    r"住校生|小孩|人|$|[,，。])|全班|半个班|大半|集体|陆续|接连|都(?:在)?(?:拉|吐|肚|出现)|全进|许多|很多|不少|多名|"
    r"多个|一批|整个高|不止[一我]|(?:孩子|娃|小孩)也(?:不舒服|拉|吐|一样|是)|(?:[几数多三四五六七八九十]|好几)个家长|请假的有|空了.{1,3}个座"
)
NUMBER = r"(?:\d+|[一二三四五六七八九十百千两几数上多]{1,5})(?:多|余|来)?\s*"
FIVE = (
    r"(?:[5-9]|\d{2,}|[五六七八九]|[几数上][十百千]|十[几多]?|[一二三四五六七八九]?十[一二三四五六七八九几多余]*|"
    r"[一二三四五六七八九两]?百[一二三四五六七八九十多余]*)(?:多|余)?\s*(?:名|位|个|户|人)"
)
KINDS = {
    RedLine.SEXUAL_OFFENCE: (
        r"猥亵|性侵|性欺凌|强奸|强暴|诱奸|性骚扰|非礼|隐私部位|私密部位|下体|裸照|裸聊|乱摸|(?:摸|亲|碰).{0,4}(?:胸|"
        r"臀|屁股|大腿|隐私)|摸(?:她|下面)|手伸进.{0,4}(?:衣|裤)|(?:洗澡|裙底|厕所|淋浴|换衣|更衣).{0,24}(?:偷拍|录像|"
        r"摄像)|偷拍.{0,8}(?:洗澡|裙底|厕所|换衣|更衣|女)|动手动脚|图谋不轨|不当(?:行为|接触)|开房|侵害.{0,4}(?:女童|"
        r"女生|儿童|幼女)|手脚不干净|手放干净|咸猪手|大尺度|搂抱|脱.{0,3}裤子|下面[疼痛]"
    ),
    RedLine.SUICIDE_RISK: (
        r"自杀|自残|自伤|轻生|割腕|割手|划(?:自己)?手(?:臂|腕)|(?:手臂|胳膊|手腕)上.{0,12}(?:划|一道|疤|口子)|遗书|"
        r"不想活|想死|寻死|活不下去|结束生命|吞(?:了|下)?.{0,5}(?:药|片)|服下.{0,6}药|药.{0,6}攒|喝农药|洗胃|(?:爬|站|"
        r"坐|翻)(?:上|到|在|过)?.{0,2}(?:天台|楼顶|窗台|护栏|栏杆)|在天台上|跳下去|想跳楼|要跳楼|跳楼(?:自杀|威胁)|"
        r"去死|死了算了|一了百了|不如死"
    ),
    RedLine.MISSING_CHILD: (
        r"失踪|走失|走丢|失联|离家出走|寻人|下落不明|不知去向|(?:人|孩子|娃)(?:就|已)?(?:不见了|不在(?!身边|家))|"
        r"人不见|(?:联系不上|找不到)(?:人|孩子|他|她)?|(?:电话|手机)(?:无法接通|打不通)|至今未归|走出校门|抱走|"
        r"(?:小时|天)(?:还)?没有消息|杳无音信"
    ),
    RedLine.SERIOUS_BULLYING: (
        r"霸凌|欺凌|围殴|群殴|殴打|围[打堵]|围着[打踹踢]|按在地上|扇(?:了)?.{0,8}(?:耳光|巴掌)|(?:打|踹|"
        r"踢).{0,12}(?:住院|轻伤|骨折|断|出血|鼻青脸肿|视频)|逼.{0,6}(?:下跪|脱|喝|吃|舔)|下跪|脱(?:光)?(?:衣|裤)|"
        r"保护费|勒索|烟头(?:烫|烙)"
    ),
    RedLine.FOOD_ILLNESS: (
        r"食物中毒|集体中毒|拉肚子|腹泻|上吐下泻|呕吐|(?:肚子?|胃)(?:疼|痛|不舒服|难受)|腹痛|闹肚子|肠胃炎|又吐又拉|"
        r"吐了|(?:进|送)了?医院|打吊瓶|输液"
    ),
    RedLine.EXAM_LEAK: (
        r"泄题|漏题|泄露.{0,4}(?:试题|考题|答案|试卷)|(?:试题|试卷|考题|题目|答案|原题|卷子).{0,10}(?:泄露|泄漏|外泄|"
        r"外传|流传|流出|传出|外流|已经有了|发到|提前)|提前.{0,8}(?:拿到|知道|看到|做过|流出).{0,8}(?:题|答案|试卷|"
        r"卷子)|卖.{0,6}(?:答案|考题|试题|原题)|(?:原题|试题).{0,2}答案.{0,12}(?:保真|发|卖)|流出来|集体作弊|"
        r"大面积作弊"
    ),
    RedLine.DEATH_OR_INJURY: (
        r"死亡|身亡|去世|溺亡|溺水|淹死|坠楼|坠亡|跳楼|猝死|遇难|丧命|丧生|没了(?:呼吸|心跳)|抢救|昏迷|窒息|植物人|"
        r"骨折|骨裂|重伤|伤势|致残|颅(?:内|脑)|脑出血|脑震荡|icu|重症监护|截肢|失明|视网膜|眼球|烧伤|烫伤|绞伤|"
        r"捅(?:伤|了)|动了?刀|(?:满|一)(?:头|脸|地|身)(?:都)?是血|头破血流|脾(?:脏)?破裂|横纹肌|[摔撞打踢压夹]断|"
        r"断了?.{0,2}(?:肋骨|锁骨|胳膊|手指|门牙)|(?:车|压|撞|砸|打)死|被.{0,6}撞[倒飞伤]|侧翻.{0,20}伤|"
        r"多名.{0,6}受伤|死了(?!机|心|路)|遗体|尸体|夺走.{0,6}生命|已经没了"
    ),
    RedLine.JOINT_ACTION: (
        rf"联名|联合签名|集体(?:上访|投诉|签名|信访|维权|请愿|讨薪|罢课|抗议|停课|辞职)|拉.{{0,4}}横幅|堵(?:住|"
        rf"了)?(?:校门|学校门|学校大门|教育局|政府)|罢(?:课|餐|教)|围堵(?:校|学校|教育局|政府)|聚集?在.{{0,8}}(?:门口|"
        rf"大厅)|{FIVE}.{{0,24}}(?:签名|签了名|签字|手印|按印)|(?:签名|签字|手印).{{0,8}}{FIVE}|{FIVE}.{{0,4}}(?:家长|"
        rf"教师|老师|业主|职工|村民|代课).{{0,16}}(?:联名|一起(?:到|去|来)|一同(?:到|去|来)|共同反映|集体|聚|围堵|上访|"
        rf"静坐)|(?:家长|教师|老师){FIVE}(?:联名|一[起同]|共同|集体)"
    ),
}  # fmt: skip
TRIGGERS = {kind: re.compile(pattern) for kind, pattern in KINDS.items()}
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]?")
NEVER = re.compile(
    r"演练|演习|宣传|讲座|知识竞赛|主题班会|应急预案|模拟(?:逃生|火灾|灭火)|培训会|安全教育|教育活动|法治课|普法|"
    r"公开课|法治报告|警示教育|提示|提醒|告家长书|倡议|教训|易发期|课程|"
    r"保险|条例|法律规定|第[一二三四五六七八九十百\d]+条|电影|电视剧|短剧|小说|影片|游戏里|课文|剧本|作文里|疫苗|推迟体检"
)
IMAGINED = re.compile(
    r"如果|万一|假如|一旦|要是|倘若|假设|会不会|可能(?:会|造成|导致|发生|出现)|容易(?:造成|导致|发生|引发)|"
    r"怕(?!人)|担心|担忧|害怕|生怕|难道(?:要|非)|是不是(?:要|非)|非要等|等到|真要|以免|避免|防止|"
    r"预防|杜绝|隐患|风险|早晚(?:要|会)|迟早|才(?:肯|会|来)|差点|差一点|险些|几乎要|谨防|防范|以防|之前不管|再(?:发生|出现)"
)
DENIED = re.compile(
    r"没有?(?:发生|出现|造成|人员|什么|被|任何)|并?未(?:发生|造成|出现|见|发现)|无(?:人|一)?(?:伤|死|员|例)|不存在|"
    r"不是(?:真|自杀|欺凌|霸凌)|不属实|谣言|辟谣|不实|否认|纯属|虚假|假的|造谣|以讹传讹|幸好|幸亏|还好没|还算不上|"
    r"够不上"
)
HEARSAY = re.compile(
    r"(?:新闻|电视|网上|抖音|报道|视频|外地|外省|别的(?:地方|学校|县|市)|其他(?:地方|县|市)|某地|"
    r"前几年.{0,4}外).{0,12}(?:看到|说|里|上|报道|发生|有|的)|(?:看到|看了|刷到).{0,10}(?:新闻|报道|视频)|全国各地"
)
ELDER = re.compile(
    r"(?:父亲|母亲|爸爸?|妈妈?|爷爷|奶奶|外公|外婆|丈夫|妻子|爱人|老公|老婆|老伴|老人|公公|婆婆|父母|老父|老母|双亲|"
    r"岳父|岳母|大爷|大妈|叔叔?|舅舅?|姑姑?|哥哥?|他爸|她爸|她妈|他妈|工人|农民工|业主|司机|[父母]|男人|女人)[^，,。"
    r"]{0,8}$"
)
GUARDED = re.compile(r"(?:防|反|零|预防|防范|远离|拒绝|珍爱.{0,4})$")
UNTRUE = re.compile(r"不属实|谣言|编造|伪造|不实|谎称|冒充|假消息")
FIGURE = re.compile(r"(?:累|锈|钉|卡|锁|焊|跑|气|吓|急|笑|热|冷|冻|饿|烦|困|害|整|逼|闷|忙|挤|堵|愁|穷|恨|丑|爱|作|该)$")
GRAVE_BULLYING = re.compile(
    r"殴打|围殴|群殴|围打|耳光|巴掌|下跪|脱光?(?:衣|裤)|视频|住院|轻伤|骨折|长期|多次|多人|"
    r"[几三四五六七八九]个(?:人|同学|男生|女生)|勒索|保护费|抑郁|不敢(?:上学|去学校)|烟头|厕所|宿舍|群里|报警|"
    r"派出所|医院|伤"
)
WEAKLY_MISSING = re.compile(r"联系不上|找不到|没有消息|人|失联|抱走|电话|手机")
UNDONE = re.compile(r".{0,6}(?:不实|谣言|不存在|隐患|风险|怎么办|谁负责|的话)")
OBJECTS = re.compile("被子|书包|消息都没有")
HOSPITAL = ("医院", "吊瓶", "输液")
FOOD = re.compile(r"食堂|吃|饭|餐|奶|食物|喝|菜|包子|面包|点心|午点")
# A teacher who does it himself, closely before the deed; not one who is told of it, sees it or does nothing about it.
BY_TEACHER = re.compile(
    r"(?<!告诉)(?<!报告)(?<![找跟向])(?:老师|教师|班主任|教练|保育员|校长|阿姨)(?:(?![被说知管理见现止问面和])[^\W_]){0,10}"
    r"(?:[打扇踢踹逼罚][^。！？!?；;]{0,12})?$"
)
RAIL, ON_HIGH = re.compile(r"栏杆|护栏"), re.compile(r"楼|天台|阳台|走廊|窗|大桥|跳|轻生|不想活|自杀")
ON_ROAD = re.compile(r"马路|公路|道路|路中|隔离|过街|过路|横穿|车流|校门|围栏|人行|斑马线")
OFFICIAL = re.compile(r"公务员|事业单位|省考|国考|驾照|科目[一二三四]|成人高考|自考|研究生|执业|建造师|会计证")
MOST_WORDS = 5
EXAM = re.compile(r"中考|高考|期末|期中|会考|学考|学业水平|统考|联考|招教|教师招聘|体考|体育考")


@dataclass(frozen=True, slots=True)
class Found:
    """A red line with the words of the folded text that drew it."""

    kind: RedLine
    spans: tuple[tuple[int, int], ...]


def find(folded: str, relevance: float, foreign: bool) -> Found | None:
    """The gravest red line of a text, its words first and after them those of the other kinds; None for another county's news.

    Harm to children counts however low the relevance, where children or a school stand beside it; what adults do together only
    where the text is about education.
    """
    if foreign:
        return None
    drawn = {kind: list(_drawn(kind, trigger, folded, relevance))[:MOST_WORDS] for kind, trigger in TRIGGERS.items()}
    kinds = [kind for kind, spans in drawn.items() if spans]
    return Found(kinds[0], tuple(dict.fromkeys(span for kind in kinds for span in drawn[kind]))) if kinds else None


def _drawn(kind: RedLine, trigger: re.Pattern[str], folded: str, relevance: float) -> Iterator[tuple[int, int]]:
    sentences = list(SENTENCE.finditer(folded))
    for number, sentence in enumerate(sentences):
        for match in trigger.finditer(folded, sentence.start(), sentence.end()):
            around = folded[sentences[max(0, number - 1)].start() : sentences[min(len(sentences) - 1, number + 1)].end()]
            if _real(folded, sentence.group(), match, sentence.start()) and _ours(kind, around, folded, match, relevance):
                yield match.span()


def _real(folded: str, sentence: str, match: re.Match[str], start: int) -> bool:
    """Whether the words tell what has happened, rather than a drill, a fear, a denial, a figure of speech or hearsay."""
    before = folded[max(start, match.start() - 24) : match.start()]
    after = folded[match.end() : match.end() + 10]
    if NEVER.search(sentence) or IMAGINED.search(before) or HEARSAY.search(before):
        return False
    if DENIED.search(before[-10:]) or UNDONE.match(after):
        return False
    if GUARDED.search(before) or UNTRUE.search(sentence):
        return False
    return not (FIGURE.search(before) and match.group()[0] in "死断")


def _ours(kind: RedLine, around: str, folded: str, match: re.Match[str], relevance: float) -> bool:
    """Whether it is about pupils or a school, and grave enough for its kind."""
    before = folded[max(0, match.start() - 16) : match.start()]
    if kind is RedLine.JOINT_ACTION:
        return relevance >= 0.5
    if kind is RedLine.EXAM_LEAK:
        return bool(EXAM.search(folded)) and not OFFICIAL.search(folded) and relevance >= 0.15
    pupils, school = bool(re.search(PUPIL, around)), relevance >= 0.5 or bool(re.search(SCHOOL, folded))
    if not pupils or (not school and kind is not RedLine.MISSING_CHILD) or ELDER.search(before):
        return False
    if kind is RedLine.SUICIDE_RISK and RAIL.search(match.group()):
        return relevance >= 0.05 and bool(ON_HIGH.search(around)) and not ON_ROAD.search(around)
    if kind is RedLine.FOOD_ILLNESS:
        return bool(re.search(MANY, around)) and relevance >= 0.15 and (match.group()[-2:] not in HOSPITAL or bool(FOOD.search(folded)))
    if kind is RedLine.MISSING_CHILD:
        beside = re.search(r"孩子|学生|女儿|儿子|男孩|女孩|小孩|孙|岁|娃|同学", folded[max(0, match.start() - 24) : match.start() + 12])
        told = bool(beside) or not WEAKLY_MISSING.match(match.group())
        return relevance >= 0.15 and told and not OBJECTS.search(before)
    if kind is RedLine.SERIOUS_BULLYING:
        by_teacher = BY_TEACHER.search(folded[max(0, match.start() - 24) : match.start()])
        return bool(GRAVE_BULLYING.search(around)) and relevance >= 0.15 and not by_teacher
    return relevance >= (0.15 if kind is RedLine.DEATH_OR_INJURY else 0.05)
