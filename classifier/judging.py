"""From probabilities to a judgement: scope, topics, tags, nature, and who seems to have to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import accused
from classifier.model import OWNERS, Head
from pipeline.domain.readings import Accusation, OwnerScore, SchoolMention, TopicScore
from pipeline.domain.terms import AccusedKind, Nature, Scope, Tag

MOST_TOPICS = 3
ACCUSING = 0.12
NAMED = 0.35
PLEADING = (Nature.ACCUSATION, Nature.COMPLAINT, Nature.HELP)


@dataclass(frozen=True, slots=True)
class Chances:
    """What the model thinks of one text: a probability for each label, read by the thresholds of the head that gave it."""

    head: Head
    column: dict[str, int]
    p: NDArray[np.float32]

    def of(self, label: str) -> float:
        """The probability of a label."""
        return float(self.p[self.column[label]])

    def over(self, label: str) -> bool:
        """Whether a label's probability reaches its threshold."""
        return self.of(label) >= self.head.thresholds[label]

    def scope(self, brief_and_named: bool = False) -> Scope:
        """School education, higher education or neither. Of a short text that is about one of our schools less is asked."""
        if brief_and_named and self.of(f"scope:{Scope.K12}") >= NAMED:
            return Scope.K12
        return next((scope for scope in (Scope.K12, Scope.HIGHER_ED) if self.over(f"scope:{scope}")), Scope.NONE)

    def topics(self, known: Sequence[str]) -> tuple[TopicScore, ...]:
        """What it is chiefly about, then what else it tells of by the thresholds; `known` are the configured topics."""
        learnt = [t for t in known if f"topic:{t}" in self.column]
        main = [max(learnt, key=lambda t: self.of(f"main:{t}"))] if learnt else []
        others = sorted((t for t in learnt if t not in main and self.over(f"topic:{t}")), key=lambda t: (-self.of(f"topic:{t}"), t))
        return tuple(TopicScore(t, round(self.of(f"topic:{t}"), 4)) for t in (main + others)[:MOST_TOPICS])

    def tags(self) -> tuple[Tag, ...]:
        """Who is concerned."""
        return tuple(t for t in Tag if self.over(f"tag:{t}"))

    def owners(self) -> tuple[OwnerScore, ...]:
        """Who seems to have to answer, the likeliest first."""
        return tuple(sorted((OwnerScore(o, round(self.of(f"owner:{o}"), 4)) for o in OWNERS), key=lambda o: (-o.p, o.kind)))

    def nature(self, folded: str) -> Nature:
        """What the writer wants; 举报 already at a small share where the text accuses in so many words, and at any where it tells of
        grave misconduct of somebody's own."""
        if self.of(f"nature:{Nature.ACCUSATION}") >= ACCUSING and accused.accuses(folded):
            return Nature.ACCUSATION
        likeliest = max(Nature, key=lambda n: self.of(f"nature:{n}"))
        return Nature.ACCUSATION if likeliest is not Nature.PRAISE and accused.denounces(folded) else likeliest

    def weighed(self, nature: Nature, told_on: Sequence[Accusation], folded: str) -> Nature:
        """举报 only for accusations of misconduct against somebody; else what the writer most likely wants besides."""
        if nature is not Nature.ACCUSATION or told_on or accused.misconduct(folded):
            return nature
        return max((n for n in Nature if n is not Nature.ACCUSATION), key=lambda n: self.of(f"nature:{n}"))


def blamed(text: str, folded: str, schools: Sequence[SchoolMention], nature: Nature) -> tuple[Accusation, ...]:
    """Who is accused: of a mere complaint, and of what only asks or tells, those too who are said to do wrong; of praise nobody."""
    if nature is Nature.PRAISE or (nature not in PLEADING and not accused.misconduct(folded)):
        return ()
    return accused.find(text, folded, schools, nature is Nature.ACCUSATION)


def heads(told_on: Sequence[Accusation]) -> tuple[Accusation, ...]:
    """Of the accused, heads of schools and the bureau's own people."""
    return tuple(a for a in told_on if a.kind in (AccusedKind.HEAD, AccusedKind.BUREAU))
