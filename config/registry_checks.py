"""What must hold between the rows of the registry: every fault with its line and its mend."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

from config.files import Text
from config.schema.registry import Policy, School, Section, Shift
from pipeline.faults import Fault
from pipeline.moments import shown

NEEDED_SECTIONS = {"desk": "归属不明的事项由它核定", "deputy": "升级通知要送到它", "director": "升级通知要送到它"}
RESERVED = frozenset({"school", "topic_section", "drafting_section", "supervising_section", "bureau"})


def check_schools(text: Text, schools: Sequence[School], faults: list[Fault]) -> None:
    """Codes and names once, aliases unique or marked, every 回应主体 able to answer, every named contact with an address."""
    faults.extend(_twice(text, schools))
    faults.extend(_aliases(text, schools))
    known = {s.code: s for s in schools}
    for school in schools:
        faults.extend(_answering(text, school, known))
        if school.answers == school.code and (school.contact or school.backup) and not school.email:
            what = f"「{school.name}」有联络员 {school.contact or school.backup}，但没有邮箱"
            mend = "补填邮箱；确实没有的，清空两个联络员栏、把姓名填入「负责人」，事项由值班室电话督办"
            faults.append(Fault(text.at(school.line, "邮箱"), what, mend))


def check_sections(text: Text, sections: Sequence[Section], topics: Container[str], faults: list[Fault]) -> None:
    """The sections that rules address are there, no code is a rule's own word, a topic exists and has one section."""
    codes, claimed = {s.code for s in sections}, dict[str, Section]()
    for code, why in NEEDED_SECTIONS.items():
        if code not in codes:
            faults.append(Fault(text.at(0), f"缺少编号为 {code} 的一行（{why}）", f"补一行 {code},名称,…"))
    for section in sections:
        if section.code in RESERVED:
            faults.append(Fault(text.at(section.line, "编号"), f"编号 {section.code} 是规则里的专用词", "换一个编号"))
        for topic in section.topics:
            if topic not in topics:
                mend = "填 topics.toml 中的主题代码，多个之间用分号"
                faults.append(Fault(text.at(section.line, "主题"), f"没有代码为 {topic} 的主题", mend))
            if claimed.setdefault(topic, section) is not section:
                what = f"主题 {topic} 同时写在「{claimed[topic].name}」和「{section.name}」"
                faults.append(Fault(text.at(section.line, "主题"), what, "一个主题只写在主管的一个股室"))


def check_codes(text: Text, schools: Sequence[School], sections: Sequence[Section], faults: list[Fault]) -> None:
    """No school has a section's code: both are parties, and mail goes by the code."""
    names = {s.code: s.name for s in sections}
    for school in schools:
        if school.code in names:
            what = f"「{school.name}」的编号 {school.code} 与股室「{names[school.code]}」相同"
            faults.append(Fault(text.at(school.line, "内部编号"), what, "换一个编号"))


def check_duty(text: Text, duty: Sequence[Shift], faults: list[Fault]) -> None:
    """From the first shift to the last somebody is on duty, and only one."""
    for before, after in pairwise(duty):
        if after.start > before.end:
            what = f"{shown(before.end)} 至 {shown(after.start)} 无人值班"
            faults.append(Fault(text.at(after.line, "开始"), what, f"补一班，或改第{before.line}行的结束时间"))
        elif after.start < before.end:
            what = f"与第{before.line}行（{before.name}）在 {shown(after.start)} 至 {shown(min(before.end, after.end))} 重叠"
            faults.append(Fault(text.at(after.line, "开始"), what, "同一时间只排一人，改其中一班的时间"))


def check_named_sections(
    text: Text, column: str, rows: Sequence[School] | Sequence[Policy], codes: set[str], faults: list[Fault]
) -> None:
    """Every section that schools (主管股室) or policies (起草股室) name exists."""
    for row in rows:
        if row.section and row.section not in codes:
            what, mend = f"没有编号或名称为「{row.section}」的股室", "填 sections.csv 中的编号或名称"
            faults.append(Fault(text.at(row.line, column), what, mend))


def _twice(text: Text, schools: Iterable[School]) -> Iterator[Fault]:
    codes: dict[str, School] = {}
    names: dict[str, School] = {}
    for school in schools:
        if (first := codes.setdefault(school.code, school)) is not school:
            what = f"编号 {school.code} 与第{first.line}行「{first.name}」重复"
            yield Fault(text.at(school.line), what, "每所学校一行，编号各不相同")
        if school.name and (first := names.setdefault(school.name, school)) is not school:
            what = f"全称「{school.name}」与第{first.line}行重复"
            yield Fault(text.at(school.line, "全称"), what, "删去重复的一行，或写明各自的全称")


def _claims(school: School) -> dict[str, str]:
    """The names that mean this school and no other, with the column each stands in. Dated former names are told apart by time."""
    undated = [f.name for f in school.former if f.until is None]
    columns = (("曾用名", undated), ("别名", school.aliases), ("简称", [school.short]), ("全称", [school.name]))
    return {name: column for column, names in columns for name in names if name and name not in school.ambiguous}


def _aliases(text: Text, schools: Sequence[School]) -> Iterator[Fault]:
    owners: dict[str, School] = {}
    for school in schools:
        for name, column in _claims(school).items():
            first = owners.setdefault(name, school)
            if first is school or first.name == school.name or _one_body(first, school):
                continue
            what = f"「{name}」也是第{first.line}行「{first.name}」的名称"
            yield Fault(text.at(school.line, column), what, "名称各校唯一；确有重名的，在两行的「歧义别名」里都写上")
    for school in schools:
        for name in school.ambiguous:
            owner = owners.get(name)
            if owner and owner is not school and name != owner.name:
                what = f"「{name}」在第{school.line}行「{school.name}」标为歧义别名，这里却当作唯一名称"
                yield Fault(text.at(owner.line, _claims(owner)[name]), what, "在本行的「歧义别名」里也写上")


def _one_body(one: School, other: School) -> bool:
    """Whether one of two schools is closed and the other answers for it: they may share their names."""
    return (not one.open and one.answers == other.code) or (not other.open and other.answers == one.code)


def _answering(text: Text, school: School, known: dict[str, School]) -> Iterator[Fault]:
    where, above = text.at(school.line, "回应主体编号"), known.get(school.answers)
    if above is None:
        yield Fault(where, f"没有编号为「{school.answers}」的学校", "填本名册中的内部编号或学校标识码")
    elif not above.legal_person and above is school:
        yield Fault(where, f"「{school.name}」不是法人，须由别的学校回应", "填其中心校或主办学校的编号")
    elif not above.legal_person:
        yield Fault(where, f"回应主体「{above.name}」不是法人", "填有法人资格的中心校或主办学校的编号")
    elif school.open and not above.open:
        yield Fault(where, f"回应主体「{above.name}」已{above.state}", "改填接收它的学校的编号")
    elif _loops(school, known):
        yield Fault(where, f"「{school.name}」的回应主体绕成了一圈", "让其中一所由自己回应（填自己的编号）")


def _loops(school: School, known: dict[str, School]) -> bool:
    seen, at = {school.code}, school
    while at.answers != at.code and (above := known.get(at.answers)):
        if above.code == school.code:
            return True
        if above.code in seen:
            return False  # a circle further up: said of its own members
        seen.add(above.code)
        at = above
    return False
