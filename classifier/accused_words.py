"""The words that name who is accused (被检举控告人): heads, officers, staff, bodies; and those that only accuse, ask or greet."""

from __future__ import annotations

import re

SURNAME = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳"
    "史唐费廉岑薛雷贺倪汤罗毕郝邬常傅齐康伍余元顾孟黄穆萧尹姚邵汪祁毛"
    "狄米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房宗丁邓洪包左石崔龚程"
    "邢裴陆翁曲段侯仇武符刘景詹龙叶司黎白赖卓池乔谭申易廖曾沙欧肖涂聂阳"
)
# What may follow a name; a bare surname may also stand before a verb.
MARKS = r",，。、;；:：\s()（）!！?？“”\""
LINKS = "在利从于身向对收把的以与和及是为将私借多长因被涉曾还就没用每打骂扇摸公身"
ACTS = "说参调利用让叫要拿给办开组强违当任到也都又通指拒擅挪克套贪受索骚猥体侮辱逼偷卖造伪包安负经亲自始总"
END = rf"(?=[{MARKS}{LINKS}]|$)"
VERB = rf"(?=[{ACTS}])"
# Where a given name ends: the same, and the first words of what its bearer did.
DONE = rf"(?=[{MARKS}{LINKS}{ACTS}吃补]|有偿|老师|教师|$)"
GIVEN = rf"(?![{LINKS}{ACTS}老有教])[\u4e00-\u9fff]"
NAME = (
    rf"[{SURNAME}](?:某(?:[某甲乙]|{GIVEN}{DONE})?|x{{1,3}}|\*{{1,3}}|姓?老师|姓?教师|主任|{VERB}|{GIVEN}[\u4e00-\u9fff]{DONE}|"
    rf"[\u4e00-\u9fff]{{1,2}}{END}|{END})"
)
FULL_NAME = rf"[{SURNAME}](?:某(?:[某甲乙]|{GIVEN}{DONE})?|x{{1,3}}|\*{{1,3}}|{GIVEN}[\u4e00-\u9fff]{DONE}|{GIVEN}{END})"
# A given name between surname and title; no school's, place's or office's name ends in such a character.
BETWEEN = r"(?:(?![中小学校幼园县市区镇乡村里那这的是了和个位名代总各副任前原现新老一二三四五六七八九十男女禁止])[\u4e00-\u9fff]){1,2}"
# A full name before a title begins where a word begins: after a mark, a school's last character or a small word.
FRESH = r"(?:(?<![\u4e00-\u9fff])|(?<=[校学中园小幼局班报的是和由与对向被让叫发]))"
HEAD = (
    r"(?:常务|分管(?:[\u4e00-\u9fff]{2}的?)?)?副?(?:校长|园长|书记)|举办者|董事长|(?<!公)(?:法人代表|法定代表人)|一把手|校领导|"
    r"学校领导|园领导"
)
# The bureau's sections by their field: some words stand before 股 alone, for schools have a 德育科 and a 后勤处 too.
FIELD = "(?:人事|基教|基础教育|基建|财务|计财|计划财务|资助|招生|招考|中招|安全|营养|学前|幼教|民办|职成|职教|成教|督导|监审|普教)"
SECTION_NAME = (
    rf"(?:{FIELD}(?:股室|股|科室|科(?!任)|办(?![法事理学公园班])|局)|(?:[\u4e00-\u9fff]{{2}})?股室|"
    r"(?:政工|德育|体卫艺|电教|后勤|教师|项目|信访|办公室)股)"
)
BUREAU = "教(?:育体育|育|体)"
SECTION = rf"(?:(?:[县市区]?{BUREAU}局的?)?{SECTION_NAME}|[县市区]?{BUREAU}局(?:的?办公室))"
OFFICER = (
    rf"(?:(?:常务)?副?局长|{FIELD}?副?(?:股长|科长)|督学|教研员|{SECTION_NAME}的?(?:工作人员|干部|人员|负责人|副?股长|副?科长|副?主任|领导)|局领导|"
    r"教[育体]局(?:工作人员|干部|负责人))"
)
STAFF = (
    r"(?:教导|教务处?|总务处?|政教处?|德育处?|后勤|年级|班|就业办|招生办|校办|教研)副?主任|(?:年级|教研|监考|备课)组长|(?:语文|数学|"
    r"英语|物理|化学|生物|历史|地理|政治|体育|美术|音乐|舞蹈|书法|生活|主班|配班|在职|任课|退休|监考|带队|带考|值班|心理|科任|"
    r"在编)(?:老师|教师|教练)|保育员|宿管(?:员|阿姨)?|(?:校车|园车)?司机|会计|出纳|(?:食堂)?承包人|食堂老板|书店老板|打印店老板|保安|"
    r"门卫|校医|考官|监考员|考点主考|主考|家委会(?:主任|会长)?|家长代表|项目负责人|公司负责人|店主|教练|财务室|辅导员|机构老板"
)
WHO = re.compile(
    rf"(?P<bureau>(?:[县市区]?{BUREAU}局?的?)?(?:{OFFICER})(?:{NAME})?|{SECTION}(?:的?{FULL_NAME})?|[县市区]?{BUREAU}局(?!长)(?:(?:人事|基教|基建|财务|资助|"
    rf"招生|安全|督导|监审|学前|民办|职成)(?:股|科|办|室)|办公室)?)"
    rf"|(?P<head>(?:{HEAD})(?:{NAME})?|(?<![现前原主担])[{SURNAME}](?:某{GIVEN}|某某?)?姓?(?:{HEAD})|{FRESH}[{SURNAME}]{BETWEEN}(?:{HEAD})|"
    rf"姓[{SURNAME}]的?(?:{HEAD}))"
    rf"|(?P<person>姓[{SURNAME}]的?(?:男|女)?(?:{STAFF}|老师|教师|主任)|(?:{STAFF})(?:{NAME}(?:老师|教师)?)?|(?:老师|教师){FULL_NAME}|"
    rf"(?<![现前原主担公经非平日通])(?!严[禁查格重肃厉])[{SURNAME}](?:姓|某{GIVEN}|某某?|x{{1,3}}|"
    rf"{BETWEEN})?(?:{STAFF}|老师|主任|教练|会计)|[{SURNAME}](?:某(?:[某甲乙]|{GIVEN}{DONE})?|x{{1,3}}|\*{{1,3}})|(?:老师|教师)(?!们?节))"
)
BODY = re.compile(
    r"[“\"「]?[\u4e00-\u9fff]{2,8}?(?:培训学校|培训机构|培训中心|教育机构|托管(?:中心|班)|艺术中心|舞蹈|学堂|食品公司|配餐公司|公司|"
    r"书店|教育(?!局|部|厅|委|股|科))[”\"」]?"
)
# Where nobody is named, whom such a text must mean all the same.
ANYBODY = re.compile(
    r"(?:任课|班主|个别|部分|一些|该校|学校|在职|本校)?(?:班主任|老师|教师)(?!们好)|学校(?!的?孩子)|幼儿园|培训(?:机构|班|学校)|机构|"
    r"托管(?:班|中心)?|补习班|教练|领导"
)
# A bare name before what its bearer did: 「某某小学张三违规…」.
BARE_NAME = re.compile(rf"的?(?P<name>[{SURNAME}][\u4e00-\u9fff]{{1,2}}?)(?=违规|违纪|违法|有偿|贪污|受贿|体罚|伪造|造假|在外)")
# An office alone, without its holder's name.
IN_SECTION = re.compile(rf"{SECTION}的?{FULL_NAME}")
OFFICE = re.compile(rf"(?:[县市区]?{BUREAU}局?的?)?(?:{HEAD}|{OFFICER}|{STAFF})|{SECTION}|老师|教师")
ACCUSES = re.compile(r"举报|检举|控告|实名|揭发|反映|投诉|请查|严查|查处|查一查|查查|曝光|控诉")
# 「举报到12345也没用」 tells of a complaint made, and accuses nobody.
STRONG = re.compile(
    r"举报(?!无门|电话|热线|平台|信箱|渠道|(?:到|过|了|给|也|都|没)[^,，。]{0,10}(?:没用|没有用|没人|没管|不管|无果|石沉|没回|没结果))|"
    r"检举|控告|实名|揭发|请查|严查|查处|查一查|纪委|监委"
)
POINTS = re.compile(r"(?:举报|检举|控告|查处|严查|请查|揭发|反映|投诉|曝光|控诉)[^,，。]{0,14}$")
GREETED = re.compile(r".{0,2}(?:您好|你好|好[!,，。]|：|:|热线|信箱)")
ASKED = re.compile(
    r"(?:尊敬的|敬爱的|请(?!查)|找|告诉|报告(?:了)?|问(?:了|过)?|恳请|希望|我是.{0,8}|我叫|本人(?:是|叫)?|我们是.{0,8}|要求|建议|"
    r"呼吁|感谢|求助|作为.{0,6}|(?<!反映)(?<!导)[跟向]|(?:冒充|自称是?|不要转)|孩子的(?!新))$"
)
ONLOOKER = re.compile(
    r".{0,4}(?:说(?!再)|知道|上报|答复|回复|记录|看见|看到|劝|解释|不敢|不管|没管|拒绝|也不|写的是|挺|垫付|推荐|只能|打电话|告诉|"
    r"接到|要求.{0,4}(?:阳光|规范)|是大家|会上|不在)"
)
DENIES = re.compile(r"感谢|表扬|好老师|点赞|辛苦")
HEADLESS = frozenset({"在职教师", "在职老师", "任课老师", "任课教师", "退休教师", "教练", "考官", "家委会", "会计", "法人代表", "在编教师"})
FORBIDS = re.compile(r"(?:禁止|杜绝|严查|不准|防止|规范|建议|通报)[^,，。]{0,10}$")
# What takes the deed away from whoever stands before it: another doer, those who look into it, a question, a refusal.
HINDERS = re.compile(
    r"[。!?！？\n…]|查|整治|治理|规定|禁止|严禁|重申|通知|通报|公布|回复|应该|能不能|是否|有没有|防止|杜绝|举报|投诉|反映|学校|机构|幼儿园|社会上|(?:孩子|学生|"
    r"同学|家长)们?(?:之间|互相|被|和|跟|送|打|在)|同桌|小朋友|另一|(?<!对)别的|承诺|家长送|发了?一?个?$"
)
REFUSED = re.compile(r"(?:没有?|不|未|无|不[准许得能会敢]|免于|拒绝|拒|防|反|算|对|不能用)[再去]?$|(?:被|遭)[^,，。]{0,6}$")
# What the authorities have dealt with already is news, and no accusation.
DEALT_WITH = re.compile(
    r"被(?:留置|双开|起诉|判处|立案|公诉|逮捕|带走|开除党籍|降级)|提起公诉|刑拘|批捕|终审|宣判|判了?十|系谣言|接受(?:纪律)?审查|通报.{0,4}起|本报讯|"
    r"记者从|据.{0,8}(?:消息|报道)"
)
