"""The day's digest as an act: is it due, collect its facts, keep it once a date, and mail it to those who read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date as Date  # noqa: N812 — `date` is an argument here
from datetime import datetime, timedelta
from pathlib import Path

from config.schema import Config
from pipeline.domain.cases import Notice
from pipeline.domain.digests import Digest, Issue, Watched
from pipeline.domain.mail import Letter
from pipeline.domain.terms import Urgency
from pipeline.faults import unusable
from pipeline.moments import local, to_text
from pipeline.outcome import DONE, FAILED, Outcome
from pipeline.store import audit, digests, notices, outbox, parties, sources
from pipeline.store.db import Store
from responders.digest import digest
from responders.mail.grouping import History, plan
from responders.mail.letters import domain
from responders.paper import one_line

READERS = ("desk", "director", "deputy")
HEAD_FIRST = ("principal", "duty", "backup", "supervisor")
NO_ADDRESS = "没有可用的邮箱，日报请在控制台查看"


def digest_due(store: Store, config: Config, now: datetime) -> bool:
    """Whether today's issue has still to be made: its hour has come, or none was ever made and every source has been looked at once."""
    here = local(now)
    if digests.on(store, here.date()):
        return False
    if here.time().replace(tzinfo=None) >= config.settings.schedule.digest_at:
        return True
    watched = _watched(config)
    return digests.first_ever(store) and bool(watched) and len(sources.latest(store, [w.id for w in watched])) == len(watched)


def digest_if_due(store: Store, config: Config, now: datetime) -> Outcome | None:
    """The worker's question: makes today's issue when its time has come."""
    return make_digest(store, config, now) if digest_due(store, config, now) else None


def make_digest(store: Store, config: Config, now: datetime, date: Date | None = None, out: Path | None = None) -> Outcome:
    """Makes today's issue, once, and mails it; an issue that stands is given out again as it was. `out` writes .html and .txt files."""
    targets = _targets(out) if out else {}
    today = local(now).date()
    wanted = date or today
    mailed: tuple[str, ...] = ()
    issue = digests.on(store, wanted)
    if issue is None and wanted != today:
        text = f"{wanted} 没有留存的日报：日报只能在当天生成，以后只能补印已生成的各期。"
        return Outcome({"date": str(wanted), "number": None}, text, FAILED)
    made = issue is None
    if issue is None:
        issue, mailed = _make(store, config, wanted, now)
    _write(issue.digest, targets)
    data = {
        "date": str(issue.date), "number": issue.number, "made_at": to_text(issue.made_at), "new": made, "mailed": list(mailed),
        "files": [str(f) for f in targets], "subject": issue.digest.subject, "text": issue.digest.text,
    }
    return Outcome(data, _said(issue, made, mailed, tuple(targets)), DONE)


def _make(store: Store, config: Config, day: Date, now: datetime) -> tuple[Issue, tuple[str, ...]]:
    """Facts, issue and mails in one transaction: no case falls between what was told and what is noted as told."""
    with store.transaction():
        standing = digests.on(store, day)
        if standing:  # another process was quicker
            return standing, ()
        statutory = [kind for kind, rule in config.deadlines.items() if rule.statutory]
        coming = plan(notices.waiting(store, now), History(), config.settings.mail, now).calls
        facts = replace(digests.collect(store, day, _watched(config), now, statutory), calls_coming=len(coming))
        made = digest(facts, config, now)
        digests.keep(store, facts, made, now)
        audit.write(store, "系统", "生成日报", f"总第{facts.number}期", {"日期": str(day), "新增事件": facts.fresh_total}, now)
        mailed = _mail(store, config, day, made, now)
    return Issue(day, facts.number, now, made), mailed


def _watched(config: Config) -> tuple[Watched, ...]:
    return tuple(Watched(key, s.name, s.every_minutes) for key, s in config.sources.items() if s.enabled and s.kind != "file")


def _mail(store: Store, config: Config, day: Date, made: Digest, now: datetime) -> tuple[str, ...]:
    """One message a reader, whole as it is; who has no address is noted. Two readers at one address get one mail."""
    written: dict[str, int] = {}
    for party in READERS:
        key = f"digest:{day}:{party}"
        if not notices.put(store, Notice(key, party, HEAD_FIRST, Urgency.PROMPT, made.subject, made.text, now)):
            continue
        contact = parties.contact_for(store, party, HEAD_FIRST)
        if contact is None:
            notices.settle(store, key, None, NO_ADDRESS)
            continue
        if contact.email not in written:
            letter = Letter(
                message_id=f"<{store.keyed('message', f'{key}:{contact.email}')[:32]}@{domain(config.settings)}>", date=now, party=party,
                contact_id=contact.id, recipient=contact.email, recipient_name=one_line(contact.name or contact.party_name, 60),
                subject=made.subject, text=made.text, html=made.html, thread=None, urgency=Urgency.PROMPT,
                expires_at=now + timedelta(hours=config.settings.mail.expires_hours),
            )
            written[contact.email] = outbox.put(store, letter)
        notices.settle(store, key, written[contact.email], "")
    return tuple(written)


def _targets(out: Path) -> dict[Path, str]:
    """Which files are written, each with its kind: `F.html`, `F.txt`, or both for a name without ending."""
    if not out.parent.is_dir():
        raise unusable(str(out.parent), "目录不存在", "先建好目录")
    if out.suffix.lower() in (".html", ".txt"):
        return {out: out.suffix.lower()}
    if out.suffix:
        raise unusable(str(out), "日报只能写成 .html 或 .txt", "改用这两种扩展名之一，或不写扩展名（两种都写）")
    return {out.with_name(out.name + kind): kind for kind in (".html", ".txt")}


def _write(made: Digest, targets: Mapping[Path, str]) -> None:
    """Writes the files, each whole or not at all."""
    for path, kind in targets.items():
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_text(made.html if kind == ".html" else made.text, "utf-8")
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise unusable(str(path), f"写不进去（{error.strerror or error}）", "核对目录是否存在、是否可写") from error


def _said(issue: Issue, made: bool, mailed: tuple[str, ...], files: tuple[Path, ...]) -> str:
    head = f"{'已生成' if made else '已有'} {issue.date} 的舆情日报，总第{issue.number}期"
    if made:
        head += f"，待发 {len(mailed)} 封" if mailed else "；值班室、局长、分管副局长都没有可用的邮箱，没有发信"
    return "\n".join([head, *(f"已写入 {f}" for f in files)]) if files else f"{head}\n\n{issue.digest.text}"
