"""Scores readings against hand labels, by the same definitions as the project's acceptance script, without owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain.readings import Reading
from pipeline.domain.terms import Scope


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    right: float = 0.0
    wrong: float = 0.0
    missed: float = 0.0

    def one(self, said: bool, wanted: bool, weight: float = 1.0) -> None:
        """Counts a yes-or-no answer."""
        self.right += weight * (said and wanted)
        self.wrong += weight * (said and not wanted)
        self.missed += weight * (wanted and not said)

    def sets(self, said: set[str], wanted: set[str], neutral: set[str] | None = None) -> None:
        """Counts a set of answers; `neutral` ones are neither right nor wrong."""
        self.right += len(said & wanted)
        self.wrong += len(said - wanted - (neutral or set()))
        self.missed += len(wanted - said - (neutral or set()))

    def figures(self, name: str) -> dict[str, float | None]:
        """Precision, recall and F1; None where nothing was there to measure."""
        said, wanted = self.right + self.wrong, self.right + self.missed
        both = said + wanted
        return {
            f"{name}_precision": self.right / said if said else None,
            f"{name}_recall": self.right / wanted if wanted else None,
            f"{name}_f1": 2 * self.right / both if both else None,
        }


@dataclass(slots=True)
class Tally:
    """All counts over a labelled file, and the mistakes in its order."""

    scope: Count = field(default_factory=Count)
    topics: Count = field(default_factory=Count)
    schools: Count = field(default_factory=Count)
    tags: Count = field(default_factory=Count)
    redline: Count = field(default_factory=Count)
    ours: int = 0
    main: int = 0
    nature: int = 0
    named: int = 0
    linked: int = 0
    mistakes: list[tuple[str, str]] = field(default_factory=list)


def tally(rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> Tally:
    """Compares each labelled row with its reading."""
    found = Tally()
    for row, reading in zip(rows, readings, strict=True):
        _scope(found, row, reading)
        _schools(found, row, reading)
        if row["scope"] == Scope.K12 and not row.get("skip_scope"):
            _matter(found, row, reading)
    return found


def figures(found: Tally) -> dict[str, float | None]:
    """The measures by name."""
    scores: dict[str, float | None] = {}
    counts = {"relevance": found.scope, "topic": found.topics, "school": found.schools, "tag": found.tags, "redline": found.redline}
    for name, count in counts.items():
        scores |= count.figures(name)
    scores["main_topic_accuracy"] = found.main / found.ours if found.ours else None
    scores["nature_accuracy"] = found.nature / found.ours if found.ours else None
    scores["school_link_accuracy"] = found.linked / found.named if found.named else None
    return scores


def _scope(found: Tally, row: Mapping[str, Any], reading: Reading) -> None:
    wanted, key = row["scope"] == Scope.K12, str(row["id"])
    if not row.get("skip_scope"):
        found.scope.one(reading.relevant, wanted, float(row.get("weight", 1.0)))
        if reading.relevant != wanted:
            found.mistakes.append((key, f"范围：应为 {row['scope']}，读作 {reading.scope.value}（{reading.relevance:.2f}）"))
    if wanted or reading.relevant:
        red = bool(wanted and row.get("redline"))
        found.redline.one(reading.redline is not None, red)
        if (reading.redline is not None) != red:
            found.mistakes.append((key, f"红线：应为{'有' if red else '无'}，读作 {reading.redline.zh if reading.redline else '无'}"))


def _schools(found: Tally, row: Mapping[str, Any], reading: Reading) -> None:
    wanted = [(s["surface"], s.get("name")) for s in row.get("schools", [])] if row["scope"] == Scope.K12 else []
    said = [(m.span.surface, m.name) for m in reading.subjects] if reading.relevant else []
    pairs = matched([s for s, _ in wanted], [s for s, _ in said])
    found.schools.right += len(pairs)
    found.schools.wrong += len(said) - len(pairs)
    found.schools.missed += len(wanted) - len(pairs)
    found.named += len(pairs)
    found.linked += sum(wanted[i][1] == said[j][1] for i, j in pairs)
    if len(pairs) < max(len(wanted), len(said)) and reading.relevant:
        should, does = ("、".join(s for s, _ in names) or "无" for names in (wanted, said))
        found.mistakes.append((str(row["id"]), f"学校：应为 {should}，读作 {does}"))


def matched(wanted: Sequence[str], said: Sequence[str]) -> list[tuple[int, int]]:
    """One-to-one pairs of names one of which holds the other, the closest in length first."""
    near = sorted(
        (abs(len(w) - len(s)), i, j)
        for i, w in enumerate(wanted)
        for j, s in enumerate(said)
        if min(len(w), len(s)) > 1 and (w in s or s in w)
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in near:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _matter(found: Tally, row: Mapping[str, Any], reading: Reading) -> None:
    """Topics, tags and nature of a row that is education."""
    key, ours = str(row["id"]), reading.relevant
    codes = [t.code for t in reading.topics] if ours else []
    accepted = set(row.get("accept_topic", []))
    first = set(row["topics"][:1])
    found.ours += 1
    found.topics.sets(set(codes), set(row["topics"]), accepted | (first if accepted & set(codes) else set()))
    right = bool(codes) and codes[0] in first | accepted
    found.main += right
    found.nature += ours and reading.nature.value == row.get("nature")
    found.tags.sets({t.value for t in reading.tags} if ours else set(), set(row.get("tags", [])))
    if ours and not right:
        found.mistakes.append((key, f"主题：应为 {row['topics'][:1]}，读作 {codes[:1]}"))
    if ours and reading.nature.value != row.get("nature"):
        found.mistakes.append((key, f"诉求性质：应为 {row.get('nature')}，读作 {reading.nature.value}"))
