"""`bench read`: how fast the reader reads, beside the pipeline as tutorials write it, in one run on one core."""

from __future__ import annotations

import csv
import json
import logging
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from classifier import corpus, events
from classifier.lexicon import Lexicon
from classifier.meaning import Meaning, sentence_meaning
from classifier.model import Model
from classifier.reader import PostReader, clipped
from classifier.words import fold
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.faults import unusable, why
from pipeline.outcome import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCH, NAIVE_POSTS, NAIVE_LEARNT = 1_000, 300, 1_500
TIMES = 3  # each part is done so often, and its best time counts: what disturbs a machine only ever makes it slower
STREAM = 0.05
# The tutorial's thirty labels: this measures time and says nothing about quality.
LABELS = (
    "学校", "老师", "教师", "学生", "幼儿园", "小学", "中学", "高中", "补课", "收费", "食堂", "校车", "安全", "工资", "编制", "招生",
    "学位", "入学", "划片", "考试", "高考", "培训", "作业", "宿舍", "校园", "家长", "公办", "民办", "退费", "职称",
)  # fmt: skip
GOALS = {"gate_ratio": 30.0, "ratio": 4.0, "ratio_5_percent": 12.0}
GOAL_NAMES = {"gate_ratio": "初筛对对照的倍数", "ratio": "全程对对照的倍数", "ratio_5_percent": "涉教占 5% 的流对对照的倍数"}
SHARE_NAMES = {"gate": "初筛", "meaning": "读含义", "events": "归并", "rest": "细读与其余"}


@dataclass(frozen=True, slots=True)
class Lap:
    """How many posts a second, and what was read."""

    speed: float
    readings: list[Reading]


class Watch:
    """Reads meaning and keeps the time it took."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self.seconds, self.texts = 0.0, 0

    def vectors(self, texts: Sequence[str], workers: int = 1) -> NDArray[np.float32]:
        """One row a text, by the encoder that is watched."""
        start = time.process_time()
        found = self._meaning.vectors(texts, workers)
        self.seconds, self.texts = self.seconds + time.process_time() - start, self.texts + len(texts)
        return found


def bench_read(files: Sequence[Path], model: Model, config: Config, texts: int, say: Callable[[str], None]) -> Outcome:
    """Reads the texts of these files (CSV or JSONL with title and body; without any, the corpus) and times each part.

    With `texts` it then reads so many, in batches, and says how the memory grew after the first tenth.
    """
    posts = [_post(n, title, body) for n, (title, body) in enumerate(_texts(files))]
    if len(posts) < 2 * len(LABELS):
        raise unusable("bench read", f"只有 {len(posts)} 条文字，不足以量出速度", "给出含 title、body 的 CSV 或 JSONL，至少几百条")
    with threadpool_limits(1):
        say(f"同一进程、单核，{len(posts)} 条{'' if files else '（随程序的语料）'}：先量对照的写法，再量本系统…")
        naive = _naive([f"{p.title} {p.body}" for p in posts], [s.name for s in config.registry.schools])
        meaning = sentence_meaning()
        watch = Watch(meaning) if meaning else None
        reader = PostReader(model, config, None, watch)
        reader.read(posts[:100])
        gate = _gate(reader, config, posts)
        before = (watch.seconds, watch.texts) if watch else (0.0, 0)
        lap = _lap(reader, posts)
        meant = ((watch.seconds - before[0]) / TIMES, (watch.texts - before[1]) // TIMES) if watch else (0.0, 0)
        grouping = _timed(lambda: events.group(posts, lap.readings, config.settings.gather))
        thin = _thin(posts, lap.readings)
        stream = _lap(reader, thin)
        grown = _grown(reader, posts, texts, say) if texts else None
    whole = len(posts) / (len(posts) / lap.speed + grouping)
    data: dict[str, Any] = {
        "posts": len(posts), "education": sum(r.relevant for r in lap.readings), "naive": round(naive, 1), "ours": round(whole, 1),
        "ratio": round(whole / naive, 2), "gate": round(gate, 1), "gate_ratio": round(gate / naive, 1),
        "posts_5_percent": len(thin), "ours_5_percent": round(stream.speed, 1), "ratio_5_percent": round(stream.speed / naive, 1),
        "shares": _shares(len(posts), lap, gate, meant, grouping), "peak_memory_mb": _memory(), "memory_growth_mb": grown,
    }  # fmt: skip
    short = [name for name, goal in GOALS.items() if data[name] < goal]
    return Outcome(data, _told(data, short), 1 if short else 0)


def _texts(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    if not files:
        yield from ((e.title, e.body) for e in corpus.examples(corpus.lines()))
    for file in files:
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                rows = csv.DictReader(lines) if file.suffix == ".csv" else map(json.loads, lines)
                yield from ((row.get("title") or "", row.get("body") or "") for row in rows)
        except (OSError, ValueError, AttributeError) as error:
            cause = why(error) if isinstance(error, OSError) else "不是完整的 CSV 或 JSONL"
            raise unusable(str(file), f"读不了：{cause}", "给出含 title、body 列的 CSV 或 JSONL") from error


def _post(number: int, title: str, body: str) -> Post:
    return Post(number, "", str(number), "", title, body, NOW, NOW)


def _naive(texts: list[str], schools: list[str]) -> float:
    """Posts a second of the tutorial: jieba, TfidfVectorizer and OneVsRest post by post, `name in text` for each school."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    names = schools or [f"第{n}小学" for n in range(200)]
    learnt = texts[:NAIVE_LEARNT]
    vectors = TfidfVectorizer(analyzer=jieba.lcut, min_df=2)
    wanted = [[int(w in t) if n % 97 else n % 2 for w in LABELS] for n, t in enumerate(learnt)]
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(vectors.fit_transform(learnt), wanted)
    asked = texts[-NAIVE_POSTS:]

    def read() -> None:
        for text in asked:
            jieba.lcut(text)
            model.predict(vectors.transform([text]))
            _ = [name for name in names if name in text]

    return len(asked) / _timed(read)


