"""Red lines: what happened to children counts, what is feared, practised, denied or told of elsewhere does not."""

from __future__ import annotations

import time

import pytest

from classifier import corpus, redline
from classifier.redline_joint import JOINT_RULES
from classifier.redline_rules import HARM_RULES
from classifier.words import fold
from pipeline.domain.terms import RedLine

DEAD, SUICIDE, MISSING, SEXUAL = RedLine.DEATH_OR_INJURY, RedLine.SUICIDE_RISK, RedLine.MISSING_CHILD, RedLine.SEXUAL_OFFENCE
BULLYING, FOOD, LEAK, JOINT = RedLine.SERIOUS_BULLYING, RedLine.FOOD_ILLNESS, RedLine.EXAM_LEAK, RedLine.JOINT_ACTION


def kind(text: str, relevance: float = 0.9, foreign: bool = False) -> RedLine | None:
    found = redline.find(fold(text), relevance, foreign)
    return found.kind if found else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("三小一名学生从教学楼坠楼，正在抢救", DEAD),
        ("体育课上孩子摔成骨折，学校不管", DEAD),
        ("儿子过马路去上学，被车撞了，不治身亡", DEAD),
        ("女儿放学被一辆摩托车撞倒在地，司机逃逸，孩子还在医院", DEAD),
        ("实验课试管炸了，玻璃扎进我儿子右眼，角膜破裂", DEAD),
        ("我儿子走了四十天了，学校没有人来看过", DEAD),
        ("顶棚脱落，六名学画的孩子受伤，都在住院", DEAD),
        ("学校体育老师多次猥亵女学生", SEXUAL),
        ("教练借压腿乱摸女队员", SEXUAL),
        ("女儿说开校车的爷爷摸她，已经报警", SEXUAL),
        ("数学老师给我女儿发不堪入目的图片", SEXUAL),
        ("我女儿在学校压力太大，手腕上全是划的口子，说不想活了", SUICIDE),
        ("有个学生翻过楼顶护栏要跳楼", SUICIDE),
        ("我女儿割腕，因为被几个女同学多次围殴拍视频", SUICIDE),
        ("其实药我已经攒够了，学校的心理咨询室锁着", SUICIDE),
        ("孩子回家写活着没意思，医院评估为高风险", SUICIDE),
        ("二中初二女生离家出走三天，至今下落不明，学校不知情", MISSING),
        ("儿子住校，昨晚人不在宿舍，到现在两天两夜，已经报警", MISSING),
        ("幼儿园门口有人冒充奶奶抱走两个小孩", MISSING),
        ("儿子在学校厕所被五个同学围殴，还被逼下跪拍视频", BULLYING),
        ("班主任不管，五个同学扇我儿子耳光，逼他下跪拍视频", BULLYING),
        ("告诉班主任以后，几个男生又在宿舍殴打孩子", BULLYING),
        ("上学路上女儿被三个大孩子抢劫，没有钱就打了一顿", BULLYING),
        ("儿子胳膊上有烟头印，说是宿舍高年级的烫的", BULLYING),
        ("幼儿园十几个孩子中午吃完饭上吐下泻", FOOD),
        ("学校发的牛奶，二十多个娃喝了肚子绞着痛", FOOD),
        ("期末统考数学卷子提前一天有人拿到答案，群里在卖答案", LEAK),
        ("中考前一晚试题流出，群里都有", LEAK),
        # said round about, as people do
        ("初二的表妹手腕上有两道割痕，她说是自己划的", SUICIDE),
        ("有个男同学坐在天台边上，老师在劝", SUICIDE),
        ("女儿在日记里写要是明天不用醒来就好了，老师知道吗", SUICIDE),
        ("体育老师半夜给初三女生发消息，让她发张照片看看", SEXUAL),
        ("孩子说游泳教练碰了不该碰的地方", SEXUAL),
        ("宿舍熄灯以后四个人把他按在床上，被子捂着打，孩子不敢回学校", BULLYING),
        ("食堂的凉面有问题，我们班二十多个拉肚子，去社区医院打点滴", FOOD),
        ("学校的酸奶，同班十几个吐了，还有人挂着水", FOOD),
        ("食堂一个班十几个拉肚子打点滴", FOOD),
        ("实验课硫酸溅出来，我女儿的右眼医生说保不住了", DEAD),
        ("幼儿园午睡，孩子没有醒过来，送到医院已经没有呼吸", DEAD),
        ("职校实习，儿子两根手指被冲床压伤", DEAD),
        ("中考语文的卷子前一晚就有人在群里卖", LEAK),
        ("初一的外甥女今早没到校，看到的请打这个电话，穿蓝校服", MISSING),
    ],
)
def test_what_happened_is_a_red_line(text: str, wanted: RedLine) -> None:
    assert kind(text) is wanted


