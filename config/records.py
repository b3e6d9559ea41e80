"""Tables of a TOML document → configured records; what pydantic finds wrong with them, as faults that a clerk can read."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.documents import Document
from pipeline.faults import Fault

Model = TypeVar("Model", bound=BaseModel)

TYPES = {
    "string": "文字（用英文双引号括起）",
    "int": "整数",
    "float": "数字",
    "bool": "true（是）或 false（否）",
    "tuple": "列表，如 [\"甲\", \"乙\"]",
    "list": "列表，如 [\"甲\", \"乙\"]",
    "dict": "表",
    "model": "表",
    "time": "时间，如 08:30:00",
}
BOUNDS = {"ge": "不小于", "gt": "大于", "le": "不大于", "lt": "小于"}
EXPECTED = {"enum", "literal_error"}


def record(document: Document, model: type[Model], path: tuple[str, ...], faults: list[Fault]) -> Model | None:
    """The record at `path` (the whole document for an empty one); None, with its faults added, where it is not well formed."""
    table: Any = document.table
    for key in path:
        table = table[key]
    try:
        return model.model_validate(table)
    except ValidationError as error:
        faults.extend(_faults(document, model, path, table, error))
        return None


def records(document: Document, model: type[Model], faults: list[Fault]) -> dict[str, Model]:
    """Every table of a document as a record under its key."""
    found = {key: record(document, model, (key,), faults) for key in document.table}
    return {key: value for key, value in found.items() if value is not None}


def _faults(document: Document, model: type[BaseModel], path: tuple[str, ...], table: Any, error: ValidationError) -> list[Fault]:
    """One fault a key: a union reports each of its branches, whose allowed values are put together."""
    grouped: dict[tuple[str, ...], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(path + _real(table, detail), []).append(detail)
    return [_fault(document, model, key, details, len(path)) for key, details in grouped.items()]


def _real(table: Any, detail: ErrorDetails) -> tuple[str, ...]:
    """The part of an error's location that names keys of the file (pydantic adds list indices and branches of unions)."""
    path: list[str] = []
    for part in detail["loc"]:
        if isinstance(table, Mapping) and (part in table or detail["type"] == "missing"):
            path.append(str(part))
            table = table.get(part)
        elif isinstance(table, list) and isinstance(part, int) and part < len(table):
            table = table[part]
        else:
            break
    return tuple(path)


def _fault(document: Document, model: type[BaseModel], path: tuple[str, ...], details: list[ErrorDetails], depth: int) -> Fault:
    detail, where = details[0], document.at(*path)
    name = ".".join(path) or "整个文件"
    if detail["type"] == "missing":
        return Fault(where, f"[{'.'.join(path[:-1])}] 缺少必填项 {path[-1]}", f"补写 {path[-1]} = …")
    if detail["type"] == "extra_forbidden":
        return Fault(where, f"不认识的配置项 {name}", suggestion(path[-1], _known(model, path[depth:-1])))
    if all(d["type"] in EXPECTED for d in details):
        allowed = "、".join(str(d["ctx"]["expected"]).replace(" or ", ", ").replace("'", "") for d in details)
        return Fault(where, f"{name} 的值 {detail['input']} 不在允许范围", f"可用：{allowed.replace(', ', '、')}")
    return Fault(where, f"{name} 的值不对", _wanted(detail))


def _known(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    """The keys of the table at `path` within a record; a key that is no field is a key of the bureau's own (by_grade.Ⅱ)."""
    for key in path:
        if key in model.model_fields:
            annotation = model.model_fields[key].annotation
            inner = [t for t in (annotation, *get_args(annotation)) if isinstance(t, type) and issubclass(t, BaseModel)]
            if not inner:
                return []
            model = inner[0]
    return list(model.model_fields)


def suggestion(word: str, known: list[str]) -> str:
    """What a misspelt name may have meant."""
    close = get_close_matches(word, known, 1, 0.6)
    if close:
        return f"是否想写 {close[0]}？"
    return f"可用的有：{'、'.join(known)}" if known else "删去这一项，或检查它是否写在了别的表里"


def _wanted(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    bound = next((f"应{word} {context[key]}" for key, word in BOUNDS.items() if key in context), "")
    if bound:
        return bound
    if kind == "string_pattern_mismatch":
        return "应以小写字母开头，只用小写字母、数字、- 和 _"
    if kind in ("too_short", "too_long"):
        return f"应有 {context.get('max_length') or context.get('min_length')} 个值"
    return f"应为{TYPES.get(kind.split('_')[0], '其他写法')}，现为 {detail['input']!r}"[:120]
