"""Red lines (红线) by words and what stands around them: a drill, a lecture, a fear, a denial or another county's news is none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from classifier.redline_clauses import spoken_for
from classifier.redline_doubts import Doubted, Why, doubt
from classifier.redline_joint import JOINT_RULES
from classifier.redline_rules import EATEN, HARM_RULES, OFFENDER, PUPIL, SCHOOL, Rule
from pipeline.domain.terms import RedLine

__all__ = ["Doubted", "Found", "Why", "doubted", "find", "suspected"]

CHILD, AT_SCHOOL, FOOD = re.compile(PUPIL), re.compile(SCHOOL), re.compile(EATEN)
UNSURE = 0.2  # how relevant a text is taken to be that the gate knows nothing of
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]?")
ELDER = re.compile(
    r"(?<![被让叫由])(?:父亲|母亲|爸爸?|妈妈?|爷爷|奶奶|外公|外婆|丈夫|妻子|爱人|老公|老婆|老伴|老人|公公|婆婆|父母|老父|老母|双亲|"
    r"岳父|岳母|大爷|大妈|叔叔?|舅舅?|姑姑?|姐夫|哥哥?|他爸|她爸|她妈|他妈|工人|农民工|业主|司机|[父母]|男人|女人|本人|我(?=[^家女儿孩们的]))[^，,。\n"
    r"]{0,8}$"
)
GROWN_UP = re.compile(r"(?:父|母|爸|妈|丈夫|妻子|老公)[^，,。]{0,6}$")
OFFENDERS = re.compile(OFFENDER)
# A teacher who does it himself, closely before the deed; not one who is told of it, sees it or does nothing about it.
BY_TEACHER = re.compile(
    r"(?<!告诉)(?<!报告)(?<![找跟向])(?:老师|教师|班主任|教练|保育员|校长|园长|阿姨)(?:(?![被说知管理见现止问面和])[^\W_]){0,10}"
    r"(?:[打扇踢踹逼罚][^。！？!?；;]{0,12})?$"
)
OFFICIAL = re.compile(r"公务员|事业单位|省考|国考|驾照|科目[一二三四]|成人高考|自考|研究生|执业|建造师|会计证")
EXAM = re.compile(r"[中高会学统联体]考|期[末中]|学业水平|招教|教师招聘|体育考|竞赛|编制考")
TAKEN = "抱拐带接陌"  # who takes a child away may be grown up
# Words that name a child, not somebody's grown-up son or brother.
MINOR = re.compile(
    r"学生|小孩|孩子|娃|儿童|幼儿|小朋友|男孩|女孩|男生|女生|同学|少年|少女|未成年|女童|幼女|年级|初[一二三]|高[一二三]|"
    r"(?<!\d)(?:[1-9]|1[0-7])岁|(?<!十)[一二三四五六七八九]岁|十[一二三四五六七]岁"
)
PUPIL_TALK = re.compile(
    r"我们?(?:班|老师|学校|同学|宿舍|寝室|同桌|班主任|教练)|(?:老师|同学|班主任|教练|宿管|校长)[^,，。]{0,8}我|爸妈|[妈爸]{1,2}[,，]?对不起"
)
AGE = re.compile(r"(?<!\d)(?:[6-9]|1[0-7])岁|十[一二三四五六七]岁|[初高][一二三]|[一二三四五六七八九]年级")
PLAIN_SEX = re.compile(r"猥亵|性侵|强[奸暴]|诱奸|奸[污淫]|摸|伸[进到]|下[体面身]|隐私|私[处密]|侵[害犯]|强吻|裙底|掀|女")
DEADLY = re.compile(r"死|亡|溺|坠|跳|不治|人命|遇难|丧|没[了有]|遗体|尸|楼|捞|世|夭")
DESPAIR = re.compile(
    r"不想活|想死|活不下去|活够|自杀|自 ?s|自鲨|遗[书言]|结束|割[腕手脉]|跳|去死|找我|消失|解脱|离开这个世界|一了百了|myself|die|live|life"
)
FIRST_PERSON = re.compile(
    r"(?:^|我|真的?|就|都|好|也|已经?|太|累得?|只|有点|现在|每天|今天|突然|快|实在|再也|了|得|一直|天天|很|[,，。！!?？~…\s])$"
)
CLOSE = 30  # how near a child must stand to death or loss, where the whole text says nothing of education
BRIEF = 60  # in so short a text a cry for help may name neither age nor school
AROUND = 200  # how far a sentence reaches, for texts without a stop
MOST_WORDS = 5
TOGETHER = 0.5  # below this relevance what adults do together is none of ours

Trace = tuple[Rule, re.Match[str], re.Match[str], str]
"""A rule, where its words stand, their sentence, and that sentence between its neighbours."""

Reason = tuple[Why, str]
"""Why words draw no red line, and the words that say so."""


class Rules:
    """Rules behind one automaton of their stems, so that a text without any costs one look."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        stems = tuple(dict.fromkeys(stem for rule in rules for stem in rule.stems))
        self._rules = rules
        self._users = tuple(tuple(n for n, rule in enumerate(rules) if stem in rule.stems) for stem in stems)
        self._stems = AhoCorasick(stems, matchkind=MatchKind.Standard)

    def traces(self, folded: str) -> Iterator[Trace]:
        """Each place where a rule's words stand, rule by rule; a sentence is searched only for the rules whose stems it holds."""
        hits = self._stems.find_matches_as_indexes(folded, overlapping=True)
        if not hits:
            return
        sentences = list(SENTENCE.finditer(folded))
        starts = [s.start() for s in sentences]
        for n, at in sorted({(n, bisect_right(starts, start) - 1) for stem, start, _ in hits for n in self._users[stem]}):
            for match in self._rules[n].trigger.finditer(folded, sentences[at].start(), sentences[at].end()):
                first, last = sentences[max(0, at - 1)].start(), sentences[min(len(sentences) - 1, at + 1)].end()
                around = folded[max(first, match.start() - AROUND) : min(last, match.end() + AROUND)]
                yield self._rules[n], match, sentences[at], around