@pytest.mark.parametrize(
    "text",
    [
        # a drill, a lecture, a rule
        "学校举行消防演练，模拟有学生受伤昏迷送医抢救",
        "开展防溺水宣传，提醒学生不要到水库游泳以免溺水身亡",
        "法治副校长到学校讲授防性侵知识讲座",
        "学校预防校园欺凌的主题班会",
        "建议从一年级起开课，教孩子隐私部位谁不能碰",
        # a fear, a supposition
        "学校门口没有红绿灯，万一孩子被撞伤怎么办，难道要等到死人才管吗",
        "担心孩子在学校被霸凌殴打",
        "学校后面的水塘没有护栏，恐发生学生溺水",
        # denied, settled, cleared up
        "网传学生坠楼身亡的消息不属实，学校已经报警",
        "两个孩子是打闹，没有受伤，请学校不要定性为“校园欺凌”",
        "走失的学生已平安找到，谢谢大家扩散",
        "猥亵学生的教师被判十二年，法院宣判了",
        # hearsay, another county's news
        "电视新闻里看到别的地方幼儿园发生食物中毒，几十个孩子送医院",
        "小学围墙倒塌致1死3伤。看新闻说几个孩子在墙根下",
        # long ago
        "女儿小时候烫伤手背留有疤痕，面试说她仪态不符",
        "二十多年前我们学校有学生溺水身亡，现在又要办班",
        # a figure of speech
        "孩子作业太多，累死了，气死人",
        "孩子打死也不愿去那所学校了",
        "为了一张证明跑断腿，孩子还是上不了学",
        "建好的学校没人管，学生种的花都养死了",
        # grown-ups' illness and death
        "我父亲去年去世，孩子上学没人接送",
        "老师的丧葬费、抚恤金一直没有发，人去世半年了，学生都知道",
        # slight, or something else
        "孩子在学校摔断门牙",
        "小班这个月十几个孩子发烧呕吐，都是流感",
        "我女儿一到校门口就肚子疼，是压力大",
        "公务员考试有人卖答案",
        "我儿子多次被班主任扇耳光，学校不管",
        "孩子热得脱衣服，教室没有空调",
        "老公离婚后就失踪了，孩子学籍转不了",
        # a fence on the road is no roof
        "中学生放学翻越栏杆过马路，太危险",
        "小学门口每天有学生翻护栏横穿马路",
        "操场栏杆坏了，学生爬上栏杆玩",
        # the same words of something else
        "教学楼天台的门没有锁，担心学生上去玩",
        "儿子手上有划痕，是爬树被树枝刮的",
        "班主任让每个学生发张照片打卡，家长嫌麻烦",
        "女儿的书包丢在校门口，看到的请联系",
        "昨晚老师把练习卷的答案发到群里，叫家长批作业",
        "我们班四个孩子打篮球，一个扭了脚",
        "下周起午睡，孩子不用再醒着等老师，睡午觉有床了",
        # no way to live, said in anger
        "学校拖欠工资，这是不给活路，逼死老百姓",
    ],
)
def test_a_drill_a_fear_a_denial_or_hearsay_is_none(text: str) -> None:
    assert kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "我们四十多名家长联名反映学校搬迁",
        "家长在学校门口拉横幅",
        "昨天上午三百多名家长聚在校门口要说法",
        "我们五十多名业主代表到了教育局反映情况",
        "学校的塑胶跑道有毒，家长们一个月来联名不断上访",
        "我们是二中六十多名老师，请求补发工资",
        "全村人一起打报告要求恢复村小",
        "两百一十七户签名反对划片方案",
        "我们二百多位业主心急如焚，请求解决孩子上学",
        "八名家长昨日一同到招生办询问，没有人答复",
        "两百名家长堵在培训学校门口维权",
        "业主签名附后，请求尽快开办公办幼儿园",
    ],
)
def test_what_five_or_more_have_done_together_is_joint_action(text: str) -> None:
    assert kind(text) is JOINT


