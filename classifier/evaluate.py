"""Scores readings against what people said, by the same definitions as the project's acceptance script."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from classifier.labels import Label
from pipeline.domain.cases import Decision
from pipeline.domain.readings import Reading, SchoolMention
from pipeline.domain.terms import Nature, OwnerKind, Scope

UNREAD = "未读作涉教"
"""What was read of a message of education that was not taken for one."""
Figures = dict[str, float | None]


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    right: float = 0.0
    wrong: float = 0.0
    missed: float = 0.0

    def one(self, said: bool, wanted: bool, weight: float = 1.0) -> None:
        """Counts a yes-or-no answer."""
        self.right += weight * (said and wanted)
        self.wrong += weight * (said and not wanted)
        self.missed += weight * (wanted and not said)

    def sets(self, said: AbstractSet[str], wanted: AbstractSet[str], neutral: AbstractSet[str] = frozenset()) -> None:
        """Counts a set of answers; `neutral` ones are neither wrong nor missed."""
        self.right += len(said & wanted)
        self.wrong += len(said - wanted - neutral)
        self.missed += len(wanted - said - neutral)

    @property
    def precision(self) -> float | None:
        """Of what was said, the share that is right; None where nothing was said."""
        said = self.right + self.wrong
        return self.right / said if said else None

    @property
    def recall(self) -> float | None:
        """Of what was wanted, the share that was said; None where nothing was wanted."""
        wanted = self.right + self.missed
        return self.right / wanted if wanted else None

    @property
    def f1(self) -> float | None:
        """Precision and recall in one; None where nothing was there to measure."""
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else None

    def figures(self, name: str) -> Figures:
        """The three by their names."""
        return {f"{name}_precision": self.precision, f"{name}_recall": self.recall, f"{name}_f1": self.f1}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong answer and how sure the program was of it; what a rule alone decides, or what went unseen, counts as sure."""

    id: str
    title: str
    about: str
    wanted: str
    said: str
    sureness: float


@dataclass(slots=True)
class Tally:
    """All counts over a labelled file, what was taken for what (应为, 读作), and the mistakes in the file's order."""

    scope: Count = field(default_factory=Count)
    topics: Count = field(default_factory=Count)
    schools: Count = field(default_factory=Count)
    tags: Count = field(default_factory=Count)
    redline: Count = field(default_factory=Count)
    topic: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    support: Counter[str] = field(default_factory=Counter)
    scopes: Counter[tuple[str, str]] = field(default_factory=Counter)
    mains: Counter[tuple[str, str]] = field(default_factory=Counter)
    owners: Counter[tuple[str, str]] = field(default_factory=Counter)
    education: int = 0
    main: int = 0
    owner: int = 0
    nature: int = 0
    named: int = 0
    linked: int = 0
    told_on: int = 0
    safe: int = 0
    events: Figures = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, label: Label, about: str, wanted: str, said: str, sureness: float) -> None:
        """Keeps a mistake."""
        self.mistakes.append(Mistake(label.id, label.title, about, wanted, said, round(sureness, 4)))

    def worst(self, most: int) -> list[Mistake]:
        """The mistakes that the program was surest of."""
        return sorted(self.mistakes, key=lambda m: -m.sureness)[:most]


def tally(labels: Sequence[Label], readings: Sequence[Reading], decisions: Sequence[Decision]) -> Tally:
    """Compares what people said of each message with its reading and with who answers."""
    found = Tally()
    for label, reading, decision in zip(labels, readings, decisions, strict=True):
        _scope(found, label, reading)
        _schools(found, label, reading)
        _told_on(found, label, decision)
        if label.ours and not label.skip_scope:
            _topics(found, label, reading)
            _rest(found, label, reading, decision)
    return found


def figures(found: Tally) -> Figures:
    """The measures by the acceptance script's names."""
    counts = {"relevance": found.scope, "topic": found.topics, "school": found.schools, "tag": found.tags, "redline": found.redline}
    scores: Figures = {"accusation_safe": _share(found.safe, found.told_on)}
    for name, count in counts.items():
        scores |= count.figures(name)
    shares = {"main_topic_accuracy": found.main, "owner_accuracy": found.owner, "nature_accuracy": found.nature}
    scores |= {name: _share(right, found.education) for name, right in shares.items()}
    return scores | {"school_link_accuracy": _share(found.linked, found.named)} | found.events


def grouping(labels: Sequence[Label], groups: Sequence[int]) -> Figures:
    """How well events were put together (B-cubed), over the messages whose event people named; nothing where they named none."""
    told = {label.id: label.event for label in labels if label.event is not None}
    said = {label.id: group for label, group in zip(labels, groups, strict=True) if label.id in told}
    if not told:
        return {}
    wanted_of, said_of = _members(told), _members(said)
    both = {i: len(wanted_of[told[i]] & said_of[said[i]]) for i in told}
    precision = sum(both[i] / len(said_of[said[i]]) for i in told) / len(told)
    recall = sum(both[i] / len(wanted_of[told[i]]) for i in told) / len(told)
    return {"event_precision": precision, "event_recall": recall, "event_f1": 2 * precision * recall / (precision + recall)}


