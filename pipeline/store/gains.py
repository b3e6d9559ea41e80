"""What a case becomes when another is merged into it (并入), and what a new one is when posts are split off (拆出): never less than was
known before. A clock's start is the earliest of both; what is old (存量) starts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from pipeline.domain.cases import Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import CaseState, EmergencyGrade, Precision, RedLine, gravest
from pipeline.moments import to_text
from pipeline.store.cases import Dates

CHANGING = (
    "grade", "grade_confirmed", "redline", "redline_confirmed_at", "emergency_grade", "accusation", "public", "dormant", "topic",
    "handed_over_at", "found_at", "published_at",
)


@dataclass(frozen=True, slots=True)
class Whole:
    """The target as it stands after the merge; `since` where its clocks count from another moment than its row tells."""

    case: Case
    since: datetime | None = None

    def columns(self, before: Case) -> dict[str, Any]:
        """The columns that differ from what stood there before."""
        new = {name: getattr(self.case, name) for name in CHANGING}
        found = {name: _plain(value) for name, value in new.items() if value != getattr(before, name)}
        return found | ({"taken_up_at": to_text(self.since)} if self.since else {})


def joined(case: Case, theirs: Dates, into: Case, ours: Dates) -> Whole:
    """The target with a case merged into it: the graver grade, the confirmed red line, the emergency, whatever forbids or obliges."""
    redline, confirmed = _red_line(case, into)
    grade = gravest(into.grade, case.grade)
    whole = replace(
        into, grade=grade, grade_confirmed=any(c.grade_confirmed for c in (case, into) if c.grade is grade), redline=redline,
        redline_confirmed_at=confirmed, emergency_grade=_emergency(case, into), accusation=case.accusation or into.accusation,
        public=case.public or into.public, dormant=case.dormant and into.dormant, topic=into.topic or case.topic,
        handed_over_at=_earliest(into.handed_over_at, case.handed_over_at),
    )
    if case.dormant and not into.dormant:
        return Whole(whole, None if _plainly(into, ours) else ours.found_at)
    found, published = _earliest(into.found_at, theirs.found_at) or into.found_at, _earliest(into.published_at, theirs.published_at)
    whole = replace(whole, found_at=found, published_at=published)
    if _plainly(case, theirs) and _plainly(into, ours) and case.dormant == into.dormant:
        return Whole(whole)
    return Whole(whole, _earliest(*(d.found_at for c, d in ((case, theirs), (into, ours)) if not c.dormant)))


def founded(told: Sequence[tuple[Post, Reading]], old: Case, now: datetime) -> Whole:
    """A case that a person opens on some posts of an old one, of which it keeps the grade as a suggestion. Old posts (存量) of a case that
    runs count from now: no clock is lost by a split."""
    running = [p for p, _ in told if not p.dormant]
    lines = sorted((r.redline for _, r in told if r.redline), key=lambda line: not line.legal)
    topics = [r.topics[0].code for _, r in told if r.relevant and r.topics] or [r.topics[0].code for _, r in told if r.topics]
    asleep = not running and (old.dormant or not old.state.live)
    case = replace(
        old, id=0, number="", generation=1, state=CaseState.TRIAGE, grade_confirmed=False, emergency_grade=None, answer_kind=None,
        redline=lines[0] if lines else None, redline_confirmed_at=None, accusation=any(r.accused for _, r in told),
        public=any(p.public for p, _ in told), dormant=asleep, topic=topics[0] if topics else None, handed_over_at=None,
        found_at=min(p.collected_at for p in running or [p for p, _ in told]),
        published_at=_earliest(*(believed(p) for p in running or [p for p, _ in told])),
    )
    return Whole(case, None if running or asleep else now)


def believed(post: Post) -> datetime | None:
    """When a post was published, where that is known and does not lie after we saw it."""
    known = post.precision is not Precision.UNKNOWN and post.published_at is not None and post.published_at <= post.collected_at
    return post.published_at if known else None


def _plainly(case: Case, dates: Dates) -> bool:
    """Whether the case's clocks count from what its row says: it was never reopened, and nobody took it up later."""
    return case.generation == 1 and (dates.found_at, dates.published_at) == (case.found_at, case.published_at)


def _red_line(case: Case, into: Case) -> tuple[RedLine | None, datetime | None]:
    """The graver red line, among equals the confirmed one, then the target's own; confirmed as early as either was."""

    def rank(one: Case) -> tuple[bool, bool, bool]:
        return one.redline is None, not (one.redline and one.redline.legal), one.redline_confirmed_at is None

    chosen = min((into, case), key=rank)
    equals = [c.redline_confirmed_at for c in (into, case) if rank(c) == rank(chosen)]
    return chosen.redline, _earliest(*equals)


def _emergency(case: Case, into: Case) -> EmergencyGrade | None:
    order = list(EmergencyGrade)
    return min((c.emergency_grade for c in (into, case) if c.emergency_grade), key=order.index, default=None)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((m for m in moments if m), default=None)


def _plain(value: Any) -> Any:
    """A field as its column holds it."""
    if isinstance(value, datetime):
        return to_text(value)
    return value.value if isinstance(value, Enum) else int(value) if isinstance(value, bool) else value
