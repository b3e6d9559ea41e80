"""Keeps a matter from those whom it accuses (信访工作条例第三十条), whenever the case has changed under them."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from pipeline.domain.terms import OwnerKind
from pipeline.store import notices, outbox, school_links
from pipeline.store.db import Store
from responders import telling
from responders.dossier import Dossier


def keep_from_accused(store: Store, config: Config, papers: Dossier, now: datetime) -> None:
    """Takes back what has not left yet, and tells the desk to move at once what an accused party already holds."""
    accused = papers.accused(config)
    if accused:
        outbox.recall(store, papers.case.id, accused, "出现对该单位的检举控告，未发出的邮件已撤下", now)
        school_links.revoke_accused(store, papers.case.id, accused, "出现对该单位的检举控告", now)
    for held in papers.assignments:
        if held.state.live and held.confirmed_at and held.party in accused:
            notices.put(store, telling.misplaced(papers.case, held, now))


def kept_from(papers: Dossier, config: Config, party: str, owner: OwnerKind) -> bool:
    """Whether a party must not be told of this case: it is accused, or nobody knows yet who is and then no school is told."""
    accused = papers.accused(config)
    return party in accused or (papers.facts(config).accusation and not accused and owner is OwnerKind.SCHOOL)
