"""The closed table of actions: it says everything, the actions obey it, and what it refuses is refused with a way out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import responders
from pipeline.domain.cases import Case
from pipeline.domain.terms import AssignmentState, CaseState, ObligationKind, UserRole
from pipeline.store.db import Store
from responders import actions, acts, case_actions
from responders.acts import AS_HELD, IN_STATE, TABLE, Act, Refused, next_assignment, next_case

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
ROOM = Path(responders.__file__).parent


def table() -> list[str]:
    """The table of actions as README prints it."""
    yes = {True: "可", False: ""}
    rows = [["办理", *(r.zh for r in UserRole), "事件在哪些状态可办"], ["---"] * (len(UserRole) + 2)]
    for act, line in TABLE.items():
        states = (s.zh if after is s else f"{s.zh}→{after.zh}" for s, after in line.case.items())
        rows.append([act.zh, *(yes[r in line.who] for r in UserRole), "、".join(states)])
    return ["| " + " | ".join(row) + " |" for row in rows]


def test_the_readmes_table_is_the_tables_own() -> None:
    lines = README.splitlines()
    first = lines.index(table()[0])
    assert lines[first:first + len(TABLE) + 2] == table()


def test_every_action_has_a_line_and_a_function() -> None:
    assert set(TABLE) == set(Act)
    names = {
        Act.FINDINGS: "record_findings", Act.ANSWER: "record_answer", Act.RECEIPT: "record_receipt", Act.EMERGENCY: "enter_emergency",
        Act.REPORT: "draft", Act.CONFIRM_REPORT: "confirm", Act.REPORT_RECEIPT: "record_report_receipt",
    }
    assert [act for act in Act if not callable(getattr(actions, names.get(act, act.value), None))] == []


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("act", Act)
def test_what_a_case_refuses_is_named_with_a_way_out(act: Act, state: CaseState) -> None:
    if state in TABLE[act].case:
        assert next_case(act, state) is TABLE[act].case[state]
        return
    with pytest.raises(Refused) as refused:
        next_case(act, state)
    assert act.zh in str(refused.value)
    assert state.zh in str(refused.value)
    assert re.search("：.*(请|先|不必)", str(refused.value))


@pytest.mark.parametrize("state", AssignmentState)
@pytest.mark.parametrize("act", [a for a in Act if TABLE[a].assignment])
def test_what_an_assignment_refuses_is_named_with_a_way_out(act: Act, state: AssignmentState) -> None:
    if state in TABLE[act].assignment:
        assert next_assignment(act, state) is TABLE[act].assignment[state]
        return
    with pytest.raises(Refused) as refused:
        next_assignment(act, state)
    assert str(refused.value) == f"这项交办现在是「{state.zh}」，不能{act.zh}：{AS_HELD[state]}"


def test_every_state_has_its_way_out() -> None:
    assert set(IN_STATE) == set(CaseState)
    assert set(AS_HELD) == set(AssignmentState)


def test_every_state_is_reached_and_left_but_the_last_ones() -> None:
    moves = {(s, after) for line in TABLE.values() for s, after in line.case.items() if s is not after}
    assert {s for s, _ in moves} == set(CaseState) - {CaseState.MERGED}
    assert {after for _, after in moves} == set(CaseState)
    held = {(s, a) for line in TABLE.values() for part in (line.assignment, line.others) for s, a in part.items()}
    assert {a for _, a in held} == set(AssignmentState) - {AssignmentState.PROPOSED}  # proposing is routing's
    assert not {s for s, _ in held} & {AssignmentState.DISPUTED, AssignmentState.TRANSFERRED, AssignmentState.CANCELLED}


def test_what_ends_a_case_ends_every_live_assignment() -> None:
    live = {a for a in AssignmentState if a.live}
    assert {act: set(line.others) for act, line in TABLE.items() if line.others} == dict.fromkeys((Act.DISMISS, Act.CLOSE, Act.MERGE), live)


def test_every_obligation_is_met_by_some_action_and_the_statutory_ones_by_proof_alone() -> None:
    assert {kind for line in TABLE.values() for kind in line.meets} == set(ObligationKind)
    by = {kind: {act for act, line in TABLE.items() if kind in line.meets} for kind in ObligationKind}
    assert by[ObligationKind.RESPONSE] == by[ObligationKind.STATEMENT] == {Act.ANSWER}
    assert by[ObligationKind.CONFERENCE] == by[ObligationKind.PETITION_ACCEPT] == {Act.RECEIPT}
    assert by[ObligationKind.PHONE_REPORT] == {Act.RECEIPT, Act.REPORT_RECEIPT}
    assert by[ObligationKind.INSTRUCTION] == {Act.REPORT_RECEIPT}
    assert not TABLE[Act.HAND_OVER].meets


def test_an_action_writes_only_what_its_line_says(store: Store, now: object) -> None:
    case = Case.__new__(Case)
    with pytest.raises(ValueError, match="hand_over does not write grade"):
        case_actions.write(store, case, Act.HAND_OVER, "甲", {}, now, grade="Ⅰ")  # type: ignore[arg-type]


def test_no_action_names_a_state_that_the_table_decides() -> None:
    """Outside the table a state may be asked for, never written."""
    written = []
    for module in ROOM.glob("*_actions.py"):
        for call in [n for n in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(n, ast.Call)]:
            name = ast.unparse(call.func)
            if name in ("assignments.end", "assignments.change", "moved", "write"):
                given = [*call.args, *(k.value for k in call.keywords)]
                written += [f"{module.name}:{call.lineno}" for a in given if re.match(r"(AssignmentState|CaseState)\.", ast.unparse(a))]
    assert written == []


def test_the_roles_are_those_of_the_table() -> None:
    assert all(acts.may(role, act) == (role in TABLE[act].who) for role in UserRole for act in Act)
    assert not [act for act in Act if TABLE[act].who & {UserRole.VIEWER, UserRole.AUDITOR}]
    assert all(TABLE[act].who >= acts.APPROVERS for act in Act)
