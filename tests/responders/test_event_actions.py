"""合并 and 拆分: what becomes of clocks, hand-overs, red lines and the guard against the accused, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import Config
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import AnswerKind, CaseState, Disclosure, EmergencyGrade, Grade, Nature, ObligationKind, RedLine
from pipeline.moments import to_text
from pipeline.store import assignments, audit, cases, obligations, ties
from pipeline.store.db import Store
from responders import actions, event_actions
from responders.acts import Refused, Stale
from responders.commands import remind

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}
LATER = timedelta(hours=5)
KINDS = ObligationKind
HEAD = {"清源一中校长": ("head", "QY001")}


def again(store: Store, case: Case | int) -> Case:
    """The case as it stands now."""
    found = cases.get(store, case if isinstance(case, int) else case.id)
    assert found is not None
    return found


def owed(store: Store, case: Case) -> dict[ObligationKind, Obligation]:
    """What is owed on a case, by kind."""
    return {o.kind: o for o in obligations.of_case(store, again(store, case))}


def standing(store: Store, case: Case, now: datetime) -> dict[str, str]:
    """How each obligation stands."""
    return {o.kind.value: o.status(now).value for o in obligations.of_case(store, again(store, case))}


def merge(store: Store, config: Config, case: Case, into: Case, now: datetime, **given: Any) -> Case:
    """Merges with the versions as they stand."""
    one, other = again(store, case), again(store, into)
    values: dict[str, Any] = {"reason": "同一件事", "who": "甲"} | given
    return actions.merge(store, config, one.id, one.version, other.id, other.version, now=now, **values)


def split(store: Store, config: Config, case: Case, posts: list[int], now: datetime, reason: str = "两件事") -> Case:
    """Splits with the version as it stands."""
    return actions.split(store, config, case.id, again(store, case).version, posts, reason, "甲", now)


def hand(store: Store, config: Config, case: Case, now: datetime) -> None:
    """Hands the case to whoever is proposed to lead."""
    held = assignments.lead(store, again(store, case))
    assert held is not None
    actions.hand_over(store, config, held.id, held.version, "请核实", "甲", now)


def told(store: Store) -> list[tuple[str, str]]:
    """Who was told of what."""
    return [(r["key"].split(":")[0], r["party"]) for r in store.rows("SELECT key, party FROM notice ORDER BY id")]


@pytest.fixture
def two(store: Store, gathered: Go, routed: Go, now: datetime) -> tuple[Case, Case]:
    """A newer case and an older one on one school, both routed: the newer is the one to merge."""
    old = gathered("清源一中食堂有虫", "A5", read=READ, at=now - LATER)
    new = gathered("清源一中的饭里吃出虫子", "A5", read=READ, at=now)
    routed(now)
    return again(store, new), again(store, old)


# ── the earliest start of each kind, once ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("older_is_merged", [True, False])
def test_the_target_owes_each_kind_from_the_earliest_start(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime, older_is_merged: bool
) -> None:
    new, old = two
    case, into = (old, new) if older_is_merged else (new, old)
    whole = merge(store, config, case, into, now)
    found = owed(store, whole)
    assert {o.start_at for o in found.values()} == {now - LATER}
    assert found[KINDS.RESPONSE].due_at == now - LATER + timedelta(hours=48)
    assert (whole.found_at, whole.published_at) == (now - LATER, now - LATER)
    assert store.value("SELECT count(*) FROM obligation WHERE case_id = ?", whole.id) == len(found) == 2


def test_what_runs_ends_on_the_merged_case_with_the_reason(store: Store, config: Config, two: tuple[Case, Case], now: datetime) -> None:
    case, into = two
    hand(store, config, case, now)
    whole = merge(store, config, case, into, now)
    merged = again(store, case)
    assert (merged.state, store.value("SELECT merged_into FROM case_ WHERE id = ?", case.id)) == (CaseState.MERGED, whole.id)
    assert {a.state.value for a in assignments.of_case(store, merged)} == {"cancelled"}
    assert {o.waive_reason for o in owed(store, case).values()} == {f"事件并入 {into.number}：同一件事"}
    waiting = "SELECT count(*) FROM rung JOIN obligation o ON o.id = obligation_id WHERE o.case_id = ? AND rung.state = 'pending'"
    assert store.value(waiting, case.id) == 0
    assert ("withdrawn", "QY001") in told(store)


def test_a_hand_over_that_ran_counts_on_and_is_not_started_again(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime
) -> None:
    case, into = two
    hand(store, config, case, now)
    due = {k: o.due_at for k, o in owed(store, case).items()}
    later = now + timedelta(hours=1)
    whole = merge(store, config, case, into, later)
    assert whole.handed_over_at == now
    hand(store, config, whole, later)
    found = owed(store, whole)
    assert {k: found[k].due_at for k in (KINDS.ACKNOWLEDGE, KINDS.FINDINGS, KINDS.CLOSING)} == {
        k: due[k] for k in (KINDS.ACKNOWLEDGE, KINDS.FINDINGS, KINDS.CLOSING)
    }
    assert again(store, whole).handed_over_at == now


def test_what_was_met_by_its_evidence_stays_met(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    read = READ | {"redline": RedLine.SUICIDE_RISK}
    into = again(store, gathered("清源一中食堂有虫", "A5", read=READ, at=now))
    case = again(store, gathered("清源一中有人想轻生", "A4", read=read, grade="Ⅱ"))
    routed(now)
    confirmed = actions.confirm_redline(store, config, case.id, again(store, case).version, "丁", now)
    actions.record_receipt(store, config, case.id, confirmed.version, KINDS.PHONE_REPORT, "县公安局 王某", "丁", now)
    whole = merge(store, config, case, into, now + LATER)
    assert standing(store, whole, now + LATER)["phone_report"] == "met"
    assert owed(store, whole)[KINDS.PHONE_REPORT].evidence == "县公安局 王某"
    assert (whole.redline, whole.redline_confirmed_at, whole.grade, whole.grade_confirmed) == (RedLine.SUICIDE_RISK, now, Grade.II, True)


def test_an_answer_that_came_too_late_for_the_earlier_post_is_late(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime
) -> None:
    case, into = two[1], two[0]
    actions.choose_answer(store, config, into.id, into.version, AnswerKind.PUBLIC, "", "甲", now)
    at = now + timedelta(hours=45)
    actions.record_answer(
        store, config, into.id, again(store, into).version, url="https://jyj.example/1", published_at=at, wording="x",
        disclosure=Disclosure.ACTIVE, channel="官网", evidence=None, who="乙", now=at,
    )
    assert standing(store, into, at)["response"] == "met"
    whole = merge(store, config, case, into, at)
    assert standing(store, whole, at)["response"] == "late"


def test_a_decision_taken_on_the_target_holds_for_what_joins_it(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime
) -> None:
    case, into = two
    actions.choose_answer(store, config, into.id, into.version, AnswerKind.REPORT, "移交", "甲", now)
    whole = merge(store, config, case, into, now)
    assert standing(store, whole, now) == {"triage": "met", "response": "waived"}


def test_what_only_the_merged_case_owed_runs_on_in_the_target(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    into = again(store, gathered("清源一中食堂有虫", "A5", read=READ, public=False, at=now))
    case = again(store, gathered("清源一中的饭里吃出虫子", "A5", read=READ, at=now - LATER))
    routed(now)
    actions.choose_answer(store, config, into.id, again(store, into).version, AnswerKind.ORIGINAL_CHANNEL, "来信", "甲", now)
    whole = merge(store, config, case, into, now)
    assert whole.public
    found = owed(store, whole)[KINDS.RESPONSE]
    assert (found.start_at, found.status(now).value, found.party) == (now - LATER, "pending", "QY001")
    assert {r.name for r in obligations.rungs(store, found.id) if r.state == "pending"}


def test_who_was_told_of_a_rung_is_not_told_again(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    into = again(store, gathered("清源一中食堂有虫", "A5", read=READ, public=False, at=now))
    case = again(store, gathered("清源一中的饭里吃出虫子", "A5", read=READ, at=now - timedelta(hours=47)))
    routed(now)
    remind(store, config, now)
    before = [row for row in told(store) if row[0] == "rung"]
    merge(store, config, case, into, now)
    remind(store, config, now)
    assert [row for row in told(store) if row[0] == "rung"] == before != []


@pytest.mark.parametrize(("case_old", "into_old"), [(True, False), (False, True), (True, True)])
def test_old_posts_start_nothing_and_take_nothing_back(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, case_old: bool, into_old: bool
) -> None:
    long_ago = now - timedelta(days=300)
    case = again(store, gathered("清源一中食堂有虫", "A5", read=READ, at=long_ago if case_old else now, dormant=int(case_old)))
    into = again(store, gathered("清源一中的饭里吃出虫子", "A5", read=READ, at=long_ago if into_old else now, dormant=int(into_old)))
    routed(now)
    whole = merge(store, config, case, into, now)
    routed(now)
    assert {o.start_at for o in owed(store, whole).values()} == (set() if case_old and into_old else {now})
    assert again(store, whole).dormant is (case_old and into_old)


def test_a_round_that_began_later_keeps_its_own_start(
    store: Store, config: Config, two: tuple[Case, Case], routed: Go, now: datetime
) -> None:
    case, into = two
    dismissed = actions.dismiss(store, config, into.id, into.version, "误判", "乙", now)
    days = now + timedelta(days=9)
    actions.reopen(store, config, into.id, dismissed.version, "确有其事", "乙", days)
    routed(days)
    whole = merge(store, config, case, into, days)
    routed(days)
    assert whole.generation == 2
    assert {o.start_at for o in owed(store, whole).values()} == {now}


# ── graver, guarded ──────────────────────────────────────────────────────────────────────────────────────────────────

GRADES = [("Ⅳ", "Ⅱ", Grade.II), ("Ⅱ", "Ⅳ", Grade.II), ("Ⅲ", "Ⅲ", Grade.III), ("Ⅰ", "Ⅱ", Grade.I)]


@pytest.mark.parametrize(("theirs", "ours", "wanted"), GRADES)
def test_the_graver_grade_holds_and_tightens(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, theirs: str, ours: str, wanted: Grade
) -> None:
    case = again(store, gathered("清源一中食堂有虫", "A5", read=READ, grade=theirs))
    into = again(store, gathered("清源一中的饭里吃出虫子", "A5", read=READ, grade=ours))
    routed(now)
    hand(store, config, into, now)
    whole = merge(store, config, case, into, now)
    assert whole.grade is wanted
    limits = {Grade.I: timedelta(minutes=15), Grade.II: timedelta(minutes=30), Grade.III: timedelta(hours=1)}
    assert owed(store, whole)[KINDS.ACKNOWLEDGE].due_at == now + limits[wanted]


RED = RedLine
LINES = [
    # merged (line, confirmed) · target (line, confirmed) · the whole
    ((RED.SUICIDE_RISK, True), (None, False), (RED.SUICIDE_RISK, True)),
    ((RED.SUICIDE_RISK, False), (None, False), (RED.SUICIDE_RISK, False)),
    ((None, False), (RED.SUICIDE_RISK, True), (RED.SUICIDE_RISK, True)),
    ((RED.SUICIDE_RISK, True), (RED.SUICIDE_RISK, False), (RED.SUICIDE_RISK, True)),
    ((RED.SUICIDE_RISK, True), (RED.JOINT_ACTION, False), (RED.SUICIDE_RISK, True)),
    ((RED.JOINT_ACTION, True), (RED.SUICIDE_RISK, False), (RED.SUICIDE_RISK, False)),
    ((RED.SEXUAL_OFFENCE, False), (RED.SUICIDE_RISK, True), (RED.SUICIDE_RISK, True)),
]


@pytest.mark.parametrize(("theirs", "ours", "wanted"), LINES)
def test_a_red_line_is_never_lost_and_a_confirmed_one_is_taken_over(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime, theirs: Any, ours: Any, wanted: Any
) -> None:
    case, into = two
    with store.transaction():
        for one, (line, confirmed) in ((case, theirs), (into, ours)):
            at = to_text(now) if confirmed else None
            store.execute("UPDATE case_ SET redline = ?, redline_confirmed_at = ? WHERE id = ?", line and line.value, at, one.id)
    whole = merge(store, config, case, into, now)
    assert (whole.redline, whole.redline_confirmed_at is not None) == wanted
    assert (KINDS.PHONE_REPORT in owed(store, whole)) == (wanted == (RED.SUICIDE_RISK, True))
    rung = [r["party"] for r in store.rows("SELECT party FROM notice WHERE key LIKE 'redline:%' AND case_id = ?", whole.id)]
    assert rung == ([] if wanted[1] else ["desk"])


def test_an_emergency_is_taken_over_and_counts_from_the_earliest_start(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime
) -> None:
    case, into = two
    actions.enter_emergency(store, config, case.id, case.version, EmergencyGrade.MAJOR, "清政办〔2026〕1号", "乙", now)
    whole = merge(store, config, case, into, now)
    assert whole.emergency_grade is EmergencyGrade.MAJOR
    assert owed(store, whole)[KINDS.STATEMENT].due_at == now - LATER + timedelta(hours=5)


def accusing(gathered: Go, now: datetime) -> int:
    """An accusation against the head of 清源一中."""
    read = READ | {"accused": HEAD, "nature": Nature.ACCUSATION}
    return int(gathered("举报清源一中校长吃回扣", "F3", read=read, at=now))


def test_an_accusation_guards_the_merged_whole(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case = again(store, accusing(gathered, now))
    into = again(store, gathered("清源一中食堂有虫", "A5", read=READ))
    routed(now)
    whole = merge(store, config, case, into, now)
    assert whole.accusation
    routed(now)
    held = assignments.lead(store, again(store, whole))
    assert held is not None
    assert held.party != "QY001"
    with pytest.raises(Refused, match="信访工作条例第三十条"):
        actions.reassign(store, config, held.id, held.version, "QY001", "x", "甲", now)


def test_what_the_accused_already_holds_is_told_to_the_desk_in_the_same_transaction(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    into = again(store, gathered("清源一中食堂有虫", "A5", read=READ))
    case = again(store, accusing(gathered, now))
    routed(now)
    hand(store, config, into, now)
    assert [a.party for a in event_actions.accused_after(store, config, again(store, case), again(store, into))] == ["QY001"]
    merge(store, config, case, into, now)
    assert ("accused", "desk") in told(store)


def test_the_accused_are_not_told_that_a_merged_case_was_withdrawn(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case = again(store, gathered("清源一中食堂有虫", "A5", read=READ))
    into = again(store, accusing(gathered, now))
    routed(now)
    hand(store, config, case, now)
    merge(store, config, case, into, now)
    assert ("withdrawn", "QY001") not in told(store)


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────

STATES = [
    ("triage", "triage", ""), ("open", "triage", ""), ("triage", "published", ""), ("open", "open", ""),
    ("published", "open", "已公开回应"), ("closed", "open", "已办结"), ("dismissed", "open", "不予处置"), ("merged", "open", "已并入"),
    ("open", "closed", "重开"), ("open", "dismissed", "重开"), ("open", "merged", "已并入"),
]


@pytest.mark.parametrize(("theirs", "ours", "says"), STATES)
def test_from_which_state_into_which_a_case_is_merged(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime, theirs: str, ours: str, says: str
) -> None:
    case, into = two
    with store.transaction():
        for one, state in ((case, theirs), (into, ours)):
            store.execute("UPDATE case_ SET state = ? WHERE id = ?", state, one.id)
    entries = audit.head(store).count
    if not says:
        assert merge(store, config, case, into, now).id == into.id
        return
    with pytest.raises(Refused, match=says):
        merge(store, config, case, into, now)
    assert audit.head(store).count == entries


@pytest.mark.parametrize(("column", "value"), [("redline", "suicide_risk"), ("accusation", 1)])
def test_a_new_red_line_or_accusation_does_not_vanish_in_an_answered_case(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime, column: str, value: object
) -> None:
    case, into = two
    with store.transaction():
        store.execute("UPDATE case_ SET state = 'published' WHERE id = ?", into.id)
        store.execute(f"UPDATE case_ SET {column} = ? WHERE id = ?", value, case.id)
    with pytest.raises(Refused, match="重开"):
        merge(store, config, case, into, now)


def test_every_writer_gets_an_answer(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case, into = (again(store, gathered(f"清源一中食堂有虫{n}", "A5", read=READ, public=False)) for n in "12")
    routed(now)
    actions.choose_answer(store, config, into.id, again(store, into).version, AnswerKind.ORIGINAL_CHANNEL, "来信", "甲", now)
    actions.record_answer(
        store, config, into.id, again(store, into).version, url="", published_at=now, wording="已整改", disclosure=Disclosure.ACTIVE,
        channel="12345", evidence=None, who="乙", now=now,
    )
    with pytest.raises(Refused, match="每位来信人"):
        merge(store, config, case, into, now)


@pytest.mark.parametrize("reason", [" ", ""])
def test_a_merge_takes_a_reason(store: Store, config: Config, two: tuple[Case, Case], now: datetime, reason: str) -> None:
    with pytest.raises(Refused, match="理由"):
        merge(store, config, *two, now, reason=reason)


def test_a_stale_page_of_either_case_is_told_so(store: Store, config: Config, two: tuple[Case, Case], now: datetime) -> None:
    case, into = two
    for versions in ((case.version - 1, into.version), (case.version, into.version - 1)):
        with pytest.raises(Stale):
            actions.merge(store, config, case.id, versions[0], into.id, versions[1], "一件事", "甲", now)
    with pytest.raises(Refused, match="它自己"):
        actions.merge(store, config, case.id, case.version, case.id, case.version, "一件事", "甲", now)
    with pytest.raises(Refused, match="没有要并入"):
        actions.merge(store, config, case.id, case.version, 999, 1, "一件事", "甲", now)


def test_a_limit_that_comes_under_a_waiver_takes_two_people(store: Store, config: Config, two: tuple[Case, Case], now: datetime) -> None:
    case, into = two
    actions.waive(store, config, owed(store, into)[KINDS.RESPONSE].id, "甲", "乙", "县政府统一回应", now)
    for second in (None, "", "甲"):
        with pytest.raises(Refused, match="第二人"):
            merge(store, config, case, into, now, second=second)
    whole = merge(store, config, case, into, now, second="乙")
    assert standing(store, whole, now)["response"] == "waived"
    assert [e.detail.get("第二人") for e in audit.history(store, into.id) if e.action == "免除时限"] == ["乙", "乙"]


def test_a_refused_merge_leaves_nothing_behind(
    store: Store, config: Config, two: tuple[Case, Case], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = ("case_", "case_post", "assignment", "obligation", "rung", "notice", "audit_entry", "tie", "post")
    before = [store.rows(f"SELECT * FROM {t}") for t in tables]
    monkeypatch.setattr("responders.event_actions.keep_from_accused", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        merge(store, config, *two, now)
    assert [store.rows(f"SELECT * FROM {t}") for t in tables] == before


def test_both_cases_keep_it_on_record(store: Store, config: Config, two: tuple[Case, Case], now: datetime) -> None:
    case, into = two
    merge(store, config, case, into, now)
    assert ("甲", "并入") in [(e.who, e.action) for e in audit.history(store, case.id)]
    assert ("甲", "并入事件") in [(e.who, e.action) for e in audit.history(store, into.id)]
    assert audit.verify(store) is None


# ── never later, and as foretold ─────────────────────────────────────────────────────────────────────────────────────

SIDE = st.fixed_dictionaries({
    "hours": st.integers(0, 60), "grade": st.sampled_from(["Ⅳ", "Ⅲ", "Ⅱ"]), "public": st.booleans(), "old": st.booleans(),
    "did": st.lists(st.sampled_from(["hand", "public", "report", "redline", "emergency", "dismiss"]), max_size=3, unique=True),
})


def staged(store: Store, config: Config, gathered: Go, routed: Go, now: datetime, side: dict[str, Any]) -> Case:
    """A case to which several things have happened."""
    line = {"redline": RedLine.SUICIDE_RISK} if "redline" in side["did"] else {}
    text = f"清源一中食堂有虫{store.value('SELECT count(*) FROM post')}"
    case_id = gathered(
        text, "A5", read=READ | line, at=now - timedelta(hours=side["hours"]), public=side["public"], grade=side["grade"],
        dormant=int(side["old"]),
    )
    routed(now)
    for act in side["did"]:
        case = again(store, case_id)
        if act == "hand":
            hand(store, config, case, now)
        elif act == "redline":
            actions.confirm_redline(store, config, case.id, case.version, "甲", now)
        elif act == "emergency":
            actions.enter_emergency(store, config, case.id, case.version, EmergencyGrade.MAJOR, "文件", "甲", now)
        elif act in ("public", "report"):
            kind = AnswerKind.PUBLIC if act == "public" else AnswerKind.REPORT
            actions.choose_answer(store, config, case.id, case.version, kind, "理由", "甲", now)
        elif "redline" not in side["did"]:
            after = actions.dismiss(store, config, case.id, case.version, "误", "甲", now)
            actions.reopen(store, config, case.id, after.version, "不误", "甲", now)
            routed(now)
            break
    return again(store, case_id)


@pytest.fixture
def world(store: Store, config: Config, gathered: Go, routed: Go) -> Go:
    """What a case is made with; a thing that says little of itself, for whoever prints an example."""
    return lambda: (store, config, gathered, routed)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(theirs=SIDE, ours=SIDE)
def test_due_times_never_move_later_and_are_those_that_were_foretold(
    world: Any, now: datetime, theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    store, config, gathered, routed = world()
    case, into = (staged(store, config, gathered, routed, now, side) for side in (theirs, ours))
    before, mine = owed(store, case), owed(store, into)
    foretold = event_actions.foresee(store, config, case, into)
    whole = merge(store, config, case, into, now + timedelta(minutes=5))
    found = owed(store, whole)
    for kind, old in mine.items():
        assert found[kind].due_at <= old.due_at
        assert found[kind].start_at <= old.start_at
    for kind, old in before.items():
        if not old.met_at and not old.waived_at:
            assert found[kind].due_at <= old.due_at
            assert found[kind].start_at <= old.start_at
    assert {o.kind: (o.start_at, o.due_at) for o, _ in foretold.clocks} == {k: (o.start_at, o.due_at) for k, o in found.items()}
    routed(now + timedelta(minutes=6))
    after = owed(store, whole)
    assert {k: (o.start_at, o.due_at) for k, o in after.items()} == {k: (o.start_at, o.due_at) for k, o in found.items()}
    assert whole.grade.severity >= max(case.grade.severity, into.grade.severity)


# ── split ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mixed(store: Store, gathered: Go, joined: Go, routed: Go, now: datetime) -> Case:
    """A case of three posts: food at 清源一中, then a red line at 清源二中, then a letter-like echo."""
    case_id = gathered("清源一中食堂有虫", "A5", read=READ, at=now - LATER)
    grave = {"schools": {"清源二中": "QY002"}, "redline": RedLine.SUICIDE_RISK}
    joined(case_id, "清源二中有人想轻生", "A4", now - timedelta(hours=2), read=grave)
    joined(case_id, "清源一中食堂又有虫", "A5", now - timedelta(hours=1), read=READ)
    with store.transaction():
        store.execute("UPDATE case_ SET redline = 'suicide_risk', grade = 'Ⅱ' WHERE id = ?", case_id)
    routed(now)
    return again(store, case_id)


def test_a_split_opens_a_case_with_its_own_route_and_clocks(store: Store, config: Config, mixed: Case, routed: Go, now: datetime) -> None:
    before = {k: (o.start_at, o.due_at) for k, o in owed(store, mixed).items()}
    new = split(store, config, mixed, [2], now)
    assert (new.state, new.generation, new.redline, new.topic, new.opened_by) == (CaseState.TRIAGE, 1, RedLine.SUICIDE_RISK, "A4", "甲")
    assert (new.found_at, new.grade, new.grade_confirmed, new.redline_confirmed_at) == (now - timedelta(hours=2), Grade.II, False, None)
    routed(now)
    assert {o.start_at for o in owed(store, new).values()} == {now - timedelta(hours=2)}
    assert {k: (o.start_at, o.due_at) for k, o in owed(store, mixed).items()} == before
    held = assignments.lead(store, again(store, new))
    assert held is not None
    assert "QY002" in {a.party for a in assignments.of_case(store, again(store, new))}
    assert ties.posts(store, mixed.id) == [1, 3]


def test_a_split_counts_from_the_earliest_of_its_own_posts(store: Store, config: Config, mixed: Case, now: datetime) -> None:
    new = split(store, config, mixed, [3, 2], now)
    assert (new.found_at, new.topic) == (now - timedelta(hours=2), "A4")


def test_a_split_is_foretold(store: Store, config: Config, mixed: Case, routed: Go, now: datetime) -> None:
    foretold, clocks = event_actions.foresee_split(store, config, mixed, [2, 3], now)
    new = split(store, config, mixed, [2, 3], now)
    routed(now)
    assert (foretold.redline, foretold.public, foretold.dormant, foretold.found_at) == (new.redline, new.public, new.dormant, new.found_at)
    found = owed(store, new)
    assert {o.kind: o.due_at for o in clocks.obligations} == {k: o.due_at for k, o in found.items()}


def test_old_posts_split_from_a_running_case_count_from_now(store: Store, config: Config, mixed: Case, now: datetime) -> None:
    with store.transaction():
        store.execute("UPDATE post SET dormant = 1 WHERE id = 2")
    new = split(store, config, mixed, [2], now)
    assert not new.dormant
    assert {o.start_at for o in owed(store, new).values()} == {now}


def test_replies_go_with_what_they_answer(store: Store, config: Config, mixed: Case, joined: Go, now: datetime) -> None:
    for n, parent in ((4, 2), (5, 4)):
        joined(mixed.id, f"跟帖{n}", "A4", now)
        with store.transaction():
            store.execute("UPDATE post SET parent_id = ? WHERE id = ?", parent, n)
    new = split(store, config, mixed, [2], now)
    assert ties.posts(store, new.id) == [2, 4, 5]


SPLITS = [([], "勾选"), ([1, 2, 3], "至少留下一条"), ([99], "本轮"), ([2, 99], "本轮")]


@pytest.mark.parametrize(("posts", "says"), SPLITS)
def test_a_split_takes_some_of_the_posts_and_no_others(
    store: Store, config: Config, mixed: Case, now: datetime, posts: list[int], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        split(store, config, mixed, posts, now)


@pytest.mark.parametrize("state", ["closed", "dismissed", "merged"])
def test_a_finished_case_is_not_split(store: Store, config: Config, mixed: Case, now: datetime, state: str) -> None:
    with store.transaction():
        store.execute("UPDATE case_ SET state = ? WHERE id = ?", state, mixed.id)
    with pytest.raises(Refused, match="不能拆分"):
        split(store, config, mixed, [2], now)


def test_a_split_takes_a_reason_and_a_fresh_page(store: Store, config: Config, mixed: Case, now: datetime) -> None:
    with pytest.raises(Refused, match="理由"):
        split(store, config, mixed, [2], now, " ")
    with pytest.raises(Stale):
        actions.split(store, config, mixed.id, mixed.version - 1, [2], "两件事", "甲", now)
    split(store, config, mixed, [2], now)
    with pytest.raises(Stale):
        actions.split(store, config, mixed.id, mixed.version, [3], "两件事", "甲", now)


def test_what_was_answered_in_an_earlier_round_is_not_split_off(
    store: Store, config: Config, mixed: Case, routed: Go, now: datetime
) -> None:
    dismissed = actions.dismiss(store, config, mixed.id, mixed.version, "误判", "乙", now)
    actions.reopen(store, config, mixed.id, dismissed.version, "重看", "乙", now)
    routed(now)
    with pytest.raises(Refused, match="本轮"):
        split(store, config, mixed, [2], now)


def test_split_and_merged_again_is_as_before(store: Store, config: Config, mixed: Case, routed: Go, now: datetime) -> None:
    before = {k: (o.start_at, o.due_at) for k, o in owed(store, mixed).items()}
    new = split(store, config, mixed, [2], now)
    routed(now)
    whole = merge(store, config, new, mixed, now)
    routed(now)
    assert {k: (o.start_at, o.due_at) for k, o in owed(store, whole).items()} == before
    assert ties.posts(store, whole.id) == [1, 2, 3]
    assert store.rows("SELECT * FROM tie WHERE verdict = 'apart'") == []
