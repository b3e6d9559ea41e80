"""The gate: what is let through, and how doubt depends on a text's length."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.gate import BRIEF, K12, Floors
from classifier.lexicon import Lexicon
from classifier.model import Model
from classifier.words import fold
from config.schema import Config

LONG = "已经反映过多次，一直没有得到解决，希望有关部门尽快给一个明确的答复。我们等了很久，打过电话也写过信，每次都说正在处理，谢谢领导。"


def passes(model: Model, county: Config, *texts: str) -> list[bool]:
    folded = [fold(text) for text in texts]
    looks = model.gate.probabilities(folded, Lexicon(county.topics))
    return [bool(said) for said in model.gate.floors.reached(looks[:, K12], folded)]


@pytest.mark.parametrize(
    "text",
    [
        "食堂饭菜有虫子\n孩子说学校食堂的菜里吃出虫子，家长反映了也没有改。",
        f"周末补课收费\n学校强制学生周末补课，每人收三百元。{LONG}",
        f"公办幼儿园学位太少\n小区孩子上幼儿园报不上名。{LONG}",
        f"拖欠绩效工资\n我们乡镇老师的绩效工资一年没有发了。{LONG}",
        "双减之后晚自习还要交钱？",
    ],
)
def test_education_is_let_through(model: Model, county: Config, text: str) -> None:
    assert passes(model, county, text) == [True]


@pytest.mark.parametrize(
    "text",
    [
        f"小区停水三天\n物业说水泵坏了，没有人来修，老人提水上楼。{LONG}",
        f"希望增开夜班公交\n末班车太早，下夜班的人只能打车。{LONG}",
        f"工地半夜施工\n渣土车一辆接一辆，整夜睡不着，打电话也没有人管。{LONG}",
        f"养老金认证\n手机上认证不了，窗口让回老家办。{LONG}",
    ],
)
def test_the_citys_other_matters_are_not(model: Model, county: Config, text: str) -> None:
    assert passes(model, county, text) == [False]


def test_a_text_is_judged_alone(model: Model, county: Config) -> None:
    texts = ["食堂饭菜有虫子\n孩子说菜里有虫子。", f"小区停水三天\n物业不管。{LONG}", "", "\n"]
    lexicon = Lexicon(county.topics)
    together = model.gate.probabilities(texts, lexicon)
    assert np.array_equal(together, np.vstack([model.gate.probabilities([text], lexicon) for text in texts]))


def test_a_short_text_has_its_own_floor() -> None:
    floors = Floors(brief=0.1, longer=0.3)
    said = floors.reached(np.array([0.2, 0.2, 0.3], dtype=np.float32), ["字" * (BRIEF - 1), "字" * BRIEF, "字" * BRIEF])
    assert said.tolist() == [True, False, True]
