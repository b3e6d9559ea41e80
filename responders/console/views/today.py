"""今日: what burns, the worst first; each number leads to its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from pipeline.domain.inbound import Inbox
from pipeline.domain.mail import Breaker
from pipeline.moments import local
from pipeline.store import desk_views, inbound_views, outbox, phone_tasks, views
from pipeline.store.desk_views import MailLine, PhoneLine
from pipeline.store.views import Arrivals, Burning, CaseLine, Wanted
from responders.console.rights import Right
from responders.console.views import sources
from responders.console.visit import Visit

SHOWN = 6
RED_SHOWN = 50
"""Every red line stands on the first page; more than these at once have never been."""
HINTS = {
    Burning.RED_LINE: "值班员核实后确认；确认前只通知值班员",
    Burning.RED_LINE_GOING: "办结以前一直列在这里，最紧的时限在前",
    Burning.UNDECIDED: "过了研判时限，还没有定回应方式",
    Burning.OVERDUE: "已过时限仍未完成",
    Burning.DUE_SOON: "时限已走过大半",
    Burning.RETURNED: "学校或股室认为不属本单位；请转办应当回应的单位，确属该单位的说明理由转办回去",
    Burning.HAND_OVER: "已拟定回应主体，等待确认交办",
    Burning.BY_ITSELF: "最近 24 小时由规则直接交办，请复核；不当的请转办",
}
TONES = {
    Burning.RED_LINE: "red", Burning.RED_LINE_GOING: "red", Burning.UNDECIDED: "orange", Burning.OVERDUE: "red",
    Burning.DUE_SOON: "yellow", Burning.RETURNED: "orange", Burning.HAND_OVER: "blue", Burning.BY_ITSELF: "blue",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that burns: `total` cases in all, the first of them that no graver section above has shown already."""

    kind: Burning
    hint: str
    tone: str
    lines: tuple[CaseLine, ...]
    total: int

    @property
    def rest(self) -> int:
        """How many are not shown here."""
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True)
class Tile:
    """A number on top of the page, and where it leads."""

    label: str
    number: int
    href: str
    tone: str


@dataclass(frozen=True, slots=True)
class Today:
    """The whole page."""

    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    calls: tuple[PhoneLine, ...]
    mails: tuple[MailLine, ...]
    breaker: Breaker | None
    inbox: Inbox | None
    unseen: tuple[sources.Watched, ...]
    arrivals: Arrivals
    midnight: datetime

    @property
    def quiet(self) -> tuple[str, ...]:
        """What there is nothing of."""
        return tuple(t.label for t in self.tiles if not t.number)


def page(visit: Visit) -> Response:
    """The first page of the day."""
    return visit.page("today.html", title="今日", today=compose(visit))


def compose(visit: Visit) -> Today:
    """Everything the page shows."""
    store, now = visit.store, visit.now
    sections = _sections(visit)
    calls, troubled = phone_tasks.count_open(store), desk_views.count_troubled(store)
    watched = sources.watched(visit)
    unseen = tuple(w for w in watched if w.unseen)
    tiles = [Tile(s.kind.zh, s.total, f"/cases?burning={s.kind.value}", s.tone) for s in sections]
    tiles += [
        Tile("电话督办", calls, "/mail#calls", "orange"), Tile("邮件异常", troubled, "/mail?state=troubled", "orange"),
        *([Tile("来信待认领", inbound_views.count_pen(store), "/inbox", "orange")] if visit.may(Right.INBOX) else []),
        Tile("信源未能查看", len(unseen), "/sources", "orange"),
    ]
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Today(
        tiles=tuple(tiles), sections=sections, calls=desk_views.phone_tasks(store, SHOWN),
        mails=desk_views.mails(store, desk_views.TROUBLED, SHOWN) if troubled else (),
        breaker=outbox.breaker(store), inbox=inbound_views.inbox(store), unseen=unseen,
        arrivals=views.arrivals(store, midnight, accusations=visit.sees(accusation=True)), midnight=midnight,
    )


def _sections(visit: Visit) -> tuple[Section, ...]:
    """Each thing that burns, the gravest first; a case stands where it first belongs and is not said twice.
    What a rule handed over by itself is said again: there it is to be reviewed."""
    seen: set[int] = set()
    sections = []
    for kind in Burning:
        most = RED_SHOWN if kind in (Burning.RED_LINE, Burning.RED_LINE_GOING) else SHOWN
        found = views.cases(visit.store, Wanted(burning=kind), visit.now, most + len(seen))
        lines = tuple(line for line in found.lines if line.id not in seen or kind is Burning.BY_ITSELF)[:most]
        seen |= {line.id for line in lines}
        sections.append(Section(kind, HINTS[kind], TONES[kind], lines, found.total))
    return tuple(sections)

