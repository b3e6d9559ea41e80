"""train, evaluate, and the part of analyse that belongs to this room."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifier import corpus, events, rows
from classifier import model as models
from classifier.evaluate import figures, tally
from classifier.model import Model
from classifier.reader import LinearReader
from classifier.train import train_model
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reader, Reading
from pipeline.faults import unusable
from pipeline.outcome import Outcome

BATCH = 1_000
LABELLED = datetime(2026, 1, 1, tzinfo=UTC)
SHOWN = {
    "relevance_f1": "涉教判断 F1",
    "relevance_f1_short": "单句涉教判断 F1",
    "topic_f1": "主题 F1",
    "main_topic_accuracy": "首要主题正确率",
    "main_topic_among_topics": "首要主题在所标主题之内",
    "tag_f1": "标签 F1",
    "nature_accuracy": "诉求性质正确率",
    "redline_precision": "红线准确率",
    "redline_recall": "红线召回率",
    "school_f1": "学校名 F1",
    "school_link_accuracy": "学校对应名册正确率",
    "rows": "语料条数",
}
Say = Callable[[str], None]
RowOf = Callable[[Reading, Post], dict[str, Any]]


def open_reader(folders: Sequence[Path], config: Config, place: str, say: Say) -> LinearReader:
    """The reader with the model of these folders, trained first where there is none that fits."""
    return LinearReader(models.load_or_train(folders, config, say), config, place or None)


def train(folders: Sequence[Path], config: Config, if_needed: bool, say: Say) -> Outcome:
    """Builds the model from the corpus and keeps it in the first folder that can be written."""
    known = models.find(folders, config) if if_needed else None
    if known is not None:
        return Outcome(_told(known), f"研读模型 {known.version} 与语料相符，不需重新训练。")
    say("正在由语料训练研读模型…")
    trained = train_model(corpus.lines(), config)
    kept = models.keep(trained, folders)
    where = f"已存于 {kept}" if kept else "没有可写的目录保存它"
    lines = [f"研读模型 {trained.version}，{where}。留出检验（语料内，五折）："]
    lines += [f"  {SHOWN.get(name, name)} {value:.{0 if name == 'rows' else 3}f}" for name, value in trained.scores.items()]
    return Outcome(_told(trained), "\n".join(lines), 0 if kept else 1)


def _told(model: Model) -> dict[str, Any]:
    return {"version": model.version, "corpus": model.corpus, "scores": dict(model.scores)}


def evaluate(file: Path, reader: Reader, config: Config, worst: int = 0) -> Outcome:
    """Scores the reader on a labelled file; owners are routing's and are not scored here."""
    pairs = rows.load(file, LABELLED)
    unlabelled = next((post.key for row, post in pairs if "scope" not in row or "topics" not in row), None)
    if unlabelled is not None or not pairs:
        raise unusable(str(file), f"id {unlabelled} 没有 scope、topics 标注" if pairs else "文件里没有标注", "用人工标注过的 JSONL 文件")
    found = tally([row for row, _ in pairs], read_all(reader, [post for _, post in pairs]))
    scores = figures(found)
    shown = [f"{SHOWN.get(k, k)} {'无' if v is None else f'{v:.3f}'}" for k, v in scores.items() if k in SHOWN]
    head = f"{len(pairs)} 条，其中涉教 {found.ours} 条。模型 {reader.version}，名册 {len(config.registry.schools)} 所学校"
    shown += [f"  {key}　{what}" for key, what in found.mistakes[:worst]]
    mistakes = [{"id": key, "what": what} for key, what in found.mistakes[:worst]]
    data = {"n": len(pairs), "education": found.ours, "model": reader.version, "scores": scores, "worst": mistakes}
    return Outcome(data, "\n".join([head, *shown]))


def read_all(reader: Reader, posts: Sequence[Post]) -> list[Reading]:
    """Reads in batches, so that a large file does not need its whole matrix at once."""
    return [reading for start in range(0, len(posts), BATCH) for reading in reader.read(posts[start : start + BATCH])]


def analyse_file(
    file: Path, out: Path, reader: Reader, config: Config, row_of: RowOf, grouped: bool, now: datetime, say: Say
) -> Outcome:
    """Reads a file without a database. `out` is written whole or not at all."""
    pairs = rows.load(file, now)
    posts = [post for _, post in pairs]
    readings = read_all(reader, posts)
    event = events.group(posts, readings, config.settings.gather) if grouped else []
    lines = []
    for number, ((row, post), reading) in enumerate(zip(pairs, readings, strict=True)):
        said = {"id": row["id"], **row_of(reading, post)} | ({"event": event[number] + 1} if grouped else {})
        lines.append(json.dumps(said, ensure_ascii=False).encode("utf-8", "backslashreplace").decode())
    _write(out, lines)
    ours = sum(r.relevant for r in readings)
    red = sum(r.redline is not None for r in readings)
    say(f"{len(posts)} 条已读，涉教 {ours} 条。")
    data = {"rows": len(posts), "education": ours, "redlines": red, "out": str(out)}
    return Outcome(data, f"{len(posts)} 条，涉教 {ours} 条，触及红线 {red} 条；结果在 {out}")


def _write(out: Path, lines: Sequence[str]) -> None:
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        part.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unusable(str(out), f"写不了这个文件（{error.strerror}）", "检查目录是否存在、是否可写") from error
