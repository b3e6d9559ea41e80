"""Each row: what a bureau wrote → the place that is named and what is said of it. Nothing is ever half accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from pipeline.faults import Unusable

SCHOOLS = "内部编号,全称,别名,歧义别名,是否法人,回应主体编号,舆情联络员,邮箱,状态,起始日期,终止日期,主管股室,曾用名,手机\n"
DUTY = "开始,结束,姓名,手机,邮箱,备注\n"
DESK = '[default]\norder = 99\nowner = "bureau"\nparty = "desk"\nreason = "x"\n'
TOPIC = "['食堂']\nname='x'\ngroup='x'\ndefinition='x'\nwords=[]\nlead='school'\nsection='basic'\nrisk=1\nfoci=['b']\ntags=[]\n"
AUTO = """
[mine]
order = 1
owner = "school"
party = "school"
reason = "x"
auto = true
[mine.when]
public = true
topics = ["A5"]
nature = ["投诉"]
schools = ["one"]
"""
RUNG = '[mine]\nobligation = "findings"\ngrades = ["Ⅲ"]\nto = ["section"]\nwords = "x"\n'
SITE = '[site]\nname = "站"\nkind = "list_page"\nurl = "https://www.site.example/"\n[site.list]\nitem = "li"\n'

TOML = [
    ("a quote that never ends", "huiyin.toml", '[bureau]\nname = "清源\n', "第2行", "引号没有成对"),
    ("a full-width quote", "huiyin.toml", "[bureau]\nname = “清源”\n", "第2行", "值的写法不对"),
    ("a value without equals sign", "topics.toml", '[A5]\nrisk 3\n', "第2行", "「=」缺失"),
    ("a table written twice", "topics.toml", "[A5]\nrisk = 3\n[A5]\nrisk = 2\n", "第3行", "两次"),
    ("a bracket left open", "topics.toml", '[A5]\nwords = ["食堂"\n', "topics.toml", "括号"),
    ("an unknown table", "huiyin.toml", "[bureau]\nid='a'\n[male]\nx = 1\n", "第3行", "不认识的配置项 male"),
    ("an unknown key", "huiyin.toml", "[mail]\n# 说明\nhots = 'x'\n", "第3行", "不认识的配置项 mail.hots"),
    ("a wrong type", "huiyin.toml", "[console]\nport = 'abc'\n", "第2行", "console.port"),
    ("a number out of bounds", "huiyin.toml", "[console]\nport = 70000\n", "第2行", "console.port"),
    ("a word outside its vocabulary", "huiyin.toml", "[mail]\ntransport = 'fax'\n", "第2行", "fax 不在允许范围"),
    ("a text where a list belongs", "topics.toml", "[A5]\nwords = '食堂'\n", "第2行", "A5.words"),
    ("a scalar where a table belongs", "sources.toml", "hotline = 3\n", "第1行", "hotline"),
    ("an inbox without a user", "huiyin.toml", "[inbox]\nhost = 'mail.example'\n", "huiyin.toml", "没有登录用户名"),
    ("a folder that IMAP would not take", "huiyin.toml", "[inbox]\nfolder = '收件箱'\n", "huiyin.toml", "folder"),
    ("SMTP without a server", "huiyin.toml", "[mail]\ntransport = 'smtp'\n", "huiyin.toml", "没有写服务器地址"),
    ("a sender that is no address", "huiyin.toml", "[mail]\nsender = '值班室'\n", "第2行", "不是格式正确的邮箱地址"),
    ("working hours backwards", "huiyin.toml", "[clocks]\nworking_hours = [[12:00:00, 08:00:00]]\n", "第2行", "工作时间段"),
    ("replacing a file that is none", "huiyin.toml", "[files]\n'rules.toml' = 'replace'\n", "第2行", "rules.toml"),
    ("a new topic that lacks keys", "topics.toml", "[G1]\nname = '新'\n", "第1行", "缺少必填项 group"),
    ("a topic code out of form", "topics.toml", TOPIC, "第1行", "主题代码 食堂 写法不对"),
    ("a bare Chinese key", "topics.toml", "[食堂]\nname = 'x'\n", "第1行", "名称写法不对"),
    ("a topic of no section", "topics.toml", "[A5]\nsection = 'kitchen'\n", "第2行", "kitchen 不在 sections.csv"),
    ("an unknown topic in a rule", "routing.toml", "[one-school.when]\ntopics = ['Z9']\n", "第2行", "没有代码为 Z9 的主题"),
    ("an unknown topic in a deadline", "deadlines.toml", "[bullying.applies]\ntopics = ['Z9']\n", "第2行", "没有代码为 Z9 的主题"),
    ("an unknown source in a rule", "routing.toml", "[one-school.when]\nsources = ['bbs']\n", "第2行", "没有代号为 bbs 的信源"),
    ("an unknown section in a rule", "routing.toml", "[accusation]\nparty = 'police'\n", "第2行", "没有这个股室"),
    ("a full-width colon in an outside department", "routing.toml", "[roads]\nparty = '外部：交警'\n", "第2行", "外部：交警"),
    ("a condition on the default rule", "routing.toml", "[default.when]\npublic = true\n", "第1行", "不能有条件"),
    ("a default rule that guesses a school", "routing.toml", "[default]\nparty = 'school'\n", "第2行", "值班室"),
    ("a rule after the default", "routing.toml", "[one-school]\norder = 99999\n", "第2行", "永远轮不到"),
    ("a rule without conditions", "routing.toml", DESK.replace("default", "mine"), "第1行", "没有条件"),
    ("a rule without an owner", "routing.toml", "[mine]\norder = 3\n", "第1行", "缺少必填项 owner"),
    ("two rules of one order", "routing.toml", "[accusation]\norder = 700\n", "order", "先后不明"),
    ("an unknown limit", "deadlines.toml", "[aknowledge]\namount = 1\n", "第1行", "没有名为 aknowledge 的时限"),
    ("a grade that is none", "deadlines.toml", "[closing.by_grade.'Ⅴ']\namount = 1\nclock = 'days'\n", "第1行", "closing.by_grade.Ⅴ"),
    (
        "an extension on another clock", "deadlines.toml", "[closing.extension]\namount = 5\nclock = 'days'\nbasis = 'x'\n", "第1行",
        "closing 按工作日计，延长却按自然日计",
    ),
    ("a rung without a moment", "ladder.toml", RUNG, "第1行", "恰好写一个"),
    ("a rung with two moments", "ladder.toml", RUNG + "missed = true\nbefore = {amount=1, clock='hours'}\n", "第1行", "恰好写一个"),
    ("a rung of no limit", "ladder.toml", RUNG.replace("findings", "objection") + "missed = true\n", "第2行", "objection"),
    ("a rung that tells nobody", "ladder.toml", RUNG.replace('["section"]', "[]") + "missed = true\n", "第4行", "to 是空的"),
    ("or_after without after", "ladder.toml", RUNG + "missed = true\nor_after = {amount=1, clock='hours'}\n", "第7行", "or_after"),
    ("a source without an address", "sources.toml", SITE.replace("url", "#"), "第1行", "没有网址"),
    ("a source without selectors", "sources.toml", SITE.split("[site.list]")[0], "第1行", "没有列表选择器"),
    ("a selector that is none", "sources.toml", SITE.replace('"li"', '"li["'), "第6行", "选择器「li[」"),
    ("a private address not meant", "sources.toml", SITE.replace("www.site.example", "192.168.1.9"), "第4行", "内网地址"),
    ("localhost not meant", "sources.toml", SITE.replace("www.site.example", "localhost:80"), "第4行", "内网地址"),
    ("an address without a scheme", "sources.toml", SITE.replace("https://", ""), "第4行", "不完整"),
    ("a charset that is none", "sources.toml", "[site]\nencoding='gbk18'\n" + SITE.split("\n", 1)[1], "第2行", "gbk18"),
    ("a source faster than allowed", "sources.toml", "[site]\ndelay_seconds=1\n" + SITE.split("\n", 1)[1], "第2行", "快于总配置"),
]

CSV = [
    ("an unknown column", "schools.csv", "全称,邮箱,电话号码\n", "第1行「电话号码」", "不认识的列"),
    ("a column twice", "schools.csv", "全称,邮箱,邮箱\n", "第1行「邮箱」", "两次"),
    ("a required column missing", "schools.csv", "全称,简称\n", "第1行", "缺少「邮箱」列"),
    ("a quote that never ends", "schools.csv", '全称,邮箱\n甲小学,a@b.example\n"乙小学,c@d.example\n', "第3行", "引号"),
    ("text after a quote", "schools.csv", '全称,邮箱\n"甲"小学,a@b.example\n', "第2行", "引号"),
    ("more cells than columns", "schools.csv", "全称,邮箱\n甲小学,a@b.example,多\n", "第2行", "3 格"),
    ("a school without a name", "schools.csv", "全称,邮箱\n,a@b.example\n", "第2行「全称」", "不能为空"),
    ("an address without @", "schools.csv", "全称,邮箱\n甲小学,a.b.example\n", "第2行「邮箱」", "不是一个格式正确的邮箱地址"),
    ("a rounded number", "schools.csv", SCHOOLS + "1,甲,,,,,,,,,,,,1.39E+10\n", "第2行「手机」", "改写过的数字"),
    ("a code twice", "schools.csv", SCHOOLS + "1,甲,,,,,,,,,,,,\n1,乙,,,,,,,,,,,,\n", "第3行", "编号 1 与第2行「甲」重复"),
    ("a name twice", "schools.csv", SCHOOLS + "1,甲,,,,,,,,,,,,\n2,甲,,,,,,,,,,,,\n", "第3行「全称」", "与第2行重复"),
    ("an alias twice", "schools.csv", SCHOOLS + "1,甲,一中,,,,,,,,,,,\n2,乙,一中,,,,,,,,,,,\n", "第3行「别名」", "也是第2行「甲」的名称"),
    ("an alias that is another's name", "schools.csv",
     SCHOOLS + "1,甲,,,,,,,,,,,,\n2,乙,甲,,,,,,,,,,,\n", "第3行「别名」", "「甲」也是第2行"),
    ("an alias marked by one only", "schools.csv",
     SCHOOLS + "1,甲,一中,,,,,,,,,,,\n2,乙,,一中,,,,,,,,,,\n", "第2行「别名」", "标为歧义别名"),
    ("a 回应主体 that is not there", "schools.csv", SCHOOLS + "1,甲,,,否,9,,,,,,,,\n", "第2行「回应主体编号」", "没有编号为「9」的学校"),
    ("a 回应主体 that is no legal person", "schools.csv",
     SCHOOLS + "1,甲,,,否,2,,,,,,,,\n2,乙,,,否,3,,,,,,,,\n3,丙,,,是,3,,,,,,,,\n", "第2行", "「乙」不是法人"),
    ("nobody answers", "schools.csv", SCHOOLS + "1,甲,,,否,,,,,,,,,\n", "第2行「回应主体编号」", "须由别的学校回应"),
    ("a loop of 回应主体", "schools.csv", SCHOOLS + "1,甲,,,是,2,,,,,,,,\n2,乙,,,是,1,,,,,,,,\n", "第2行「回应主体编号」", "绕成了一圈"),
    ("a 回应主体 that is closed", "schools.csv", SCHOOLS + "1,甲,,,否,2,,,,,,,,\n2,乙,,,是,2,,,停办,,,,,\n", "第2行", "已停办"),
    ("a contact without address", "schools.csv", SCHOOLS + "1,甲,,,,,王老师,,,,,,,\n", "第2行「邮箱」", "有联络员 王老师，但没有邮箱"),
    ("dates out of order", "schools.csv", SCHOOLS + "1,甲,,,,,,,,2020-09-01,2019-08-31,,,\n", "第2行「终止日期」", "早于起始日期"),
    ("a date that is none", "schools.csv", SCHOOLS + "1,甲,,,,,,,,2020-13-01,,,,\n", "第2行「起始日期」", "不是日期"),
    ("a former name out of form", "schools.csv", SCHOOLS + "1,甲,,,,,,,,,,,旧名(去年),\n", "第2行「曾用名」", "写法不对"),
    ("a state that is none", "schools.csv", SCHOOLS + "1,甲,,,,,,,开办,,,,,\n", "第2行「状态」", "不在允许范围"),
    ("a section that is not there", "schools.csv", SCHOOLS + "1,甲,,,,,,,,,,体育股,,\n", "第2行「主管股室」", "体育股"),
    ("a school with a section's code", "schools.csv", SCHOOLS + "desk,甲,,,,,,,,,,,,\n", "第2行「内部编号」", "与股室"),
    ("a section's topic that is not there", "sections.csv", "编号,名称,主题\nbasic,基教股,Z9\n", "第2行「主题」", "没有代码为 Z9 的主题"),
    ("a topic in two sections", "sections.csv", "编号,名称,主题\nbasic,基教股,A5\nsafety,安全股,A5\n", "第3行「主题」", "同时写在"),
    ("a section twice", "sections.csv", "编号,名称\nbasic,基教股\nbasic,教育股\n", "第3行「编号」", "重复"),
    ("a gap in the duty roster", "duty.csv", DUTY + "2026-11-18 08:00,2026-11-18 18:00,甲,1,,\n2026-11-18 20:00,2026-11-19 08:00,乙,1,,\n",
     "第3行「开始」", "2026-11-18 18:00 至 2026-11-18 20:00 无人值班"),
    ("an overlap in the duty roster", "duty.csv",
     DUTY + "2026-11-18 08:00,2026-11-18 18:00,甲,1,,\n2026-11-18 17:00,2026-11-19 08:00,乙,1,,\n", "第3行「开始」", "重叠"),
    ("a shift that ends before it begins", "duty.csv", DUTY + "2026-11-18 20:00,2026-11-18 08:00,甲,1,,\n", "第2行「结束」", "不晚于"),
    ("a shift nobody can be called on", "duty.csv",
     DUTY + "2026-11-18 08:00,2026-11-18 20:00,甲,,,\n", "第2行「手机」", "没有手机也没有邮箱"),
    ("a time that is none", "duty.csv", DUTY + "明早,2026-11-18 20:00,甲,1,,\n", "第2行「开始」", "不是日期和时间"),
    ("a document without its section", "policies.csv", "文号,标题,起草股室\n1号,甲,\n", "第2行「起草股室」", "不能为空"),
    ("a document of no section", "policies.csv", "文号,标题,起草股室\n1号,甲,体育股\n", "第2行「起草股室」", "体育股"),
    ("a document twice", "policies.csv", "文号,标题,起草股室\n1号,甲,basic\n1号,乙,basic\n", "第3行「文号」", "重复"),
    ("a day off and worked", "calendar.csv", "日期,类型\n2026-05-09,休\n2026-05-09,班\n", "第3行「日期」", "既写了休又写了班"),
    ("a kind of day that is none", "calendar.csv", "日期,类型\n2026-05-09,半\n", "第2行「类型」", "不在允许范围"),
    ("a year left out", "calendar.csv", "日期,类型\n2028-01-01,休\n", "calendar.csv", "缺少 2027 年"),
    ("an empty file", "duty.csv", "", "duty.csv", "没有表头"),
]


@pytest.mark.parametrize(("file", "content", "where", "what"), [row[1:] for row in TOML + CSV], ids=[row[0] for row in TOML + CSV])
def test_bad_input_names_its_place_and_its_mend(tmp_path: Path, file: str, content: str, where: str, what: str) -> None:
    (tmp_path / file).write_text(content, "utf-8")
    with pytest.raises(Unusable) as caught:
        load(tmp_path)
    told = [f for f in caught.value.faults if file in f.where and where in f"{f.where} {f.what}" and what in f.what]
    assert told, str(caught.value)
    assert all(f.mend for f in caught.value.faults)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("public = true>public = false", "非公开来源"),
        ("public = true>", "非公开来源"),
        ('topics = ["A5"]>', "没有限定主题"),
        ('["A5"]>["A5", "A2"]', "A2"),
        ('["A5"]>["A3"]', "A3"),
        ('["A5"]>["A4"]', "A4"),
        ('["A5"]>["B1"]', "B1"),
        ('["A5"]>["F3"]', "F3"),
        ('["投诉"]>["投诉", "举报"]', "检举控告"),
        ('nature = ["投诉"]>', "检举控告"),
        ('schools = ["one"]>accused = ["unit"]\nschools = ["one"]', "指控"),
        ('schools = ["one"]>redline = ["food_illness"]\nschools = ["one"]', "红线"),
        ('["one"]>["one", "several"]', "一所明确学校"),
    ],
)
def test_no_rule_hands_over_by_itself_what_a_person_must_confirm(tmp_path: Path, change: str, why: str) -> None:
    old, new = change.split(">")
    (tmp_path / "routing.toml").write_text(AUTO.replace(old, new), "utf-8")
    with pytest.raises(Unusable) as caught:
        load(tmp_path)
    assert any("不得自行交办" in f.what and why in f.what for f in caught.value.faults), str(caught.value)


def test_a_bounded_rule_may_hand_over_by_itself(tmp_path: Path) -> None:
    (tmp_path / "routing.toml").write_text(AUTO, "utf-8")
    assert load(tmp_path).routing["mine"].auto


def test_a_replaced_rule_file_needs_its_own_default_rule(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[files]\n'routing.toml' = 'replace'\n", "utf-8")
    (tmp_path / "routing.toml").write_text(DESK.replace("default", "last"), "utf-8")
    with pytest.raises(Unusable, match="缺少默认规则"):
        load(tmp_path)


def test_replaced_sections_need_the_desk(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[files]\n'sections.csv' = 'replace'\n", "utf-8")
    (tmp_path / "sections.csv").write_text("编号,名称\nbasic,基教股\n", "utf-8")
    with pytest.raises(Unusable, match="缺少编号为 desk 的一行"):
        load(tmp_path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[console]\nport = 'x'\n[mail]\nhots = ''\n", "utf-8")
    (tmp_path / "topics.toml").write_text("[A5\n", "utf-8")
    (tmp_path / "schools.csv").write_text("全称,邮箱\n甲小学,a\n,b@c.example\n", "utf-8")
    with pytest.raises(Unusable) as caught:
        load(tmp_path)
    assert [f.where for f in caught.value.faults] == [
        "huiyin.toml 第2行", "huiyin.toml 第4行", "topics.toml 第1行", "schools.csv 第2行「邮箱」", "schools.csv 第3行「全称」",
    ]


def test_one_fault_does_not_breed_others(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[crawl]\ndelay_seconds = 0.2\n[mail\n", "utf-8")
    (tmp_path / "sources.toml").write_text("[site]\ndelay_seconds = 0.2\n" + SITE.split("\n", 1)[1], "utf-8")
    (tmp_path / "topics.toml").write_text("[G1]\nname = 3\n", "utf-8")
    (tmp_path / "routing.toml").write_text("[one-school.when]\ntopics = ['G1']\n", "utf-8")
    with pytest.raises(Unusable) as caught:
        load(tmp_path)
    assert {f.where.split()[0] for f in caught.value.faults} == {"huiyin.toml", "topics.toml"}


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"PK\x03\x04rest", "Excel 工作簿"), ("全称,邮箱".encode("utf-16"), "编码"), (b"\xff\xff\xff", "编码"), (b"a\0b", "编码")],
)
def test_what_is_no_text_is_told(tmp_path: Path, data: bytes, what: str) -> None:
    (tmp_path / "schools.csv").write_bytes(data)
    with pytest.raises(Unusable, match=what):
        load(tmp_path)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="没有这个目录"):
        load(tmp_path / "nowhere")


def test_a_template_that_cannot_be_parsed_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "letter.txt").write_text("{{ name }}\n{% if x %}\n", encoding="utf-8")
    with pytest.raises(Unusable, match=r"templates/letter\.txt 第\d行：模板写法不对"):
        load(tmp_path)
