"""The clause in which words of a red line stand, with its neighbours, and who says in it that there was nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

BREAK = re.compile(r"[,，:：]|(?<![a-z]) +(?![a-z])")
NEAR, FAR = 30, 60
KIN = r"(?:女儿|儿子|孩子|小孩|娃|闺女|侄|外甥|孙[子女]|弟弟?|妹妹?|宝宝|同学|同桌|室友)"
OWN = re.compile(rf"(?:我|俺|咱)们?(?:家|班)?的?[大小二亲]?{KIN}|^(?:\W|昨[天晚]|今[天早])*(?:女儿|儿子|闺女|孙女|孙子|侄[女儿子]|外甥)")
LATELY = re.compile(r"昨[天晚日夜]|前[天晚]|今[天早晨晚]|刚刚|刚才|凌晨|上周|已有|已经有|就有|曾有|发生过|出过|第二天")

# Whoever may be to blame says that it is nothing; the writer who tells of it says otherwise.
TELLER = r"(?:学校|校方|校长|园长|园方|幼儿园|老师|教师|班主任|教练|宿管|主任|对方|他们|对外|教育局|领导|(?<!双方)家长|打人[者的])"
CLAIM = re.compile(
    TELLER + r"[^。！？!?；;\n]{0,16}(?:说|称|讲|认定|认为|定[性为]|坚持|咬定|回[复应]|答复|解释|通报|发|出具|给|告[诉知]|敷衍|当[成作]|"
    r"一句|用|以|结论|搪塞|推脱)[^,，。]{0,8}$"
)
PLEA = re.compile(r"[请望](?:[^,，。]{0,8})(?:不要|别|勿)|要求[^,，。]{0,6}不要")
# What the writer sets against it, and a version of the school's that he calls untrue.
HOWEVER = re.compile(r"(?:可是?|但是?|然而|却|其实|实际上|明明)(?:我|家属|孩子|女儿|儿子|真|有|是|很多|大家|在场|目击)|亲眼|我们家属|目击")
THEIR_VERSION = re.compile(r"(?:通报|说法|回[复应]|答复|解释|声明|结论|证明|记录|监控)[^,，。]{0,4}$")
NOT_SO = re.compile(r"(?:不是|绝非|并非|不信[^,，。]{0,4})$")
RUMOUR = re.compile(r"网传|传言|谣传|传闻|流传|疯传")
POLICE = re.compile(r"公安|警方|民警|派出所|网警|网信|警察|官方|核查|核实|联合调查")


@dataclass(frozen=True, slots=True)
class Clause:
    """What stands in the same clause before and after some words, and in the clauses right beside it."""

    before: str
    after: str
    earlier: str
    later: str
    words: str

    @property
    def whole(self) -> str:
        """The clause itself."""
        return self.before + self.words + self.after

    @property
    def own(self) -> bool:
        """Whether it tells of the writer's own child, pupil or classmate."""
        return bool(OWN.search(self.whole))

    @property
    def told(self) -> bool:
        """Whether it tells of something that has happened to somebody: the writer's own, or lately."""
        return self.own or bool(LATELY.search(self.whole))


def clause(folded: str, sentence: re.Match[str], match: re.Match[str]) -> Clause:
    """The clause of these words; none reaches farther than a long one would, for texts without a stop."""
    before = BREAK.split(folded[max(sentence.start(), match.start() - FAR) : match.start()])
    after = BREAK.split(folded[match.end() : min(sentence.end(), match.end() + FAR)])
    earlier = next((c for c in reversed(before[:-1]) if c.strip()), "")
    later = next((c for c in after[1:] if c.strip()), "")
    return Clause(before[-1][-NEAR:], after[0][:NEAR], earlier[-NEAR:], later[:NEAR], match.group())


def claimed(text: str, at: int) -> bool:
    """Whether what stands here is the claim of a school or of those to blame, not the writer's own word."""
    before = text[max(0, at - FAR) : at]
    return bool(CLAIM.search(before)) and not PLEA.search(before[-16:])


def spoken_for(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first place where the writer himself says so."""
    return next((m for m in pattern.finditer(text) if not claimed(text, m.start())), None)


def belied(text: str, said: re.Match[str], rumour: bool) -> bool:
    """Whether a denial is only the school's, contradicted, or itself about the school's version of it."""
    before = text[max(0, said.start() - FAR) : said.start()]
    if HOWEVER.search(text) or NOT_SO.search(before):
        return True
    theirs = THEIR_VERSION.search(before) or claimed(text, said.start())
    return bool(theirs) and not rumour and not POLICE.search(before[-24:])
