"""Hides what identifies a person in whatever is sent or shown by default: numbers, plates, names, homes (个人信息遮蔽)."""

from __future__ import annotations

import re
from collections.abc import Collection

SEP = r"[ \t\-－—–·.]"
"""What people put between groups of digits."""
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱"
    "江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单"
    "季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边"
    "卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
STOPS = "在是的了上读就今因被说和与到去来也都有没要不从把给让向对已还现同家班校联电系住手"
"""Characters that follow a name and are none of it."""

HAN = r"[\u4e00-\u9fff]"
REST = rf"{HAN}(?:(?![{STOPS}]){HAN})?"
NAME = rf"(?:(?:欧阳|司马|上官|诸葛|皇甫|尉迟|夏侯|令狐|慕容){REST}|[{SURNAMES}]{REST})"

IDENTITY = re.compile(rf"(?<![\dA-Za-z])[1-9]\d{{5}}{SEP}?(?:18|19|20)\d\d{SEP}?[01]\d{SEP}?[0-3]\d{SEP}?\d{{3}}[\dXx](?![\dXx])")
CARD = re.compile(rf"(?<![\dA-Za-z])(?:\d{{15,19}}|\d{{4}}(?:{SEP}\d{{4}}){{3}}(?:{SEP}?\d{{1,3}})?)(?!\d)")
GROUPS = ((0, 8), (0, 4, 4), (0, 3, 5), (1, 3, 4), (2, 6), (4, 4))
"""How people group the digits after `1[3-9]x`; other groups are dates and sums."""
GROUPED = "|".join(rf"1[3-9]\d{{{1 + first}}}" + "".join(rf"{SEP}\d{{{n}}}" for n in rest) for first, *rest in GROUPS)
MOBILE = re.compile(rf"(?<![\dA-Za-z])(?:\+?86{SEP}?)?(?:1[3-9]\d{{9}}|{GROUPED}|1(?P<sep>{SEP})[3-9](?:(?P=sep)\d){{9}})(?!\d)")
LANDLINE = re.compile(r"(?<![\dA-Za-z])[（(]?0\d{2,3}[)）]?[-－— ]?[2-9]\d{6,7}(?:[-转]\d{1,5})?(?!\d)")
MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])")
ACCOUNT = re.compile(
    r"((?:学籍号|学号|准考证号|考生号|账号|帐号|卡号|微信号?|QQ号?|qq号?)(?:码)?(?:是|为)?[:： ]{0,2})[A-Za-z0-9_\-]{5,30}"
)
UNIT = r"(?:\d{1,5}|[A-Za-z]\d{0,3})(?:号楼|号院|号(?![线令文考公通])|栋|幢|座|单元|楼|层|室|户)"
HOME = re.compile(rf"(?<=[路街巷道弄里村组园区院苑城湾庄镇屯]){UNIT}(?:{UNIT})*|{UNIT}(?:{UNIT})+")
LABEL = r"(?:姓名|名字|联系人|举报人|投诉人|反映人|来电人|来信人|当事人)"
LABELLED = re.compile(rf"({LABEL}(?:[:：是为叫]|[ ]){{1,2}})(?:{NAME}|{REST})(?!［)")
NO_NAME = (
    "应[当该予]|和|于[今昨前本当近上下]|时|方[面才可式]|向|常[常年]|曾[多经反向在]|何[时处人]|高度|许多|马上|文化|经[常过]|成为|单[独位]|全[部体名]|解释|万一|通过|明确|都|安[全排]|平[时台]|强[调烈]|施|计划|"
    "管理|项目|关[于系注]|路上|车[辆上]|温馨|宣[称布]|包括|程序|古|连[续夜]"
)
"""Words that begin with a surname and follow such a label in plain prose."""
BESIDE = re.compile(rf"({LABEL})(?!{NO_NAME}){NAME}(?!［)")
CALLED = re.compile(
    r"((?:孩子|小孩|儿子|女儿|侄子|侄女|孙子|孙女|外孙|学生|同学|我|本人|名字|老师|姓名)(?:名字)?(?:名|的名字)?叫(?:做)?[ :：]?)" + NAME
)
FOLD = str.maketrans("０１２３４５６７８９", "0123456789")
URL = re.compile(r"https?://[^\s，。；）)」』\"'<>]+")

SHAPES = (
    (MAIL, "［邮箱］"), (IDENTITY, "［身份证号］"), (MOBILE, "［手机号］"), (CARD, "［长号码］"), (LANDLINE, "［电话号码］"),
    (PLATE, "［车牌号］"), (ACCOUNT, r"\1［号码］"), (HOME, "［门牌］"), (LABELLED, r"\1［姓名］"), (BESIDE, r"\1［姓名］"),
    (CALLED, r"\1［姓名］"),
)


def masked(text: str, keep: Collection[str] = ()) -> str:
    """The text with everything that identifies a person replaced by what it was. Links, and the words to `keep` (the bureau's own
    telephone), stay as they are. Masking what is masked changes nothing."""
    folded = text.translate(FOLD)
    whole = [re.escape(word.translate(FOLD)) for word in keep if word.strip()]
    spared = re.compile("|".join([*whole, URL.pattern]))
    parts, at = [], 0
    for match in spared.finditer(folded):
        parts += [_masked(folded[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*parts, _masked(folded[at:])])


def _masked(text: str) -> str:
    for shape, name in SHAPES:
        text = shape.sub(name, text)
    return text
