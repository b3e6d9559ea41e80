"""Links to the school's page (回执链接): a signed random id in a mail, whose row says what it opens. Opening one changes nothing.

An accused party gets none, and what it holds opens nothing. Nothing here is ever logged.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.links import Link, LinkScope
from pipeline.domain.mail import Waiting
from pipeline.domain.terms import AssignmentState, OwnerKind, Role
from pipeline.store import assignments, cases, school_links
from pipeline.store.db import Store
from responders import dossier
from responders.acts import ASSIGNMENT, CASE, Act
from responders.guard import kept_from
from responders.telling import DESK

PATH = "/s/"
LONGEST = 200
MOST_USES = 30
"""So many forms one link sends; after that it only shows."""

SCOPES: Mapping[Role, LinkScope] = {Role.LEAD: LinkScope.ANSWER, Role.SUPPORT: LinkScope.ANSWER, Role.GUIDE: LinkScope.ACK}
"""Who leads and who supports reports; who guides only signs."""
ACTS: Mapping[LinkScope, tuple[Act, ...]] = {
    LinkScope.VIEW: (),
    LinkScope.ACK: (Act.ACKNOWLEDGE, Act.DISPUTE),
    LinkScope.ANSWER: (Act.ACKNOWLEDGE, Act.FINDINGS, Act.DISPUTE),
}
"""What a link of each scope lets its holder do."""
HELD = frozenset({
    AssignmentState.CONFIRMED, AssignmentState.ACKNOWLEDGED, AssignmentState.ANSWERED, AssignmentState.RETURNED, AssignmentState.ACCEPTED,
    AssignmentState.DISPUTED,
})
"""A hand-over that was not made yet, or was taken away, is nobody's to look at."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a good link opens: the one hand-over, and what its holder may do with it now."""

    link: Link
    assignment: Assignment
    case: Case
    acts: tuple[Act, ...]


def for_bundle(store: Store, config: Config, bundle: Sequence[Waiting], now: datetime) -> dict[int, str]:
    """A link for every hand-over that a mail tells of, by the assignment's id; none without `public_url`. Within the transaction that
    writes the mail."""
    page, contact = config.settings.school_page, bundle[0].contact
    if not page.opens or contact is None or contact.party == DESK:
        return {}
    held = {w.notice.assignment_id for w in bundle if w.notice.assignment_id and w.notice.party == contact.party}
    found = [a for a in (assignments.get(store, i) for i in sorted(held)) if a and a.party == contact.party]
    until = now + timedelta(days=page.link_days)
    return {a.id: _issue(store, page.public_url, a, contact.id, until, now) for a in found if _may_open(store, config, a)}


def opened(store: Store, config: Config, token: str, now: datetime) -> Opened | None:
    """What a token opens; None, for whatever reason, where it opens nothing."""
    identity = signed_by_us(store, token)
    link = school_links.find(store, _hash(store, identity)) if identity else None
    assignment = assignments.get(store, link.assignment_id) if link and link.good(now) else None
    if link is None or assignment is None or not _may_open(store, config, assignment):
        return None
    case = cases.get(store, assignment.case_id)
    return Opened(link, assignment, case, _acts(link, assignment, case)) if case else None


def signed_by_us(store: Store, token: str) -> str:
    """The random id in a token that this bureau signed; empty for any other. Needs no look at the database."""
    if len(token) > LONGEST or not token.isascii():
        return ""
    try:
        return signer(store).unsign(token).decode()
    except BadSignature:
        return ""


def _issue(store: Store, public_url: str, held: Assignment, contact_id: int, until: datetime, now: datetime) -> str:
    identity = secrets.token_urlsafe(24)
    school_links.issue(store, _hash(store, identity), held.id, contact_id, SCOPES[held.role], until, MOST_USES, now)
    return f"{public_url.rstrip('/')}{PATH}{signer(store).sign(identity).decode()}"


def _may_open(store: Store, config: Config, held: Assignment) -> bool:
    """Whether the hand-over is this party's to see: confirmed, of the present round, not taken away, and not of one who is accused."""
    case = cases.get(store, held.case_id)
    if case is None or held.generation != case.generation or held.state not in HELD or held.owner is OwnerKind.EXTERNAL:
        return False
    return not kept_from(dossier.load(store, case), config, held.party, held.owner)


def _acts(link: Link, held: Assignment, case: Case) -> tuple[Act, ...]:
    if link.spent:
        return ()
    return tuple(a for a in ACTS[link.scope] if held.state in ASSIGNMENT[a] and case.state in CASE[a])


def signer(store: Store) -> Signer:
    """Signs the ids of this bureau's links; a rotated key makes every link that is out there worthless."""
    return Signer(store.keyed("school page", "signature"), salt=b"school-link", digest_method=hashlib.sha256)


def _hash(store: Store, identity: str) -> str:
    return store.keyed("school link", identity)
