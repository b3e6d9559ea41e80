"""留痕: whatever is done to the record shows."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipeline.store import audit
from pipeline.store.db import Store


@pytest.fixture
def chain(store: Store, now: datetime) -> Store:
    """Three entries."""
    with store.transaction():
        for n in (1, 2, 3):
            audit.write(store, "王股长", "研判", f"案件 {n}", {"kind": "public", "说明": "需公开回应"}, now, case_id=None)
    return store


def test_an_untouched_chain_verifies(chain: Store) -> None:
    assert audit.verify(chain) is None
    assert audit.head(chain).count == 3


@pytest.mark.parametrize(
    ("deed", "shows_at"),
    [
        ("UPDATE audit_entry SET who = '李股长' WHERE n = 2", 2),
        ("UPDATE audit_entry SET detail = '{}' WHERE n = 1", 1),
        ("DELETE FROM audit_entry WHERE n = 2", 2),
        ("DELETE FROM audit_entry WHERE n = 1", 1),
        ("UPDATE audit_entry SET hash = previous WHERE n = 3", 3),
        ("INSERT INTO audit_entry SELECT n + 1, bureau, at, who, action, subject, case_id, detail, hash, hash FROM audit_entry WHERE n = 3"
         , 4),
    ],
)
def test_a_changed_record_shows_where(chain: Store, deed: str, shows_at: int) -> None:
    chain.db.conn.execute("DROP TRIGGER audit_entry_stays")
    chain.db.conn.execute("DROP TRIGGER audit_entry_kept")
    chain.db.conn.execute(deed)
    assert audit.verify(chain) == shows_at


def test_a_chain_that_was_cut_off_shows_against_the_head_that_went_out(chain: Store) -> None:
    sent = audit.head(chain)
    chain.db.conn.execute("DROP TRIGGER audit_entry_kept")
    chain.db.conn.execute("DELETE FROM audit_entry WHERE n = 3")
    assert audit.verify(chain) is None
    assert audit.head(chain) != sent


@pytest.mark.parametrize("deed", ["UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses(chain: Store, deed: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        chain.db.conn.execute(deed)
