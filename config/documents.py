"""TOML files as layers: the bureau's own over the package's defaults, merged by key, each key with the place it stands at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.files import Shelf, Text, default
from config.places import line_of
from pipeline.faults import Fault

SYNTAX = (
    (r"Expected '=' after a key", "「=」缺失，应写成 项 = 值", "检查这一行；文字要用英文双引号括起"),
    (r"Expected newline or end of document", "一行里有多余的内容", "检查引号、逗号是否为英文标点；一行只写一项，说明写在 # 之后"),
    (r"Cannot overwrite a value", "同一项写了两次", "删去重复的一项"),
    (r"Cannot declare .* twice|Cannot mutate immutable", "同一张表写了两次", "把两张同名的表合并"),
    (r"Duplicate inline table key", "同一项写了两次", "删去重复的一项"),
    (r"Unclosed array|Unclosed inline table", "括号没有成对", "检查 [ ] 或 { } 是否成对，各值之间是否有英文逗号"),
    (r"Illegal character '\\n'|Unterminated string|Expected \"", "引号没有成对", "检查英文双引号是否成对"),
    (r"Unescaped '\\\\'", "文字里的 \\ 不能直接写", "写成 \\\\，或改用英文单引号括起整段文字"),
    (r"Invalid initial character for a key part", "项的名称写法不对", "名称只用字母、数字、- 和 _；中文名称要用英文双引号括起"),
    (r"Expected '\]", "表名的方括号没有成对", "写成 [表名]"),
    (r"Invalid date or datetime", "日期或时间写法不对", "时间写成 08:30:00，日期写成 2026-03-05"),
    (r"Illegal character|Found invalid character", "有不能使用的字符", "删去这一行里看不见的字符"),
    (r"Invalid value", "值的写法不对", "文字用英文双引号括起；是写 true，否写 false；列表写成 [\"甲\", \"乙\"]"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """One TOML file as it counts: its layers (the bureau's own first) and their merged table."""

    layers: tuple[Text, ...]
    table: Mapping[str, Any]

    def at(self, *path: str) -> str:
        """Where a key stands, or the nearest table above it: in the bureau's file where it says anything of it."""
        places = [(line_of(text.text, path), text) for text in self.layers]
        (line, depth), text = max(places, key=lambda place: place[0][1])  # of equals the first: the bureau's own
        return text.at(line) if depth else self.layers[0].at(0)


def document(shelf: Shelf, file: str, replace: bool, faults: list[Fault]) -> Document:
    """A file's layers, merged or replaced. A layer that cannot be parsed is a fault and left out: the rest is still checked."""
    base = default(file)
    own = shelf.own(file, faults)
    table = _parse(own, faults) if own else None
    if own is None or table is None:
        return Document((base,), tomllib.loads(base.text))
    if replace:
        return Document((own,), table)
    return Document((own, base), merged(tomllib.loads(base.text), table))


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of both; where both have a table, the tables merged; else the upper one's value."""
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def _parse(text: Text, faults: list[Fault]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r"at line (\d+), column (\d+)", message)
        line = int(found[1]) if found else text.text.rstrip().count("\n") + 1
        what, mend = next(((w, m) for pattern, w, m in SYNTAX if re.search(pattern, message)), ("写法不合 TOML 格式", "检查这一行"))
        faults.append(Fault(text.at(line), f"{what}" + (f"（第{found[2]}个字符处）" if found else ""), mend))
        return None
