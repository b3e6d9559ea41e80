"""What becomes of the waiting notices at a moment: which go into one mail, which wait, which need a call, which nobody needs any more."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.schema.settings import MailSettings
from pipeline.domain.mail import Waiting
from pipeline.domain.terms import Grade, PartyKind, Urgency
from pipeline.moments import local

DESK = "desk"
NO_ADDRESS = "没有可用的邮箱，已转电话督办"
DESK_READS = "舆情值班室没有邮箱，请在控制台查看"
SILENCED = "重大及以上事件正在办理，对同一学校不再另发常规提醒"
ASKED_TO_CALL = "按升级台阶须电话督办"


@dataclass(frozen=True, slots=True)
class History:
    """What has been written before: when the last routine group to an address of a party was closed, and how many routine mails each
    party has had today."""

    last_group: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    today: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """`bundles` become one mail each; `calls` a phone task each, with the reason; `drops` nothing, with the reason; `unreached` are the
    parties' notices that had nobody to go to; `capped` the parties that have had their mails for today."""

    bundles: tuple[tuple[Waiting, ...], ...] = ()
    calls: tuple[tuple[Waiting, str], ...] = ()
    drops: tuple[tuple[Waiting, str], ...] = ()
    unreached: tuple[Waiting, ...] = ()
    capped: tuple[str, ...] = ()


def plan(waiting: Sequence[Waiting], history: History, mail: MailSettings, now: datetime) -> Plan:
    """Decides on every waiting notice; one that appears nowhere in the plan goes on waiting."""
    drops = [(w, why) for w in waiting if (why := _needless(w))]
    standing = [w for w in waiting if not _needless(w)]
    calls = [(w, ASKED_TO_CALL if w.notice.phone else NO_ADDRESS) for w in standing if w.notice.phone or _unreached(w)]
    drops += [(w, NO_ADDRESS if _unreached(w) or w.notice.phone else DESK_READS) for w in standing if w.contact is None]
    ready = [w for w in standing if w.contact and (w.notice.urgency is Urgency.URGENT or not quiet(mail, now))]
    routine, capped = _routine([w for w in ready if w.notice.urgency is Urgency.ROUTINE], history, mail, now)
    single = _by([w for w in ready if w.notice.urgency is not Urgency.ROUTINE], _same_words)
    unreached = tuple(w for w in standing if _unreached(w) and w.notice.party != DESK)
    return Plan((*single, *routine), tuple(calls), tuple(drops), unreached, capped)


def quiet(mail: MailSettings, now: datetime) -> bool:
    """Whether it is the time in which only urgent mail leaves (免打扰时段); equal ends mean that there is none."""
    begin, end, clock = mail.quiet_from, mail.quiet_to, local(now).time().replace(tzinfo=None)
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def _needless(w: Waiting) -> str:
    """Why nobody needs the notice; a grave case silences routine reminders of itself to the school that holds it."""
    if w.obsolete:
        return w.obsolete
    reminder = w.notice.urgency is Urgency.ROUTINE and w.notice.obligation_id is not None and w.kind is PartyKind.SCHOOL
    grave = w.grade is not None and w.grade.severity >= Grade.II.severity
    return SILENCED if reminder and grave else ""


def _unreached(w: Waiting) -> bool:
    """Whether a call must stand in for the mail. The desk reads its own news on the console: there only what is urgent rings."""
    return w.contact is None and (w.notice.party != DESK or w.notice.urgency is Urgency.URGENT)


def _routine(
    waiting: Sequence[Waiting], history: History, mail: MailSettings, now: datetime
) -> tuple[list[tuple[Waiting, ...]], tuple[str, ...]]:
    """The groups whose time has come, as far as the day's cap allows, and the parties that it stops."""
    written = dict(history.today)
    bundles: list[tuple[Waiting, ...]] = []
    capped: list[str] = []
    for group in _by(waiting, _address):
        party = group[0].notice.party
        if not _ripe(group, history.last_group.get(_address(group[0])), mail, now):
            continue
        if group[0].kind is PartyKind.SCHOOL and written.get(party, 0) >= mail.daily_cap:
            capped.append(party)
            continue
        written[party] = written.get(party, 0) + 1
        bundles.append(group)
    return bundles, tuple(dict.fromkeys(capped))


def _ripe(group: Sequence[Waiting], last: datetime | None, mail: MailSettings, now: datetime) -> bool:
    """Whether a group may close: its first notice has waited, and long enough has passed since the group before."""
    oldest = min(w.notice.not_before or w.notice.created_at for w in group)
    if now < oldest + timedelta(minutes=mail.group_minutes):
        return False
    return last is None or now >= last + timedelta(minutes=mail.group_again_minutes)


def _address(w: Waiting) -> tuple[str, str]:
    return w.notice.party, w.contact.email if w.contact else ""


def _same_words(w: Waiting) -> Hashable:
    """Notices that say the same to the same address are one mail."""
    return _address(w), w.notice.urgency, w.notice.subject, w.notice.text, w.notice.assignment_id, w.notice.case_id


def _by(waiting: Iterable[Waiting], key: Callable[[Waiting], Hashable]) -> Iterator[tuple[Waiting, ...]]:
    groups: dict[Hashable, list[Waiting]] = {}
    for w in waiting:
        groups.setdefault(key(w), []).append(w)
    return map(tuple, groups.values())
