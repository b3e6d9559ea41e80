"""How likely two posts tell one matter (同一件事): a few features of the pair, weighed by a small calibrated model.

The weights are learnt from `corpus_events` by `classifier.sameness_fit` and stand in sameness.json, with the words that are common.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log1p, sqrt

from classifier.rarity import Rarity
from classifier.telling import Told, Weights, meet

FILE = "sameness.json"
FEATURES = (
    "words", "title", "matter", "strange", "other_school", "topic", "any_topic", "numbers", "days", "redline", "other_district",
    "words_and_names", "words_at_school", "matter_at_school", "topic_at_school", "topic_and_names", "other_title", "nowhere",
)  # fmt: skip
MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Sameness:
    """The model: a weight for each feature and for the constant, with meanings and without."""

    rarity: Rarity
    plain: Weights
    meaning: Weights

    def probability(self, one: Told, other: Told) -> float:
        """How likely two posts tell one matter."""
        told = features(one, other)
        weights = self.plain
        if self.meaning and one.vector is not None and other.vector is not None:
            weights, told = self.meaning, {**told, MEANING: likeness_of_meaning(one, other)}
        return 1 / (1 + exp(-weights["constant"] - sum(weights[name] * value for name, value in told.items())))


@cache
def model() -> Sameness:
    """The model that the project ships."""
    found = json.loads((files("classifier") / FILE).read_text("utf-8"))
    return Sameness(Rarity(found["rows"], found["words"]), found["plain"], found["meaning"])


def features(one: Told, other: Told) -> dict[str, float]:
    """The pair as numbers, mostly from 0 to 1; the order of the two makes no difference."""
    words, names = cosine(one.words, other.words), cosine(one.names, other.names)
    matter, title = cosine(one.matter, other.matter), cosine(one.title, other.title)
    school, both = float(meet(one.schools, other.schools)), bool(one.schools and other.schools)
    topic = float(bool(one.topics) and one.topics[:1] == other.topics[:1])
    values = (
        words, title, matter, _strange(one.names, other.names), float(both and not school),
        topic, float(bool(set(one.topics) & set(other.topics))),
        min(3, len(one.numbers & other.numbers)) / 3, log1p(abs((one.at - other.at).total_seconds()) / 86_400) / 4,
        float(one.redline is not None and one.redline is other.redline),
        float(bool(one.districts and other.districts) and not one.districts & other.districts),
        sqrt(words * names), words * school, matter * school, topic * school, topic * sqrt(names),
        float(_named(one) and _named(other) and not _named_alike(one, other)), float(not school and names == 0),
    )  # fmt: skip
    return dict(zip(FEATURES, values, strict=True))


def likeness_of_meaning(one: Told, other: Told) -> float:
    """The cosine of two meanings, 0 where one is not known."""
    return float(one.vector @ other.vector) if one.vector is not None and other.vector is not None else 0.0


def cosine(one: Weights, other: Weights) -> float:
    """The cosine of two weighted word lists of length 1."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * many[word] for word, weight in few.items() if word in many)


def elsewhere(one: Told, other: Told) -> bool:
    """Whether two posts speak of different districts, or name places and have none of them in common."""
    districts = bool(one.districts and other.districts) and not one.districts & other.districts
    return districts or bool(one.names and other.names and not one.names.keys() & other.names.keys())


def _named(one: Told) -> bool:
    return not one.names.keys().isdisjoint(one.title)


def _named_alike(one: Told, other: Told) -> bool:
    """Whether a name in the title of either stands in the other post."""
    return any(w in two.names for a, two in ((one, other), (other, one)) for w in a.title if w in a.names)


def _strange(one: Weights, other: Weights) -> float:
    """How many names the two share, up to five."""
    return min(5, len(one.keys() & other.keys())) / 5
