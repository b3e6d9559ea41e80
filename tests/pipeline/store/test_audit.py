"""留痕: whatever is done to the record shows."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipeline.domain.chain import Broken, Damage, Printed
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


DEEDS: list[tuple[str, int, Damage]] = [
    ("UPDATE audit_entry SET who = '李股长' WHERE n = 2", 2, Damage.EDITED),
    ("UPDATE audit_entry SET detail = '{}' WHERE n = 1", 1, Damage.EDITED),
    ("UPDATE audit_entry SET hash = previous WHERE n = 3", 3, Damage.EDITED),
    ("DELETE FROM audit_entry WHERE n = 2", 2, Damage.DELETED),
    ("DELETE FROM audit_entry WHERE n = 1", 1, Damage.DELETED),
    ("INSERT INTO audit_entry SELECT n + 1, bureau, at, who, action, subject, case_id, detail, hash, hash FROM audit_entry WHERE n = 3", 4,
     Damage.EDITED),
]


@pytest.mark.parametrize(("deed", "shows_at", "damage"), DEEDS, ids=[row[0][:60] for row in DEEDS])
def test_a_changed_record_shows_where_and_how(chain: Store, deed: str, shows_at: int, damage: Damage) -> None:
    tamper(chain, deed)
    found = audit.verify(chain)
    assert found == Broken(shows_at, damage)
    assert found.sentence.startswith(f"第 {shows_at} 条")
    assert damage.zh in found.sentence


def test_an_entry_that_was_replaced_with_its_hash_shows_by_the_next_one(chain: Store) -> None:
    forge(chain, 2, "李股长", 2)
    assert audit.verify(chain) == Broken(2, Damage.REPLACED)


def test_a_chain_that_was_cut_off_shows_against_the_digest_that_went_out(chain: Store, now: datetime) -> None:
    print_digest(chain, "2026-11-18", 1)
    tamper(chain, "DELETE FROM audit_entry WHERE n >= 2")
    found = audit.verify(chain)
    assert found == Broken(2, Damage.CUT_OFF, 3, "2026-11-18 日报（总第1期）")
    assert found.sentence == "第 2 条起被截去：2026-11-18 日报（总第1期）印的是 3 条，现在只有 1 条"
    chain.db.conn.execute("DELETE FROM digest")
    assert audit.verify(chain) is None


def test_a_chain_that_was_emptied_shows_too(chain: Store) -> None:
    print_digest(chain, "2026-11-18", 1)
    tamper(chain, "DELETE FROM audit_entry")
    assert audit.verify(chain) == Broken(1, Damage.CUT_OFF, 3, "2026-11-18 日报（总第1期）")


def test_a_chain_that_was_rewritten_with_its_key_shows_between_two_digests(chain: Store, now: datetime) -> None:
    print_digest(chain, "2026-11-17", 1, until=1)
    print_digest(chain, "2026-11-18", 2)
    forge(chain, 2, "李股长", 3)
    found = audit.verify(chain)
    assert found == Broken(2, Damage.REWRITTEN, 3, "2026-11-18 日报（总第2期）")
    assert found.sentence == "第 2 条至第 3 条之间被改写：与2026-11-18 日报（总第2期）印的校验值不符"


def test_who_rewrites_the_digests_as_well_shows_against_one_on_paper(chain: Store) -> None:
    sent = audit.head(chain)
    forge(chain, 2, "李股长", 3)
    assert audit.verify(chain) is None
    paper = Printed("所给日报", sent.count, sent.hash)
    assert audit.verify(chain, [paper]) == Broken(1, Damage.REWRITTEN, 3, "所给日报")


def tamper(store: Store, deed: str) -> None:
    """What somebody with the file in hand can do."""
    store.db.conn.execute("DROP TRIGGER audit_entry_stays")
    store.db.conn.execute("DROP TRIGGER audit_entry_kept")
    store.db.conn.execute(deed)


def forge(store: Store, n: int, who: str, until: int) -> None:
    """Changes who did what and makes the hashes anew up to an entry: somebody has the key."""
    tamper(store, f"UPDATE audit_entry SET who = '{who}' WHERE n = {n}")
    for row in store.db.conn.execute("SELECT * FROM audit_entry WHERE n BETWEEN ? AND ? ORDER BY n", (n, until)).fetchall():
        previous = store.value("SELECT hash FROM audit_entry WHERE n = ?", row[0] - 1) or audit.FIRST
        entry = (*row[:-2], previous)
        store.db.conn.execute("UPDATE audit_entry SET previous = ?, hash = ? WHERE n = ?", (previous, audit._hash(store, entry), row[0]))


def print_digest(store: Store, date: str, number: int, until: int = 3) -> None:
    """A digest that went out when the record had so many entries."""
    printed = store.value("SELECT hash FROM audit_entry WHERE n = ?", until)
    with store.transaction():
        store.insert(
            "digest", bureau=store.bureau, date=date, number=number, since="", until="", subject="", html="", text="", audit_count=until,
            audit_hash=printed, made_at="",
        )


@pytest.mark.parametrize("deed", ["UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses(chain: Store, deed: str) -> None:
    with pytest.raises(Exception, match="append-only"):
        chain.db.conn.execute(deed)