@pytest.mark.parametrize(
    "text",
    [
        # how many live there, or wait
        "小区有三千多户业主，盼望早日开办幼儿园",
        "几百名孩子每天走这条路上学",
        "学校现有教师八十多名，学生一千多人",
        # a form of address or a signature
        "致全体家长：本周五放假",
        "全体业主殷切希望领导帮帮孩子。某小区全体业主",
        "要求全体教师每人完成五名招生任务",
        "代表广大家长感谢学校",
        # a promise, a threat, a question
        "再不解决，我们就要联名上访",
        "家长们在群里议论纷纷，要求到教育局上访",
        "家长可以联名要求换老师吗？能不能联名",
        # fewer than five
        "我们三位家长一起到学校反映",
        # a signature at home, cars at the gate
        "一百道口算家长每天签字，还要听写八个词",
        "放学时家长的车堵在校门口，交通拥堵",
        "消防队在校门口拉横幅宣传",
    ],
)
def test_a_crowd_an_address_or_a_promise_is_no_joint_action(text: str) -> None:
    assert kind(text) is None


def test_another_countys_news_is_none() -> None:
    assert kind("临川县某小学学生坠楼身亡", foreign=True) is None


def test_harm_to_a_child_counts_however_low_the_relevance() -> None:
    assert kind("小区楼下有个八九岁的女孩说被学校老师猥亵", relevance=0.1) is SEXUAL


def test_what_neighbours_do_together_is_none_unless_it_is_about_education() -> None:
    assert kind("我们一百多名业主联名要求更换物业", relevance=0.05) is None
    assert kind("我们一百多名业主联名要求更换物业，配套小学也没有", relevance=0.49) is None


@pytest.mark.parametrize(
    "text",
    [
        "高三了 手腕上都是划的口子 不想活了",
        "宿舍天台风好大，站在天台上，作业再也不用写了",
        "楼下租户家孩子才八岁，身上都是伤，说放学被人摸下体",
        "求扩散！13岁女孩昨天放学后走失，至今未归",
        "路灯坏了半年。昨晚一个上学的孩子被车撞死",
    ],
)
def test_a_cry_for_help_in_a_text_about_something_else_is_suspected(text: str) -> None:
    assert redline.suspected(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "物业费又涨了，电梯三天坏两次",
        "我们一百多户业主联名要求换物业",
        "公公摔断腿，医保怎么报销",
        "累死了，加班到半夜",
        "母亲走失两天，求调监控",
    ],
)
def test_other_peoples_troubles_are_not_suspected(text: str) -> None:
    assert not redline.suspected(fold(text))


