"""The registry's four tables (名册): schools, sections, duty roster, policies, from their CSV texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from config.cells import Columns, Row, rows, to_day
from config.files import Text, read
from config.registry_checks import check_schools
from config.schema.registry import FormerName, Policy, Registry, School, Section, Shift
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.terms import ContactRole, PartyKind
from pipeline.faults import Fault, Unusable

SCHOOL = Columns(
    ("全称", "邮箱"),
    (
        "学校标识码", "内部编号", "简称", "别名", "曾用名", "歧义别名", "排除语", "学段", "办学类型", "办学性质",
        "举办者", "是否法人", "回应主体编号", "上级中心校", "所在乡镇", "主管股室", "负责人", "舆情联络员", "备岗联络员",
        "手机", "状态", "起始日期", "终止日期",
    ),
)
SECTION = Columns(("编号", "名称"), ("职责", "负责人", "手机", "邮箱", "主题"))
SHIFT = Columns(("开始", "结束", "姓名"), ("手机", "邮箱", "备注"))
POLICY = Columns(("文号", "标题", "起草股室"), ("公开属性", "链接", "解读链接", "失效日期"))

STATES = ("在办", "停办", "合并")
DISCLOSURES = ("主动公开", "依申请公开", "不予公开")
FORMER = re.compile(r"(?P<name>[^()（）]+?)\s*(?:[(（](?P<since>[^()（）至到~—–]*)[至到~—–]+(?P<until>[^()（）至到~—–]*)[)）])?")


def load_registry(schools_csv: Path) -> tuple[School, ...]:
    """The schools of one file, for reading without a bureau's directory. Raises `Unusable` with every fault."""
    faults: list[Fault] = []
    text = read(schools_csv, str(schools_csv), faults)
    found = schools(text, faults) if text else ()
    if text:
        check_schools(text, found, faults)
    if faults:
        raise Unusable(*faults)
    return found


def schools(text: Text, faults: list[Fault]) -> tuple[School, ...]:
    """The schools of a text; 回应主体 and 主管股室 may be written by any of their names and come out as codes."""
    found = [_school(row) for row in rows(text, SCHOOL, faults)]
    codes = {name: s.code for s in found for name in (s.name, s.national_code) if name}
    codes |= {s.code: s.code for s in found}
    return tuple(_replaced(s, codes) for s in found)


def sections(texts: Iterable[Text], faults: list[Fault]) -> tuple[Section, ...]:
    """The sections of the layers, the upper ones last; a section of an upper layer takes the place of the lower one's."""
    found: dict[str, Section] = {}
    for text in texts:
        layer: dict[str, Section] = {}
        for row in rows(text, SECTION, faults):
            section = _section(row)
            if section.code in layer:
                row.fault("编号", f"编号 {section.code} 与第{layer[section.code].line}行重复", "每个股室一行，编号各不相同")
            layer[section.code] = section
        found |= layer
    return tuple(found.values())


def duty(text: Text, faults: list[Fault]) -> tuple[Shift, ...]:
    """The duty roster, by time."""
    found = [_shift(row) for row in rows(text, SHIFT, faults)]
    return tuple(sorted((shift for shift in found if shift), key=lambda s: (s.start, s.end)))


def policies(text: Text, faults: list[Fault]) -> tuple[Policy, ...]:
    """The bureau's documents."""
    found: dict[str, Policy] = {}
    for row in rows(text, POLICY, faults):
        policy = _policy(row)
        if policy.number and policy.number in found:
            row.fault("文号", f"「{policy.number}」与第{found[policy.number].line}行重复", "每个文件一行")
        found[policy.number or f"第{row.line}行"] = policy
    return tuple(found.values())


