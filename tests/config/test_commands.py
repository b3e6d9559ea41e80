"""init writes a directory that works and teaches; check tells faults, then advice; the registry changes only when imported."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import commands, starter
from config.files import REGISTRY
from config.load import load
from pipeline.faults import Fault, Unusable
from pipeline.store import config_versions, parties
from pipeline.store.db import Store

SCHOOLS = "内部编号,全称,邮箱\nA,甲小学,a@s.example\n"


@pytest.mark.parametrize("sample", [False, True])
def test_what_init_writes_passes_check(tmp_path: Path, now: datetime, sample: bool) -> None:
    directory = tmp_path / "ours"
    outcome = commands.init(directory, sample)
    assert outcome.code == 0
    assert {path.name for path in directory.iterdir()} == {
        ".gitignore", "huiyin.toml", "sources.toml", "topics.toml", "routing.toml", "deadlines.toml", "ladder.toml", "calendar.csv",
        "schools.csv", "sections.csv", "duty.csv", "policies.csv", "templates", "data", "logs",
    }
    checked = commands.check(directory, now)
    assert (checked.code, checked.data["faults"]) == (0, [])
    assert load(directory).settings.sample is sample


def test_a_new_directory_freezes_no_default(tmp_path: Path) -> None:
    commands.init(tmp_path / "ours", sample=False)
    ours, base = load(tmp_path / "ours"), load(None)
    assert (ours.settings, ours.sources, ours.topics, ours.routing, ours.deadlines, ours.ladder) == (
        base.settings, base.sources, base.topics, base.routing, base.deadlines, base.ladder,
    )
    for file in ("sources.toml", "topics.toml", "routing.toml", "deadlines.toml", "ladder.toml"):
        assert tomllib.loads((tmp_path / "ours" / file).read_text("utf-8")) == {}


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOLS, "utf-8")
    outcome = commands.init(tmp_path, sample=False)
    assert outcome.data["kept"] == ["schools.csv"]
    assert (tmp_path / "schools.csv").read_text("utf-8") == SCHOOLS
    with pytest.raises(Unusable, match="已经初始化过"):
        commands.init(tmp_path, sample=True)


def test_init_leaves_nothing_behind_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, target: Path) -> Path:
        if target.name == "huiyin.toml":
            raise OSError(28, "磁盘已满")
        path.replace(target)
        return target

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(Unusable, match="磁盘已满"):
        commands.init(tmp_path / "ours", sample=False)
    assert list(tmp_path.iterdir()) == []


def test_csv_is_written_for_table_programs(tmp_path: Path) -> None:
    commands.init(tmp_path / "ours", sample=True)
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in (tmp_path / "ours").glob("*.csv"))


@pytest.mark.parametrize("file", ["topics.toml", "routing.toml", "deadlines.toml", "ladder.toml"])
def test_the_examples_in_the_starter_files_work(tmp_path: Path, file: str) -> None:
    text = starter.contents(sample=False)[file].decode()
    example = "\n".join(line[2:] for line in text.splitlines() if re.match(r"# (\[|[a-z_]+ = )", line))
    assert "[" in example
    (tmp_path / file).write_text(example, "utf-8")
    load(tmp_path)


def test_a_setting_works_when_its_line_is_uncommented(tmp_path: Path) -> None:
    commands.init(tmp_path / "ours", sample=False)
    path = tmp_path / "ours" / "huiyin.toml"
    path.write_text(path.read_text("utf-8").replace("# port = 8600", "port = 9000"), "utf-8")
    assert load(tmp_path / "ours").settings.console.port == 9000


def test_check_tells_faults_first_and_alone(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "huiyin.toml").write_text("[mail]\nhots = 1\n", "utf-8")
    outcome = commands.check(tmp_path, now)
    assert outcome.code == 2
    assert outcome.data["faults"] == [
        {"where": "huiyin.toml 第2行", "what": "不认识的配置项 mail.hots", "mend": "是否想写 host？"},
    ]
    assert outcome.data["advice"] == []
    assert "第2行" in outcome.text


@pytest.mark.parametrize(
    ("file", "content", "advice"),
    [
        ("schools.csv", "全称,邮箱\n甲小学,\n", "回应主体「甲小学」没有邮箱"),
        ("schools.csv", "全称,邮箱\n甲小学,a@s.example\n", "1 所学校没有内部编号和学校标识码：甲小学"),
        ("schools.csv", "学校标识码,全称,邮箱\n12345,甲小学,\n", "不是 10 位数字"),
        ("duty.csv", "开始,结束,姓名,手机\n2026-11-18 08:00,2026-11-20 08:00,甲,1\n", "不足 14 天"),
        ("duty.csv", "开始,结束,姓名,手机\n2026-11-01 08:00,2026-11-02 08:00,甲,1\n", "现在无人值班"),
        ("duty.csv", "开始,结束,姓名,手机\n2027-11-01 08:00,2027-11-02 08:00,甲,1\n", "才开始"),
        ("duty.csv", "开始,结束,姓名,邮箱\n2026-11-18 08:00,2027-11-20 08:00,甲,a@b.example\n", "1 班没有手机"),
        ("policies.csv", "文号,标题,起草股室,公开属性\n1号,甲,basic,主动公开\n", "尚无解读链接"),
        ("policies.csv", "文号,标题,起草股室,失效日期\n1号,甲,basic,2020-01-01\n", "失效"),
        ("huiyin.toml", "[console]\nhost = '0.0.0.0'\n", "不经 HTTPS"),
        ("huiyin.toml", "[bureau]\nname = '甲'\n", "没有填本县名称"),
        ("sources.toml", "[fax]\nname = '传真'\nkind = 'file'\npublic = false\n", "没有来文时限"),
    ],
)
def test_check_lists_what_more_it_would_like(tmp_path: Path, now: datetime, file: str, content: str, advice: str) -> None:
    (tmp_path / file).write_text(content, "utf-8")
    outcome = commands.check(tmp_path, now)
    assert outcome.code == 0
    assert any(advice in item["what"] for item in outcome.data["advice"]), outcome.text


@pytest.mark.parametrize(
    ("when", "code", "said"),
    [
        (datetime(2026, 11, 1, 15, 59, tzinfo=UTC), 0, ""),
        (datetime(2026, 11, 2, 16, 0, tzinfo=UTC), 0, "没有 2027 年的节假日"),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 0, "没有 2027 年的节假日"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2, "没有 2027 年的节假日"),
    ],
)
def test_a_year_without_calendar_is_told_sixty_days_ahead(tmp_path: Path, when: datetime, code: int, said: str) -> None:
    outcome = commands.check(tmp_path, when)
    assert outcome.code == code
    assert bool(said) == ("2027 年的节假日" in outcome.text)


def test_an_inbox_whose_password_file_is_missing_is_a_fault(tmp_path: Path, now: datetime) -> None:
    text = "[inbox]\nhost = 'mail.bureau.example'\nuser = 'u'\npassword_file = 'imap.secret'\n"
    (tmp_path / "huiyin.toml").write_text(text, "utf-8")
    assert [f["where"] for f in commands.check(tmp_path, now).data["faults"] if "imap.secret" in f["what"]] == ["huiyin.toml [inbox]"]


def test_a_server_that_fails_when_it_is_tried_fails_the_check_and_not_the_configuration(tmp_path: Path, now: datetime) -> None:
    commands.init(tmp_path / "ours", sample=False)
    tried = commands.check(tmp_path / "ours", now, try_out=lambda _: [Fault("huiyin.toml [inbox]", "登录：密码错", "核对密码")])
    assert (tried.code, tried.data["faults"]) == (1, [])
    assert "登录：密码错" in tried.text
    assert "配置可用" in tried.text


def test_with_faults_no_server_is_tried(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "huiyin.toml").write_text("[mail]\ntransport = 'smtp'\n", "utf-8")
    tried: list[object] = []
    assert commands.check(tmp_path, now, try_out=lambda settings: tried.append(settings) or []).code == 2
    assert tried == []


def test_a_password_file_that_others_may_read_is_a_fault(tmp_path: Path, now: datetime) -> None:
    text = "[mail]\ntransport = 'smtp'\nhost = 'mail.bureau.example'\npassword_file = 'smtp.secret'\n"
    (tmp_path / "huiyin.toml").write_text(text, "utf-8")
    assert "不存在" in commands.check(tmp_path, now).text
    secret = tmp_path / "smtp.secret"
    secret.write_text("x", "utf-8")
    secret.chmod(0o644)
    assert "其他人也能读" in commands.check(tmp_path, now).text
    secret.chmod(0o600)
    assert commands.check(tmp_path, now).code == 0


def held(store: Store) -> dict[str, str]:
    return config_versions.newest_of(store, REGISTRY)


def accept(store: Store, directory: Path, now: datetime) -> None:
    with store.transaction():
        commands.accept_registry(store, load(directory, held(store)), now, "文件")


def test_an_edited_registry_counts_only_when_imported(tmp_path: Path, store: Store, now: datetime) -> None:
    path = tmp_path / "schools.csv"
    path.write_text(SCHOOLS, "utf-8")
    accept(store, tmp_path, now)
    path.write_text(SCHOOLS.replace("a@s.example", "b@s.example"), "utf-8")
    accept(store, tmp_path, now)
    before = load(tmp_path, held(store))
    assert before.registry.schools[0].email == "a@s.example"
    assert "有 1 处不同，尚未生效" in commands.check(tmp_path, now, held(store)).text
    assert commands.registry_diff(tmp_path, before).data["changes"] == ["修改学校 A 甲小学：邮箱 a@s.example → b@s.example"]

    commands.registry_import(store, tmp_path, before, now + timedelta(hours=1), "管理员")
    after = load(tmp_path, held(store))
    assert after.registry.schools[0].email == "b@s.example"
    contact = parties.contact_for(store, "A", ("duty",))
    assert contact is not None
    assert contact.email == "b@s.example"
    assert "没有变动" in commands.registry_import(store, tmp_path, after, now + timedelta(hours=2), "管理员").text


def test_a_table_that_was_empty_at_first_counts_as_soon_as_it_is_filled(tmp_path: Path, store: Store, now: datetime) -> None:
    commands.init(tmp_path / "ours", sample=False)
    accept(store, tmp_path / "ours", now)
    (tmp_path / "ours" / "schools.csv").write_text(SCHOOLS, "utf-8")
    accept(store, tmp_path / "ours", now)
    assert parties.name_of(store, "A") == "甲小学"
    assert "schools.csv" in held(store)


def test_a_registry_with_faults_is_not_imported(tmp_path: Path, store: Store, now: datetime) -> None:
    (tmp_path / "schools.csv").write_text(SCHOOLS, "utf-8")
    accept(store, tmp_path, now)
    before = load(tmp_path, held(store))
    (tmp_path / "schools.csv").write_text(SCHOOLS + "A,乙小学,\n", "utf-8")
    with pytest.raises(Unusable, match="编号 A"):
        commands.registry_import(store, tmp_path, before, now, "管理员")
    assert load(tmp_path, held(store)).registry == before.registry
    assert "尚未导入" in commands.check(tmp_path, now, held(store)).text


def test_an_export_can_be_imported_again(tmp_path: Path, store: Store, now: datetime) -> None:
    accept(store, Path("config/sample"), now)
    commands.registry_export(store, tmp_path)
    assert commands.registry_diff(tmp_path, load(Path("config/sample"), held(store))).data["changes"] == []


def test_an_export_overwrites_what_was_accepted_and_nothing_else(tmp_path: Path, store: Store, now: datetime) -> None:
    path = tmp_path / "schools.csv"
    path.write_text(SCHOOLS, "utf-8")
    accept(store, tmp_path, now)
    with store.transaction():
        config_versions.record(store, {"schools.csv": SCHOOLS.replace("a@", "b@")}, now, "控制台")
    commands.registry_export(store, tmp_path)
    assert "b@s.example" in path.read_text("utf-8-sig")
    path.write_text(SCHOOLS.replace("a@", "c@"), "utf-8")
    with pytest.raises(Unusable, match="尚未导入的改动"):
        commands.registry_export(store, tmp_path)


def test_accepting_the_same_registry_again_changes_nothing(store: Store, now: datetime) -> None:
    accept(store, Path("config/sample"), now)
    entries = store.value("SELECT count(*) FROM audit_entry")
    accept(store, Path("config/sample"), now + timedelta(days=1))
    assert (entries, store.value("SELECT count(*) FROM audit_entry")) == (1, 1)
    assert store.value("SELECT count(*) FROM party") == 62 + 16
