"""Asides: side issues that the trainer puts into messages, so that the reader learns to tell a background from a matter.

People who write about a bus line mention that pupils ride it; people who write about a school mention the estate they live in.
"""

from __future__ import annotations

import random
import re

SCHOOL_ASIDES = (
    "小区里老人和小孩多，还有不少上学的孩子。",
    "家里上有老下有小，两个孩子还在读书。",
    "旁边就是{小学}，对面是{中学}。",
    "从{中学}往前走两百米就到了。",
    "很多老人和学生都坐这趟车，早晚高峰根本挤不上去。",
    "孩子上学、老人看病都不方便。",
    "孩子每天上学都要从这里走，实在不安全。",
    "我在外面读大学，放假回来才知道这件事。",
    "我女儿今年要上小学了，户口的事一直拖着。",
    "孩子要上学，急需用这个证明。",
    "孩子出生后一直在外地，现在要回来落户。",
    "晚上吵得孩子没法写作业，影响学习和休息。",
    "当初开发商宣传有名校配套、双语幼儿园，我们才买的。",
    "配套的幼儿园、学校、医院、菜市场一个都没有建起来，其他问题也都没有解决。",
    "周边有学校、医院、商场，人流量很大。",
    "我爱人是小学老师，我自己开个小店。",
    "我是一名退休教师，说几句公道话。",
    "我是一名大学生村官，在村里工作三年了。",
    "我是今年的应届毕业生，正在找工作。",
    "考试公告上写的专业要求和我的毕业证不一致。",
    "我本科毕业，通过了笔试和面试，成绩公示也排第一。",
    "单位招聘的时候讲好有编制，培训了三个月就变了。",
    "规划图上原来是学校用地，后来改了。",
    "附近有三所学校、两个幼儿园，一旦出事后果不堪设想。",
    "放学时间路口更堵，{小学}的学生都在车缝里钻。",
    "孩子还小，正在上幼儿园，全家就靠我一个人打工。",
    "儿子在{高中}读高三，女儿在{幼儿园}，开支很大。",
    "家里有读书的孩子，学费都是借的。",
    "本来是想给孩子买个学区房，没想到碰上这样的事。",
    "村里的老学校早就空了，现在被人租去办厂。",
    "站点设在{中学}门口，站牌都倒了。",
    "领导在会上讲要加强教育培训、提高素质，可是下面根本没有落实。",
    "他们只会拿文件和政策来糊弄人，态度像老师训学生一样。",
    "希望相关部门加强宣传教育，规范管理。",
    "办事大厅的工作人员说要先开学习会，让我等通知。",
)
CITY_ASIDES = (
    "我是{小区}的业主，小区有一千多户。",
    "我们一家在{县}打工多年，租住在{小区}。",
    "我是{镇}{村}的村民，平时在外面打工。",
    "那段路一直在修，灰尘很大，货车又多。",
    "我打过12345，也去过信访局，都说会转交。",
    "我在工厂上班，请一次假要扣一天工资。",
    "物业和社区也都知道这个事。",
    "我家是低保户，父亲常年吃药。",
    "我们{小区}交房三年了，房产证还没有办下来。",
    "从我家坐公交要倒两趟车，四十多分钟。",
    "镇政府的干部也来看过，没有下文。",
    "我不懂法律，也请不起律师。",
)
STOP = re.compile(r"(?<=[。！？!?；\n])")


def with_asides(body: str, about_school: bool, rng: random.Random) -> str:
    """The body with one to three side issues put between its sentences (slots still open)."""
    sentences = [s for s in STOP.split(body) if s]
    asides, how_many = (CITY_ASIDES, (1, 1, 2)) if about_school else (SCHOOL_ASIDES, (1, 2, 3))
    for aside in rng.sample(asides, rng.choice(how_many)):
        sentences.insert(rng.randint(0, len(sentences)), aside)
    return "".join(sentences)
