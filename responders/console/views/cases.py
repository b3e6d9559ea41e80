"""案件: the list of cases, by filter and by words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from pipeline.domain.terms import CaseState, Grade, Term
from pipeline.moments import local
from pipeline.store import search, views
from pipeline.store.views import Burning, Wanted
from responders.console.visit import Visit

T = TypeVar("T", bound=Term)

PER_PAGE = 30
HITS = 300
LAST_PAGE = 1000
LIVE = tuple(s for s in CaseState if s.live)


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked for, as the page's form shows it again; `state` is a state, `live` or `all`."""

    state: str
    grade: Grade | None
    owner: str
    topic: str
    words: str
    burning: Burning | None
    today: bool
    page: int

    @property
    def narrow(self) -> bool:
        """Whether it asks for what a case says or whom it concerns: an accusation among the answers would tell of itself."""
        return bool(self.words or self.owner or self.topic or self.grade)

    def query(self, page: int) -> str:
        """The same list's address, at another page."""
        asked = {
            "state": self.state, "grade": self.grade.value if self.grade else "", "owner": self.owner, "topic": self.topic,
            "q": self.words, "burning": self.burning.value if self.burning else "", "today": "1" if self.today else "",
            "page": str(page) if page > 1 else "",
        }
        return "/cases?" + urlencode({k: v for k, v in asked.items() if v})


def page(visit: Visit) -> Response:
    """A page of the list."""
    asked = filter_of(visit)
    asked_for = wanted(visit, asked)
    found = views.cases(visit.store, asked_for, visit.now, PER_PAGE, (asked.page - 1) * PER_PAGE)
    pages = max(1, -(-found.total // PER_PAGE))
    if asked.page > pages:
        asked = replace(asked, page=pages)
        found = views.cases(visit.store, asked_for, visit.now, PER_PAGE, (pages - 1) * PER_PAGE)
    registry = visit.config.registry
    return visit.page(
        "cases.html", title="案件", asked=asked, found=found, pages=pages, urgent=asked_for.urgent,
        states=tuple(CaseState), grades=tuple(Grade), topics=visit.config.topics, sections=registry.sections,
        schools=[s for s in registry.schools if s.answers in ("", s.code)],
    )


def filter_of(visit: Visit) -> Filter:
    """The filter in the address; what is not understood is left out."""
    burning, asked_page = _term(Burning, visit.asked("burning")), visit.asked("page")
    number = int(asked_page) if asked_page.isascii() and asked_page.isdigit() and len(asked_page) < 6 else 1
    words, today = visit.asked("q").strip(), bool(visit.asked("today"))
    state = visit.asked("state")
    if state not in ("live", "all", *CaseState):
        state = "all" if words or burning or today else "live"
    return Filter(
        state, _term(Grade, visit.asked("grade")), visit.asked("owner"), visit.asked("topic"), words, burning, today,
        min(max(number, 1), LAST_PAGE),
    )


def wanted(visit: Visit, asked: Filter) -> Wanted:
    """The filter as the store understands it. Words are a case's number, or are searched in the posts."""
    midnight = local(visit.now).replace(hour=0, minute=0, second=0, microsecond=0)
    numbered = asked.words.startswith("教舆-")
    hits = tuple(search.find(visit.store, asked.words, HITS)) if asked.words and not numbered else None
    states = {"live": LIVE, "all": ()}.get(asked.state) if asked.state in ("live", "all") else (CaseState(asked.state),)
    return Wanted(
        burning=asked.burning, states=states or (), grade=asked.grade, owner=asked.owner, topic=asked.topic,
        number=asked.words if numbered else "", posts=hits, since=midnight if asked.today else None,
        accusations=visit.sees(accusation=True) or not asked.narrow,
    )


def _term(terms: type[T], value: str) -> T | None:
    return next((t for t in terms if t.value == value), None)