CRIES = [
    ("儿子在清源二中的水塘溺水死亡，事前学校没有任何提醒", DEAD),
    ("昨天清源二中学生跳楼身亡，学校的安全教育形同虚设", DEAD),
    ("孩子在清源四中体育课猝死，保险只赔三万", DEAD),
    ("清源二中学生跳楼死了，学校对外说是谣言，可我们家属亲眼看见", DEAD),
    ("清源二中学生跳楼死了，学校说是谣言", DEAD),
    ("如果没有人管我，我真的不想活了，清源一中高二", SUICIDE),
    ("我很害怕，清源三中的老师把手伸进我衣服里", SEXUAL),
    ("女儿被青山中学班主任猥亵，一定要给他一个教训", SEXUAL),
    ("担心被报复所以匿名，我女儿被青山中学班主任猥亵", SEXUAL),
    ("前年我女儿被青山中学班主任猥亵，当时不敢说，现在孩子天天自残", SEXUAL),
    ("孩子被四个同学围殴住院，学校提醒我们不要声张", BULLYING),
    ("我女儿在清源十一中被同宿舍四个女生扇耳光，还逼她下跪拍视频，学校却说是闹着玩", BULLYING),
    ("我儿子被五个同学围殴住院，学校认定不构成欺凌，要求家长双方和解", BULLYING),
    ("孩子在学校被几个人堵厕所打，肋骨断了，老师说是误会", BULLYING),
    ("我是清源十一中初三的学生，我已经写好遗书了，明天就结束了。", SUICIDE),
    ("我16岁，不想活了", SUICIDE),
    ("教练给我女儿按摩，手伸进衣服里", SEXUAL),
    ("不想活了", SUICIDE),
    ("想死", SUICIDE),
    ("妈妈对不起，我走了，别找我", SUICIDE),
    ("县二中昨晚有个女生从五楼下来了，救护车都来了", DEAD),
    ("县职教中心学生在厂里实习手指被机器切断", DEAD),
    ("孙女三岁，在县幼儿园午睡后下面红肿流血", SEXUAL),
    ("听说县幼儿园老师用针扎孩子，有图有真相", DEAD),
    ("听说二中出人命了，消息压着", DEAD),
    ("三个初中生把我侄女的头按进马桶，班主任说小孩打闹", BULLYING),
    ("石桥初中宿管半夜进女生宿舍掀被子", SEXUAL),
    ("被霸领三个月，没有人管，要跳 楼", SUICIDE),
    ("我 想 自 s，学校里没人在乎我", SUICIDE),
    ("i want to kill myself, i hate school", SUICIDE),
    ("我們班同學從四樓跳下去了", SUICIDE),
    ("四个女生扇耳光逼我女儿下跪，学校不管", BULLYING),
    ("我真的不想活了，在学校每天被他们堵在厕所打", SUICIDE),
]


@pytest.mark.parametrize("relevance", [0.0, 0.95])
@pytest.mark.parametrize(("text", "wanted"), CRIES)
def test_no_harmless_word_nor_a_schools_excuse_hides_an_emergency(text: str, wanted: RedLine, relevance: float) -> None:
    assert kind(text, relevance) is wanted
    assert redline.suspected(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "清源三小开展消防应急演练，模拟学生昏迷送医",
        "11月5日清源三小开展消防应急演练，一名学生“昏迷”被抬出抢救",
        "青山中学开展防性侵、反欺凌法治讲座",
        "青山中学邀请法官讲授未成年人被猥亵案例，开展法治讲座",
        "清源二中召开家长会，提醒家长看好孩子以免溺水死亡",
        "暑期学生溺水身亡事故易发，学校提醒广大家长注意",
        "学平险最高赔付十万，学生意外死亡、骨折都能报",
        "学生意外身故，保险最高赔三十万，每人每年一百元",
        "如果孩子在学校被打骨折，学校要负责吗",
        "万一学生从楼上掉下来摔死怎么办",
        "要是老师猥亵学生怎么办",
        "担心女儿在学校被猥亵",
        "怕孩子在宿舍被围殴，天天失眠",
        "网传清源二中学生跳楼，经公安机关核查系谣言",
        "网传二中学生跳楼身亡，警方通报不属实",
        "警方：清源二中学生跳楼死亡系谣言",
        "网传清源二中学生跳楼死亡，学校回应是谣言",
        "十年前清源二中有学生溺水身亡，如今操场盖了新楼",
        "多年前班主任猥亵女学生已被判刑",
        "学校楼道没有护栏，容易发生学生坠楼",
        "难道要等学生摔死了，才会装护栏吗",
        "再不修路，要出人命的，学生天天走",
        "天天这样堵，早晚会出人命，孩子上学怎么走",
        "学校组织观看防溺水影片，讲述少年溺水身亡的故事",
        "打疫苗针扎手，孩子哭了",
        "宿管进女生宿舍维修水管",
        "体育课练习从二楼下来走楼梯",
        "想死你了，同学们",
        "我女儿参加消防演练，模拟昏迷被抬出",
        "电影里学生跳楼身亡，太感人",
        "老板失联，电话打不通",
        "感谢医生，老公送医院及时",
        "作业太多，女儿说累死了",
        "妈妈，别找我的作业本，我走了去上学",
        "两个孩子打闹，没有受伤，请学校不要定性为欺凌",
        "我妈不想活了，医保不给报销",
    ],
)
def test_the_other_side_of_each_trap_stays_none(text: str) -> None:
    assert kind(text) is None
    assert kind(text, 0.2) is None