HARM, ALL = Rules(HARM_RULES), Rules((*HARM_RULES, *JOINT_RULES))
ORDER = tuple(dict.fromkeys(rule.kind for rule in (*HARM_RULES, *JOINT_RULES)))  # the gravest kind first


@dataclass(frozen=True, slots=True)
class Found:
    """A red line with the words of the folded text that drew it."""

    kind: RedLine
    spans: tuple[tuple[int, int], ...]


def find(folded: str, relevance: float, foreign: bool) -> Found | None:
    """The gravest red line of a text, its words first and after them those of the other kinds; None for another county's news.

    Harm to children counts however low the relevance, where children or a school stand beside it, and so does a cry for help,
    wherever it comes from; what adults do together only where the text is about education.
    """
    drawn: dict[RedLine, list[tuple[int, int]]] = {kind: [] for kind in ORDER}
    for trace in (ALL if relevance >= TOGETHER else HARM).traces(folded):
        kind = trace[0].kind
        if len(drawn[kind]) < MOST_WORDS and _objection(trace, folded, relevance, foreign) is None:
            drawn[kind].append(trace[1].span())
    kinds = [kind for kind in ORDER if drawn[kind]]
    return Found(kinds[0], tuple(dict.fromkeys(span for kind in kinds for span in sorted(drawn[kind])))) if kinds else None


def suspected(folded: str) -> bool:
    """Whether a text that seems to be about something else must be read with care all the same: a red line that needs no certainty."""
    return find(folded, UNSURE, False) is not None


def doubted(folded: str, relevance: float, foreign: bool) -> list[Doubted]:
    """The words of red lines that `find` passed over, in the order of the text, each with its reason: for people who ask why.

    Words that are nothing by themselves (「电话打不通」) and have nothing beside them are passed over in silence.
    """
    found = find(folded, relevance, foreign)
    drawn, passed = found.spans if found else (), []
    for trace in ALL.traces(folded):
        rule, match, _, around = trace
        trifle = (rule.beside and not rule.beside.search(around)) or (rule.kind is RedLine.MISSING_CHILD and not CHILD.search(around))
        counted = any(start < match.end() and match.start() < end for start, end in drawn)
        why = None if trifle or counted else _objection(trace, folded, relevance, foreign)
        if why is not None:
            passed.append(Doubted(rule.kind, *match.span(), *why))
    return sorted(passed, key=lambda d: (d.start, d.end))


def _objection(trace: Trace, folded: str, relevance: float, foreign: bool) -> Reason | None:
    """Why these words draw no red line, with the words that say so; None where they draw one."""
    rule, match, sentence, around = trace
    if rule.beside and not rule.beside.search(around):
        return Why.SLIGHT, ""
    why = doubt(rule.kind, folded, sentence, match) or _against(rule, around) or _not_ours(trace, folded, relevance)
    return why or ((Why.FOREIGN, "") if foreign and not _cries(rule.kind, folded, match) else None)


def _against(rule: Rule, around: str) -> Reason | None:
    said = spoken_for(rule.against, around) if rule.against else None
    return (Why.AGAINST, said.group()) if said else None