def _members(group_of: Mapping[str, object]) -> dict[object, set[str]]:
    found: dict[object, set[str]] = defaultdict(set)
    for key, group in group_of.items():
        found[group].add(key)
    return found


def _share(right: int, of_all: int) -> float | None:
    return right / of_all if of_all else None


def _scope(found: Tally, label: Label, reading: Reading) -> None:
    if not label.skip_scope:
        found.scope.one(reading.relevant, label.ours, label.weight)
        found.scopes[label.scope.value, reading.scope.value] += 1
        if reading.relevant != label.ours:
            sure = reading.relevance if reading.relevant else 1 - reading.relevance
            found.wrong(label, "范围", label.scope.zh, reading.scope.zh, sure)
    if label.ours or reading.relevant:
        wanted, said = label.ours and label.redline, reading.redline
        found.redline.one(said is not None, wanted)
        if (said is not None) != wanted:
            words = "、".join(dict.fromkeys(s.surface for s in reading.redline_words))
            told = f"{said.zh}（{words}）" if said else "无"
            found.wrong(label, "红线", "有" if wanted else "无", told, reading.relevance if said else 1.0)


def _schools(found: Tally, label: Label, reading: Reading) -> None:
    wanted = label.schools if label.ours else ()
    said: tuple[SchoolMention, ...] = reading.subjects if reading.relevant else ()
    pairs = matched([w.surface for w in wanted], [s.span.surface for s in said])
    found.schools.right += len(pairs)
    found.schools.wrong += len(said) - len(pairs)
    found.schools.missed += len(wanted) - len(pairs)
    found.named += len(pairs)
    for i, j in pairs:
        found.linked += wanted[i].name == said[j].name
        if wanted[i].name != said[j].name:
            found.wrong(label, "学校对应", wanted[i].name or "名册中没有", said[j].name or "名册中没有", said[j].confidence)
    if label.ours and reading.relevant:
        missed = [w.surface for i, w in enumerate(wanted) if all(i != a for a, _ in pairs)]
        more = [s for j, s in enumerate(said) if all(j != b for _, b in pairs)]
        if missed or more:
            names = "、".join(m.span.surface for m in more)
            found.wrong(label, "学校名", "、".join(missed) or "无", names or "无", max([m.confidence for m in more], default=0.5))


def matched(wanted: Sequence[str], said: Sequence[str]) -> list[tuple[int, int]]:
    """One-to-one pairs of names one of which holds the other, the closest in length first."""
    near = sorted(
        (abs(len(w) - len(s)), i, j)
        for i, w in enumerate(wanted)
        for j, s in enumerate(said)
        if min(len(w), len(s)) > 1 and (w in s or s in w)
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in near:
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def _told_on(found: Tally, label: Label, decision: Decision) -> None:
    """Accusations that are the bureau's to judge must not be given to the school."""
    if label.scope is not Scope.K12 or label.nature is not Nature.ACCUSATION or label.owner is not OwnerKind.BUREAU:
        return
    if OwnerKind.SCHOOL in label.accept_owner:
        return
    found.told_on += 1
    found.safe += decision.kind is not OwnerKind.SCHOOL
    if decision.kind is OwnerKind.SCHOOL:
        found.wrong(label, "举报转给了学校", label.owner.zh, decision.kind.zh, 1.0)


def _topics(found: Tally, label: Label, reading: Reading) -> None:
    codes = [t.code for t in reading.topics] if reading.relevant else []
    said, wanted, accepted = set(codes), set(label.topics), label.accept_topic
    neutral = accepted | ({label.main} if label.main and accepted & said else set())
    found.topics.sets(said, wanted, neutral)
    for code in said | wanted:
        found.topic[code].sets(said & {code}, wanted & {code}, neutral)
    found.support.update(wanted)
    found.education += 1
    right = bool(codes) and codes[0] in {*label.topics[:1], *accepted}
    found.main += right
    first = codes[0] if codes else UNREAD
    found.mains[first if right else label.main, first] += 1
    if reading.relevant and not right:
        found.wrong(label, "主题", label.main, first, reading.topics[0].p if codes else 0.0)


def _rest(found: Tally, label: Label, reading: Reading, decision: Decision) -> None:
    """Owner, nature and tags of a message of education."""
    kind = decision.kind.value if reading.relevant else None
    owned = kind in {label.owner.value, *label.accept_owner}
    found.owner += owned
    found.owners[kind if owned and kind else label.owner.value, kind or UNREAD] += 1
    if reading.relevant and not owned:
        found.wrong(label, "回应主体", label.owner.zh, "：".join(filter(None, (decision.kind.zh, decision.reason))), decision.confidence)
    found.nature += reading.relevant and reading.nature is label.nature
    found.tags.sets({t.value for t in reading.tags} if reading.relevant else set(), label.tags)
