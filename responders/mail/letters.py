"""Letters: the words of a mail and everything else about it that is frozen when its group closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.schema import Config
from config.schema.settings import Settings
from pipeline.domain.cases import Notice
from pipeline.domain.mail import Letter, Waiting
from pipeline.domain.terms import PartyKind
from pipeline.masking import masked
from pipeline.moments import to_text
from responders import paper
from responders.mail.grouping import DESK
from responders.paper import one_line

WHOLE = 20
"""So many notices of a group are told in full, the others by their titles."""
NO_LINKS: Mapping[int, str] = {}
Keyed = Callable[[str, str], str]
"""Makes a keyed hash: a purpose and a text to hex digits."""


@dataclass(frozen=True, slots=True)
class Item:
    """One notice as its reader sees it; `link` opens its hand-over on the school's page."""

    title: str
    paragraphs: tuple[str, ...]
    link: str = ""


def letter(
    bundle: Sequence[Waiting], config: Config, keyed: Keyed, now: datetime, links: Mapping[int, str] = NO_LINKS
) -> Letter:
    """The mail that a bundle of notices to one address becomes, with Message-ID, Date and thread root. `links` open the hand-overs that it
    tells of, by the assignment's id."""
    first, settings = bundle[0], config.settings
    contact = first.contact
    if contact is None:
        raise ValueError(f"a letter to nobody: notice {first.id}")
    items = [_item(w, _kept(first, config), _link(w, links), whole=n < WHOLE) for n, w in enumerate(_distinct(bundle))]
    numbers = list(dict.fromkeys(w.number for w in bundle if w.number))
    name = f"{contact.party_name} {contact.name}".strip()
    facts = {
        "title": _title(items, numbers), "name": name, "items": items, "numbers": numbers, "bureau": settings.bureau,
        "to_school": first.kind is PartyKind.SCHOOL or (first.notice.party != DESK and any(w.notice.assignment_id for w in bundle)),
    }
    keys = "\n".join([contact.email, to_text(now), *(w.notice.key for w in bundle)])
    return Letter(
        message_id=f"<{keyed('message', keys)[:32]}@{domain(settings)}>", date=now, party=first.notice.party, contact_id=contact.id or None,
        recipient=contact.email, recipient_name=one_line(contact.name or contact.party_name, 60), subject=_title(items, numbers),
        text=paper.text("letter.txt", config.texts, **facts), html=paper.html("letter.html", config.texts, **facts),
        thread=_thread(bundle, settings, keyed),
        urgency=first.notice.urgency, expires_at=now + timedelta(hours=settings.mail.expires_hours),
    )


def domain(settings: Settings) -> str:
    """The domain that Message-IDs are made under: the sender's."""
    return one_line(settings.mail.sender.rpartition("@")[2]) or "localhost"


def _distinct(bundle: Sequence[Waiting]) -> list[Waiting]:
    return list({(w.notice.subject, w.notice.text): w for w in bundle}.values())


def _kept(w: Waiting, config: Config) -> tuple[str, ...]:
    """The telephone numbers that stay readable: the bureau's own, and for the desk those of its duty officers."""
    officers = {s.phone for s in config.registry.duty if s.phone} if w.notice.party == DESK else set()
    return (config.settings.bureau.phone, *sorted(officers))


def _link(w: Waiting, links: Mapping[int, str]) -> str:
    return links.get(w.notice.assignment_id or 0, "")


def _item(w: Waiting, keep: tuple[str, ...], link: str, *, whole: bool) -> Item:
    title = masked(w.notice.subject, keep)
    if w.number and not title.startswith(f"[{w.number}]"):
        title = f"[{w.number}] {title}"
    lines = masked(w.notice.text, keep).splitlines() if whole else []
    return Item(one_line(title), tuple(line.strip() for line in lines if line.strip()), link)


def _title(items: Sequence[Item], numbers: Sequence[str]) -> str:
    if len(items) == 1:
        return one_line(items[0].title, 120)
    tag = f"[{numbers[0]}]" if len(numbers) == 1 else "[教舆]"
    many = f"，涉及{len(numbers)}件事件" if len(numbers) > 1 else ""
    return f"{tag} {len(items)}项办理提醒{many}"


def _thread(bundle: Sequence[Waiting], settings: Settings, keyed: Keyed) -> str | None:
    """The synthetic root that all mails of one hand-over (or, at the desk, of one case) hang on; none for a mixed group."""
    roots = {_root(w.notice) for w in bundle}
    root = roots.pop()
    return None if roots or not root else f"<{keyed('thread', root)[:24]}.{root.replace(':', '-')}@{domain(settings)}>"


def _root(notice: Notice) -> str:
    if notice.assignment_id:
        return f"assignment:{notice.assignment_id}"
    return f"case:{notice.case_id}" if notice.case_id else ""
