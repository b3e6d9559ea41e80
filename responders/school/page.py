"""The one page behind a link: the hand-over in the words of its 转办摘要, its limits, what was said of it, and the forms that fit now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from config.schema import Config
from pipeline.domain.cases import Obligation
from pipeline.domain.links import Report, ReportKind
from pipeline.masking import masked
from pipeline.moments import shown
from pipeline.store import obligations, party_reports
from pipeline.store.db import Store
from responders import telling
from responders.acts import Act
from responders.assignment_actions import AFTER_HAND_OVER
from responders.console import display
from responders.console.forms import Form
from responders.links import Opened
from responders.school import sent
from responders.wording import remaining

STATIC = {"school.css": "text/css", "mark.svg": "image/svg+xml"}
DONE = {
    Act.ACKNOWLEDGE: (ReportKind.ACKNOWLEDGED, "已签收，谢谢。请按时限反馈核查情况。"),
    Act.FINDINGS: (ReportKind.ANSWERED, "已收到反馈，谢谢。如有补充，可在本页继续提交。"),
    Act.DISPUTE: (ReportKind.DISPUTED, "已退回，值班室将另行处理；在收到新的通知以前，不必再办理。"),
}
"""What is said after a form was taken, also where it had been taken before; never where it was not."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as its reader may be told of it."""

    owed: Obligation
    basis: str


def template_environment() -> Environment:
    """The templates with their filters; everything is escaped, nothing invisible passes."""
    made = Environment(
        loader=PackageLoader("responders.school", "templates"), autoescape=True, undefined=StrictUndefined, finalize=display.visible,
        trim_blocks=True, lstrip_blocks=True,
    )
    made.filters.update(shown=shown, remaining=remaining, masked=masked, host=display.host)
    made.globals.update(Act=Act, kinds=sent.KINDS, most_files=sent.MOST_FILES, file_mb=sent.FILE_BYTES // 1024 // 1024)
    return made


ENVIRONMENT = template_environment()


def content(
    store: Store, config: Config, found: Opened, now: datetime, done: str = "", form: Form | None = None, faults: tuple[str, ...] = ()
) -> str:
    """The page of a good link. `done` names the act that led here; `form` is what was typed where it could not be taken, and `faults` say
    why."""
    case, held = found.case, found.assignment
    topic, said = config.topics.get(case.topic or ""), party_reports.of_assignment(store, held.id)
    return ENVIRONMENT.get_template("page.html").render(
        **_frame(config), case=case, held=held, acts=found.acts, topic=topic.name if topic else "教育", now=now,
        limits=_limits(store, config, found), said=said, done=_done(done, said), form=form or Form(), faults=faults,
        name=found.link.contact_name, until=found.link.expires_at,
    )


def bad(config: Config) -> str:
    """The one page for whatever opens nothing: it never says why."""
    return ENVIRONMENT.get_template("bad.html").render(**_frame(config))


def _frame(config: Config) -> dict[str, object]:
    base = urlsplit(config.settings.school_page.public_url).path.rstrip("/")
    return {"bureau": config.settings.bureau, "static": {name: f"{base}/static/{name}?v={_mark(name)}" for name in STATIC}}


def _limits(store: Store, config: Config, found: Opened) -> tuple[Limit, ...]:
    """What this party owes after the hand-over, the soonest first."""
    held = found.assignment
    owed = [o for o in obligations.running(store, found.case) if o.party == held.party and o.kind in AFTER_HAND_OVER]
    return tuple(Limit(o, telling.basis_for(held.owner, o, config)) for o in sorted(owed, key=lambda o: o.due_at))


def _done(act: str, said: Sequence[Report]) -> str:
    kinds = {r.kind for r in said}
    return next((words for a, (kind, words) in DONE.items() if a.value == act and kind in kinds), "")


def static_file(name: str) -> bytes:
    """A file of the page; the mark is the console's."""
    room = "responders.school" if name == "school.css" else "responders.console"
    return (files(room) / "static" / name).read_bytes()


def _mark(name: str) -> str:
    return sha256(static_file(name)).hexdigest()[:10]