def _not_ours(trace: Trace, folded: str, relevance: float) -> Reason | None:
    """Why it is not about pupils or a school, or not grave enough for its kind."""
    kind = trace[0].kind
    if kind is RedLine.JOINT_ACTION:
        return _faint(relevance, TOGETHER)
    if kind is RedLine.EXAM_LEAK:
        other = OFFICIAL.search(folded)
        return (Why.AGAINST, other.group()) if other else _faint(relevance, 0.15) if EXAM.search(folded) else (Why.SLIGHT, "")
    if _cries(kind, folded, trace[1]):
        return None
    return _whose(trace, folded, relevance) or _slight(kind, folded, trace[1]) or _too_faint(trace, relevance)


def _cries(kind: RedLine, folded: str, match: re.Match[str]) -> bool:
    """Whether somebody says of himself that he wants to live no more, in few words, or as a pupil."""
    before = folded[max(0, match.start() - 16) : match.start()]
    if kind is not RedLine.SUICIDE_RISK or not DESPAIR.search(match.group()) or not FIRST_PERSON.search(before):
        return False
    near = folded[max(0, match.start() - AROUND) : match.end() + AROUND]
    return not GROWN_UP.search(before) and (len(folded) <= BRIEF or bool(AGE.search(near)) or bool(AT_SCHOOL.search(near)))


def _whose(trace: Trace, folded: str, relevance: float) -> Reason | None:
    """Why it befalls neither pupils nor anybody at a school."""
    (rule, match, _, around), at_school = trace, relevance >= 0.5 or bool(AT_SCHOOL.search(folded))
    kind, before = rule.kind, folded[max(0, match.start() - 16) : match.start()]
    child = bool(CHILD.search(around) or PUPIL_TALK.search(around))
    if kind is RedLine.SUICIDE_RISK:
        grown = GROWN_UP.search(before)
        return (Why.GROWN_UP, grown.group()) if grown else None if child or AT_SCHOOL.search(folded) else (Why.NO_CHILD, "")
    if kind in (RedLine.SEXUAL_OFFENCE, RedLine.SERIOUS_BULLYING):
        if not child and not (relevance >= 0.5 and OFFENDERS.search(around)):
            return Why.NO_CHILD, ""
        plain = kind is RedLine.SEXUAL_OFFENCE and PLAIN_SEX.search(match.group()) and MINOR.search(around)
        return None if plain or at_school else (Why.NO_SCHOOL, "")
    if not child and not ("人命" in match.group() and AT_SCHOOL.search(around)):
        return Why.NO_CHILD, ""
    elder = ELDER.search(before) if match.group()[0] not in TAKEN else None
    if elder:
        return Why.GROWN_UP, elder.group()
    dead_child = kind is RedLine.DEATH_OR_INJURY and DEADLY.search(match.group()) and MINOR.search(around)
    return None if kind is RedLine.MISSING_CHILD or dead_child or at_school else (Why.NO_SCHOOL, "")


def _slight(kind: RedLine, folded: str, match: re.Match[str]) -> Reason | None:
    """What food and bullying ask for besides: something eaten, and no teacher who does it himself (that is another matter)."""
    if kind is RedLine.FOOD_ILLNESS and not FOOD.search(folded):
        return Why.SLIGHT, ""
    teacher = BY_TEACHER.search(folded[max(0, match.start() - 24) : match.start()]) if kind is RedLine.SERIOUS_BULLYING else None
    return (Why.SLIGHT, teacher.group()) if teacher else None


def _too_faint(trace: Trace, relevance: float) -> Reason | None:
    """Whether the whole text is too far from education, which does not matter where children or a school stand beside grave harm."""
    (rule, match, sentence, around), close = trace, slice(max(0, trace[1].start() - CLOSE), trace[1].end() + CLOSE)
    kind, school = rule.kind, AT_SCHOOL.search(around)
    child = MINOR.search(around) or PUPIL_TALK.search(around)
    beside = CHILD.search(sentence.string[close])
    if kind in (RedLine.SUICIDE_RISK, RedLine.SEXUAL_OFFENCE):
        near = bool(child or school)
    elif kind is RedLine.MISSING_CHILD or (kind is RedLine.DEATH_OR_INJURY and DEADLY.search(match.group())):
        near = bool(beside or ("人命" in match.group() and school))
    else:
        near = bool(beside and school) and kind is not RedLine.FOOD_ILLNESS
    if near:
        return None
    return _faint(relevance, 0.05 if kind in (RedLine.SEXUAL_OFFENCE, RedLine.SUICIDE_RISK) else 0.15)


def _faint(relevance: float, least: float) -> Reason | None:
    return (Why.FAINT, f"{relevance:.2f}，不到 {least:.2f}") if relevance < least else None
