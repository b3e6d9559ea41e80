"""The corpus as the trainer reads it: labelled rows, their slots filled by a seeded program."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from classifier.asides import with_asides
from classifier.slots import filling
from pipeline.domain.terms import Nature, RedLine, Scope, Tag

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
