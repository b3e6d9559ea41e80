"""The dossier of a case (案卷): everything that its routing, its clocks and its actions look at, loaded at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import CaseState, OwnerKind, Role, Scope
from pipeline.store import assignments, cases, posts, readings
from pipeline.store.cases import Dates
from pipeline.store.db import Store
from responders.deadlines import Matter
from responders.facts import Facts, accused_parties, as_ours, of_readings
from responders.telling import Holders, section_of


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case with its telling posts, their readings, its assignments of this generation, and its moments."""

    case: Case
    posts: tuple[tuple[Post, Reading], ...]
    assignments: tuple[Assignment, ...]
    dates: Dates
    sources: frozenset[str]

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
        return as_ours(replace(of_readings(self.posts, config), public=self.case.public))

    def accused(self, config: Config) -> frozenset[str]:
        """The parties that must not hear of it from us."""
        return accused_parties(self.facts(config), config.registry)

    def matter(self, lead: str = "", owner: OwnerKind = OwnerKind.NONE) -> Matter:
        """What the clocks look at, under the lead that holds the case, or else the one that is meant to."""
        holder = self.lead
        case = replace(self.case, found_at=self.dates.found_at or self.case.found_at, published_at=self.dates.published_at)
        return Matter(
            case=case, lead=holder.party if holder else lead, owner=holder.owner if holder else owner, sources=self.sources,
            acknowledged_at=self.dates.acknowledged_at, answered_at=self.dates.answered_at, limit_at=self.dates.limit_at,
        )

    def holders(self, config: Config) -> Holders:
        """Whom the rungs of this case reach."""
        return Holders(self.lead, section_of(list(self.assignments)), self.confirmed, self.accused(config))


def load(store: Store, case: Case) -> Dossier:
    """Gathers the dossier of a case."""
    ids = cases.telling_posts(store, case)
    found = readings.current(store, ids)
    pairs = [(post, found[i]) for i in ids if i in found and (post := posts.get(store, i))]
    return Dossier(case, tuple(pairs), tuple(assignments.of_case(store, case)), cases.dates(store, case), cases.sources(store, case.id))
