"""The grounds of an explanation as staff ask for them (--why), with every number and threshold, and as programs read them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

from classifier.explaining import Explanation, Ground, Moved, Neighbour, Parts, Weighed
from classifier.layout import clipped, wrapped
from classifier.meaning import WITHOUT
from classifier.redline import Doubted
from classifier.rows import reading_row, school_text, span_row
from config.schema import Config
from pipeline.domain.readings import Span

NEXT = 2
LEAST_CUE = 0.005
UNCLEAR = 0.1
"""Below this likelihood the chief topic is none that anybody should go by."""
HEAD = 40
MOST_SPANS = 3
PART_NAMES = {
    "words": "词", "pairs": "字对", "lexicon": "词库", "cues": "句式", "figures": "校名与篇幅", "meaning": "含义", "base": "起点",
}  # fmt: skip
MASKS = {
    "\ue001": "〔幼儿园〕", "\ue002": "〔小学〕", "\ue003": "〔中学〕", "\ue004": "〔职校〕", "\ue005": "〔学校〕",
    "\ue006": "〔地标〕", "\ue007": "〔地名〕",
}  # fmt: skip


def conclusion(why: Explanation, config: Config) -> str:
    """What was read, each judgement beside the threshold that it had to reach."""
    reading, scope = why.reading, why.reading.scope.zh
    lines = [f"判断与门槛（模型 {reading.model}）："]
    sure = f"涉教 {why.relevance.p:.2f}" if why.examined.let_through else f"初筛涉教 {why.examined.look:.2f}"
    lines += wrapped("范围", [f"{scope}，{sure}{_against(why.relevance) if why.examined.let_through else ''}"])
    if reading.topics:
        of = {w.label: w for w in why.topics}
        lines += wrapped("主题", [_topic(of[f"topic:{t.code}"], config, chief=n == 0) for n, t in enumerate(reading.topics)])
        lines += wrapped("　　", ["「说到」指文中说到它的可能，与线比，过线才取；「首要」指全文主要说它的可能，最大的排第一，不过线也取"])
    tags = "、".join(t.zh for t in reading.tags) or "无"
    lines += wrapped("性质", [reading.nature.zh, f"标签：{tags}", f"建议等级：{reading.grade.zh if reading.grade else '无'}"])
    lines += _redlines(why)
    if reading.accused:
        lines += wrapped("被反映人", [f"{a.span.surface}（{a.kind.zh}，{_where(a.span)}）" for a in reading.accused])
    if reading.schools:
        lines += wrapped("学校", [school_text(m) for m in reading.schools])
    if reading.foreign_place:
        lines += wrapped("外地", [reading.foreign_place])
    return "\n".join(lines)


def reasons(why: Explanation, config: Config) -> str:
    """How it came to that: gate, second look, words, turns of phrase, lexicon, nearest rows of the corpus."""
    lines = ["依据：", *_looks(why)]
    taken = {f"topic:{t.code}" for t in why.reading.topics}
    rest = [w for w in why.topics if w.label not in taken][:NEXT]
    if why.reading.relevant:
        lines += wrapped("未取主题", [_topic(w, config) for w in rest])
    for ground in why.grounds if why.examined.let_through else ():
        name = "涉教" if ground.label.startswith("scope:") else named(ground.label, config)
        lines += wrapped(f"看「{name}」", [f"{PART_NAMES[k]} {v:+.2f}" for k, v in asdict(ground.parts).items() if v])
        lines += wrapped("　　词语", [_moved(m) for m in ground.words]) if ground.words else []
    if not why.examined.let_through:
        lines += wrapped("初筛词语", [_moved(m) for m in why.gate_words] or ["没有认得的词"])
    lines += _cues(why)
    lines += wrapped("词库", list(_lexicon(why, config)) or ["没有命中"])
    lines += _neighbours(why.neighbours, config)
    return "\n".join(lines)


def explanation_row(why: Explanation) -> dict[str, Any]:
    """Everything, for programs; weights in log odds."""
    examined = why.examined
    gate = {
        "p": round(examined.look, 4), "floor": examined.floor, "let_through": examined.look >= examined.floor,
        "redline_suspected": examined.suspected, "words": [_moved_row(m) for m in why.gate_words],
    }
    taken = {f"topic:{t.code}" for t in why.reading.topics}
    return {
        **reading_row(why.reading, clues=True), "gate": gate, "read_with_care": examined.let_through, "by_meaning": why.by_meaning,
        "relevance_by_words": round(examined.words_alone.of(why.relevance.label), 4), "relevance_weighed": _weighed_row(why.relevance),
        "topics_weighed": [{"code": _code(w.label), **_weighed_row(w), "main": w.main, "taken": w.label in taken} for w in why.topics],
        "grounds": [_ground_row(g) for g in why.grounds],
        "cues": [{"cue": c.name, "name": c.zh, "words": [span_row(s) for s in c.words]} for c in why.cues],
        "lexicon": [{"topic": h.topic, "word": h.word, "start": h.start, "end": h.end} for h in why.lexicon],
        "neighbours": None if why.neighbours is None else [_neighbour_row(n) for n in why.neighbours],
        "redline_doubted": [{**span_row(span_of(why, d)), "kind": d.kind.value, "why": d.why.value, "words": d.words} for d in why.doubted],
    }  # fmt: skip


def _against(weighed: Weighed) -> str:
    far = f"高出 {weighed.margin:.2f}" if weighed.margin >= 0 else f"还差 {-weighed.margin:.2f}"
    return f"（线 {weighed.threshold:.2f}，{far}）"


def _code(label: str) -> str:
    return label.partition(":")[2]


def named(label: str, config: Config) -> str:
    """A topic by its code and name."""
    code = _code(label)
    return f"{code} {config.topics[code].name}" if code in config.topics else code


def _topic(weighed: Weighed, config: Config, *, chief: bool = False) -> str:
    main = f"，首要 {weighed.main:.2f}" if weighed.main is not None else ""
    lowest = "，主题不明，取最像的一个" if chief and unclear(weighed) else ""
    return f"{named(weighed.label, config)}：说到 {weighed.p:.2f}{_against(weighed)}{main}{lowest}"


def unclear(weighed: Weighed) -> bool:
    """Whether the chief topic is no more than a guess (主题不明)."""
    return (weighed.main if weighed.main is not None else weighed.p) < UNCLEAR


def _where(span: Span) -> str:
    return f"第 {span.start}–{span.end} 字"


def span_of(why: Explanation, doubted: Doubted) -> Span:
    return Span(why.examined.page.text[doubted.start : doubted.end], doubted.start, doubted.end)


def _redlines(why: Explanation) -> list[str]:
    """The red line with its words; and what looked like one, with the reason why it is none."""
    reading, lines = why.reading, []
    if reading.redline:
        words = "、".join(f"{s.surface}（{_where(s)}）" for s in dict.fromkeys(reading.redline_words))
        lines += wrapped("红线", [f"{reading.redline.zh}，须由人确认", f"依据：{words}"])
    if why.doubted:
        spans = ((d, span_of(why, d)) for d in why.doubted)
        told = [f"「{s.surface}」{_where(s)}：{d.why.zh}{f'（「{d.words}」）' if d.words else ''}" for d, s in spans]
        lines += wrapped("不作红线", list(dict.fromkeys(told))[:MOST_SPANS])
    return lines or wrapped("红线", ["无"])


def _looks(why: Explanation) -> list[str]:
    examined = why.examined
    passed = "通过" if examined.look >= examined.floor else "未过，但有红线词，仍细读" if examined.suspected else "未过，不细读"
    lines = wrapped("初筛", [f"涉教 {examined.look:.3f}，门槛 {examined.floor:.3f}：{passed}"])
    alone = examined.words_alone.of(why.relevance.label)
    second = f"只看词句 {alone:.3f}，连同含义 {why.relevance.p:.3f}" if why.by_meaning else f"只看词句 {alone:.3f}"
    return lines + wrapped("细读" if examined.let_through else "若细读", [second])


def _moved(moved: Moved) -> str:
    shown = "".join(MASKS.get(c, c) for c in moved.word).strip() or "空格"
    return f"{shown} {moved.weight:+.2f}" + (f"（{moved.span.start}）" if moved.span else "")


def _cues(why: Explanation) -> list[str]:
    """Turns of phrase with their words and what they add to the reading as education."""
    added = why.grounds[0].cues
    said = sorted(why.cues, key=lambda c: -abs(added.get(c.name, 0.0)))
    pieces = []
    for cue in said:
        words = list(dict.fromkeys("".join(s.surface.split()) for s in cue.words))
        weight = f" {added[cue.name]:+.2f}" if abs(added.get(cue.name, 0.0)) >= LEAST_CUE else ""
        pieces.append(f"{cue.zh}{weight}（{'、'.join(words[:MOST_SPANS])}{'…' if len(words) > MOST_SPANS else ''}）")
    return wrapped("句式", pieces or ["无"])


def _lexicon(why: Explanation, config: Config) -> Iterator[str]:
    """The topics' words, topic by topic, the topic with the most of them first."""
    words: dict[str, dict[str, None]] = defaultdict(dict)
    for hit in why.lexicon:
        words[hit.topic][hit.word] = None
    for topic, found in sorted(words.items(), key=lambda item: (-len(item[1]), item[0])):
        yield f"{named(f'topic:{topic}', config)}：{'、'.join(found)}"


