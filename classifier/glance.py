"""An explanation on one screen (一屏): what was read and why, in words; numbers stand in `explanation`."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.corpus import Example
from classifier.explaining import Explanation
from classifier.explanation import named, span_of, unclear
from classifier.layout import clipped, wrapped
from classifier.rows import title_of
from classifier.seen import CueSaid
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import SchoolMention

NAME, HEAD, SAID = 40, 38, 150
MOST_CUES, MOST_WORDS, MOST_LEXICON, MOST_NAMED, MOST_NEAR = 3, 3, 5, 3, 2
LEAST = 0.05
"""A turn of phrase that moves the reading less is no reason worth telling."""
SCHOOLING = ("pupils", "teachers", "school", "parents", "places", "bureau")


def glance(why: Explanation, post: Post, config: Config, owner: Sequence[str], clocks: Sequence[str]) -> str:
    """Conclusion, reason, red line, schools, who answers, the tightest clocks, the nearest rows of the corpus."""
    reading = why.reading
    grade = f"建议等级：{reading.grade.zh if reading.grade else '无'}"
    lines = [f"研读《{clipped(title_of(post), 60)}》"]
    lines += wrapped("范围", [reading.scope.zh, f"涉教的可能 {_share(why.relevance.p if why.examined.let_through else why.examined.look)}"])
    if reading.topics:
        lines += wrapped("主题", _topics(why, config))
    if reading.relevant or reading.redline:
        lines += wrapped("性质", [reading.nature.zh, *([f"标签：{'、'.join(t.zh for t in reading.tags)}"] if reading.tags else []), grade])
    lines += wrapped("为何", because(why)) + wrapped("红线", _redlines(why))
    if reading.schools or reading.foreign_place:
        schools = [_school(m) for m in reading.schools[:MOST_NAMED]]
        lines += wrapped("学校", [*schools, *([f"外地：{reading.foreign_place}"] if reading.foreign_place else [])])
    if reading.accused:
        said = dict.fromkeys(f"{a.span.surface}（{a.kind.zh}）" for a in reading.accused)
        lines += wrapped("被反映人", list(said)[:MOST_NAMED])
    lines += wrapped("回应", [clipped(piece, SAID) for piece in owner]) + wrapped("时限", list(clocks))
    near = [_row(n.example, config) for n in why.neighbours or ()]
    return "\n".join(lines + (wrapped("相近语料", near[:MOST_NEAR]) if near else []))


def because(why: Explanation) -> list[str]:
    """Why it is education or not, in words: what is spoken of, and which of the main topic's words stand there."""
    ours, added = why.reading.relevant, why.grounds[0].cues
    moving = [c for c in why.cues if c.words and (added.get(c.name, 0.0) > 0) == ours and abs(added.get(c.name, 0.0)) >= LEAST]
    moving.sort(key=lambda c: -abs(added[c.name]))
    pieces = [_said(cue) for cue in moving[:MOST_CUES]]
    if not ours and not any(c.name in SCHOOLING for c in why.cues):
        pieces.insert(0, "没有说到学校、学生、教师")
    main = why.reading.topics[0].code if why.reading.topics else ""
    words = list(dict.fromkeys(hit.word for hit in why.lexicon if hit.topic == main and len(hit.word) > 1))
    if words:
        pieces.append(f"主题词：{'、'.join(words[:MOST_LEXICON])}")
    if not pieces:
        pieces = ["没有突出的词语，由全文意思判断" if why.by_meaning else "没有突出的词语，由全文用词判断"]
    return pieces


def _said(cue: CueSaid) -> str:
    words = list(dict.fromkeys("".join(s.surface.split()) for s in cue.words))
    return f"{cue.zh}（{'、'.join(words[:MOST_WORDS])}）"


def _topics(why: Explanation, config: Config) -> list[str]:
    """The main topic by how likely it is the chief one, the others by how likely they are told of."""
    of = {w.label: w for w in why.topics}
    main, *others = (of[f"topic:{t.code}"] for t in why.reading.topics)
    sure = _share(main.main if main.main is not None else main.p)
    if unclear(main):
        return [f"主题不明（最像 {clipped(named(main.label, config), NAME)}，可能只有 {sure}）"]
    also = "、".join(f"{clipped(named(w.label, config), NAME)}（{_share(w.p)}）" for w in others)
    return [f"{clipped(named(main.label, config), NAME)}（为首要主题的可能 {sure}）", *([f"也说到 {also}"] if also else [])]


def _redlines(why: Explanation) -> list[str]:
    """The red line with its words; and with its reason what looked like one, where there are words to point at."""
    reading = why.reading
    words = "、".join(dict.fromkeys(s.surface for s in reading.redline_words))
    found = [f"{reading.redline.zh}（{words}），须由人确认"] if reading.redline else ["无"]
    told = dict.fromkeys(f"「{span_of(why, d).surface}」不算：{d.why.zh}（「{d.words}」）" for d in why.doubted if d.words)
    return [*found, *list(told)[:1]]


def _school(mention: SchoolMention) -> str:
    said = f"「{mention.span.surface}」"
    if mention.landmark:
        return f"{said}只作地点"
    if mention.name is None:
        return f"{said}{'有多种可能，待确认' if mention.candidates else '不在名册'}"
    return f"{said}→ {mention.name}（把握 {mention.confidence:.0%}）"


def _row(example: Example, config: Config) -> str:
    about = clipped(named(f"topic:{example.topics[0]}", config), NAME) if example.topics else example.scope.zh
    return f"《{clipped(example.title or example.body, HEAD)}》{about}"


def _share(p: float) -> str:
    """A probability that never says that something is certain, nor that it cannot be."""
    return "99% 以上" if p > 0.99 else "不到 1%" if p < 0.01 else f"{p:.0%}"
