"""Readings as the rows that `analyse` and `explain` print, and the rows that `analyse` and `evaluate` are given."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, SchoolMention, Span
from pipeline.domain.terms import Precision
from pipeline.faults import Fault, Unusable, unusable
from pipeline.moments import parse

MOST_FAULTS = 20


def load(file: Path, now: datetime) -> list[tuple[dict[str, Any], Post]]:
    """Each line of a JSONL file with the post that it makes; raises `Unusable` with every line that is none."""
    try:
        lines = file.read_text("utf-8-sig").split("\n")  # other separators may stand inside a JSON string
    except OSError as error:
        raise unusable(str(file), f"读不到这个文件（{error.strerror}）", "检查路径和权限") from error
    except UnicodeDecodeError as error:
        raise unusable(str(file), "不是 UTF-8 文本", "另存为 UTF-8 后再试") from error
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
    if faults:
        raise Unusable(*faults[:MOST_FAULTS])
    return found


def _row(line: str, seen: dict[str, int], number: int) -> tuple[tuple[str, str] | None, dict[str, Any]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return ("不是 JSON", "每行写一个 JSON 对象"), {}
    if not isinstance(row, dict):
        return ("不是 JSON 对象", "每行写成 {\"id\": …, \"title\": …, \"body\": …}"), {}
    if row.get("id") in (None, ""):
        return ("没有 id", "给每行一个不重复的 id"), {}
    wrong = [k for k in ("title", "body") if not isinstance(row.get(k, ""), str)]
    if wrong:
        return (f"{'、'.join(wrong)} 不是文字", "写成字符串"), {}
    if "title" not in row and "body" not in row:
        return ("title 和 body 都没有", "至少给出一项"), {}
    key = str(row["id"])
    if key in seen:
        return (f"id {key} 与第 {seen[key]} 行重复", "id 不能重复"), {}
    seen[key] = number
    return None, row


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
        "accused": [{"kind": a.kind.value, **_span(a.span)} for a in reading.accused],
        "schools": [_school(m) for m in reading.subjects],
        "grade": reading.grade.value if reading.grade else None,
    }
    if clues:
        row["landmarks"] = [_school(m) for m in reading.schools if m.landmark]
        row["places"], row["foreign_place"] = list(reading.places), reading.foreign_place
        row["clues"] = [{**_span(c.span), "about": c.about, "weight": c.weight} for c in reading.clues]
        row["model"] = reading.model
    return row


def _span(span: Span) -> dict[str, Any]:
    return {"surface": span.surface, "start": span.start, "end": span.end}


def _school(mention: SchoolMention) -> dict[str, Any]:
    return {**_span(mention.span), "name": mention.name, "code": mention.code, "confidence": round(mention.confidence, 2)}


def reading_text(reading: Reading, post: Post, config: Config) -> str:
    """A reading as staff read it in `explain`."""
    title = post.title.strip() or post.body.strip()[:20] or "无标题"
    lines = [f"研读《{title}》（模型 {reading.model}）", f"  范围：{reading.scope.zh}，涉教可能性 {reading.relevance:.0%}"]
    if reading.topics:
        names = (f"{t.code} {config.topics[t.code].name if t.code in config.topics else ''}（{t.p:.0%}）" for t in reading.topics)
        lines.append(f"  主题：{'；'.join(names)}")
    tags = "、".join(t.zh for t in reading.tags) or "无"
    lines.append(f"  诉求性质：{reading.nature.zh}　标签：{tags}　建议等级：{reading.grade.zh if reading.grade else '无'}")
    if reading.redline:
        words = "、".join(dict.fromkeys(s.surface for s in reading.redline_words))
        lines.append(f"  红线：{reading.redline.zh}（依据：{words}），须由人确认")
    if reading.accused:
        people = (f"{a.span.surface}（{a.kind.zh}，第 {a.span.start}–{a.span.end} 字）" for a in reading.accused)
        lines.append("  被反映人：" + "；".join(people))
    lines += [f"  {_school_text(m)}" for m in reading.schools]
    if reading.foreign_place:
        lines.append(f"  外地：{reading.foreign_place}")
    if reading.clues:
        lines.append("  依据的词：" + "、".join(dict.fromkeys(c.span.surface.strip() for c in reading.clues)))
    return "\n".join(lines)


def _school_text(mention: SchoolMention) -> str:
    where = f"「{mention.span.surface}」第 {mention.span.start}–{mention.span.end} 字"
    if mention.landmark:
        return f"学校：{where}，只作地点"
    if mention.name is None:
        return f"学校：{where}，{'有多种可能，待确认' if mention.candidates else '名册中没有'}"
    return f"学校：{where} → {mention.name}（{mention.code}，把握 {mention.confidence:.0%}）"
