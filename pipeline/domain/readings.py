"""What a reader says of a post: the interface between classifier and everybody who uses its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.domain.posts import Post
from pipeline.domain.terms import AccusedKind, Grade, Nature, OwnerKind, RedLine, Scope, Tag


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the post's text (title + newline + body): code points, half-open."""

    surface: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic above its threshold, with its calibrated probability."""

    code: str
    p: float


@dataclass(frozen=True, slots=True)
class OwnerScore:
    """Who seems to have to answer, by the words alone, with its share of the probability; routing decides."""

    kind: OwnerKind
    p: float


@dataclass(frozen=True, slots=True)
class SchoolMention:
    """A school named in the text. `code` is the registry's 内部编号 (or 学校标识码), `name` its 全称; both None for a name that the
    registry does not know or cannot tell apart. `landmark` mentions (××中学旁) are places, not subjects."""

    span: Span
    name: str | None
    code: str | None
    confidence: float
    landmark: bool = False
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accusation:
    """Who is accused of wrongdoing (检举控告), by the words that say so. `code` is the accused's own school where it is known."""

    kind: AccusedKind
    span: Span
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Clue:
    """Words that moved the reading: what they spoke for (`scope`, a topic code, `redline`, `nature` …) and how strongly."""

    span: Span
    about: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one post says, as one version of the reader understood it (研读结果).

    `topics` have the main one first and, like `owners` (the likeliest first), are empty unless the scope is k12; `grade` is a
    suggestion (建议等级) from this post alone. A red line is reported whatever the scope's probability, so that it is never lost to
    a low relevance. `landmark` mentions of schools say where something is, or with what it is compared.
    """

    model: str
    scope: Scope
    relevance: float
    topics: tuple[TopicScore, ...] = ()
    tags: tuple[Tag, ...] = ()
    owners: tuple[OwnerScore, ...] = ()
    nature: Nature = Nature.OTHER
    redline: RedLine | None = None
    redline_words: tuple[Span, ...] = ()
    accused: tuple[Accusation, ...] = ()
    schools: tuple[SchoolMention, ...] = ()
    places: tuple[str, ...] = ()
    foreign_place: str | None = None
    grade: Grade | None = None
    clues: tuple[Clue, ...] = ()

    @property
    def relevant(self) -> bool:
        """Whether a person of the bureau should see it as education."""
        return self.scope is Scope.K12

    @property
    def subjects(self) -> tuple[SchoolMention, ...]:
        """The schools that the post is about, landmarks left out."""
        return tuple(m for m in self.schools if not m.landmark)


class Reader(Protocol):
    """Reads posts in batches; `version` names the model, so that a reading can be traced and repeated."""

    @property
    def version(self) -> str: ...

    def read(self, posts: Sequence[Post]) -> list[Reading]:
        """One reading a post, in order."""
        ...
