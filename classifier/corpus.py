"""The corpus as the trainer reads it: labelled rows, their slots filled by a seeded program."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from classifier.slots import filling
from pipeline.domain.terms import Nature, OwnerKind, RedLine, Scope, Tag

SLOT = re.compile(r"\{(?:小学|中学|高中|幼儿园|职校|民办|特校)2?\}")
ABOUT = re.compile(r"学生|学校|孩子|老师|教师|家长|班|课|幼儿|校|教育|入学|补习|托管|培训")
PIECE, WHOLE = (6, 48), 45
SLOT = re.compile(r"\{[^{}]{1,6}\}")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message with its slots filled."""

    title: str
    body: str
    scope: Scope
    topics: tuple[str, ...]
    owner: OwnerKind
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


def examples(rows: list[str], seed: int = 1) -> list[Example]:
    """Each row with its slots filled: the same names, places and sums every time."""
    found = []
    for line in rows:
        row = json.loads(line)
        rng = random.Random(f"{seed}/{row['title']}/{row['body']}")  # noqa: S311 — names for examples, no secret
        found.append(_example(row, rng))
    return found


def _example(row: dict[str, Any], rng: random.Random) -> Example:
    values: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        slot = match.group()[1:-1]
        if slot not in values:
            values[slot] = filling(slot, rng)
        return values[slot]

    title, body, *accused = (SLOT.sub(value, text) for text in (row["title"], row["body"], *row["accused"]))
    return Example(
        title, body, Scope(row["scope"]), tuple(row["topics"]), OwnerKind(row["owner"]), Nature(row["nature"]),
        frozenset(map(Tag, row["tags"])), RedLine(row["redline"]) if row["redline"] else None, tuple(accused), row["register"],
    )
