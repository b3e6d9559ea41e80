"""Learns the weights of `sameness` from `corpus_events`: `python -m classifier.sameness_fit` writes sameness.json anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from classifier import corpus, telling
from classifier.meaning import head, sentence_meaning
from classifier.rarity import Rarity, counted
from classifier.sameness import FEATURES, FILE, MEANING, features, likeness_of_meaning
from classifier.telling import Told, Vector
from classifier.words import fold
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import Scope

BEGIN = datetime(2021, 3, 1, tzinfo=UTC)
SLOT = re.compile(r"\{[^{}]{1,6}\}")
STRENGTH = 3.0
PLACES, SPREAD, FEW, WINDOW = 4, 60, 4, timedelta(days=45)
TWIN = 0.01
"""How much a twin counts: few people say the same words of another place, and they are usually copies."""
GUEST, STEPS = 1.0, (7, 19, 31)
"""How much a guest counts, and how far from its own matter, in the order of their names, its hosts stand."""
STEMS = ("栎塘", "砚溪", "杉洲", "芦汀", "枳岭", "鹭湾", "槿坪", "檀浦")
AGAINST = {"other_school": 0.0, "days": 0.0, "other_district": -4.5, "other_title": 0.0, "nowhere": -1.0}
"""The features that can only speak against one matter, and how much at least."""
EXPECTED = {"days": -1.0, "other_district": -1.5, "redline": 0.5, "other_school": -2.0}
"""What invented posts are too few or too tidy to show, as the field knows it; the fit starts from there."""


@dataclass(frozen=True, slots=True)
class Row:
    """One invented post of `corpus_events` and the matter that it tells. A twin says the same of another place; a guest says it of the
    school at which the matter `host` happened."""

    event: str
    topic: str
    schools: tuple[tuple[str, str], ...]
    post: Post
    twin: bool = False
    host: str = ""


def rows() -> list[Row]:
    """Every post of `corpus_events`, file by file in the order of their names."""
    folder = files("classifier") / "corpus_events"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".jsonl"))
    told = [json.loads(line) for name in names for line in (folder / name).read_text("utf-8").splitlines()]
    made = [(row, False, "") for row in told] + [(_elsewhere(row), True, "") for row in told]
    made += [(row, False, host) for row, host in _guests(told)]
    return [_row(number, row, twin=twin, host=host) for number, (row, twin, host) in enumerate(made)]


def _guests(told: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each matter of one school told again of other schools: what shares a school and is another matter."""
    homes = {row["event"]: next(iter(row["schools"].items())) for row in told if len(row["schools"]) == 1}
    hosts = sorted(homes)
    for row in told:
        if row["event"] not in homes or len(row["schools"]) != 1:
            continue
        at = hosts.index(row["event"])
        for step in STEPS:
            host = hosts[(at + step) % len(hosts)]
            yield _moved(row, {next(iter(row["schools"])): homes[host][0]}, {homes[host][0]: homes[host][1]}), host


def _elsewhere(row: dict[str, Any]) -> dict[str, Any]:
    """The same words about another place: what looks alike and is another matter."""
    stem = STEMS[crc32(row["event"].encode()) % len(STEMS)]
    names = {name: stem + name[-2:] if len(name) > 3 else stem + name[-1:] for name in (*row["places"], *row["schools"])}
    return _moved(row, names, {names[said]: f"{stem}{name}" for said, name in row["schools"].items()})


def _moved(row: dict[str, Any], names: dict[str, str], schools: dict[str, str]) -> dict[str, Any]:
    longest_first = "|".join(sorted(map(re.escape, names), key=lambda n: (-len(n), n)))

    def moved(text: str) -> str:
        return re.sub(longest_first, lambda m: names[m.group()], text) if names else text

    return {**row, "title": moved(row["title"]), "body": moved(row["body"]), "schools": schools}


def _row(number: int, row: dict[str, Any], *, twin: bool, host: str) -> Row:
    # Matters begin on days of their own: what lies far apart is rarely one matter.
    at = BEGIN + timedelta(days=row["day"] + crc32(row["event"].encode()) % SPREAD, minutes=number)
    post = Post(number, "", str(number), "", row["title"], row["body"], at, at)
    return Row(row["event"], row["topic"], tuple(row["schools"].items()), post, twin, host)