def _neighbours(near: Sequence[Neighbour] | None, config: Config) -> list[str]:
    if near is None:
        cause = f"{WITHOUT}=1 关闭了含义" if os.environ.get(WITHOUT) == "1" else "没有装含义编码器，或模型不含含义"
        return wrapped("相近语料", [f"没有：这次只按词句研读（{cause}）"])
    lines = []
    for number, n in enumerate(near):
        topics = "、".join(named(f"topic:{t}", config) for t in n.example.topics)
        about = "，".join(filter(None, (n.example.scope.zh, topics, n.example.owner.zh if topics else "")))
        head = clipped(n.example.title or n.example.body, HEAD)
        lines += wrapped("相近语料" if number == 0 else "　　　　", [f"{n.cosine:.2f}《{head}》{about}"])
    return lines or wrapped("相近语料", ["没有（模型不含语料的含义）"])


def _weighed_row(weighed: Weighed) -> dict[str, float]:
    return {"p": weighed.p, "threshold": weighed.threshold, "margin": weighed.margin}


def _moved_row(moved: Moved) -> dict[str, Any]:
    at = (moved.span.start, moved.span.end) if moved.span else (None, None)
    return {"word": "".join(MASKS.get(c, c) for c in moved.word), "start": at[0], "end": at[1], "weight": moved.weight}


def _ground_row(ground: Ground) -> dict[str, Any]:
    parts = {f.name: getattr(ground.parts, f.name) for f in fields(Parts)}
    return {"label": ground.label, "parts": parts, "words": [_moved_row(m) for m in ground.words], "cues": dict(ground.cues)}


def _neighbour_row(near: Neighbour) -> dict[str, Any]:
    example = near.example
    return {
        "row": near.row, "cosine": near.cosine, "title": example.title, "head": clipped(example.title or example.body, HEAD),
        "scope": example.scope.value, "topics": list(example.topics), "owner": example.owner.value,
    }
