"""Which posts tell one matter (同一件事): copies, and what the model of `sameness` holds for one matter within the window.

A wrong merge is worse than a missed one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

import numpy as np

from classifier import telling
from classifier.duplicates import likeness
from classifier.meaning import Meaning, head
from classifier.sameness import Sameness, elsewhere, model
from classifier.telling import NAMED, Told, Vector, meet
from config.schema.settings import GatherSettings
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading

SURE_COPY = 0.95
GRAVE_DAYS = timedelta(days=3)
KEPT, NEWEST, COMPARED = 10_000, 40, 24
BAND, PLACE, WORD = 4.0, 2.0, 1.0
"""What a shared key says for a pair before it is compared."""
MEMBERS = 6
UNSURE = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two posts are, and in which way."""

    how: str
    value: float


def told(posts: Sequence[Post], readings: Sequence[Reading], vectors: Sequence[Vector | None] | None = None) -> list[Told]:
    """What each post of a batch tells; `vectors` are their meanings, of length 1, where somebody has made them."""
    return telling.told(posts, readings, vectors, rarity=model().rarity.fresh())


def alike(one: Told, other: Told, settings: GatherSettings) -> Likeness | None:
    """Whether two posts tell one matter. Different schools of the registry never do, unless the text is a plain copy."""
    judged = judge(one, other, settings, model())
    return judged if judged.how == "duplicate" or judged.value >= settings.same_matter else None


def judge(one: Told, other: Told, settings: GatherSettings, sameness: Sameness, meaning: Meaning | None = None) -> Likeness:
    """How likely two posts tell one matter, 0 where they cannot. What they mean is asked only where the words leave it open."""
    distance = abs(one.at - other.at)
    if distance > timedelta(days=settings.window_days):
        return Likeness("same_matter", 0.0)
    copied = likeness(one.print.pairs, other.print.pairs)
    apart = bool(one.schools and other.schools) and not meet(one.schools, other.schools)
    if copied >= (SURE_COPY if apart or elsewhere(one, other) else settings.duplicate):
        return Likeness("duplicate", round(copied, 4))
    if apart and _registered(one) and _registered(other):
        return Likeness("same_matter", 0.0)
    value = sameness.probability(one, other)
    if meaning and one.vector is None and UNSURE[0] < value < UNSURE[1]:
        value = sameness.probability(_meant(one, meaning), _meant(other, meaning))
    grave = one.redline is not None and one.redline is other.redline and distance <= GRAVE_DAYS
    # The same school of the registry with the same red line in the same days: people tell it in different words.
    if grave and any(not school.startswith(NAMED) for school in one.schools & other.schools):
        value = max(value, settings.same_matter)
    return Likeness("same_matter", round(value, 4))


def _meant(one: Told, meaning: Meaning) -> Told:
    return one if one.vector is not None else replace(one, vector=meaning.vectors([head(one.post.title, one.post.body)])[0])


def _registered(one: Told) -> bool:
    return any(not school.startswith(NAMED) for school in one.schools)


class Remembered:
    """Meanings that were asked for lately: a post is compared with several."""

    def __init__(self, meaning: Meaning) -> None:
        self._of = lru_cache(maxsize=KEPT)(lambda text: meaning.vectors([text])[0])

    def vectors(self, texts: Sequence[str], workers: int = 1) -> Vector:  # noqa: ARG002 — as every Meaning
        """One row a text."""
        return np.stack([self._of(text) for text in texts])


