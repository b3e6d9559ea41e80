"""Compose: the waiting notices become messages in the outbox or phone tasks on the console, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Notice
from pipeline.domain.mail import Waiting
from pipeline.domain.terms import PartyKind, Urgency
from pipeline.moments import local
from pipeline.store import audit, cases, notices, outbox, parties, phone_tasks
from pipeline.store.db import Store
from responders import dossier, links
from responders.mail.grouping import DESK, History, plan
from responders.mail.letters import letter

ACCUSED = "检举控告事项，依《信访工作条例》第三十条不得通知被检举控告的单位"
ANYBODY = ("duty", "backup", "principal", "supervisor")
ROUNDS = 2
"""The second round posts what the first had to tell the desk."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What became of the notices: mails written, calls asked for, notices that nobody needs or may see."""

    messages: int = 0
    calls: int = 0
    dropped: int = 0

    def __add__(self, other: Composed) -> Composed:
        return Composed(self.messages + other.messages, self.calls + other.calls, self.dropped + other.dropped)


def compose(store: Store, config: Config, now: datetime) -> Composed:
    """Writes every mail whose time has come. Doing it again changes nothing."""
    done = Composed()
    with store.transaction():
        for _ in range(ROUNDS):
            done += _round(store, config, now)
    return done


def _round(store: Store, config: Config, now: datetime) -> Composed:
    waiting = [_on_duty(w, config, now) for w in notices.waiting(store, now)]
    refused = _refused(store, config, waiting)
    allowed = [w for w in waiting if w not in refused]
    chosen = plan(allowed, _history(store, allowed, now), config.settings.mail, now)
    for bundle in chosen.bundles:
        message_id = outbox.put(store, letter(bundle, config, store.keyed, now, links.for_bundle(store, config, bundle, now)))
        notices.attach(store, [w.id for w in bundle], message_id)
    calls = sum(phone_tasks.add(store, w, why, now) for w, why in chosen.calls)
    for w, why in chosen.drops:
        notices.drop(store, [w.id], why)
    _tell_refused(store, refused, now)
    _tell_unreached(store, chosen.unreached, now)
    _tell_capped(store, chosen.capped, config, now)
    return Composed(len(chosen.bundles), calls, len(chosen.drops) + len(refused))


def _on_duty(w: Waiting, config: Config, now: datetime) -> Waiting:
    """A call for the desk rings whoever is on duty now."""
    shift = config.registry.on_duty(now) if w.notice.party == DESK and w.notice.phone else None
    return replace(w, name=shift.name, phone=shift.phone) if shift and shift.phone else w


def _history(store: Store, waiting: Sequence[Waiting], now: datetime) -> History:
    routine = [w for w in waiting if w.notice.urgency is Urgency.ROUTINE and w.contact]
    addresses = {(w.notice.party, w.contact.email) for w in routine if w.contact}
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    groups = {(party, email): notices.last_group(store, email, party) for party, email in addresses}
    return History(
        {address: last for address, last in groups.items() if last},
        {party: notices.routine_since(store, party, midnight) for party, _ in addresses},
    )


def _refused(store: Store, config: Config, waiting: Sequence[Waiting]) -> list[Waiting]:
    """The last guard before a mail exists: what would tell the accused of an accusation."""
    barred: dict[int, frozenset[str] | None] = {}
    found = []
    for w in waiting:
        case_id = w.notice.case_id
        if not w.accusation or case_id is None:
            continue
        if case_id not in barred:
            barred[case_id] = _accused(store, config, case_id)
        accused = barred[case_id]
        if w.notice.party in accused if accused is not None else w.kind is PartyKind.SCHOOL:
            found.append(w)
    return found


def _accused(store: Store, config: Config, case_id: int) -> frozenset[str] | None:
    """The accused parties of a case; None when nothing of it can be read or nobody can tell who they are, and then no school at all may
    be told."""
    case = cases.get(store, case_id)
    papers = dossier.load(store, case) if case else None
    return (papers.accused(config) or None) if papers and papers.posts else None


def _tell_refused(store: Store, refused: Sequence[Waiting], now: datetime) -> None:
    for w in refused:
        notices.drop(store, [w.id], ACCUSED)
        audit.write(store, "系统", "拦截通知", w.number, {"单位": w.party_name, "原因": ACCUSED}, now, w.notice.case_id)
        if w.notice.party != DESK:
            text = f"原拟发给{w.party_name}的通知已被拦截：{ACCUSED}。请改由其他单位办理。"
            _to_desk(store, w, f"accused:{w.notice.party}:{w.id}", "通知已拦截，请改派", text, Urgency.URGENT, now)


def _tell_unreached(store: Store, unreached: Sequence[Waiting], now: datetime) -> None:
    """Tells the desk which party has no address, once a notice; a hand-over may have told it already."""
    for w in unreached:
        if w.notice.assignment_id and notices.known(store, f"nocontact:{w.notice.assignment_id}"):
            continue
        who = f"{w.name} {w.phone}".strip() or "没有登记电话"
        text = f"发给{w.party_name}的通知「{w.notice.subject}」无法用邮件送达，已转为电话督办（{who}）。\n请打电话办理，并补齐联系人。"
        subject = f"{w.party_name}没有可用的联系邮箱"
        _to_desk(store, w, f"nocontact:{w.notice.party}:{w.id}", subject, text, w.notice.urgency, now)


def _tell_capped(store: Store, capped: Sequence[str], config: Config, now: datetime) -> None:
    """Tells the desk, once a day, that a school has had its mails for today and the rest waits."""
    for party in capped:
        name = parties.name_of(store, party)
        text = f"{name}今天的常规邮件已达上限（{config.settings.mail.daily_cap}封），其余提醒并入明天的第一封。如有急事请电话联系。"
        key = f"cap:{party}:{local(now).date()}"
        notices.put(store, Notice(key, DESK, ANYBODY, Urgency.ROUTINE, f"{name}今日邮件已达上限", text, now))


def _to_desk(store: Store, w: Waiting, key: str, subject: str, text: str, urgency: Urgency, now: datetime) -> None:
    titled = f"[{w.number}] {subject}" if w.number else subject
    notices.put(store, Notice(key, DESK, ANYBODY, urgency, titled, text, now, case_id=w.notice.case_id))
