"""What parties have said of their hand-overs, and the links they have to say it; and what of it an answer can be recorded from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.cases import Assignment
from pipeline.domain.links import KeptFile, Link, Report
from pipeline.store import party_reports, school_links
from pipeline.store.db import Store
from responders.console.forms import MAGIC

PROOFS = frozenset(kind for _, kind in MAGIC)
"""What may be kept as the proof of a public answer: a picture or a PDF."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a party says of an answer that is already public, for staff to see and record."""

    url: str = ""
    wording: str = ""
    files: tuple[KeptFile, ...] = ()

    @property
    def claims(self) -> bool:
        """Whether it says where the answer stands."""
        return bool(self.url)


@dataclass(frozen=True, slots=True)
class Told:
    """All that was said on one case's page."""

    reports: tuple[Report, ...]
    issued: tuple[Link, ...]
    claim: Claim

    def of(self, held: Assignment) -> tuple[Report, ...]:
        """What was said of one hand-over, oldest first."""
        return tuple(r for r in self.reports if r.assignment_id == held.id)

    def links(self, held: Assignment) -> tuple[Link, ...]:
        """The links of one hand-over: the newest of each contact is the one that counts."""
        return tuple({link.contact_name: link for link in self.issued if link.assignment_id == held.id}.values())


def of(store: Store, held: Sequence[Assignment]) -> Told:
    """Gathers it for the hand-overs of a case."""
    said = tuple(r for a in held for r in party_reports.of_assignment(store, a.id))
    return Told(said, tuple(link for a in held for link in school_links.of_assignment(store, a.id)), _claim(said))


def _claim(said: Sequence[Report]) -> Claim:
    """The newest word on each: an address, a wording, and every file that can prove an answer."""
    newest = sorted(said, key=lambda r: r.id, reverse=True)
    url = next((r.words.public_url for r in newest if r.words.public_url), "")
    wording = next((r.words.wording for r in newest if r.words.wording), "")
    return Claim(url, wording, tuple(f for r in newest for f in r.files if f.kind in PROOFS))