def reading(row: Row, known: str) -> Reading:
    """What a reader may say of a post: its schools by code, or by name alone, or not at all."""
    found = row.schools if known != "missed" else ()
    told = tuple(SchoolMention(Span(said, 0, len(said)), name, name if known == "coded" else None, 0.9) for said, name in found)
    return Reading("", Scope.K12, 1.0, (TopicScore(row.topic, 0.9),) if known != "missed" else (), schools=told)


def pairs(told: Sequence[Row], rarity: Rarity, vectors: Sequence[Vector] | None = None) -> Iterator[tuple[Told, Told, bool, float]]:
    """Every two posts near enough in words or place to be taken for one matter, whether they are, and how much that counts."""
    posts = [row.post for row in told]
    for known in ("coded", "named", "missed"):
        facts = telling.told(posts, [reading(row, known) for row in told], vectors, rarity=rarity.fresh())
        for (one, a), (other, b) in combinations(zip(facts, told, strict=True), 2):
            weight = _weight(a, b)
            if weight and abs(one.at - other.at) <= WINDOW:
                yield one, other, a.event == b.event and not b.twin and not b.host, weight


def _weight(one: Row, other: Row) -> float:
    """How much a pair counts. Of the many that have nothing in common a few stand for the others; a twin stands against its own
    matter alone, and where no place is named it says nothing new."""
    if one.twin or one.host:
        return 0.0
    if other.host:
        return GUEST if one.event == other.host else 0.0
    if other.twin:
        return TWIN if one.event == other.event and one.post.text != other.post.text else 0.0
    if one.event == other.event or one.topic == other.topic:
        return 1.0
    return float(FEW) if (one.post.id + other.post.id) % FEW == 0 else 0.0


def common_words() -> Rarity:
    """The words of the reader's corpus, without the slots that stand for names."""
    lines = (json.loads(line) for line in corpus.lines())
    return counted([fold(SLOT.sub(" ", f"{row['title']}\n{row['body']}")) for row in lines])


def fit(told: Sequence[Row], rarity: Rarity, vectors: Sequence[Vector] | None = None) -> dict[str, float]:
    """The weights that part these rows best; with the posts' meanings one more."""
    found, same, weights = [], [], []
    for one, other, is_same, weight in pairs(told, rarity, vectors):
        more = [likeness_of_meaning(one, other)] if vectors else []
        found.append([*features(one, other).values(), *more])
        same.append(is_same)
        weights.append(weight)
    names = (*FEATURES, MEANING) if vectors else FEATURES
    best = _minimum(np.array(found), np.array(same), np.array(weights), names)
    return {name: round(float(w), PLACES) for name, w in zip((*names, "constant"), best, strict=True)}


def _minimum(
    found: NDArray[np.float64], same: NDArray[np.bool_], weights: NDArray[np.float64], names: Sequence[str]
) -> NDArray[np.float64]:
    """Logistic regression whose weights may not speak against what their features mean."""
    x, sign = np.hstack([found, np.ones((len(found), 1))]), np.where(same, 1.0, -1.0)
    ridge = np.append(np.full(len(names), 1 / STRENGTH), 0.0)
    start = np.array([*(EXPECTED.get(name, 0.0) for name in names), 0.0])

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (x @ w)
        slope = -sign * weights * expit(-margin)
        return float((weights * np.logaddexp(0, -margin)).sum() + (ridge * (w - start) ** 2).sum() / 2), x.T @ slope + ridge * (w - start)

    bounds = [(None, AGAINST[name]) if name in AGAINST else (0.0, None) for name in names]
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)], options={"maxiter": 2_000})
    return np.asarray(result.x)


def meanings(told: Sequence[Row]) -> list[Vector]:
    """What the rows mean; none where no encoder is installed."""
    encoder = sentence_meaning()
    return list(encoder.vectors([head(row.post.title, row.post.body) for row in told])) if encoder else []


def main() -> None:
    """Writes the model beside the program that reads it."""
    told, rarity = rows(), common_words()
    vectors = meanings(told)
    meaning = fit(told, rarity, vectors) if vectors else {}
    value = {"rows": rarity.rows, "plain": fit(told, rarity), "meaning": meaning, "words": dict(rarity.known)}
    Path(str(files("classifier") / FILE)).write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
