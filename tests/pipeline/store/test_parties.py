"""Parties and contacts: history is kept, whoever can be reached is found."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.terms import ContactRole, ContactState, PartyKind
from pipeline.store import parties
from pipeline.store.db import Store

DUTY, BACKUP, PRINCIPAL = ContactRole.DUTY, ContactRole.BACKUP, ContactRole.PRINCIPAL


def school(*contacts: ContactEntry, code: str = "A", name: str = "甲小学") -> PartyEntry:
    return PartyEntry(PartyKind.SCHOOL, code, name, contacts)


def sync(store: Store, now: datetime, *entries: PartyEntry) -> list[str]:
    with store.transaction():
        return [change.what for change in parties.sync(store, entries, now)]


def test_a_contact_that_changes_ends_and_a_new_row_begins(store: Store, now: datetime) -> None:
    sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example")))
    later = now + timedelta(days=1)
    assert sync(store, later, school(ContactEntry(DUTY, "李", "b@s.example"))) == ["甲小学：变更舆情联络员 李 b@s.example"]
    rows = store.rows("SELECT name, since, until FROM contact ORDER BY id")
    assert [(r["name"], r["until"] is None) for r in rows] == [("王", False), ("李", True)]
    assert rows[0]["until"] == rows[1]["since"]


def test_the_same_registry_again_changes_nothing(store: Store, now: datetime) -> None:
    entry = school(ContactEntry(DUTY, "王", "a@s.example"))
    assert sync(store, now, entry) == ["新增学校「甲小学」", "甲小学：新增舆情联络员 王 a@s.example"]
    assert sync(store, now, entry) == []


def test_a_party_that_is_gone_becomes_inactive_and_may_come_back(store: Store, now: datetime) -> None:
    entry = school(ContactEntry(DUTY, "王", "a@s.example"))
    sync(store, now, entry)
    assert sync(store, now) == ["「甲小学」不在新名册中，停用"]
    assert parties.contact_for(store, "A") is None
    assert sync(store, now) == []
    assert sync(store, now, entry) == ["「甲小学」重新启用", "甲小学：新增舆情联络员 王 a@s.example"]
    assert store.value("SELECT count(*) FROM party") == 1


def test_a_contact_left_out_ends(store: Store, now: datetime) -> None:
    sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example"), ContactEntry(PRINCIPAL, "赵", "a@s.example")))
    assert sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example"))) == ["甲小学：撤销负责人 赵"]


@pytest.mark.parametrize(
    ("roles", "name"),
    [(("duty",), "王"), (("principal", "duty"), "赵"), (("supervisor",), "王"), ((), "王"), (("backup", "principal"), "赵")],
)
def test_mail_goes_by_the_order_of_roles_then_to_whoever_can_be_reached(
    store: Store, now: datetime, roles: tuple[str, ...], name: str
) -> None:
    people = (ContactEntry(DUTY, "王", "a@s.example"), ContactEntry(BACKUP, "孙", "", "139"), ContactEntry(PRINCIPAL, "赵", "z@s.example"))
    sync(store, now, school(*people))
    found = parties.contact_for(store, "A", roles)
    assert found is not None
    assert found.name == name


def test_a_bounced_address_is_not_written_to_again_but_telephoned(store: Store, now: datetime) -> None:
    sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example", "139")))
    contact = parties.contact_for(store, "A")
    assert contact is not None
    with store.transaction():
        marked = parties.mark(store, contact.id, ContactState.BOUNCED, now)
    assert marked != contact.id
    assert parties.contact_for(store, "A") is None
    phone = parties.phone_for(store, "A", ("duty",))
    assert phone is not None
    assert (phone.phone, phone.state) == ("139", ContactState.BOUNCED)
    assert sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example", "139"))) == []
    assert parties.contact_for(store, "A") is None, "an import of the same address does not mend it"
    sync(store, now, school(ContactEntry(DUTY, "王", "new@s.example", "139")))
    assert parties.contact_for(store, "A") is not None


def test_past_contacts_stay_known(store: Store, now: datetime) -> None:
    sync(store, now, school(ContactEntry(DUTY, "王", "a@s.example")))
    first = parties.contact_for(store, "A")
    assert first is not None
    sync(store, now, school(ContactEntry(DUTY, "李", "b@s.example")))
    assert parties.contact(store, first.id) == first
    with store.transaction():
        assert parties.mark(store, first.id, ContactState.BOUNCED, now) is None


def test_an_outside_department_is_called_by_its_own_name(store: Store, now: datetime) -> None:
    sync(store, now, school())
    assert (parties.name_of(store, "A"), parties.name_of(store, "外部:公安局")) == ("甲小学", "公安局")
