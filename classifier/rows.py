"""Readings as the rows that `analyse` and `explain` print, and the rows that `analyse` and `evaluate` are given."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.columns import COLUMNS, NAMES
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, SchoolMention, Span
from pipeline.domain.terms import Precision
from pipeline.faults import Fault, refuse, unusable, why
from pipeline.moments import parse

MOST_FAULTS = 20
BOOKS, TABLES = (".xlsx", ".xlsm", ".xls"), (".csv", ".tsv")


def load(file: Path, now: datetime) -> list[tuple[dict[str, Any], Post]]:
    """Each line of a JSONL file with the post that it makes; raises `Unusable` with every line that is none."""
    lines = _lines(file)
    found: list[tuple[dict[str, Any], Post]] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fault, row = _row(line, seen, number)
        if fault:
            faults.append(Fault(f"{file} 第 {number} 行", *fault))
        else:
            found.append((row, _post(row, now, number)))
    refuse(faults, MOST_FAULTS)
    return found


def _lines(file: Path) -> list[str]:
    """The lines of a text file; a table of columns is said to be one, once, instead of every line of it."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise unusable(str(file), f"读不到这个文件（{why(error)}）", "检查路径和权限") from error
    first = body.decode("utf-8-sig", "replace").lstrip().partition("\n")[0]
    columns = {cell.strip(' "\r') for cell in re.split("[,;\t，]", first)} if not first.startswith(("{", "[")) else set()
    if kind := "Excel 工作簿" if file.suffix.lower() in BOOKS else "CSV 表格" if file.suffix.lower() in TABLES or columns & NAMES else "":
        raise unusable(str(file), f"这是 {kind}，不是 JSONL", "先转为 JSONL，每行一个 JSON 对象；表格可在工作目录中用 huiyin import 导入")
    try:
        return body.decode("utf-8-sig").split("\n")  # other separators may stand inside a JSON string
    except UnicodeDecodeError as error:
        raise unusable(str(file), "不是 UTF-8 文本", "另存为 UTF-8 后再试") from error


def _row(line: str, seen: dict[str, int], number: int) -> tuple[tuple[str, str] | None, dict[str, Any]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return ("不是 JSON", "每行写一个 JSON 对象"), {}
    if not isinstance(row, dict):
        return ("不是 JSON 对象", "每行写成 {\"id\": …, \"title\": …, \"body\": …}"), {}
    row = {**_known(row), **row}
    if row.get("id") in (None, ""):
        return ("没有 id（编号）", "给每行一个不重复的 id"), {}
    wrong = [k for k in ("title", "body") if not isinstance(row.get(k, ""), str)]
    if wrong:
        return (f"{'、'.join(wrong)} 不是文字", "写成字符串"), {}
    if "title" not in row and "body" not in row:
        return ("title 和 body 都没有（也没有 标题、内容、正文）", "至少给出一项"), {}
    key = str(row["id"])
    if key in seen:
        return (f"id {key} 与第 {seen[key]} 行重复", "id 不能重复"), {}
    seen[key] = number
    return None, row


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """The fields that are written under another name that imports know, such as 标题 and 内容."""
    said = {field: next((row[name] for name in names if name in row), None) for field, names in COLUMNS.items()}
    return {field: value for field, value in said.items() if value is not None}


def _post(row: dict[str, Any], now: datetime, number: int) -> Post:
    try:
        published = parse(str(row.get("time") or ""))
    except ValueError:
        published = None
    source, url = (str(row.get(k) or "") for k in ("source", "url"))
    precision = Precision.SECOND if published else Precision.UNKNOWN
    return Post(number, source, str(row["id"]), url, row.get("title", ""), row.get("body", ""), published, now, precision=precision)


def reading_row(reading: Reading, clues: bool = False) -> dict[str, Any]:
    """A reading as `analyse` writes it; with the words that moved it for `explain`."""
    row: dict[str, Any] = {
        "scope": reading.scope.value,
        "relevance": reading.relevance,
        "topics": [{"code": t.code, "p": t.p} for t in reading.topics],
        "tags": [t.value for t in reading.tags],
        "nature": reading.nature.value,
        "redline": reading.redline is not None,
        "redline_kind": reading.redline.value if reading.redline else None,
        "redline_words": [s.surface for s in reading.redline_words],
        "accused": [{"kind": a.kind.value, **span_row(a.span)} for a in reading.accused],
        "schools": [_school(m) for m in reading.subjects],
        "grade": reading.grade.value if reading.grade else None,
    }
    if clues:
        row["landmarks"] = [_school(m) for m in reading.schools if m.landmark]
        row["places"], row["foreign_place"] = list(reading.places), reading.foreign_place
        row["clues"] = [{**span_row(c.span), "about": c.about, "weight": c.weight} for c in reading.clues]
        row["model"] = reading.model
    return row


def span_row(span: Span) -> dict[str, Any]:
    """A stretch of the text as programs read it."""
    return {"surface": span.surface, "start": span.start, "end": span.end}


def _school(mention: SchoolMention) -> dict[str, Any]:
    return {**span_row(mention.span), "name": mention.name, "code": mention.code, "confidence": round(mention.confidence, 2)}


def title_of(post: Post) -> str:
    """What a post is called where it is shown: its title, else the beginning of its body."""
    return post.title.strip() or post.body.strip()[:20] or "无标题"


def school_text(mention: SchoolMention) -> str:
    """A school link as staff read it."""
    where = f"「{mention.span.surface}」第 {mention.span.start}–{mention.span.end} 字"
    if mention.landmark:
        return f"{where}，只作地点"
    if mention.name is None:
        return f"{where}，{'有多种可能，待确认' if mention.candidates else '名册中没有'}"
    return f"{where} → {mention.name}（{mention.code}，把握 {mention.confidence:.0%}）"
