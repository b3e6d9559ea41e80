"""The reader: a quick gate over every post, then a careful reading of what may be education or hides a red line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier import grade, judging, places, redline
from classifier.features import Sheet, landmarks, sheet
from classifier.gate import BRIEF, HIGHER, K12
from classifier.judging import Chances
from classifier.lexicon import Lexicon
from classifier.meaning import Meaning, head
from classifier.model import Model
from classifier.schools import SchoolIndex
from classifier.words import fold
from config.schema import Config
from pipeline.domain.posts import Post
from pipeline.domain.readings import Clue, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import Nature, Scope

LONGEST = 6_000
MOST_CLUES = 4
HIGHER_ED = 0.5


@dataclass(frozen=True, slots=True)
class Page:
    """One post on its way to a reading: its text as read, folded, its schools, what the model sees of it."""

    text: str
    folded: str
    schools: tuple[SchoolMention, ...]
    sheet: Sheet
    foreign: str | None


@dataclass(frozen=True, slots=True)
class Examined:
    """How one post is read, step by step: the gate's look and its floor, then the careful reading, taken even where the gate spares it.

    `words_alone` is what the plain head thought; `chances` what counts, with meaning where that was read too.
    """

    look: float
    floor: float
    suspected: bool
    page: Page
    row: csr_matrix
    words_alone: Chances
    chances: Chances

    @property
    def let_through(self) -> bool:
        """Whether the gate, or a red line, has it read with care."""
        return self.look >= self.floor or self.suspected


class PostReader:
    """Reads posts in batches with a trained model and a bureau's configuration. Never raises on what a post says.

    With `meaning` the second look reads the sense of a text beside its words; without, the words alone.
    """

    def __init__(self, model: Model, config: Config, place: str | None = None, meaning: Meaning | None = None) -> None:
        bureau = config.settings.bureau
        self._model, self._config, self._meaning = model, config, meaning if len(model.known) else None
        self._place = place or (bureau.county or None)
        self._lexicon = Lexicon(config.topics)
        here = (place or "").split("/")
        county, city = (here[-1], here[-2] if len(here) > 1 else "") if here[-1] else (bureau.county, bureau.city)
        self._index = SchoolIndex(config.registry, tuple(p for p in (county, *bureau.places) if p), bureau.neighbours, city)
        self._city = fold(city)
        self._columns = {label: i for i, label in enumerate(model.labels)}
        with_meaning = "" if self._meaning else "-words"
        self.version = f"{model.version}{with_meaning}+{_fingerprint(config, place)}"

    version: str

    @property
    def index(self) -> SchoolIndex:
        """The schools that this reader knows."""
        return self._index

    @property
    def lexicon(self) -> Lexicon:
        """The words of the bureau's topics."""
        return self._lexicon

    @property
    def model(self) -> Model:
        """The model that this reader reads with."""
        return self._model

    def read(self, posts: Sequence[Post]) -> list[Reading]:
        """One reading a post, in order."""
        texts = [clipped(post) for post in posts]
        folded = [fold(text) for text in texts]
        looks = self._model.gate.probabilities(folded, self._lexicon)
        readings = [self._passed_by(look) for look in looks]
        let_through = self._model.gate.floors.reached(looks[:, K12], folded)
        chosen = [i for i, text in enumerate(folded) if let_through[i] or redline.suspected(text)]
        for i, reading in zip(chosen, self._with_care([posts[i] for i in chosen], texts, folded, chosen), strict=True):
            readings[i] = reading
        return readings

    def _passed_by(self, look: NDArray[np.float32]) -> Reading:
        """What is said of a post that the gate does not let through."""
        scope = Scope.HIGHER_ED if look[HIGHER] >= HIGHER_ED else Scope.NONE
        return Reading(self.version, scope, round(float(look[K12]), 4))

    def chances(self, posts: Sequence[Post]) -> list[Chances]:
        """What a careful reading thinks of each post, whether or not the gate lets it through."""
        texts = [clipped(post) for post in posts]
        return [weighed for _, _, _, weighed in self._weighed(posts, texts, [fold(text) for text in texts], range(len(posts)))]

    def examined(self, post: Post) -> Examined:
        """How one post is read, for people who ask why."""
        text = clipped(post)
        folded, gate = fold(text), self._model.gate
        look = float(gate.probabilities([folded], self._lexicon)[0, K12])
        floor = gate.floors.brief if len(folded) < BRIEF else gate.floors.longer
        [weighed] = self._weighed([post], [text], [folded], [0])
        return Examined(look, floor, redline.suspected(folded), *weighed)

    def _with_care(self, posts: Sequence[Post], texts: Sequence[str], folded: Sequence[str], chosen: Sequence[int]) -> list[Reading]:
        return [self._reading(page, row, found) for page, row, _, found in self._weighed(posts, texts, folded, chosen)]

    def _weighed(
        self, posts: Sequence[Post], texts: Sequence[str], folded: Sequence[str], chosen: Sequence[int]
    ) -> list[tuple[Page, csr_matrix, Chances, Chances]]:
        """Each chosen post's page, its row of the space, what its words alone say and what counts."""
        if not chosen:
            return []
        pages = [self._page(post.source, texts[i], folded[i]) for post, i in zip(posts, chosen, strict=True)]
        rows = self._model.space.matrix([p.sheet for p in pages], self._lexicon)
        alone = [Chances(self._model.plain, self._columns, p) for p in self._model.probabilities(rows)]
        chances = list(alone)
        doubted = self._model.doubt.reached(np.array([c.of("scope:k12") for c in chances]), [p.folded for p in pages]).nonzero()[0].tolist()
        if self._meaning and len(doubted):
            meant = self._model.probabilities(rows[doubted], self.meanings([posts[i] for i in doubted]))
            for i, p in zip(doubted, meant, strict=True):
                chances[i] = Chances(self._model.meant, self._columns, p)
        return [(page, rows[i], alone[i], chances[i]) for i, page in enumerate(pages)]

    def meanings(self, posts: Sequence[Post]) -> NDArray[np.float32] | None:
        """What the posts mean, a vector each; None where this reader does without."""
        return self._meaning.vectors([head(p.title, p.body) for p in posts]) if self._meaning else None

    def _page(self, source: str, text: str, folded: str) -> Page:
        found, context = self._index.scan(folded, self._place_of(source))
        schools = self._index.mentions(text, folded, found, context)
        masked = landmarks(folded, found)
        own_school = any(m.code and not m.landmark for m in schools)
        foreign = places.foreign(folded, self._index.gazetteer, self._city, own_school)
        return Page(text, folded, schools, sheet(folded, masked, self._lexicon), foreign)

    def _place_of(self, source: str) -> str | None:
        known = self._config.sources.get(source)
        return (known.place if known else "") or self._place

    def _reading(self, page: Page, row: csr_matrix, chances: Chances) -> Reading:
        brief_and_named = len(page.folded) < BRIEF and any(m.code and not m.landmark for m in page.schools)
        relevance, scope = chances.of("scope:k12"), chances.scope(brief_and_named)
        line = redline.find(page.folded, relevance, bool(page.foreign))
        ours = scope is Scope.K12
        nature = chances.nature(page.folded)
        told_on = judging.blamed(page.text, page.folded, page.schools, nature) if ours or line else ()
        nature = chances.weighed(nature, told_on, page.folded)
        topics = chances.topics(tuple(self._config.topics)) if ours else ()
        reading = Reading(
            model=self.version, scope=scope, relevance=round(relevance, 4), topics=topics, tags=chances.tags() if ours else (),
            owners=chances.owners() if ours else (), nature=nature, redline=line.kind if line else None,
            redline_words=tuple(_span(page.text, *s) for s in line.spans) if line else (),
            accused=told_on if nature is Nature.ACCUSATION else judging.heads(told_on), schools=page.schools,
            places=tuple(dict.fromkeys(p.name for p in places.said(page.folded)))[:10], foreign_place=page.foreign,
            clues=self._clues(page, row, topics, chances) if ours or line else (),
        )  # fmt: skip
        return replace(reading, grade=grade.grade_post(reading, self._config.topics))

    def _clues(self, page: Page, row: csr_matrix, topics: Sequence[TopicScore], chances: Chances) -> tuple[Clue, ...]:
        """The words that moved the model and the lexicon, where they stand."""
        found = []
        for about, label in [("scope", "scope:k12"), *((t.code, f"topic:{t.code}") for t in topics[:1])]:
            for word, weight in self._model.clues(row, label, MOST_CLUES, chances.head):
                at = page.folded.find(word)
                if at >= 0:
                    found.append(Clue(_span(page.text, at, at + len(word)), about, round(weight, 3)))
        main = topics[0].code if topics else ""
        words = {h.word: h for h in reversed(page.sheet.hits) if h.topic == main}
        found += [Clue(_span(page.text, h.start, h.end), main, self._lexicon.weight(h.word)) for h in list(words.values())[:MOST_CLUES]]
        return tuple(found)


def clipped(post: Post) -> str:
    """As much of a post as is read: its title, and of its body the first six thousand characters."""
    return post.text[: LONGEST + len(post.title[:LONGEST])]


def _span(text: str, start: int, end: int) -> Span:
    return Span(text[start:end], start, end)


def _fingerprint(config: Config, place: str | None) -> str:
    """What of a configuration changes readings: topics, registry, places."""
    bureau = config.settings.bureau
    where = (bureau.county, bureau.city, bureau.places, bureau.neighbours, place or "")
    told = [repr(sorted(config.topics.items())), repr(config.registry.schools), repr(where)]
    return sha256("\0".join(told).encode("utf-8", "replace")).hexdigest()[:8]
