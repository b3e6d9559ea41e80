"""Where a school name is none, and where it only says where something is."""

from __future__ import annotations

import pytest

from classifier.boundaries import is_landmark, sells, stands_alone

NAME = "青禾中学"


@pytest.mark.parametrize(
    ("text", "name", "alone"),
    [
        ("县一中补课", "一中", True),
        ("十一中补课", "一中", False),
        ("统一中考", "一中", False),
        ("高三一中补课", "一中", True),
        ("一中午没吃", "一中", False),
        ("一中学校商店", "一中", True),
        ("一中学子", "一中", True),
        ("一中附小", "一中", False),
        ("三小时", "三小", False),
        ("落实中央", "实中", False),
        ("去实中报名", "实中", True),
        ("育才小学教育专线", "育才小学", True),
        ("育才小学路", "育才小学", False),
        ("育才小学路段", "育才小学", True),
        ("育才小学附属幼儿园", "育才小学", False),
    ],
)
def test_a_short_name_is_no_piece_of_another_word(text: str, name: str, alone: bool) -> None:
    start = text.index(name)
    assert stands_alone(text, start, start + len(name), name) is alone


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ("青禾中学旁边的烧烤摊", True),
        ("青禾中学斜对面工地", True),
        ("毗邻青禾中学", True),
        ("旁边就是青禾中学", True),
        ("周边有云栖小学、青禾中学", True),
        ("南起青禾中学，北至大桥", True),
        ("离青禾中学更近", True),
        ("到青禾中学五百米", True),
        ("青禾中学挂靠的学校", True),
        ("不能像青禾中学一样", True),
        ("盲目学习青禾中学的办法", True),
        ("青禾中学门口的公交站牌坏了", True),
        ("青禾中学大门前修路", True),
        ("青禾中学门口没有红绿灯，学生过马路危险", False),
        ("青禾中学门口的路面坏了。\n孩子很多", True),
        ("青禾中学附近的学生", False),
        ("青禾中学门口的保安打人", False),
        ("青禾中学乱收费", False),
        ("好像青禾中学也补课", False),
        ("青禾中学", False),
    ],
)
def test_a_place_reference_or_a_measure_is_no_subject(text: str, landmark: bool) -> None:
    start = text.index(NAME)
    assert is_landmark(text, start, start + len(NAME)) is landmark


@pytest.mark.parametrize(
    ("text", "selling"),
    [
        ("青禾中学学区房，首付二十万，均价六千", True),
        ("青禾中学学区划分不公", False),
        ("二手课桌，青禾中学门口自提", True),
        ("投诉青禾中学强制要求出售二手教材", False),
    ],
)
def test_advertisements_name_schools_as_bait(text: str, selling: bool) -> None:
    assert sells(text) is selling
