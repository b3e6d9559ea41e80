"""The corpus as the trainer reads it: labelled rows, their slots filled by a seeded program."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from typing import Any

from classifier.asides import with_asides
from classifier.slots import filling
from pipeline.domain.terms import Nature, RedLine, Scope, Tag

STOP = re.compile(r"(?<=[。！？!?；;\n])")
SCHOOL_SLOT = re.compile(r"\{(?:小学|中学|高中|幼儿园|职校|民办|特校)2?\}")
ABOUT = re.compile(r"学生|学校|孩子|老师|教师|家长|班|课|幼儿|校|教育|入学|补习|托管|培训")
PIECE, WHOLE = (6, 48), 45
SLOT = re.compile(r"\{[^{}]{1,6}\}")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message with its slots filled. `group` is the number of its row: variants of a row stay in one fold."""

    group: int
    title: str
    body: str
    scope: Scope
    topics: tuple[str, ...]
    nature: Nature
    tags: frozenset[Tag]
    redline: RedLine | None
    accused: tuple[str, ...]
    register: str

    @property
    def text(self) -> str:
        """Title and body as spans count them."""
        return f"{self.title}\n{self.body}"


def lines() -> list[str]:
    """Every row of the corpus, file by file in the order of their names."""
    folder = files("classifier") / "corpus"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".jsonl"))
    return [line for name in names for line in (folder / name).read_text("utf-8").splitlines() if line.strip()]


def fingerprint(rows: list[str]) -> str:
    """The corpus by its content: first 12 hex digits of a hash over all rows."""
    return sha256("\n".join(rows).encode()).hexdigest()[:12]


def examples(rows: list[str], variants: int, seed: int = 1) -> list[Example]:
    """Each row in several variants whose names, places and sums differ; all but the first have side issues put in."""
    found = []
    for number, line in enumerate(rows):
        row = json.loads(line)
        for variant in range(variants):
            rng = random.Random(f"{seed}/{number}/{variant}")  # noqa: S311 — names for examples, no secret
            found.append(_example(number, row, rng, variant > 0))
    return found


def pieces(rows: list[str], seed: int = 1) -> list[Example]:
    """One sentence of each longer row by itself, so that short posts are seen too: of education, one that shows it; of the rest, any.

    Half of them stand in the title, half in the body. What else the row is about may not stand in the sentence: only its scope holds.
    """
    found = []
    for number, line in enumerate(rows):
        row = json.loads(line)
        rng = random.Random(f"{seed}/{number}/piece")  # noqa: S311 — a choice of sentences, no secret
        told = _telling(row)
        if told and len(row["body"]) >= WHOLE:
            piece = _example(number, {**row, "title": "", "body": rng.choice(told), "accused": []}, rng, False)
            found.append(piece if rng.random() < 0.5 else replace(piece, title=piece.body, body=""))
    return found


def _telling(row: dict[str, Any]) -> list[str]:
    """The sentences of a row that tell its scope by themselves."""
    sentences = [s.strip() for s in (row["title"], *STOP.split(row["body"]))]
    fitting = [s for s in sentences if PIECE[0] <= len(s) <= PIECE[1]]
    if row["scope"] != Scope.K12:
        return fitting
    return [s for s in fitting if SCHOOL_SLOT.search(s)] or [s for s in fitting if ABOUT.search(s)]


def _example(number: int, row: dict[str, Any], rng: random.Random, aside: bool) -> Example:
    values: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        slot = match.group()[1:-1]
        if slot not in values:
            values[slot] = filling(slot, rng)
        return values[slot]

    told = with_asides(row["body"], row["scope"] == "k12", rng) if aside else row["body"]
    title, body, *accused = (SLOT.sub(value, text) for text in (row["title"], told, *row["accused"]))
    return Example(
        number, title, body, Scope(row["scope"]), tuple(row["topics"]), Nature(row["nature"]), frozenset(map(Tag, row["tags"])),
        RedLine(row["redline"]) if row["redline"] else None, tuple(accused), row["register"],
    )