def _school(row: Row) -> School:
    national = row.text("学校标识码")
    code = row.text("内部编号") or national or f"S{row.line}"
    since, until = row.day("起始日期"), row.day("终止日期", last=True)
    if since and until and until < since:
        row.fault("终止日期", f"终止日期 {until} 早于起始日期 {since}", "核对两个日期")
    return School(
        code=code, name=row.needed("全称"), email=row.address("邮箱"), national_code=national, short=row.text("简称"),
        aliases=row.texts("别名"), former=_former(row), ambiguous=row.texts("歧义别名"), excludes=row.texts("排除语"),
        stage=row.text("学段"), form=row.text("办学类型"), ownership=row.text("办学性质"), holder=row.text("举办者"),
        legal_person=row.choice("是否法人", ("是", "否"), "是") == "是", answers=row.text("回应主体编号"),
        centre=row.text("上级中心校"), township=row.text("所在乡镇"), section=row.text("主管股室"), head=row.text("负责人"),
        contact=row.text("舆情联络员"), backup=row.text("备岗联络员"), phone=row.text("手机"),
        state=row.choice("状态", STATES, "在办"), since=since, until=until, line=row.line,
    )


def _former(row: Row) -> tuple[FormerName, ...]:
    """曾用名: names with or without `(1985-09-01至2012-08-31)`, either end of which may be open."""
    found = []
    for part in row.texts("曾用名"):
        match = FORMER.fullmatch(part)
        try:
            if match is None:
                raise ValueError(part)
            since, until = (match["since"] or "").strip(), (match["until"] or "").strip()
            former = FormerName(match["name"], to_day(since) if since else None, to_day(until, last=True) if until else None)
        except ValueError:
            row.fault("曾用名", f"「{part}」写法不对", "写成 旧名称(2001-09-01至2019-08-31)，多个之间用分号")
            continue
        if former.since and former.until and former.until < former.since:
            row.fault("曾用名", f"「{part}」的终止日期早于起始日期", "核对两个日期")
        found.append(former)
    return tuple(found)


def _replaced(school: School, codes: dict[str, str]) -> School:
    """The school with its 回应主体 as a code: itself where none is named, or its 中心校 where it is no legal person."""
    named = school.answers or (school.centre if not school.legal_person and school.centre in codes else school.code)
    return replace(school, answers=codes.get(named, named))


def _section(row: Row) -> Section:
    return Section(
        code=row.needed("编号"), name=row.needed("名称"), duty=row.text("职责"), head=row.text("负责人"), phone=row.text("手机"),
        email=row.address("邮箱"), topics=row.texts("主题"), line=row.line,
    )


def _shift(row: Row) -> Shift | None:
    start, end = row.moment("开始"), row.moment("结束")
    phone, email = row.text("手机"), row.address("邮箱")
    name = row.needed("姓名")
    if not row.cells.get("手机") and not row.cells.get("邮箱"):
        row.fault("手机", f"值班人员「{name}」没有手机也没有邮箱", "至少填一项，紧急事项要能找到人")
    if start is None or end is None:
        return None
    if end <= start:
        row.fault("结束", "结束时间不晚于开始时间", "核对两个时间；跨夜的班次结束日期写第二天")
        return None
    return Shift(start, end, name, phone, email, row.text("备注"), row.line)


def _policy(row: Row) -> Policy:
    return Policy(
        number=row.needed("文号"), title=row.needed("标题"), section=row.needed("起草股室"),
        disclosure=row.choice("公开属性", DISCLOSURES, ""), url=row.link("链接"), explained_at=row.link("解读链接"),
        until=row.day("失效日期", last=True), line=row.line,
    )


def party_entries(registry: Registry) -> tuple[PartyEntry, ...]:
    """The registry as parties with their contacts, as the store keeps them. A school's people share its address and telephone."""
    return tuple(map(_school_entry, registry.schools)) + tuple(map(_section_entry, registry.sections))


def _school_entry(school: School) -> PartyEntry:
    if not (school.email or school.phone):
        return PartyEntry(PartyKind.SCHOOL, school.code, school.name)
    named = (
        (ContactRole.DUTY, school.contact or school.head or school.name),
        (ContactRole.BACKUP, school.backup),
        (ContactRole.PRINCIPAL, school.head),
    )
    contacts = tuple(ContactEntry(role, name, school.email, school.phone) for role, name in named if name)
    return PartyEntry(PartyKind.SCHOOL, school.code, school.name, contacts)


def _section_entry(section: Section) -> PartyEntry:
    contact = ContactEntry(ContactRole.PRINCIPAL, section.head or section.name, section.email, section.phone)
    return PartyEntry(PartyKind.SECTION, section.code, section.name, (contact,) if section.email or section.phone else ())
