"""Turns of phrase that tell what a writer wants and whose field it is; each is one feature of the reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick

CUES = {
    "asks": (
        r"请问|咨询|想问|问一下|请教(?!育)|是否(?:可以|能|有)|能否|可否|怎么办理|如何(?:办理|报名|申请)|什么时候|何时|"
        r"多少钱|哪些材料|有没有(?:政策|规定)|是什么(?:政策|标准)|吗[?？]|呢[?？]"
    ),
    "question_mark": r"[?？]",
    "asks_title": r"^[^\n]*(?:请问|咨询|何时|什么时候|是否|如何|吗|怎么|能不能|可以|[?？])[^\n]*\n",
    "helps": (
        r"求助|帮帮|帮忙|恳请|请求|跪求|救救|希望(?:领导|政府|教育局|有关部门).{0,12}(?:解决|帮助|协调|帮)|"
        r"为我们?(?:解决|做主)|走投无路|给(?:个|条)活路"
    ),
    "accuses": (
        r"举报|实名|检举|控告|贪污|受贿|回扣|收受|吃空饷|中饱私囊|徇私|舞弊|严查|查处|违纪|违法乱纪|以权谋私|有偿补课|"
        r"造假|索贿|私吞|挪用"
    ),
    "accuses_title": r"^[^\n]*(?:举报|实名|检举|控告|查一?查|严查)[^\n]*\n",
    "complains": (
        r"投诉|反映|强烈(?:要求|抗议|不满)|太过分|不合理|乱收费|凭什么|无法忍受|扰民|严重影响|推诿|不作为|讨个?说法|"
        r"维权|欺骗|黑心"
    ),
    "suggests": r"建议|能不能考虑|希望能(?:够)?(?:增设|增加|开通|设置|完善|优化|改进)|提(?:一)?个建议|不妨|几点(?:建议|意见|想法)",
    "suggests_title": r"^[^\n]*(?:建议|意见|设想|呼吁)[^\n]*\n",
    "praises": r"感谢|表扬|点赞|致敬|好样的|为.{1,8}点赞|锦旗|拾金不昧|谢谢(?:老师|学校|园长|校长)|暖心",
    "praises_title": r"^[^\n]*(?:感谢|表扬|点赞|致敬|致谢|好人好事)[^\n]*\n",
    "reports": r"本报讯|记者|近日|日前|据悉|据了解|通讯员|举行|开展.{0,10}活动|仪式|召开|成功举办",
    "notices": r"通知如下|特此(?:通知|公告)|公告|现将.{0,20}(?:通知|公布|公示)|各(?:校|学校|镇|单位)[:：、]|附件[:：1]",
    "adverts": r"报名(?:热线|电话)|招生(?:进行|火热)中?|优惠|名额有限|限时|扫码|加微信|咨询电话|试听|立减|免费(?:试学|体验)",
    "hotline": r"来电人|来电反映|市民(?:来电|反映|致电)|诉求人|反映人",
    "letter": r"尊敬的|您好|盼复|此致|敬礼|领导",
    "pupils": r"学生|孩子|小孩|小朋友|宝宝|女儿|儿子|同学|考生|新生|娃",
    "parents": r"家长|我是.{0,6}(?:妈妈|爸爸|母亲|父亲)|孩子(?:妈|爸)",
    "teachers": r"老师|教师|班主任|代课|特岗|幼师|园长|校长|教职工|教龄|职称",
    "bureau": r"教育(?:局|厅|部|主管|行政|体育)|教体局|招生办|考试院",
    "policy": r"政策|文件|规定|条例|办法|通知|方案|标准|待遇|编制",
    "places": r"学位|划片|学区|入学|招生|报名|户口|房产证|摇号|派位",
    "school": r"学校|小学|中学|幼儿园|高中|初中|校园|教室|班级|年级|食堂|宿舍|操场",
    "training": r"培训(?:机构|班|中心|学校)|补习|辅导班|托管|兴趣班|早教|退费",
    "higher": (
        r"大学|学院|高校|本科|专科|研究生|考研|成人高考|自考|函授|专升本|驾校|驾考|科目[一二三四]|大专|公务员|"
        r"事业单位招聘|毕业生就业|职业资格|电大|继续教育"
    ),
    "homes": r"物业|业主|开发商|楼盘|房产|交房|拆迁|征地|小区|电梯|停车位|房贷|契税|公积金",
    "city": r"公交|地铁|道路|路灯|城管|违建|噪音|油烟|垃圾|污水|绿化|施工|渣土|自来水|燃气|电力|环卫",
    "country": r"村委|村支书|村民|组长|宅基地|低保|土地|农田|水库|林地|村干部",
    "health": r"医院|医生|护士|医保|病人|新农合|治疗",
    "works": r"农民工|工资|社保|养老|退休|工程款|劳动合同|老板|公司|工地",
    "court": r"法院|派出所|公安|警察|判决|执行|诈骗|传销|案件",
}  # fmt: skip
NAMES = tuple(CUES)


MOST = 4  # five times say no more than four
PLAIN = re.compile(r"[^\\^$.|?*+()\[\]{}]+")


@dataclass(frozen=True, slots=True)
class _Cues:
    """The cues taken apart: plain words of all of them in one automaton, the rest of each as a pattern of its own."""

    words: AhoCorasick
    of_word: tuple[tuple[int, ...], ...]
    patterns: tuple[tuple[int, re.Pattern[str]], ...]
    of_title: tuple[tuple[int, re.Pattern[str]], ...]


def counts(folded: str) -> tuple[list[int], list[int]]:
    """How often each cue stands in a folded text (title, newline, body), and how often in its title."""
    cues, title_end = _taken_apart(), folded.find("\n") + 1
    everywhere, in_title = [0] * len(NAMES), [0] * len(NAMES)
    for word, start, _ in cues.words.find_matches_as_indexes(folded, overlapping=True):
        for cue in cues.of_word[word]:
            everywhere[cue] += 1
            in_title[cue] += start < title_end
    for cue, pattern in cues.patterns:
        for match in pattern.finditer(folded):
            everywhere[cue] += 1
            in_title[cue] += match.start() < title_end
    for cue, pattern in cues.of_title:
        everywhere[cue] = in_title[cue] = int(bool(title_end) and pattern.search(folded) is not None)
    return [min(MOST, n) for n in everywhere], [min(MOST, n) for n in in_title]


@cache
def _taken_apart() -> _Cues:
    of_word: dict[str, list[int]] = {}
    patterns, of_title = [], []
    for number, pattern in enumerate(CUES.values()):
        if pattern.startswith("^"):
            of_title.append((number, re.compile(pattern)))
            continue
        pieces = _alternatives(pattern)
        for piece in filter(PLAIN.fullmatch, pieces):
            of_word.setdefault(piece, []).append(number)
        rest = [piece for piece in pieces if not PLAIN.fullmatch(piece)]
        if rest:
            patterns.append((number, re.compile("|".join(rest))))
    words = sorted(of_word)
    return _Cues(AhoCorasick(words), tuple(tuple(of_word[w]) for w in words), tuple(patterns), tuple(of_title))


def _alternatives(pattern: str) -> list[str]:
    """What stands between the bars of the outermost level."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(pattern):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
    return [*found, pattern[start:]]
