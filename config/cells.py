"""CSV tables, as table programs write them: rows with their lines, cells read as what their column holds, faults collected."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from config.files import Text
from config.records import suggestion
from pipeline.faults import Fault
from pipeline.moments import LOCAL

DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?(?: +0?0:00(?::00)?)?")
MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a file may have, and which of them it must have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Every known column."""
        return [*self.required, *self.optional]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, where it stands, and the list that takes its faults."""

    source: Text
    line: int
    cells: Mapping[str, str]
    faults: list[Fault]

    def fault(self, column: str, what: str, mend: str) -> None:
        """Something is wrong with a cell."""
        self.faults.append(Fault(self.source.at(self.line, column), what, mend))

    def text(self, column: str) -> str:
        """The cell's text; a number that the table program has rounded (1.39E+10) is a fault."""
        value = self.cells.get(column, "")
        if ROUNDED.fullmatch(value):
            self.fault(column, f"「{value}」是被表格软件改写过的数字", "把该列设为「文本」格式后重新填写")
            return ""
        return value

    def needed(self, column: str) -> str:
        """The cell's text, which may not be empty."""
        if not self.cells.get(column):
            self.fault(column, "不能为空", f"补填「{column}」")
        return self.text(column)

    def texts(self, column: str) -> tuple[str, ...]:
        """The parts of a cell that holds several, divided by semicolons; each part once."""
        return tuple(dict.fromkeys(part for raw in re.split(r"[;；]", self.text(column)) if (part := raw.strip())))

    def choice(self, column: str, allowed: Sequence[str], otherwise: str) -> str:
        """One of a few words; `otherwise` where the cell is empty."""
        value = self.text(column) or otherwise
        if value != otherwise and value not in allowed:
            self.fault(column, f"「{value}」不在允许范围", f"可填：{'、'.join(allowed)}")
        return value

    def address(self, column: str) -> str:
        """A mail address, or nothing."""
        value = self.text(column)
        if value and not well_formed(value):
            self.fault(column, f"「{value}」不是一个格式正确的邮箱地址", "填写一个地址，如 name@school.example，用英文标点")
            return ""
        return value

    def link(self, column: str) -> str:
        """A web address, or nothing."""
        value = self.text(column)
        if value and not re.match(r"https?://[^\s/]+", value):
            self.fault(column, f"「{value}」不是网址", "填写以 https:// 或 http:// 开头的完整网址")
        return value

    def day(self, column: str, last: bool = False) -> date | None:
        """A day, or nothing; of a month or year alone the first day, or its last."""
        value = self.text(column)
        try:
            return to_day(value, last) if value else None
        except ValueError:
            self.fault(column, f"「{value}」不是日期", "写成 2026-03-05")
            return None

    def moment(self, column: str) -> datetime | None:
        """A moment on the bureau's wall; 24:00 is the end of its day."""
        value = self.needed(column)
        found = MOMENT.fullmatch(value)
        try:
            if found:
                year, month, day, hour, minute = map(int, found.groups())
                over = timedelta(days=1) if (hour, minute) == (24, 0) else timedelta()
                return (datetime(year, month, day, 0 if over else hour, minute, tzinfo=LOCAL) + over).astimezone(UTC)
        except ValueError:
            pass  # no such day or hour: said below
        if value:
            self.fault(column, f"「{value}」不是日期和时间", "写成 2026-03-05 08:30")
        return None


def well_formed(address: str) -> bool:
    """Whether a text is one mail address."""
    return len(address) <= 254 and bool(ADDRESS.fullmatch(address))


def to_day(text: str, last: bool = False) -> date:
    """A day as people and table programs write it. Raises ValueError."""
    found = DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    year, month, day = (int(part) if part else None for part in found.groups())
    if month is None:
        return date(year or 0, 12, 31) if last else date(year or 0, 1, 1)
    if day is None and last:
        return (date(year or 0, month, 1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return date(year or 0, month, day or 1)


def rows(text: Text, columns: Columns, faults: list[Fault]) -> list[Row]:
    """The rows below the header, blank ones left out. A header with faults gives no rows."""
    try:
        table = list(_lines(text))
    except csv.Error as error:
        where = text.at(int(str(error)))
        faults.append(Fault(where, "引号没有成对，或引号后还有文字", "检查这一行的英文双引号；在表格软件中重新保存为 CSV"))
        return []
    if not table:
        faults.append(Fault(text.label, "文件是空的，没有表头", f"第一行写列名：{'、'.join(columns.all)}"))
        return []
    (line, header), *body = table
    names = [name.lstrip("\ufeff") for name in header]
    while names and not names[-1]:
        names.pop()
    if wrong := list(_header_faults(text, line, names, columns)):
        faults.extend(wrong)
        return []
    return [row for n, cells in body if (row := _row(text, n, names, cells, faults))]


def _lines(text: Text) -> Iterator[tuple[int, list[str]]]:
    """Each non-blank record with the line it begins on. Raises csv.Error that names the line only."""
    reader = csv.reader(io.StringIO(text.text, newline=""), strict=True)
    line = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(line) from error


def _header_faults(text: Text, line: int, names: list[str], columns: Columns) -> Iterator[Fault]:
    if missing := "".join(f"「{name}」" for name in columns.required if name not in names):
        yield Fault(text.at(line), f"缺少{missing}列", f"在表头补上{missing}；若整张表都不对，请核对是否给错了文件")
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Fault(text.at(line, name), "同一列出现了两次", "删去重复的一列")
    unknown = [name for name in dict.fromkeys(names) if name not in columns.all]
    if len(unknown) == 1:
        yield Fault(text.at(line, unknown[0]), "不认识的列", suggestion(unknown[0], columns.all))
    elif unknown:
        told = "".join(f"「{name}」" for name in unknown)
        yield Fault(text.at(line), f"不认识的列{told}", f"可用的有：{'、'.join(columns.all)}")


def _row(text: Text, line: int, names: list[str], cells: list[str], faults: list[Fault]) -> Row | None:
    if any(cells[len(names):]):
        what = f"有 {len(cells)} 格，表头只有 {len(names)} 列"
        faults.append(Fault(text.at(line), what, "含逗号的内容要用英文双引号括起，多个名称之间用分号"))
        return None
    return Row(text, line, dict(zip(names, cells, strict=False)), faults)
