"""What a new registry would change, line by line: the dry run before an import is accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from config.schema.registry import FormerName, Policy, Registry, School, Section, Shift
from pipeline.moments import shown

SCHOOL = {
    "name": "全称", "email": "邮箱", "national_code": "学校标识码", "short": "简称", "aliases": "别名", "former": "曾用名",
    "ambiguous": "歧义别名", "excludes": "排除语", "stage": "学段", "form": "办学类型", "ownership": "办学性质", "holder": "举办者",
    "legal_person": "是否法人", "answers": "回应主体编号", "centre": "上级中心校", "township": "所在乡镇", "section": "主管股室",
    "head": "负责人", "contact": "舆情联络员", "backup": "备岗联络员", "phone": "手机", "state": "状态", "since": "起始日期",
    "until": "终止日期",
}
SECTION = {"name": "名称", "duty": "职责", "head": "负责人", "phone": "手机", "email": "邮箱", "topics": "主题"}
SHIFT = {"end": "结束", "name": "姓名", "phone": "手机", "email": "邮箱", "note": "备注"}
POLICY = {
    "title": "标题", "section": "起草股室", "disclosure": "公开属性", "url": "链接", "explained_at": "解读链接",
    "until": "失效日期",
}

Record = School | Section | Shift | Policy


def registry_diff(old: Registry, new: Registry) -> list[str]:
    """Each row that is new, gone or different, in words that staff read; nothing for two registries that say the same."""
    return [
        *_rows("学校", SCHOOL, {s.code: s for s in old.schools}, {s.code: s for s in new.schools}),
        *_rows("股室", SECTION, {s.code: s for s in old.sections}, {s.code: s for s in new.sections}),
        *_rows("值班", SHIFT, {shown(s.start): s for s in old.duty}, {shown(s.start): s for s in new.duty}),
        *_rows("政策", POLICY, {p.number: p for p in old.policies}, {p.number: p for p in new.policies}),
    ]


def _rows(what: str, labels: Mapping[str, str], old: Mapping[str, Record], new: Mapping[str, Record]) -> Iterator[str]:
    for key, row in new.items():
        if key not in old:
            yield f"新增{what} {key} {_title(row)}"
        elif changed := list(_cells(labels, old[key], row)):
            yield f"修改{what} {key} {_title(row)}：{'；'.join(changed)}"
    for key, row in old.items():
        if key not in new:
            yield f"移除{what} {key} {_title(row)}"


def _title(row: Record) -> str:
    return row.title if isinstance(row, Policy) else row.name


def _cells(labels: Mapping[str, str], old: Record, new: Record) -> Iterator[str]:
    for column in fields(old):
        before, after = getattr(old, column.name), getattr(new, column.name)
        if column.name in labels and before != after:
            yield f"{labels[column.name]} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, tuple):
        return "、".join(map(_shown, value)) or "（空）"
    if isinstance(value, FormerName):
        dated = f"({_shown(value.since)}至{_shown(value.until)})" if value.since or value.until else ""
        return value.name + dated
    return value.isoformat() if isinstance(value, date) else str(value or "（空）")
