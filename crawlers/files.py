"""Tables that others export (CSV, XLSX, JSONL), read whole and checked before anything is made of them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from crawlers.clean import clean
from pipeline.faults import Fault, Unusable, unusable, why

LARGEST = 500_000_000
HEADER_WITHIN = 10
MOST_FAULTS = 50
MOST_CELLS = 20_000_000
"""Cells of a sheet, empty ones included: a small file can claim more of them than any memory holds."""
BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError, NotImplementedError, OSError, EOFError,
)
"""What zipfile, the XML parsers (whose errors are SyntaxErrors) and openpyxl raise on a file that is damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins in its file, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read, rows without any cell left out."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path, names: Iterable[str]) -> Table:
    """Reads a file by its kind. `names` are column names by which a header is known, where a title stands above it.

    Raises `Unusable` with every fault found.
    """
    kind = path.suffix.lower()
    readers = {".csv": _csv, ".txt": _csv, ".tsv": _csv, ".xlsx": _xlsx, ".xlsm": _xlsx, ".jsonl": _jsonl, ".ndjson": _jsonl}
    if kind not in readers:
        raise unusable(str(path), f"不认识的文件类型 {kind or '（无扩展名）'}", "用 .csv、.xlsx 或 .jsonl；旧的 .xls 请先另存为 .xlsx")
    try:
        if path.stat().st_size > LARGEST:
            raise unusable(str(path), f"文件超过 {LARGEST // 1_000_000} MB", "分成几个文件再导入")
        body = path.read_bytes()
    except OSError as error:
        raise unusable(str(path), f"读不到文件（{why(error)}）", "检查路径和权限") from error
    return readers[kind](path, body, frozenset(names))


def _csv(path: Path, body: bytes, names: frozenset[str]) -> Table:
    text = _text(path, body)
    csv.field_size_limit(LARGEST)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            lines.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise unusable(f"{path}:{line}", f"CSV 写坏了（{_said(error)}）", "用表格程序打开检查该行的引号，重新导出") from error
    return _table(path, lines, names)


def _said(error: csv.Error) -> str:
    text = str(error)
    return "引号没有闭合" if "end of data" in text else "引号后面还有字" if "expected after" in text else text


def _text(path: Path, body: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with BOM, else GB18030 (Excel's Chinese CSV)."""
    charsets = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for charset in charsets:
        try:
            return body.decode(charset).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise unusable(str(path), "既不是 UTF-8 也不是 GB18030 编码的文字", "用表格程序另存为「CSV UTF-8」")


def _xlsx(path: Path, body: bytes, names: frozenset[str]) -> Table:
    try:
        lines = list(_sheet(path, body))
    except BROKEN as error:
        raise unusable(str(path), "不是可用的 XLSX 文件", "用表格程序打开并另存为 .xlsx") from error
    return _table(path, lines, names)


def _sheet(path: Path, body: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines of a workbook's first sheet. Raises `Unusable` where a small file unpacks to more than a table can be."""
    large = unusable(str(path), "工作簿展开后过大", "删去空白的行列，或分成几个文件再导入")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        if sum(part.file_size for part in parts.infolist()) > LARGEST:
            raise large
    sheet = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()  # some programs write a wrong size
    cells = 0
    for n, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells += len(row)
        if cells > MOST_CELLS:
            raise large
        yield n, [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _table(path: Path, lines: Sequence[tuple[int, list[str]]], names: frozenset[str]) -> Table:
    """Header and rows of a table with lines; every row with more cells than columns is a fault."""
    filled = [(line, [clean(cell) for cell in cells]) for line, cells in lines]
    filled = [(line, cells) for line, cells in filled if any(cells)]
    if not filled:
        raise unusable(str(path), "文件是空的", "检查导出的结果")
    top = max(range(min(HEADER_WITHIN, len(filled))), key=lambda n: (sum(cell in names for cell in filled[n][1]), -n))
    columns = tuple(filled[top][1])
    while columns and not columns[-1]:
        columns = columns[:-1]
    named = [c for c in columns if c]
    faults = [Fault(f"{path}:{filled[top][0]}", f"列名「{c}」重复", "改成不同的列名") for c in sorted(set(named)) if named.count(c) > 1]
    for line, cells in filled[top + 1 :]:
        if any(cells[len(columns) :]):
            faults.append(Fault(f"{path}:{line}", f"有 {len(cells)} 格，比表头多（{len(columns)} 列）", "检查该行的逗号和引号"))
    refuse(faults)
    rows = (Row(line, {c: v for c, v in zip(columns, cells, strict=False) if c}) for line, cells in filled[top + 1 :])
    return Table(tuple(named), tuple(rows))


def _jsonl(path: Path, body: bytes, names: frozenset[str]) -> Table:  # noqa: ARG001 — every line names its own columns
    rows: list[Row] = []
    faults: list[Fault] = []
    columns: dict[str, None] = {}
    for line, text in enumerate(_text(path, body).split("\n"), 1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            faults.append(Fault(f"{path}:{line}", f"不是完整的 JSON（{error}）", "每行应是一个 JSON 对象"))
            continue
        if not isinstance(value, dict):
            faults.append(Fault(f"{path}:{line}", "不是 JSON 对象", "每行应是 {…}"))
            continue
        cells = {str(k): clean(_cell(v)) for k, v in value.items() if not isinstance(v, (dict, list))}
        columns |= dict.fromkeys(str(k) for k in value)
        rows.append(Row(line, cells))
    refuse(faults)
    if not rows:
        raise unusable(str(path), "文件是空的", "检查导出的结果")
    return Table(tuple(columns), tuple(rows))


def refuse(faults: Sequence[Fault]) -> None:
    """Raises `Unusable` where there are faults; of very many the first are named and the rest counted."""
    if len(faults) > MOST_FAULTS:
        faults = [*faults[:MOST_FAULTS], Fault("……", f"还有 {len(faults) - MOST_FAULTS} 处同类问题")]
    if faults:
        raise Unusable(*faults)


def batches(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The rows in parts."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