def _gate(reader: PostReader, config: Config, posts: Sequence[Post]) -> float:
    """Posts a second of the gate alone, folding included."""
    lexicon = Lexicon(config.topics)

    def look() -> None:
        for batch in _batches(posts):
            reader.model.gate.probabilities([fold(clipped(post)) for post in batch], lexicon)

    return len(posts) / _timed(look)


def _lap(reader: PostReader, posts: Sequence[Post]) -> Lap:
    readings: list[Reading] = []

    def read() -> None:
        readings.clear()
        for batch in _batches(posts):
            readings.extend(reader.read(batch))

    return Lap(len(posts) / _timed(read), readings)


def _thin(posts: Sequence[Post], readings: Sequence[Reading]) -> list[Post]:
    """The same texts as a bureau's stream has them: every text that is not education, and so many of the others that they are 5 %."""
    ours = [p for p, r in zip(posts, readings, strict=True) if r.relevant]
    rest = [p for p, r in zip(posts, readings, strict=True) if not r.relevant]
    wanted = max(1, round(len(rest) * STREAM / (1 - STREAM)))
    every = max(1, len(rest) // wanted)
    mixed = list(rest)
    for number, post in enumerate(islice(cycle(ours or rest), wanted)):
        mixed.insert(number * (every + 1), post)
    return mixed


def _shares(posts: int, lap: Lap, gate: float, meant: tuple[float, int], grouping: float) -> dict[str, float]:
    """Which part of the time goes where, and of how many texts the meaning was read."""
    total = posts / lap.speed + grouping
    found = {"gate": posts / gate / total, "meaning": meant[0] / total, "events": grouping / total}
    rest = max(0.0, 1 - sum(found.values()))
    return {name: round(share, 3) for name, share in (found | {"rest": rest, "texts_with_meaning": meant[1] / posts}).items()}


def _grown(reader: PostReader, posts: Sequence[Post], texts: int, say: Callable[[str], None]) -> float:
    """By how many MB the peak memory grew between the first tenth of so many texts and the last."""
    first, read = 0.0, 0
    for batch in _batches(islice(cycle(posts), texts)):
        reader.read(batch)
        read += len(batch)
        if not first and read >= texts / 10:
            first = _memory()
        if read % 100_000 == 0:
            say(f"{read} 条，内存峰值 {_memory():.0f} MB")
    return round(_memory() - first, 1)


def _batches(posts: Sequence[Post] | Iterator[Post]) -> Iterator[list[Post]]:
    stream = iter(posts)
    while batch := list(islice(stream, BATCH)):
        yield batch


def _timed(work: Callable[[], Any]) -> float:
    """The processor's seconds at the best of a few times; everything here runs on one thread."""
    found = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return max(min(found), 1e-9)


def _memory() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _told(data: dict[str, Any], short: Sequence[str]) -> str:
    shares = "，".join(f"{zh} {data['shares'][name]:.0%}" for name, zh in SHARE_NAMES.items())
    lines = [
        f"{data['posts']} 条，其中涉教 {data['education']} 条；单核。",
        f"对照（逐条 jieba + TfidfVectorizer + OneVsRest）  {data['naive']:.0f} 条/秒",
        f"初筛                                      {data['gate']:.0f} 条/秒，{data['gate_ratio']:.1f} 倍（目标 30）",
        f"全程（初筛、细读、学校、归并）            {data['ours']:.0f} 条/秒，{data['ratio']:.1f} 倍（目标 4）",
        f"涉教占 5% 的流                            {data['ours_5_percent']:.0f} 条/秒，{data['ratio_5_percent']:.1f} 倍（目标 12）",
        f"时间去向：{shares}；{data['shares']['texts_with_meaning']:.0%} 的文字读了含义；内存峰值 {data['peak_memory_mb']:.0f} MB",
    ]  # fmt: skip
    if data["memory_growth_mb"] is not None:
        lines.append(f"连续读下去，内存峰值只增加 {data['memory_growth_mb']:.1f} MB")
    return "\n".join([*lines, *(f"未达目标：{GOAL_NAMES[name]} {data[name]:.1f}，目标 {GOALS[name]:.0f}" for name in short)])