class Matters:
    """The matters of a stream of posts, in one pass: the newest posts are kept with an index on what is rare in them."""

    def __init__(self, settings: GatherSettings, meaning: Meaning | None = None) -> None:
        self._settings, self._sameness, self._meaning = settings, model(), Remembered(meaning) if meaning else None
        self._window = timedelta(days=settings.window_days)
        self._kept: dict[int, Told] = {}
        self._event: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._index: defaultdict[object, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, number: int, one: Told) -> int:
        """The matter of one more post, by the number of the post that first told it. Posts come with rising numbers."""
        event = self._best(one)
        event = number if event is None else event
        self._remember(number, one, event)
        return event

    def _best(self, one: Told) -> int | None:
        """The matter that the post tells, weighed by its likest post and by what its other posts say."""
        found: dict[int, list[Likeness]] = defaultdict(list)
        for number in self._near(one):
            found[self._event[number]].append(judge(one, self._kept[number], self._settings, self._sameness, self._meaning))
        scored = [(value, -event) for event, judged in found.items() if (value := score(judged)) >= self._settings.same_matter]
        return -max(scored)[1] if scored else None

    def _near(self, one: Told) -> list[int]:
        """The posts that share most of what is rare, the newest first; with each of them the first posts of its matter."""
        votes: defaultdict[int, float] = defaultdict(float)
        for key, worth in _keys(one):
            posts = self._index.get(key, ())
            if worth > WORD or len(posts) < NEWEST:  # a word that so many posts share is not rare here
                for number in posts:
                    votes[number] += worth
        wanted = [n for n, v in sorted(votes.items(), key=lambda p: (-p[1], -p[0])) if v >= PLACE and n in self._kept][:COMPARED]
        others = (m for n in wanted[:MEMBERS] for m in self._members[self._event[n]] if m in self._kept)
        return sorted({*wanted, *others})

    def _remember(self, number: int, one: Told, event: int) -> None:
        self._kept[number], self._event[number] = one, event
        members = self._members.setdefault(event, [])
        members.append(number)
        if len(members) > MEMBERS:  # the first and the newest speak for it
            del members[1]
        for key, _ in _keys(one):
            posts = self._index[key]
            posts.append(number)
            if len(posts) > NEWEST:
                del posts[0]
        while len(self._kept) > KEPT or one.at - self._oldest().at > self._window:
            self._forget(next(iter(self._kept)))

    def _oldest(self) -> Told:
        return next(iter(self._kept.values()))

    def _forget(self, number: int) -> None:
        for key, _ in _keys(self._kept.pop(number)):
            posts = self._index.get(key, [])
            if number in posts:
                posts.remove(number)
            if not posts:
                self._index.pop(key, None)
        event = self._event.pop(number)
        members = [m for m in self._members.get(event, ()) if m != number]
        if members:
            self._members[event] = members
        else:
            self._members.pop(event, None)


def _keys(one: Told) -> list[tuple[object, float]]:
    """By what a post is found, and what each says."""
    return [*((b, BAND) for b in one.print.bands), *((s, PLACE) for s in sorted(one.schools)), *((w, WORD) for w in one.rare)]


def score(judged: Sequence[Likeness]) -> float:
    """What the posts of a matter say for one more: a copy decides, else the likest and the mean of all in equal parts."""
    if any(j.how == "duplicate" for j in judged):
        return 1.0 + max(j.value for j in judged if j.how == "duplicate")
    values = [j.value for j in judged]
    return (max(values) + sum(sorted(values)[-MEMBERS:]) / min(MEMBERS, len(values))) / 2


def group(
    posts: Sequence[Post], readings: Sequence[Reading], settings: GatherSettings, vectors: Sequence[Vector | None] | None = None,
    meaning: Meaning | None = None,
) -> list[int]:
    """An event number for each post, whatever it is about: posts with the same number tell one matter. One pass, oldest first. `vectors`
    are the posts' meanings where the caller has them; else `meaning` makes the few that are needed."""
    facts, matters = told(posts, readings, vectors), Matters(settings, meaning)
    event = [0] * len(posts)
    numbers: dict[int, int] = {}
    for n, i in enumerate(sorted(range(len(posts)), key=lambda i: (facts[i].at, i))):
        event[i] = numbers.setdefault(matters.add(n, facts[i]), i)
    return event
