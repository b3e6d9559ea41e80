"""One case: what is said, who answers and why, what is owed by when, what has happened, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from config.schema import Config
from config.schema.rules import Extension, ObligationRule
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.links import Way
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, Span
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationStatus
from pipeline.masking import masked
from pipeline.store import audit, case_views, cases, evidence, gathering, obligations, parties, readings
from pipeline.store.case_views import Answered, HandOver, Milestones
from pipeline.store.db import Store
from responders import dossier
from responders.acts import Refused
from responders.console import account, effects, offers, papers, told
from responders.console.display import Piece, pieces
from responders.console.history import Happened, happened
from responders.console.views import inbox
from responders.console.visit import Missing, Visit

MOST_POSTS = 20
"""Posts on one page of a case (`?posts=2` is the next); what the machine thought is told of the first ones."""
SPEAKS = 0.0
"""A clue below this spoke against, and is not highlighted."""
HOW = {"first": "首帖", "duplicate": "转发或雷同", "same_matter": "同一事件", "reply": "跟帖", "by_hand": "人工归入"}
ABOUT = {"scope": "基础教育", "redline": "红线", "nature": "诉求性质", "accused": "检举控告", "school": "学校", "grade": "等级"}
EVIDENCE_TYPES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"%PDF": "pdf"}


@dataclass(frozen=True, slots=True)
class Told:
    """A post as the page shows it: masked, with the words that fired highlighted."""

    post: Post
    title: tuple[Piece, ...]
    body: tuple[Piece, ...]
    source: str
    how: str
    gone_at: datetime | None
    reading: Reading | None

    @property
    def masked(self) -> bool:
        """Whether something of it is hidden."""
        return masked(self.post.text) != self.post.text


@dataclass(frozen=True, slots=True)
class Words:
    """The words that spoke for one thing."""

    about: str
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation as it stands now, with the name of who owes it."""

    obligation: Obligation
    status: ObligationStatus
    party: str
    rule: ObligationRule | None = None

    @property
    def running(self) -> bool:
        """Whether it is still owed."""
        return self.obligation.running

    @property
    def waivable(self) -> bool:
        """Whether two people may let its debtor off (免除)."""
        return self.running and (self.rule is None or self.rule.waivable)

    @property
    def extension(self) -> Extension | None:
        """By how much two people may still extend it (延长); None where the law knows no extension, or it is used or too late."""
        open_still = self.running and self.status is not ObligationStatus.OVERDUE and not self.obligation.extended_from
        return self.rule.extension if self.rule and open_still else None

    @property
    def by_two(self) -> bool:
        """Whether two people have waived it (免除); whatever else was waived only ended (终止) with a choice, a dismissal, the closing."""
        return self.obligation.waived_second is not None

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        return self.status.zh if self.status is not ObligationStatus.WAIVED or self.by_two else "已终止"


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of one case shows."""

    case: Case
    topic: str
    posts: tuple[Told, ...]
    post_count: int
    post_page: int
    post_pages: int
    main: Reading | None
    topics: tuple[tuple[str, float], ...]
    words: tuple[Words, ...]
    hand_overs: tuple[HandOver, ...]
    owed: tuple[Owed, ...]
    answers: tuple[Answered, ...]
    milestones: Milestones
    history: tuple[Happened, ...]


def page(visit: Visit) -> Response:
    """The page of a case. `done` names the action that led here."""
    shown, into = compose(visit.store, visit.config, find(visit), visit.now, _page(visit.asked("posts"))), None
    if shown.milestones.merged_into:
        into = gathering.standing(visit.store, shown.milestones.merged_into)
    registry, held = visit.config.registry, [h.assignment for h in shown.hand_overs]
    owed = [o.obligation for o in shown.owed]
    return visit.page(
        "case.html", title=shown.case.number, shown=shown,
        account=account.compose(visit.store, visit.config, shown.case.id), into=into if into and visit.sees(into.accusation) else None,
        merged=case_views.merged_from(visit.store, shown.case.id), offers=offers.of(visit, shown.case, held, owed),
        done=offers.done(visit.asked("done")), kinds=tuple(AnswerKind), grades=tuple(Grade), emergencies=tuple(EmergencyGrade),
        disclosures=tuple(Disclosure), told=told.of(visit.store, held), ways=[w for w in Way if w is not Way.PAGE],
        sections=registry.sections, schools=[s for s in registry.schools if s.answers in ("", s.code)],
        letters=inbox.of_case(visit.store, shown.case.id),
        receipts=offers.receipts(owed), fetches=visit.fetch is not None, effects=effects.of(visit, shown.case, held),
        neutral=dossier.load(visit.store, shown.case).summary(visit.config), papers=papers.of(visit, shown.case),
    )


def find(visit: Visit) -> Case:
    """The case that the address names."""
    case = cases.get(visit.store, visit.number("case"))
    if case is None:
        raise Missing("没有这个事件，可能编号有误。")
    if not visit.sees(case.accusation):
        raise Refused("检举控告事项只对办理人员显示（信访工作条例第三十条）")
    return case


def compose(store: Store, config: Config, case: Case, now: datetime, post_page: int = 1) -> CasePage:
    """Gathers the page; a page of posts beyond the last is the last."""
    count = case_views.count_attached(store, case.id)
    pages = max(1, -(-count // MOST_POSTS))
    here = min(post_page, pages)
    first = _posts(store, config, case, 1)
    read = [t.reading for t in first if t.reading]
    main = next((r for r in read if r.relevant), read[0] if read else None)
    return CasePage(
        case=case, topic=topic_name(case.topic, config), main=main,
        posts=first if here == 1 else _posts(store, config, case, here), post_count=count, post_page=here, post_pages=pages,
        topics=tuple((topic_name(t.code, config), t.p) for t in main.topics) if main else (), words=words(main, config) if main else (),
        hand_overs=case_views.hand_overs(store, case),
        owed=tuple(
            Owed(o, o.status(now), parties.name_of(store, o.party), config.deadlines.get(o.kind)) for o in obligations.of_case(store, case)
        ),
        answers=case_views.answers(store, case), milestones=case_views.milestones(store, case),
        history=tuple(map(happened, reversed(audit.history(store, case.id)))),
    )


def topic_name(code: str | None, config: Config) -> str:
    """A topic as staff read it: A5 食堂与食品安全."""
    topic = config.topics.get(code or "")
    return f"{code} {topic.name}" if topic else (code or "主题未定")


def words(reading: Reading, config: Config) -> tuple[Words, ...]:
    """The words that fired, by what they spoke for, each once."""
    found: dict[str, list[str]] = {}
    for clue in reading.clues:
        if clue.weight > SPEAKS:
            about = ABOUT.get(clue.about) or topic_name(clue.about, config)
            found.setdefault(about, []).append(clue.span.surface)
    if reading.redline_words:
        found.setdefault(ABOUT["redline"], []).extend(s.surface for s in reading.redline_words)
    return tuple(Words(about, tuple(dict.fromkeys(surfaces))[:10]) for about, surfaces in found.items())


def fired(reading: Reading) -> list[Span]:
    """Where in the text the words stand that led to what the reading says."""
    spans = [c.span for c in reading.clues if c.weight > SPEAKS]
    return [*spans, *reading.redline_words, *(a.span for a in reading.accused), *(m.span for m in reading.subjects)]


def copy(visit: Visit) -> Response:
    """The kept copy of a published answer, as a file to save: never shown as a page."""
    case = find(visit)
    answer = next((a for a in case_views.answers(visit.store, case) if a.id == visit.number("answer")), None)
    body = evidence.read(visit.store, answer.evidence_id) if answer and answer.evidence_id else None
    if body is None:
        raise Missing("没有留存的凭据，或文件已损坏。")
    return saved(body, f"evidence-{case.id}-{visit.number('answer')}")


def saved(body: bytes, name: str) -> Response:
    """A kept file, to be saved and never shown; its ending is what its bytes say."""
    ending = next((e for magic, e in EVIDENCE_TYPES.items() if body.startswith(magic)), "html.txt")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _page(asked: str) -> int:
    """Which page was asked for; the first where that is not understood."""
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _posts(store: Store, config: Config, case: Case, page: int) -> tuple[Told, ...]:
    attached = case_views.attached(store, case.id, MOST_POSTS, (page - 1) * MOST_POSTS)
    found = readings.current(store, [a.post.id for a in attached])
    return tuple(_told(a, found.get(a.post.id), config) for a in attached)


def _told(attached: case_views.Attached, reading: Reading | None, config: Config) -> Told:
    post = attached.post
    spans = fired(reading) if reading else []
    after = len(post.title) + 1
    body = [Span(s.surface, s.start - after, s.end - after) for s in spans if s.start >= after]
    source = config.sources.get(post.source)
    return Told(
        post, pieces(post.title, [s for s in spans if s.end <= len(post.title)]), pieces(post.body, body),
        source.name if source else post.source, HOW.get(attached.how, attached.how), attached.gone_at, reading,
    )
