"""Rows of the registry as a bureau's table program writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.cells import to_day
from config.files import Text
from config.load import load
from config.registry import duty, load_registry, party_entries, schools
from config.registry_changes import registry_diff
from config.schema.registry import FormerName, School
from pipeline.domain.terms import ContactRole
from pipeline.faults import Fault, Unusable

HEADER = "内部编号,全称,曾用名,歧义别名,是否法人,回应主体编号,上级中心校,负责人,舆情联络员,备岗联络员,手机,邮箱,主管股室,别名\n"


def read(body: str) -> tuple[School, ...]:
    faults: list[Fault] = []
    found = schools(Text("schools.csv", HEADER + body), faults)
    assert faults == []
    return found


def test_only_name_and_address_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("全称,邮箱\n甲小学,a@b.example\n乙小学,\n", "utf-8")
    first, second = load_registry(path)
    assert (first.code, first.answers, first.legal_person, first.open) == ("S2", "S2", True, True)
    assert (second.code, second.email) == ("S3", "")


def test_the_code_falls_back_to_the_national_code(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("学校标识码,全称,邮箱\n2143000000,甲小学,a@b.example\n", "utf-8")
    assert load_registry(path)[0].code == "2143000000"


def test_a_registry_file_is_named_in_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("全称,邮箱\n甲,a@b.example\n甲,x\n", "utf-8")
    with pytest.raises(Unusable) as caught:
        load_registry(path)
    assert [f.where for f in caught.value.faults] == [f"{path} 第3行「邮箱」", f"{path} 第3行「全称」"]


def test_another_table_lacks_its_columns_first_and_each_thing_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "sections.csv"
    path.write_text("编号,名称,职责\ndesk,值班室,研判\n", "utf-8")
    with pytest.raises(Unusable) as caught:
        load_registry(path)
    assert [f.what for f in caught.value.faults] == ["缺少「全称」「邮箱」列", "不认识的列「编号」「名称」「职责」"]
    assert {f.where for f in caught.value.faults} == {f"{path} 第1行"}


@pytest.mark.parametrize(
    ("answers", "centre", "expected"),
    [("", "", "B"), ("A", "", "A"), ("甲中心校", "", "A"), ("", "甲中心校", "A")],
)
def test_the_answering_body_may_be_named_any_way(answers: str, centre: str, expected: str) -> None:
    found = read(f"A,甲中心校,,,是,,,,,,,,,\nB,乙村小,,,{'是' if expected == 'B' else '否'},{answers},{centre},,,,,,,\n")
    assert found[1].answers == expected


def test_former_names_carry_their_days() -> None:
    found = read("A,甲,旧一(1985-09-01至2012-08-31)；旧二（至2001年）;旧三,,,,,,,,,,,\n")
    assert found[0].former == (
        FormerName("旧一", date(1985, 9, 1), date(2012, 8, 31)), FormerName("旧二", None, date(2001, 12, 31)), FormerName("旧三"),
    )


@pytest.mark.parametrize(
    "body",
    [
        "A,甲,,一中,,,,,,,,,,\nB,乙,,一中,,,,,,,,,,\n",
        "A,甲,,一中,,,,,,,,,,一中\nB,乙,,一中,,,,,,,,,,一中\n",
        "A,甲,丙(至2010-08-31),,,,,,,,,,,\nB,丙,,,,,,,,,,,,\n",
    ],
    ids=["marked by both", "listed and marked by both", "a dated former name is told apart by time"],
)
def test_a_shared_name_that_is_marked_is_no_fault(tmp_path: Path, body: str) -> None:
    path = tmp_path / "schools.csv"
    path.write_text(HEADER + body, "utf-8")
    assert len(load_registry(path)) == 2


@pytest.mark.parametrize(
    ("text", "last", "day"),
    [
        ("1952-09-01", False, date(1952, 9, 1)),
        ("1952/9/1", False, date(1952, 9, 1)),
        ("1952/9/1 0:00", False, date(1952, 9, 1)),
        ("1952.9.1", False, date(1952, 9, 1)),
        ("1952年9月1日", False, date(1952, 9, 1)),
        ("2012年8月", True, date(2012, 8, 31)),
        ("2012-12", True, date(2012, 12, 31)),
        ("2012", False, date(2012, 1, 1)),
        ("2012", True, date(2012, 12, 31)),
    ],
)
def test_days_are_read_as_people_write_them(text: str, last: bool, day: date) -> None:
    assert to_day(text, last) == day


@pytest.mark.parametrize("text", ["2026-11-18 24:00", "2026-11-19 00:00", "2026/11/19 0:00", "2026年11月19日 0:00:00"])
def test_shifts_are_local_time(text: str) -> None:
    faults: list[Fault] = []
    found = duty(Text("duty.csv", f"开始,结束,姓名,手机\n2026-11-18 08:00,{text},甲,1\n"), faults)
    assert faults == []
    assert (found[0].start, found[0].end) == (datetime(2026, 11, 18, 0, tzinfo=UTC), datetime(2026, 11, 18, 16, tzinfo=UTC))


def test_a_section_may_be_named_in_words(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(HEADER + "A,甲,,,,,,,,,,,基础教育股,\n", "utf-8")
    assert load(tmp_path).registry.schools[0].section == "basic"


def test_parties_carry_whoever_can_be_reached(tmp_path: Path) -> None:
    rows = "A,甲,,,,,,赵校长,钱主任,,13900000001,a@s.example,,\nB,乙,,,,,,孙园长,,,,,,\nC,丙,,,,,,,,,,c@s.example,,\n"
    (tmp_path / "schools.csv").write_text(HEADER + rows, "utf-8")
    (tmp_path / "sections.csv").write_text("编号,名称,负责人,邮箱\ndesk,值班室,李一,desk@b.example\n", "utf-8")
    entries = {entry.code: entry for entry in party_entries(load(tmp_path).registry)}
    assert [(c.role, c.name) for c in entries["A"].contacts] == [(ContactRole.DUTY, "钱主任"), (ContactRole.PRINCIPAL, "赵校长")]
    assert entries["B"].contacts == ()
    assert [(c.name, c.email) for c in entries["C"].contacts] == [("丙", "c@s.example")]
    assert [(c.name, c.email) for c in entries["desk"].contacts] == [("李一", "desk@b.example")]
    assert entries["basic"].contacts == ()


def test_a_dry_run_tells_each_change(tmp_path: Path) -> None:
    old = {"schools.csv": HEADER + "A,甲,,,,,,,王,,,a@s.example,,\nB,乙,,,,,,,,,,,,\n"}
    new = {"schools.csv": HEADER + "A,甲,旧甲(至2010年),,,,,,李,,,new@s.example,,\nC,丙,,,,,,,,,,,,\n",
           "duty.csv": "开始,结束,姓名,手机\n2026-11-18 08:00,2026-11-19 08:00,周,1\n"}
    assert registry_diff(load(tmp_path, old).registry, load(tmp_path, new).registry) == [
        "修改学校 A 甲：邮箱 a@s.example → new@s.example；曾用名 （空） → 旧甲(（空）至2010-12-31)；舆情联络员 王 → 李",
        "新增学校 C 丙",
        "移除学校 B 乙",
        "新增值班 2026-11-18 08:00 周",
    ]
    assert registry_diff(load(tmp_path, new).registry, load(tmp_path, new).registry) == []
