"""Asides: side issues that the trainer puts into messages, so that the reader learns to tell a background from a matter.

People who write about their estate mention the school next door; people who write about a school mention the estate they live in.
"""

from __future__ import annotations

import random
import re

SCHOOL_ASIDES = (
    "小区里老人和小孩多，还有不少上学的孩子。",
    "家里上有老下有小，两个孩子还在读书。",
    "旁边就是{小学}，对面是{中学}。",
    "从{中学}往前走两百米就到了。",
    "我在外面读大学，放假回来才知道这件事。",
    "晚上吵得孩子没法写作业，影响学习和休息。",
    "当初开发商宣传有名校配套、双语幼儿园，我们才买的。",
    "周边有学校、医院、商场，人流量很大。",
    "我爱人是小学老师，我自己开个小店。",
    "我是一名退休教师，说几句公道话。",
    "我是一名大学生村官，在村里工作三年了。",
    "我是今年的应届毕业生，正在找工作。",
    "儿子在{高中}读高三，女儿在{幼儿园}，开支很大。",
    "家里有读书的孩子，学费都是借的。",
    "本来是想给孩子买个学区房，没想到碰上这样的事。",
    "村里的老学校早就空了，现在被人租去办厂。",
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
