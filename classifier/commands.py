"""train, evaluate, and the part of analyse that belongs to this room."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifier import corpus, events, labels, rows, scoreboard
from classifier import model_files as models
from classifier.evaluate import Tally, grouping, tally
from classifier.labels import Label
from classifier.meaning import sentence_meaning
from classifier.model import Model
from classifier.reader import PostReader
from classifier.train import FOLDS, train_model
from config.schema import Config
from pipeline.domain.cases import Decision
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reader, Reading
from pipeline.faults import unusable, why
from pipeline.outcome import Outcome

BATCH = 1_000
PLACES = ("市", "县", "区", "旗", "省", "州", "盟")
LABELLED = datetime(2026, 1, 1, tzinfo=UTC)
SHOWN = {
    "relevance_f1": "涉教判断 F1",
    "topic_f1": "主题 F1",
    "main_topic_accuracy": "首要主题正确率",
    "tag_f1": "标签 F1",
    "nature_accuracy": "诉求性质正确率",
    "owner_by_words_accuracy": "单凭文字判断回应主体的正确率",
    "rows": "语料条数",
}
Say = Callable[[str], None]
RowOf = Callable[[Reading, Post], dict[str, Any]]
OwnerOf = Callable[[Reading, Post], Decision]


def open_reader(folders: Sequence[Path], config: Config, place: str, say: Say) -> PostReader:
    """The reader with the model of these folders, trained first where there is none that fits."""
    wrong = [part for part in place.split("/") if not part.endswith(PLACES)] if place else []
    if wrong:
        raise unusable("--place", f"「{'」「'.join(wrong)}」看不出是哪一级", "写全名，以市、县、区、旗等结尾，如 某市/清源县")
    return PostReader(models.load_or_train(folders, say), config, place or None, sentence_meaning())


def train(folders: Sequence[Path], if_needed: bool, say: Say) -> Outcome:
    """Builds the model from the corpus and keeps it in the first folder that can be written."""
    known = models.find(folders) if if_needed else None
    if known is not None:
        return Outcome(_told(known), f"研读模型 {known.version} 与语料相符，不需重新训练。")
    say(f"正在训练研读模型（{models.STEPS}）…")
    with models.heartbeat(say):
        trained = train_model(corpus.lines(), models.shipped_topics())
    kept = models.keep(trained, folders)
    where = f"已存于 {kept}" if kept else "没有可写的目录保存它"
    lines = [f"研读模型 {trained.version}，{where}。留出检验（语料内，{FOLDS}折）："]
    lines += [f"  {SHOWN[name]} {value:.{0 if name == 'rows' else 3}f}" for name, value in trained.scores.items()]
    return Outcome(_told(trained), "\n".join(lines), 0 if kept else 1)


def _told(model: Model) -> dict[str, Any]:
    return {"version": model.version, "corpus": model.corpus, "scores": dict(model.scores)}


def evaluate(
    file: Path, reader: PostReader, config: Config, owner_of: OwnerOf, worst: int = 0, curves: Path | None = None
) -> Outcome:
    """Scores the reader, and who answers by `owner_of`, on a labelled file; draws its curves where `curves` says."""
    pairs = rows.load(file, LABELLED)
    told, posts = labels.of(file, pairs), [post for _, post in pairs]
    pictures = _pictures(curves)
    readings = read_all(reader, posts)
    found = tally(told, readings, [owner_of(reading, post) for reading, post in zip(readings, posts, strict=True)])
    if any(label.event is not None for label in told):
        found.events = grouping(told, events.group(posts, readings, config.settings.gather, meaning=sentence_meaning()))
    head = f"{len(told)} 条，其中涉教 {found.education} 条。模型 {reader.version}，名册 {len(config.registry.schools)} 所学校"
    data = {"n": len(told), "education": found.education, "model": reader.version, **scoreboard.data(found, config, worst)}
    if pictures:
        data |= {"curves": [str(f) for f in pictures], "average_precision": _draw(pictures, told, readings, reader, posts, found, config)}
    drawn = [f"曲线：{'、'.join(map(str, pictures))}"] if pictures else []
    return Outcome(data, "\n\n".join([head, scoreboard.text(found, config, worst), *drawn]))


def _pictures(curves: Path | None) -> tuple[Path, ...]:
    """The files to draw; said before anything is read, so that a bad place is known at once."""
    if curves is None:
        return ()
    from classifier.curves import files_of  # matplotlib takes its time to load

    return files_of(curves)


def _draw(
    pictures: Sequence[Path], told: Sequence[Label], readings: Sequence[Reading], reader: PostReader, posts: Sequence[Post],
    found: Tally, config: Config,
) -> dict[str, float]:
    """Draws relevance and topics, and returns the average precision of each curve."""
    from classifier import curves

    chances = [c for start in range(0, len(posts), BATCH) for c in reader.chances(posts[start : start + BATCH])]
    drawn = (curves.relevance(told, readings, found.scope), curves.topics(told, chances, found.topics))
    names = {"k12": "涉教", "all": "合计"} | {code: f"{code} {topic.name}" for code, topic in config.topics.items()}
    curves.draw(pictures, drawn, names)
    return {curve.name: curve.average for picture in drawn for curve in picture.curves}


def read_all(reader: Reader, posts: Sequence[Post]) -> list[Reading]:
    """Reads in batches, so that a large file does not need its whole matrix at once."""
    return [reading for start in range(0, len(posts), BATCH) for reading in reader.read(posts[start : start + BATCH])]


def analyse_file(
    file: Path, out: Path, reader: Reader, config: Config, row_of: RowOf, grouped: bool, now: datetime, say: Say
) -> Outcome:
    """Reads a file without a database. `out` is written whole or not at all."""
    pairs = rows.load(file, now)
    if not pairs:
        raise unusable(str(file), "文件是空的，没有可研读的内容", "检查是否给对了文件；每行写一个 JSON 对象")
    posts = [post for _, post in pairs]
    if len(posts) > BATCH:
        say(f"正在研读 {len(posts)} 条…")
    readings = read_all(reader, posts)
    event = events.group(posts, readings, config.settings.gather, meaning=sentence_meaning()) if grouped else []
    lines = []
    for number, ((row, post), reading) in enumerate(zip(pairs, readings, strict=True)):
        said = {"id": row["id"], **row_of(reading, post)} | ({"event": event[number] + 1} if grouped else {})
        lines.append(json.dumps(said, ensure_ascii=False).encode("utf-8", "backslashreplace").decode())
    _write(out, lines)
    ours = sum(r.relevant for r in readings)
    red = sum(r.redline is not None for r in readings)
    data = {"rows": len(posts), "education": ours, "redlines": red, "out": str(out)}
    return Outcome(data, f"{len(posts)} 条，涉教 {ours} 条，触及红线 {red} 条；结果在 {out}")


def _write(out: Path, lines: Sequence[str]) -> None:
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        part.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unusable(str(out), f"写不了这个文件（{why(error)}）", "检查目录是否存在、是否可写") from error
