"""Responses (回应) as they were published or given, with the evidence that they were."""

from __future__ import annotations

from datetime import datetime

from pipeline.domain.cases import Case
from pipeline.domain.terms import Disclosure
from pipeline.moments import to_text
from pipeline.store.db import Store


def record(
    store: Store, case: Case, *, url: str, published_at: datetime, wording: str, disclosure: Disclosure, channel: str,
    evidence_id: int | None, who: str, now: datetime,
) -> int:
    """Records an answer that has been given, and returns its id."""
    return store.insert(
        "response", case_id=case.id, generation=case.generation, state="published", wording=wording,
        disclosure=disclosure.value, url=url or None, published_at=to_text(published_at), evidence_id=evidence_id,
        channel=channel, recorded_by=who, recorded_at=to_text(now),
    )
