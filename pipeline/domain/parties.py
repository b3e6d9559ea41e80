"""Who can be told: parties (单位) with their contacts (联系人), as the registry says them and as the store keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.terms import ContactRole, ContactState, PartyKind

OUTSIDE = "外部:"
"""Begins the code of a party that is no part of the bureau and its schools: 外部:公安局."""


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A contact as the registry gives it; an empty `email` means that only the telephone reaches this person."""

    role: ContactRole
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """A party as the registry gives it, with its contacts."""

    kind: PartyKind
    code: str
    name: str
    contacts: tuple[ContactEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A stored contact: the row in force from `since` on. `party` is the registry code."""

    id: int
    party: str
    party_name: str
    role: ContactRole
    name: str
    email: str
    phone: str
    state: ContactState
    since: datetime

    @property
    def by_mail(self) -> bool:
        """Whether a mail can be expected to arrive."""
        return bool(self.email) and self.state in (ContactState.UNCONFIRMED, ContactState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class PartyChange:
    """One thing that changed when the registry was taken over, in words that staff read."""

    party: str
    what: str
