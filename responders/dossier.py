"""The dossier of a case (案卷): everything that its routing, its clocks and its actions look at, loaded at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import CaseState, OwnerKind, Role, Scope
from pipeline.store import assignments, cases, posts, readings
from pipeline.store.cases import Dates
from pipeline.store.db import Store
from responders.deadlines import Matter
from responders.facts import DISCIPLINE, Facts, accused_parties, as_ours, bureau_accused, of_readings
from responders.telling import DESK, Holders, neutral_summary, section_of

WITNESSES = 200
"""So many posts that accuse somebody are remembered beside the telling ones."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with its telling posts, their readings, its assignments of this generation, and its moments. Of an accusation the posts
    include whatever ever accused somebody, of earlier rounds and earlier texts too."""

    case: Case
    posts: tuple[tuple[Post, Reading], ...]
    assignments: tuple[Assignment, ...]
    dates: Dates
    sources: frozenset[str]
    all_public: bool = True
    public_since: tuple[datetime | None, datetime | None] = (None, None)

    @property
    def harmless(self) -> bool:
        """Whether nothing that the case was ever known for forbids a hand-over without a click, whatever its posts say by now."""
        return self.all_public and self.case.redline is None and not self.case.accusation

    @property
    def lead(self) -> Assignment | None:
        """Who leads now."""
        return next((a for a in self.assignments if a.role is Role.LEAD and a.state.live), None)

    @property
    def confirmed(self) -> bool:
        """Whether staff have decided on the case: before that all its rungs go to the desk."""
        handed = self.lead is not None and self.lead.confirmed_at is not None
        return handed or self.case.state is not CaseState.TRIAGE or self.case.emergency_grade is not None

    def facts(self, config: Config) -> Facts:
        """What routing looks at; a case that a person opened on a bare title has that alone."""
        if not self.posts:
            return Facts(text=f"{self.case.title}\n", scope=Scope.K12, public=self.case.public, accusation=self.case.accusation)
        found = of_readings(self.posts, config)
        # What was denounced stays so, though the post that did it may be gone by now.
        return as_ours(replace(found, public=self.case.public, accusation=found.accusation or self.case.accusation))

    def accused(self, config: Config) -> frozenset[str]:
        """The parties that must not hear of it from us."""
        return accused_parties(self.facts(config), config.registry)

    @property
    def link(self) -> str:
        """Where the first public post stands; empty where none has an address."""
        return next((p.url for p, _ in self.posts if p.public and p.url.startswith(("http://", "https://"))), "")

    def summary(self, config: Config) -> str:
        """The neutral 转办摘要 of this case; nothing but topic and number where a letter is among its posts, or somebody is accused."""
        topic, facts = config.topics.get(self.case.topic or ""), self.facts(config)
        public = bool(self.posts) and self.all_public and self.case.public and not facts.guarded
        return neutral_summary(self.case, topic.name if topic else "", facts.about, public)

    def matter(self, lead: str = "", owner: OwnerKind = OwnerKind.NONE) -> Matter:
        """What the clocks look at, under the lead that holds the case, or else the one that is meant to."""
        holder = self.lead
        case = replace(self.case, found_at=self.dates.found_at or self.case.found_at, published_at=self.dates.published_at)
        return Matter(
            case=case, lead=holder.party if holder else lead, owner=holder.owner if holder else owner, sources=self.sources,
            acknowledged_at=self.dates.acknowledged_at, answered_at=self.dates.answered_at, limit_at=self.dates.limit_at,
            public_found_at=self.public_since[0], public_published_at=self.public_since[1],
        )

    def holders(self, config: Config) -> Holders:
        """Whom the rungs of this case reach."""
        return Holders(self.lead, section_of(list(self.assignments)), self.confirmed, self.accused(config), self._only(config))

    def _only(self, config: Config) -> str:
        """The one section that hears of an accusation against the bureau as a whole: 纪检, or the desk where there is none."""
        if not bureau_accused(self.facts(config), config.registry):
            return ""
        known = not config.registry.sections or config.registry.section(DISCIPLINE)
        return DISCIPLINE if known and DISCIPLINE not in self.accused(config) else DESK


def load(store: Store, case: Case) -> Dossier:
    """Gathers the dossier of a case."""
    ids = cases.telling_posts(store, case)
    found = readings.current(store, ids)
    told = [(i, found[i]) for i in ids if i in found]
    if case.accusation:
        told += [pair for pair in readings.accusing(store, case.id, WITNESSES) if pair not in told]
    pairs = tuple((post, reading) for i, reading in told if (post := posts.get(store, i)))
    all_public = cases.all_public(store, case.id)
    return Dossier(
        case, pairs, tuple(assignments.of_case(store, case)), cases.dates(store, case), cases.sources(store, case.id), all_public,
        (None, None) if all_public else cases.public_since(store, case),
    )
