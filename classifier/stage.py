"""The two stages of this room: read (研读) and gather (归并)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from classifier import events, grade, sameness, summary
from classifier.events import Likeness, Remembered
from classifier.meaning import Meaning
from classifier.telling import Told
from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reader, Reading
from pipeline.domain.terms import CaseState, Grade, Nature, gravest
from pipeline.moments import to_text
from pipeline.stage import Stage
from pipeline.store import accounts, audit, cases, gathering, posts, readings
from pipeline.store.db import Store

BATCH = 500
WHO = "系统"
LIVE = (CaseState.TRIAGE, CaseState.OPEN)
HOW = {"duplicate": "近似重复", "same_matter": "同一件事", "reply": "跟帖", "by_hand": "人工归并"}
Judge = Callable[[Told, Told], Likeness]
ECHO = timedelta(days=14)
"""So long after a matter was told, what is said of it counts as its echo when it is answered already; later it is a matter of its own."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A post on its way into a case; without a reading it has to be read again."""

    post: Post
    reading: Reading | None
    told: Told | None


def read_stage(store: Store, reader: Reader) -> Stage[Post, tuple[Post, Reading]]:
    """Posts that wait to be read → readings."""

    def decide(batch: Sequence[Post], _now: datetime) -> Sequence[tuple[Post, Reading]]:
        return list(zip(batch, reader.read(batch), strict=True))

    def set_aside(post: Post) -> str:
        readings.drop(store, post.id)
        return f"帖文 {post.id}"

    return Stage(
        "read", lambda n: posts.waiting(store, "read", n), decide, lambda done, now: readings.save(store, done, now), set_aside,
        lambda: posts.count_waiting(store, "read"), BATCH,
    )  # fmt: skip


def gather_stage(store: Store, config: Config, meaning: Meaning | None = None) -> Stage[Gathered, Gathered]:
    """Read posts → cases. The choice of a case is made while inserting: it must see what the same batch has just opened. `meaning` is
    asked where the words of two posts leave it open whether they tell one matter."""
    judge = partial(
        events.judge, settings=config.settings.gather, sameness=sameness.model(), meaning=Remembered(meaning) if meaning else None
    )

    def select(limit: int) -> Sequence[Gathered]:
        batch = posts.waiting(store, "gather", limit)
        known = readings.current(store, [p.id for p in batch])
        return [Gathered(p, known.get(p.id), None) for p in batch]

    def insert(done: Sequence[Gathered], now: datetime) -> None:
        for one in done:
            _gather(store, config, one, judge, now)
        held = (gathering.case_of(store, one.post.id) for one in done if one.told is not None)
        for case_id in sorted({case.id for case in held if case}):
            _describe(store, case_id)

    def set_aside(one: Gathered) -> str:
        readings.drop(store, one.post.id)
        return f"帖文 {one.post.id}"

    return Stage("gather", select, _compared, insert, set_aside, lambda: posts.count_waiting(store, "gather"), BATCH)


def _compared(batch: Sequence[Gathered], _now: datetime) -> Sequence[Gathered]:
    """Adds what is compared, for the posts that may belong to a case."""
    wanted = [g for g in batch if g.reading and _matters(g.reading)]
    facts = events.told([g.post for g in wanted], [g.reading for g in wanted if g.reading])
    by_post = {g.post.id: fact for g, fact in zip(wanted, facts, strict=True)}
    return [Gathered(g.post, g.reading, by_post.get(g.post.id)) for g in batch]


def _matters(reading: Reading) -> bool:
    return reading.relevant or reading.redline is not None


def _gather(store: Store, config: Config, one: Gathered, judge: Judge, now: datetime) -> None:
    post, reading = one.post, one.reading
    if reading is None:
        gathering.read_again(store, post.id)
        return
    held = gathering.case_of(store, post.id)
    parent = gathering.case_of(store, post.parent_id) if post.parent_id and held is None else None
    if held is not None:
        _edited(store, config, held, post, reading, now)
    elif parent is not None:
        _attach(store, config, parent, one, Likeness("reply", 1.0), now)
    elif one.told is not None:
        _to_case(store, config, one, one.told, judge, now)
    if one.told is not None:
        told = one.told
        gathering.index(store, post.id, told.print.bands, told.schools, told.matters, told.rare, told.at)
    gathering.done(store, post)


def _describe(store: Store, case_id: int) -> None:
    """Writes down what the posts of a case say, in their own words."""
    told = accounts.telling(store, case_id)
    if told:
        said = summary.account(told)
        accounts.save(store, case_id, said.title, said.summary, [(q.post, q.version, q.start, q.end) for q in said.quotes])


def _to_case(store: Store, config: Config, one: Gathered, told: Told, judge: Judge, now: datetime) -> None:
    """The case that a person named for the post, or one that tells the same matter, or a new one."""
    named = gathering.said_together(store, one.post.id)
    found = (named, Likeness("by_hand", 1.0)) if named else _same_matter(store, config, one, told, judge)
    if found:
        _attach(store, config, found[0], one, found[1], now)
    elif one.reading and _opens(one.post, one.reading):
        own = grade.grade_post(one.reading, config.topics) or Grade.IV
        spread = {} if one.reading.foreign_place else {one.post.source: 1}
        case = gathering.open_case(store, one.post, one.reading, grade.combined([own], spread, config.sources), now)
        detail = {"帖文": one.post.id, "主题": case.topic, "建议等级": case.grade.value, "红线": case.redline.zh if case.redline else None}
        audit.write(store, WHO, "立案", case.number, detail, now, case.id)


