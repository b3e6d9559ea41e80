"""What a good configuration becomes: layers merged by key, versions, whichever encoding, whichever copy is true."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.load import examine, load, load_settings
from pipeline.domain.terms import Grade, ObligationKind

SCHOOL = "内部编号,全称,邮箱\nA1,测试县第一中学,one@school.example\n"


def test_the_defaults_alone_are_a_usable_configuration() -> None:
    config, faults = examine(None)
    assert faults == []
    assert len(config.topics) == 30
    assert {"hotline", "mailbox", "letter", "manual"} == set(config.sources)
    assert not any(source.url for source in config.sources.values())
    assert config.registry.section("desk") is not None
    assert config.registry.schools == ()


def test_the_sample_county_is_usable() -> None:
    config = load(Path("config/sample"))
    assert config.settings.sample
    assert [s.kind for s in config.sources.values() if s.url] == ["forum", "list_page", "feed"]
    assert len(config.registry.schools) > 50
    assert [name for name, rule in config.routing.items() if rule.auto] == ["qingyuan-everyday"]


def test_a_bureau_writes_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text("[A5]\nrisk = 4\n", "utf-8")
    (tmp_path / "deadlines.toml").write_text("[acknowledge.by_grade.'Ⅳ']\namount = 8\nclock = 'working_hours'\n", "utf-8")
    ours, base = load(tmp_path), load(None)
    assert (ours.topics["A5"].risk, base.topics["A5"].risk) == (4, 3)
    assert ours.topics["A5"].words == base.topics["A5"].words
    grades = ours.deadlines[ObligationKind.ACKNOWLEDGE].by_grade
    assert grades[Grade.IV].amount == 8
    assert grades[Grade.II] == base.deadlines[ObligationKind.ACKNOWLEDGE].by_grade[Grade.II]


def test_a_file_may_replace_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[files]\n'sources.toml' = 'replace'\n", "utf-8")
    (tmp_path / "sources.toml").write_text("[only]\nname = '唯一'\nkind = 'file'\n", "utf-8")
    assert list(load(tmp_path).sources) == ["only"]


def test_sections_merge_by_code_and_take_their_topics(tmp_path: Path) -> None:
    (tmp_path / "sections.csv").write_text("编号,名称,邮箱,主题\nlife,后勤中心,life@bureau.example,A5；A7\n", "utf-8")
    config = load(tmp_path)
    assert config.registry.section("basic") is not None
    assert (config.topics["A5"].section, config.topics["A7"].section, config.topics["A1"].section) == ("life", "life", "safety")


def test_a_bureau_day_takes_the_place_of_the_packages(tmp_path: Path) -> None:
    (tmp_path / "calendar.csv").write_text("日期,类型,名称\n2026/10/10,休,县庆\n2027-01-01,休,元旦\n", "utf-8")
    calendar = load(tmp_path).calendar
    assert date(2026, 10, 10) in calendar.off
    assert date(2026, 10, 10) not in calendar.worked
    assert calendar.years >= {2024, 2025, 2026, 2027}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_files_are_read_as_table_programs_and_editors_save_them(tmp_path: Path, encoding: str, ends: str) -> None:
    (tmp_path / "schools.csv").write_bytes(SCHOOL.replace("\n", ends).encode(encoding))
    (tmp_path / "huiyin.toml").write_bytes(f"[bureau]{ends}name = '测试县教育局'{ends}".encode(encoding))
    config = load(tmp_path)
    assert config.registry.schools[0].name == "测试县第一中学"
    assert config.settings.bureau.name == "测试县教育局"


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "duty.csv").write_text("开始,结束,姓名,手机,邮箱,备注\n", "utf-8")
    assert load(tmp_path).registry.duty == ()


def test_the_accepted_registry_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOL, "utf-8")
    held = {"schools.csv": SCHOOL.replace("第一中学", "第二中学")}
    assert load(tmp_path, held).registry.schools[0].name == "测试县第二中学"
    assert load(tmp_path, {"schools.csv": "全称,邮箱\n"}).registry.schools[0].name == "测试县第一中学"


def test_a_version_changes_with_its_file_and_only_then(tmp_path: Path) -> None:
    before = load(tmp_path)
    (tmp_path / "topics.toml").write_text("[A5]\nrisk = 4\n", "utf-8")
    after = load(tmp_path)
    assert {file for file in before.versions if before.versions[file] != after.versions[file]} == {"topics.toml"}
    assert after.texts["topics.toml"] == "[A5]\nrisk = 4\n"
    assert after.texts["defaults/topics.toml"] == before.texts["defaults/topics.toml"]
    assert all(len(version) == 12 for version in after.versions.values())


def test_rules_come_in_their_order() -> None:
    orders = [rule.order for rule in load(Path("config/sample")).routing.values()]
    assert orders == sorted(orders)


def test_settings_are_known_before_the_rest(tmp_path: Path) -> None:
    (tmp_path / "huiyin.toml").write_text("[bureau]\nid = 'qy'\n", "utf-8")
    (tmp_path / "schools.csv").write_text("broken", "utf-8")
    assert load_settings(tmp_path).bureau.id == "qy"
