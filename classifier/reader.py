"""The first reader: linear model and lexicon for the matter, rules for red lines and the accused, the registry for schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier import accused, grade, places, redline
from classifier.features import Sheet, landmarks, sheet
from classifier.lexicon import Lexicon
from classifier.model import Model
from classifier.schools import SchoolIndex
from classifier.words import fold
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Accusation, Clue, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, Nature, Scope, Tag

LONGEST = 6_000
MOST_TOPICS, MOST_CLUES = 3, 4
ACCUSING = 0.12


@dataclass(frozen=True, slots=True)
class _Page:
    """One post on its way to a reading: its text as read, folded, its schools, what the model sees of it."""

    text: str
    folded: str
    schools: tuple[SchoolMention, ...]
    sheet: Sheet
    foreign: str | None


class LinearReader:
    """Reads posts in batches with a trained model and a bureau's configuration. Never raises on what a post says."""

    def __init__(self, model: Model, config: Config, place: str | None = None) -> None:
        bureau = config.settings.bureau
        self._model, self._config = model, config
        self._place = place or (bureau.county or None)
        self._lexicon = Lexicon(config.topics)
        here = (place or "").split("/")
        county, city = (here[-1], here[-2] if len(here) > 1 else "") if here[-1] else (bureau.county, bureau.city)
        self._index = SchoolIndex(config.registry, tuple(p for p in (county, *bureau.places) if p), bureau.neighbours, city)
        self._city = fold(city)
        self._columns = {label: i for i, label in enumerate(model.labels)}
        self.version = f"{model.version}+{_fingerprint(config, place)}"

    version: str

    @property
    def index(self) -> SchoolIndex:
        """The schools that this reader knows."""
        return self._index

    def read(self, posts: Sequence[Post]) -> list[Reading]:
        """One reading a post, in order."""
        if not posts:
            return []
        pages = [self._page(post) for post in posts]
        rows = self._model.matrix([p.sheet for p in pages], self._lexicon)
        chances = self._model.probabilities(rows)
        return [self._reading(page, rows[i], chances[i]) for i, page in enumerate(pages)]

    def _page(self, post: Post) -> _Page:
        text = post.text[: LONGEST + len(post.title[:LONGEST])]
        folded = fold(text)
        place = self._place_of(post.source)
        found, context = self._index.scan(folded, place)
        schools = self._index.mentions(text, folded, found, context)
        masked = landmarks(folded, found)
        own_school = any(m.code and not m.landmark for m in schools)
        foreign = places.foreign(folded, self._index.gazetteer, self._city, own_school)
        return _Page(text, folded, schools, sheet(folded, masked, self._lexicon), foreign)

    def _place_of(self, source: str) -> str | None:
        known = self._config.sources.get(source)
        return (known.place if known else "") or self._place

    def _reading(self, page: _Page, row: csr_matrix, chances: NDArray[np.float32]) -> Reading:
        relevance = float(chances[self._columns["scope:k12"]])
        scope = self._scope(chances)
        line = redline.find(page.folded, relevance, bool(page.foreign))
        ours = scope is Scope.K12
        nature = self._nature(page, chances)
        told_on = self._accused(page, nature) if ours or line else ()
        nature = _weighed(nature, told_on, page.folded, chances[self._model.columns("nature:")])
        topics = self._topics(chances) if ours else ()
        reading = Reading(
            model=self.version, scope=scope, relevance=round(relevance, 4), topics=topics, tags=self._tags(chances) if ours else (),
            nature=nature, redline=line.kind if line else None,
            redline_words=tuple(_span(page.text, *s) for s in line.spans) if line else (),
            accused=told_on if nature is Nature.ACCUSATION else _heads(told_on), schools=page.schools,
            places=tuple(dict.fromkeys(p.name for p in places.said(page.folded)))[:10], foreign_place=page.foreign,
            clues=self._clues(page, row, topics) if ours or line else (),
        )  # fmt: skip
        return replace(reading, grade=grade.grade_post(reading, self._config.topics))

    def _scope(self, chances: NDArray[np.float32]) -> Scope:
        for scope in (Scope.K12, Scope.HIGHER_ED):
            if chances[self._columns[f"scope:{scope}"]] >= self._model.thresholds[f"scope:{scope}"]:
                return scope
        return Scope.NONE

    def _topics(self, chances: NDArray[np.float32]) -> tuple[TopicScore, ...]:
        """The likeliest topic, then those above their own thresholds."""
        found = [(float(chances[self._columns[f"topic:{t}"]]), t) for t in self._config.topics if f"topic:{t}" in self._columns]
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        kept = [(p, t) for n, (p, t) in enumerate(found) if n == 0 or p >= self._model.thresholds[f"topic:{t}"]]
        return tuple(TopicScore(t, round(p, 4)) for p, t in kept[:MOST_TOPICS])

    def _tags(self, chances: NDArray[np.float32]) -> tuple[Tag, ...]:
        return tuple(t for t in Tag if chances[self._columns[f"tag:{t}"]] >= self._model.thresholds[f"tag:{t}"])

    def _nature(self, page: _Page, chances: NDArray[np.float32]) -> Nature:
        shares = {n: float(chances[self._columns[f"nature:{n}"]]) for n in Nature}
        if shares[Nature.ACCUSATION] >= ACCUSING and accused.accuses(page.folded):
            return Nature.ACCUSATION
        return max(shares, key=lambda n: shares[n])

    def _accused(self, page: _Page, nature: Nature) -> tuple[Accusation, ...]:
        if nature not in (Nature.ACCUSATION, Nature.COMPLAINT, Nature.HELP):
            return ()
        return accused.find(page.text, page.folded, page.schools, nature is Nature.ACCUSATION)

    def _clues(self, page: _Page, row: csr_matrix, topics: Sequence[TopicScore]) -> tuple[Clue, ...]:
        """The words that moved the model and the lexicon, where they stand."""
        found = []
        for about, label in [("scope", "scope:k12"), *((t.code, f"topic:{t.code}") for t in topics[:1])]:
            for word, weight in self._model.clues(row, label, MOST_CLUES):
                at = page.folded.find(word)
                if at >= 0:
                    found.append(Clue(_span(page.text, at, at + len(word)), about, round(weight, 3)))
        main = topics[0].code if topics else ""
        words = {h.word: h for h in reversed(page.sheet.hits) if h.topic == main}
        found += [Clue(_span(page.text, h.start, h.end), main, self._lexicon.weight(h.word)) for h in list(words.values())[:MOST_CLUES]]
        return tuple(found)


def _weighed(nature: Nature, told_on: Sequence[Accusation], folded: str, shares: NDArray[np.float32]) -> Nature:
    """举报 only for accusations of misconduct against somebody; else what the writer most likely wants besides."""
    if nature is not Nature.ACCUSATION or told_on or accused.misconduct(folded):
        return nature
    return max((n for n in Nature if n is not Nature.ACCUSATION), key=lambda n: float(shares[list(Nature).index(n)]))


def _heads(told_on: Sequence[Accusation]) -> tuple[Accusation, ...]:
    """Of a complaint, those who must not judge themselves: heads and the bureau's own people."""
    return tuple(a for a in told_on if a.kind in (AccusedKind.HEAD, AccusedKind.BUREAU))


def _span(text: str, start: int, end: int) -> Span:
    return Span(text[start:end], start, end)


def _fingerprint(config: Config, place: str | None) -> str:
    """What of a configuration changes readings: topics, registry, places."""
    bureau = config.settings.bureau
    where = (bureau.county, bureau.city, bureau.places, bureau.neighbours, place or "")
    told = [repr(sorted(config.topics.items())), repr(config.registry.schools), repr(where)]
    return sha256("\0".join(told).encode("utf-8", "replace")).hexdigest()[:8]