SMALL_TALK = "今天天气不错，楼下超市的西瓜打折，物业又在修电梯，晚上打算去看电影。"
UNBROKEN = "西瓜电梯超市晚上"


@pytest.mark.parametrize("cry", ["我是清源十一中初三的学生，我已经写好遗书了，明天就结束了。", "我真的不想活了，在学校被他们堵在厕所打"])
@pytest.mark.parametrize("talk", [SMALL_TALK, UNBROKEN])
@pytest.mark.parametrize("times", [2, 10, 30, 80])
def test_a_cry_for_help_is_heard_whatever_surrounds_it(cry: str, talk: str, times: int) -> None:
    for text in (talk * times + cry + talk * times, talk * 2 * times + cry, cry + talk * 2 * times):
        assert redline.suspected(fold(text))
        assert kind(text, 0.0, foreign=True) is SUICIDE


@pytest.mark.parametrize("text", ["电话打不通", "感谢医生，老公送医院及时", "老板失联，钱不退", "老板失联，电话打不通"])
def test_trifles_are_passed_over_in_silence(text: str) -> None:
    assert redline.doubted(fold(text), 0.1, False) == []


@pytest.mark.parametrize(
    ("text", "relevance", "why", "words"),
    [
        ("孩子吃食堂的饭，十几个学生上吐下泻", 0.03, redline.Why.FAINT, "0.03，不到 0.15"),
        ("邻居家水管冻裂，昏迷了", 0.9, redline.Why.NO_CHILD, ""),
        ("孩子被撞倒在地，住院了", 0.1, redline.Why.NO_SCHOOL, ""),
        ("奶奶接孩子，父亲突然昏迷", 0.9, redline.Why.GROWN_UP, "父亲突然"),
        ("我儿子多次被班主任扇耳光", 0.9, redline.Why.SLIGHT, "班主任"),
        ("两个孩子打闹，没有受伤，请学校不要定性为欺凌", 0.9, redline.Why.AGAINST, "打闹,没有受伤"),
        ("网传清源二中学生跳楼死亡，学校回应是谣言", 0.9, redline.Why.CLAIMED, "谣言"),
        ("网传清源二中学生跳楼，经公安机关核查系谣言", 0.9, redline.Why.UNTRUE, "谣言"),
    ],
)
def test_each_red_line_passed_over_has_its_own_true_reason(text: str, relevance: float, why: redline.Why, words: str) -> None:
    assert (why, words) in {(d.why, d.words) for d in redline.doubted(fold(text), relevance, False)}


def test_the_words_that_drew_it_are_kept_with_their_place() -> None:
    text = fold("标题\n学生坠楼")
    found = redline.find(text, 0.9, False)
    assert found is not None
    assert [text[s:e] for s, e in found.spans] == ["坠楼"]


def test_the_words_of_all_kinds_are_kept_the_gravest_first() -> None:
    text = fold("我女儿割腕，被几个女同学多次围殴拍视频")
    found = redline.find(text, 0.9, False)
    assert found is not None
    assert [text[s:e] for s, e in found.spans] == ["割腕", "围殴"]


@pytest.fixture(scope="module")
def posts() -> list[str]:
    """A good part of the corpus, folded."""
    return [fold(example.text) for example in corpus.examples(corpus.lines()[::5])]


def test_every_match_of_a_rule_holds_one_of_its_stems(posts: list[str]) -> None:
    """Otherwise the quick look would pass over what the rule would find."""
    missed = {
        (match.group(), rule.kind) for rule in (*HARM_RULES, *JOINT_RULES) for text in posts for match in rule.trigger.finditer(text)
        if not any(stem in match.group() for stem in rule.stems)
    }  # fmt: skip
    assert not missed


def test_few_posts_are_suspected_and_quickly(posts: list[str]) -> None:
    start = time.perf_counter()
    for text in posts:
        redline.suspected(text)
    assert (time.perf_counter() - start) / len(posts) < 0.002  # a broken quick look costs far more; the real figure is under 0.1 ms