def _opens(post: Post, reading: Reading) -> bool:
    """A reply opens a case only with a red line or with a complaint about a school that it names itself."""
    if post.parent_id is None:
        return True
    complains = reading.nature in (Nature.COMPLAINT, Nature.ACCUSATION, Nature.HELP)
    return reading.redline is not None or (reading.relevant and complains and any(m.code for m in reading.subjects))


def _same_matter(store: Store, config: Config, one: Gathered, told: Told, judge: Judge) -> tuple[Case, Likeness] | None:
    """The case whose posts say most for the same matter, unless a person has said that it is another."""
    settings = config.settings.gather
    near = gathering.neighbours(
        store, told.print.bands, told.schools, told.matters, told.rare, told.at, timedelta(days=settings.window_days), one.post.id
    )
    others = events.told([n.post for n in near], [n.reading for n in near]) if near else []
    judged = [(n, other, judge(told, other)) for n, other in zip(near, others, strict=True)]
    copied = [n.post.id for n, _, match in judged if match.how == "duplicate"]
    barred = gathering.said_apart(store, [one.post.id, *copied])
    found: defaultdict[int, list[Likeness]] = defaultdict(list)
    standing: dict[int, Case] = {}
    for n, other, match in judged:
        case = gathering.standing(store, n.case_id)
        if case and case.id not in barred and (case.state in LIVE or abs(told.at - other.at) <= ECHO):
            standing[case.id] = case
            found[case.id].append(match)
    scored = [(score, c) for c, m in found.items() if (score := events.score(m)) >= settings.same_matter]
    if not scored:
        return None
    best = max(scored)[1]
    return standing[best], max(found[best], key=lambda match: (match.how == "duplicate", match.value))


def _attach(store: Store, config: Config, case: Case, one: Gathered, match: Likeness, now: datetime) -> None:
    reading = one.reading
    assert reading is not None  # noqa: S101 — _gather sent posts without a reading back
    case = _woken(store, case, reading, now)
    gathering.attach(store, case, one.post, match.how, match.value, now)
    audit.write(store, WHO, "并入帖文", case.number, {"帖文": one.post.id, "依据": HOW[match.how], "相似度": match.value}, now, case.id)
    _joined(store, config, case, one.post, reading, now)


def _new_redline(case: Case, reading: Reading) -> bool:
    return reading.redline is not None and reading.redline is not case.redline and not reading.foreign_place


def _new_accusation(case: Case, reading: Reading) -> bool:
    return bool(reading.accused) and not case.accusation and not reading.foreign_place


def _woken(store: Store, case: Case, reading: Reading, now: datetime) -> Case:
    """A new red line or the first accusation reopens an answered case as its next generation (重开); all else is the usual echo."""
    redline, accused = _new_redline(case, reading), _new_accusation(case, reading)
    if case.state in LIVE or not (redline or accused):
        return case
    cases.renew(store, case.id)
    columns: dict[str, Any] = {"state": CaseState.TRIAGE.value, "generation": case.generation + 1}
    if redline and reading.redline:
        columns["redline"] = reading.redline.value
    if accused:
        columns["accusation"] = 1
    gathering.change(store, case, **columns)
    reasons = "、".join(why for why, holds in (("出现新的红线", redline), ("出现举报或被反映人", accused)) if holds)
    audit.write(store, WHO, "重开", case.number, {"原因": reasons, "红线": reading.redline.zh if reading.redline else None}, now, case.id)
    return cases.get(store, case.id) or case


def _edited(store: Store, config: Config, case: Case, post: Post, reading: Reading, now: datetime) -> None:
    """A post of a case that was read anew; what it says for the first time wakes an answered case from this moment on."""
    woken = _woken(store, case, reading, now)
    if woken.generation != case.generation:
        gathering.move(store, woken, post)
        gathering.change(store, woken, taken_up_at=to_text(now))
    _joined(store, config, woken, post, reading, now)


def _joined(store: Store, config: Config, case: Case, post: Post, reading: Reading, now: datetime) -> None:
    """What a post that belongs to a live case changes of it: only ever upwards."""
    if case.state not in LIVE or not _matters(reading):
        return
    columns: dict[str, Any] = dict(gathering.earliest(case, post))
    raised = _raised(store, config, case, post, reading)
    if raised is not case.grade:
        columns |= {"grade": raised.value, "grade_confirmed": 0}
        audit.write(store, WHO, "调高建议等级", case.number, {"原": case.grade.value, "现": raised.value, "帖文": post.id}, now, case.id)
    if _new_redline(case, reading) and (case.redline is None or not case.redline.legal):
        columns["redline"] = reading.redline.value if reading.redline else None
    if reading.accused and not case.accusation:
        columns["accusation"] = 1
    if post.public and not case.public:
        columns["public"] = 1
    if case.dormant and not post.dormant and _opens(post, reading):  # small talk under an old thread starts no clock
        columns |= {"dormant": 0, "taken_up_at": to_text(post.collected_at)}
    if case.topic is None and reading.topics:
        columns["topic"] = reading.topics[0].code
    gathering.change(store, case, **columns)


def _raised(store: Store, config: Config, case: Case, post: Post, reading: Reading) -> Grade:
    own = grade.grade_post(reading, config.topics)
    if own is None or reading.foreign_place:
        return case.grade
    # Spread alone makes Ⅲ, so only a Ⅳ has to be counted; of graver ones this post's own medium is all that can raise them.
    spread = gathering.posts_of_source(store, case.id) if case.grade is Grade.IV else {post.source: 1}
    return gravest(case.grade, grade.combined([case.grade, own], spread, config.sources))
