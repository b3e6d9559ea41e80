"""What a party does with its hand-over: sign for it (签收), return it as not its own (退回), report on it (反馈); on its page, or by
telephone or letter and taken down by staff. A form that arrives twice counts once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.links import ReportKind, SentFile, Speaker, Words
from pipeline.domain.terms import AssignmentState
from pipeline.moments import to_text
from pipeline.store import assignments, notices, party_reports
from pipeline.store.audit import canonical
from pipeline.store.db import Store
from responders import telling_back
from responders.acts import Refused, needs
from responders.assignment_actions import acknowledge, record_findings
from responders.case_actions import fresh
from responders.dispute_actions import dispute

MOST_BYTES = 60 * 1024 * 1024
"""So much may come along with all reports on one hand-over."""
NOTHING = Words()


@dataclass(frozen=True, slots=True)
class Told:
    """What a party says. `version` is that of the assignment on the page that was filled in. `staff` is who took it down; empty for what
    came by the party's own page, which is taken whatever staff did meanwhile, as long as the state allows it."""

    speaker: Speaker
    version: int
    words: Words = NOTHING
    files: tuple[SentFile, ...] = ()
    staff: str = ""

    def who(self, held: Assignment) -> str:
        """The name under which it goes on record."""
        return self.staff or f"{held.party_name} {self.speaker.name}"

    def digest(self, kind: ReportKind) -> str:
        """The same for the same form, however often it is sent."""
        speaker = asdict(self.speaker) | {"at": to_text(self.speaker.at) if self.staff else ""}  # a page sends no time
        files = [sha256(f.body).hexdigest() for f in self.files]
        return sha256(canonical([kind, self.version, speaker, asdict(self.words), files]).encode()).hexdigest()


def sign(store: Store, config: Config, assignment_id: int, told: Told, now: datetime) -> None:
    """签收, by the party or, with the way and the moment, recorded by staff (代签收)."""
    needs(told.speaker.name, "签收人姓名")
    with store.transaction():
        held = _held(store, assignment_id)
        if not party_reports.known(store, held.id, told.digest(ReportKind.ACKNOWLEDGED)):
            version = told.version if told.staff else held.version
            acknowledge(store, config, held.id, version, told.speaker.label, told.who(held), now, told.speaker.at)
            _keep(store, held, ReportKind.ACKNOWLEDGED, told, now)


def report(store: Store, config: Config, assignment_id: int, told: Told, now: datetime) -> None:
    """反馈: findings, measures, a proposed wording, where it was answered in public, files; again where it adds something. The desk hears
    of what came by the page. A public answer meets its clocks only when staff have seen and recorded it."""
    words, speaker = told.words, told.speaker
    needs(speaker.name, "填报人姓名")
    if not told.staff:
        needs(speaker.post, "填报人职务")
        needs(speaker.phone, "填报人电话")
    if words.public_url and not _web(words.public_url):
        raise Refused("公开回应的网址须以 http:// 或 https:// 开头")
    with store.transaction():
        held = _held(store, assignment_id)
        if party_reports.known(store, held.id, told.digest(ReportKind.ANSWERED)):
            return
        if not (words.findings or (held.state is AssignmentState.ANSWERED and (words != NOTHING or told.files))):
            raise Refused("请填写核查情况")
        _room(store, held, told.files)
        version = told.version if told.staff else held.version
        record_findings(store, config, held.id, version, _said(told), told.who(held), now, speaker.at, speaker.label)
        number = _keep(store, held, ReportKind.ANSWERED, told, now)
        if not told.staff:
            case = fresh(store, held.case_id)
            notices.put(store, telling_back.reported(case, held, bool(words.public_url), number, now))


def give_back(store: Store, config: Config, assignment_id: int, told: Told, now: datetime) -> None:
    """退回 (非我单位), with a reason; on the page, or taken down by staff. It goes back to the desk, as `dispute_actions.dispute` says."""
    needs(told.speaker.name, "填报人姓名")
    with store.transaction():
        held = _held(store, assignment_id)
        if not party_reports.known(store, held.id, told.digest(ReportKind.DISPUTED)):
            version = told.version if told.staff else held.version
            dispute(store, config, held.id, version, told.words.reason, told.who(held), now, told.speaker.label)
            _keep(store, held, ReportKind.DISPUTED, told, now)


def _held(store: Store, assignment_id: int) -> Assignment:
    found = assignments.get(store, assignment_id)
    if found is None:
        raise Refused("没有这项交办")
    return found


def _keep(store: Store, held: Assignment, kind: ReportKind, told: Told, now: datetime) -> int:
    return party_reports.put(store, held.id, told.digest(kind), kind, told.speaker, told.words, told.files, told.staff, now)


def _room(store: Store, held: Assignment, files: tuple[SentFile, ...]) -> None:
    if files and party_reports.bytes_held(store, held.id) + sum(len(f.body) for f in files) > MOST_BYTES:
        raise Refused(f"这件交办的附件合计已超过 {MOST_BYTES // 1024 // 1024} MB，请改用其他方式报送，或电话联系值班室")


def _said(told: Told) -> str:
    """The report as one text, for the record."""
    words = told.words
    parts = (("", words.findings), ("措施：", words.measures), ("拟公开口径：", words.wording), ("已公开回应：", words.public_url))
    said = [f"{label}{text}" for label, text in parts if text]
    return "\n".join([*said, *([f"附件 {len(told.files)} 个"] if told.files else [])])


def _web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
