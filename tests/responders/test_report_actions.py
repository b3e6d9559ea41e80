"""批示来文与报送: what sets a clock and what alone meets it, as tables; the accused get no paper; nothing of it is mailed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.posts import Evidence
from pipeline.domain.reports import InstructionKind, Report, ReportKind, ReportState
from pipeline.domain.terms import AnswerKind, CaseState, Nature, ObligationKind, ObligationStatus, RedLine
from pipeline.store import assignments, audit, cases, evidence, obligations, reports
from pipeline.store.db import Store
from pipeline.store.status import standing
from responders import actions
from responders.acts import REPORT, Act, next_report
from responders.commands import remind
from responders.report_actions import LENGTH

Go = Callable[..., Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
K, S, I = ReportKind, ReportState, InstructionKind  # noqa: E741 — three short names for the tables
READ = {"schools": {"清源一中": "QY001"}}


@pytest.fixture
def case(store: Store, gathered: Go, routed: Go, now: datetime) -> Case:
    """A public Ⅲ case on one school, handed over, so that a first report is owed."""
    return graver(store, gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅲ"), routed, now)


def graver(store: Store, case_id: int, routed: Go, now: datetime) -> Case:
    routed(now)
    return again(store, case_id)


def again(store: Store, case_id: int) -> Case:
    found = cases.get(store, case_id)
    assert found is not None
    return found


@pytest.fixture
def handed(store: Store, config: Config, case: Case, now: datetime) -> Case:
    lead = assignments.lead(store, case)
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now)
    return again(store, case.id)


def instruct(store: Store, config: Config, case: Case, now: datetime, **given: Any) -> int:
    """A 批示 or 来文 on a case; returns its id."""
    values: dict[str, Any] = {
        "kind": I.LETTER, "sender": "市教育局", "number": "市教函〔2026〕8号", "words": "请报告有关情况", "limit_at": now + 2 * DAY,
        "received_at": now, "attachment": None, "who": "甲", "now": now,
    } | given
    actions.instruct(store, config, case.id, again(store, case.id).version, **values)
    return reports.instructions(store, case.id)[-1].id


def draft(
    store: Store, config: Config, case: Case, now: datetime, kind: ReportKind = K.FIRST, to: str = "县委网信办", answers: int = 0
) -> Report:
    return actions.draft(
        store, config, case.id, kind=kind, recipient=to, instruction_id=answers or None, text="情况", who="甲", now=now
    )


def confirmed(store: Store, config: Config, case: Case, now: datetime, *given: Any) -> Report:
    made = draft(store, config, case, now, *given)
    return actions.confirm(store, config, made.id, made.version, made.text, "乙", now)


def received(store: Store, config: Config, report: Report, at: datetime) -> Report:
    return actions.record_report_receipt(
        store, config, report.id, report.version, receipt="网信办值班室王某接收", received_at=at, scan=None, who="甲", now=at
    )


def owed(store: Store, case: Case, kind: ObligationKind, now: datetime, about: int = 0) -> ObligationStatus:
    [found] = [o for o in obligations.of_case(store, again(store, case.id)) if (o.kind, o.about) == (kind, about)]
    return found.status(now)


def test_status_counts_what_waits_for_its_receipt(store: Store, config: Config, handed: Case, now: datetime) -> None:
    draft(store, config, handed, now, K.FURTHER)
    made = confirmed(store, config, handed, now)
    assert standing(store, now).papers == 1
    received(store, config, made, now + HOUR)
    assert standing(store, now).papers == 0


def test_every_move_of_a_document_is_in_the_table_and_no_other() -> None:
    allowed = {(act, state) for act, moves in REPORT.items() for state in moves}
    for act in REPORT:
        for state in S:
            if (act, state) in allowed:
                assert next_report(act, state) is REPORT[act][state]
            else:
                with pytest.raises(actions.Refused, match=state.zh):
                    next_report(act, state)
    assert not any(S.RECEIVED in moves or S.WITHDRAWN in moves for moves in REPORT.values())


# ── what came in ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_limit_is_owed_by_the_bureau_from_its_receipt_to_its_own_instant(
    store: Store, config: Config, case: Case, now: datetime
) -> None:
    limit = now + 30 * HOUR + timedelta(minutes=7)
    about = instruct(store, config, case, now, received_at=now - HOUR, limit_at=limit)
    found = reports.owed_to(store, about)
    assert found is not None
    assert (found.start_at, found.due_at, found.party) == (now - HOUR, limit, "desk")
    assert found.basis == "市教育局来文（市教函〔2026〕8号）注明的时限"
    assert [found.status(limit), found.status(limit + timedelta(seconds=1))] == [ObligationStatus.DUE_SOON, ObligationStatus.OVERDUE]


def test_without_a_limit_nothing_is_owed(store: Store, config: Config, case: Case, now: datetime) -> None:
    about = instruct(store, config, case, now, limit_at=None)
    assert reports.owed_to(store, about) is None


def test_each_instruction_has_a_clock_of_its_own(store: Store, config: Config, case: Case, now: datetime) -> None:
    first = instruct(store, config, case, now, kind=I.INSTRUCTION, sender="县领导", number="", limit_at=now + DAY)
    second = instruct(store, config, case, now)
    received(store, config, confirmed(store, config, case, now, K.FURTHER, "县领导", first), now + HOUR)
    late = now + 3 * DAY
    assert owed(store, case, ObligationKind.INSTRUCTION, late, first) is ObligationStatus.MET
    assert owed(store, case, ObligationKind.INSTRUCTION, late, second) is ObligationStatus.OVERDUE


REFUSED = [
    ("收文时间在将来", {"received_at": HOUR}), ("早于收文时间", {"limit_at": -HOUR}), ("批示人或来文单位", {"sender": " "}),
    ("内容", {"words": ""}),
]


@pytest.mark.parametrize(("says", "given"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_so_is_refused_and_changes_nothing(
    store: Store, config: Config, case: Case, now: datetime, says: str, given: dict[str, Any]
) -> None:
    before = list(store.db.iterdump())
    with pytest.raises(actions.Refused, match=says):
        instruct(store, config, case, now, **{k: now + v if isinstance(v, timedelta) else v for k, v in given.items()})
    assert list(store.db.iterdump()) == before


def test_its_attachment_is_kept_and_its_words_are_masked(store: Store, config: Config, case: Case, now: datetime) -> None:
    instruct(store, config, case, now, words="请联系13800001111核实", attachment=Evidence("", b"%PDF-1.7", now))
    [found] = reports.instructions(store, case.id)
    assert found.words == "请联系［手机号］核实"
    assert evidence.read(store, found.attachment_id or 0) == b"%PDF-1.7"


@pytest.mark.parametrize(("kind", "letter"), [(I.LETTER, "pending"), (I.INSTRUCTION, "waived")])
def test_one_that_tells_of_nothing_known_opens_a_case(
    store: Store, config: Config, routed: Go, now: datetime, kind: InstructionKind, letter: str
) -> None:
    opened = actions.open_with_instruction(
        store, config, title="校车超员，家长13800001111", topic="A6", kind=kind, sender="县政府办", number="", words="请核实",
        attachment=None, limit_at=now + DAY, received_at=now - HOUR, who="甲", now=now,
    )
    routed(now)
    case = again(store, opened.id)
    assert (case.state, case.title, case.public, case.found_at) == (CaseState.TRIAGE, "校车超员，家长［手机号］", False, now - HOUR)
    assert assignments.lead(store, case) is not None
    assert owed(store, case, ObligationKind.LETTER, now).value == letter
    received(store, config, confirmed(store, config, case, now, K.FINAL, "县政府办", 1), now)
    assert [o.kind for o in obligations.running(store, case) if o.kind in (ObligationKind.LETTER, ObligationKind.INSTRUCTION)] == []


def test_an_old_case_that_an_instruction_joins_begins_to_run(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case = graver(store, gathered("清源一中食堂有虫", "A5", read=READ, dormant=1), routed, now)
    assert obligations.of_case(store, case) == []
    instruct(store, config, case, now)
    assert not again(store, case.id).dormant
    assert {"response", "instruction"} <= {o.kind.value for o in obligations.of_case(store, case)}


def test_nothing_ends_a_case_while_somebody_waits_for_the_answer(store: Store, config: Config, case: Case, now: datetime) -> None:
    about = instruct(store, config, case, now)
    actions.choose_answer(store, config, case.id, again(store, case.id).version, AnswerKind.REPORT, "报告", "甲", now)
    for end in (actions.close, actions.dismiss):
        with pytest.raises(actions.Refused, match="市教函〔2026〕8号"):
            end(store, config, case.id, again(store, case.id).version, "完了", "乙", now)
    received(store, config, confirmed(store, config, case, now, K.FINAL, "市教育局", about), now)
    assert actions.close(store, config, case.id, again(store, case.id).version, "完了", "乙", now).state is CaseState.CLOSED


def test_two_people_may_waive_it(store: Store, config: Config, case: Case, now: datetime) -> None:
    about = instruct(store, config, case, now)
    found = reports.owed_to(store, about)
    assert found is not None
    actions.waive(store, config, found.id, "乙", "丙", "来文单位口头同意", now)
    actions.dismiss(store, config, case.id, again(store, case.id).version, "重复", "乙", now)


def test_its_rungs_fire_before_and_after_its_limit(store: Store, config: Config, case: Case, now: datetime) -> None:
    about = instruct(store, config, case, now, limit_at=now + 10 * HOUR)
    said = "SELECT subject FROM notice WHERE obligation_id = (SELECT id FROM obligation WHERE kind = ?) ORDER BY id"
    remind(store, config, now + 6 * HOUR - timedelta(seconds=1))
    assert store.rows(said, f"instruction#{about}") == []
    remind(store, config, now + 6 * HOUR)
    assert "将于2026-11-18 20:00到期" in store.rows(said, f"instruction#{about}")[0]["subject"]
    remind(store, config, now + 2 * DAY)
    assert "超期" in store.rows(said, f"instruction#{about}")[-1]["subject"]


def test_a_reopened_case_goes_on_owing_it_from_its_first_start(
    store: Store, config: Config, handed: Case, routed: Go, now: datetime
) -> None:
    about = instruct(store, config, handed, now)
    before = reports.owed_to(store, about)
    actions.choose_answer(store, config, handed.id, again(store, handed.id).version, AnswerKind.PUBLIC, "", "甲", now)
    store.db.execute("UPDATE case_ SET state = 'published'")
    store.db.conn.commit()
    actions.reopen(store, config, handed.id, again(store, handed.id).version, "又来了", "甲", now + HOUR)
    routed(now + HOUR)
    after = reports.owed_to(store, about)
    assert before is not None
    assert after is not None
    assert (after.generation, after.waived_at) == (2, None)
    assert (after.start_at, after.due_at) == (before.start_at, before.due_at)


def test_a_merge_takes_each_as_it_runs_to_the_target(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    one = graver(store, gathered("清源一中食堂有虫", "A5", read=READ), routed, now)
    two = graver(store, gathered("清源一中食堂又有虫", "A5", read=READ), routed, now)
    theirs = instruct(store, config, one, now, limit_at=now + 5 * DAY)
    ours = instruct(store, config, two, now, limit_at=now + DAY)
    paper = confirmed(store, config, one, now, K.FURTHER, "市教育局", theirs)
    actions.merge(store, config, one.id, again(store, one.id).version, two.id, again(store, two.id).version, "同一件事", "甲", now)
    found = {o.about: o for o in obligations.running(store, again(store, two.id)) if o.about}
    assert {about: o.due_at for about, o in found.items()} == {theirs: now + 5 * DAY, ours: now + DAY}
    received(store, config, paper, now)
    assert owed(store, two, ObligationKind.INSTRUCTION, now, theirs) is ObligationStatus.MET
    assert owed(store, two, ObligationKind.INSTRUCTION, now, ours) is ObligationStatus.PENDING


# ── what goes out ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_report_is_met_by_its_receipt_and_by_nothing_before(store: Store, config: Config, handed: Case, now: datetime) -> None:
    made = draft(store, config, handed, now)
    assert owed(store, handed, ObligationKind.FIRST_REPORT, now) is ObligationStatus.PENDING
    made = actions.confirm(store, config, made.id, made.version, "定稿", "乙", now)
    assert owed(store, handed, ObligationKind.FIRST_REPORT, now) is ObligationStatus.PENDING
    received(store, config, made, now + HOUR)
    [found] = [o for o in obligations.of_case(store, handed) if o.kind is ObligationKind.FIRST_REPORT]
    assert (found.met_at, found.evidence) == (now + HOUR, "县委网信办回执：网信办值班室王某接收（教舆-2026-00001-报01）")


def test_of_several_bodies_the_last_receipt_meets_it(store: Store, config: Config, handed: Case, now: datetime) -> None:
    one, two = (confirmed(store, config, handed, now, K.FIRST, to) for to in ("县委网信办", "市教育局"))
    received(store, config, one, now + HOUR)
    assert owed(store, handed, ObligationKind.FIRST_REPORT, now + HOUR) is ObligationStatus.PENDING
    received(store, config, two, now + 3 * HOUR)
    assert owed(store, handed, ObligationKind.FIRST_REPORT, now + 3 * HOUR) is ObligationStatus.LATE


def test_receipts_may_be_entered_in_any_order(store: Store, config: Config, handed: Case, now: datetime) -> None:
    one, two = (confirmed(store, config, handed, now, K.FIRST, to) for to in ("县委网信办", "市教育局"))
    for paper, hours in ((two, 3), (one, 1)):
        actions.record_report_receipt(
            store, config, paper.id, paper.version, receipt="签收", received_at=now + hours * HOUR, scan=None, who="甲", now=now + 4 * HOUR
        )
    [found] = [o for o in obligations.of_case(store, handed) if o.kind is ObligationKind.FIRST_REPORT]
    assert (found.met_at, found.evidence) == (now + 3 * HOUR, "市教育局回执：签收（教舆-2026-00001-报02）")


def test_a_receipt_of_an_earlier_round_meets_nothing_of_the_present_one(
    store: Store, config: Config, handed: Case, routed: Go, now: datetime
) -> None:
    paper = confirmed(store, config, handed, now)
    store.db.execute("UPDATE case_ SET state = 'published'")
    store.db.conn.commit()
    actions.reopen(store, config, handed.id, again(store, handed.id).version, "又来了", "甲", now + HOUR)
    routed(now + HOUR)
    lead = assignments.lead(store, again(store, handed.id))
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now + HOUR)
    received(store, config, paper, now + HOUR)
    assert owed(store, handed, ObligationKind.FIRST_REPORT, now + HOUR) is ObligationStatus.PENDING


def test_one_that_is_withdrawn_is_waited_for_no_longer(store: Store, config: Config, handed: Case, now: datetime) -> None:
    one, two = (confirmed(store, config, handed, now, K.FIRST, to) for to in ("县委网信办", "市教育局"))
    received(store, config, one, now + HOUR)
    actions.withdraw_report(store, config, two.id, two.version, "发错单位", "乙", now + 3 * HOUR)
    [found] = [o for o in obligations.of_case(store, handed) if o.kind is ObligationKind.FIRST_REPORT]
    assert found.met_at == now + HOUR


RECEIPTS = [
    ("a 续报 meets no first report", K.FURTHER, "县委网信办", ObligationKind.FIRST_REPORT, False),
    ("a 终报 neither", K.FINAL, "县委网信办", ObligationKind.FIRST_REPORT, False),
    ("a 移交函 to 公安 meets the phone report", K.HANDOVER, "清源县公安局", ObligationKind.PHONE_REPORT, True),
    ("one to 民政 too", K.HANDOVER, "县民政局", ObligationKind.PHONE_REPORT, True),
    ("one to the market office does not", K.HANDOVER, "县市场监督管理局", ObligationKind.PHONE_REPORT, False),
    ("a 首报 does not", K.FIRST, "县公安局", ObligationKind.PHONE_REPORT, False),
    ("a 移交函 meets no first report", K.HANDOVER, "县公安局", ObligationKind.FIRST_REPORT, False),
]


@pytest.mark.parametrize(("kind", "to", "what", "met"), [row[1:] for row in RECEIPTS], ids=[row[0] for row in RECEIPTS])
def test_a_receipt_meets_what_its_document_answers(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, kind: ReportKind, to: str, what: ObligationKind, met: bool
) -> None:
    text, read = "清源一中有学生要轻生", READ | {"redline": RedLine.SUICIDE_RISK}
    case = graver(store, gathered(text, "A4", read=read, redline="suicide_risk", grade="Ⅱ"), routed, now)
    actions.confirm_redline(store, config, case.id, case.version, "甲", now)
    lead = assignments.lead(store, again(store, case.id))
    assert lead is not None
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now)
    received(store, config, confirmed(store, config, case, now, kind, to), now)
    running = {o.kind for o in obligations.running(store, case)}
    assert (what not in running) is met


@pytest.mark.parametrize(("to", "state"), [("清源县公安局", "acknowledged"), ("县民政局", "confirmed")])
def test_a_receipt_is_the_acknowledgement_of_the_department_that_holds_the_matter(
    store: Store, config: Config, case: Case, now: datetime, to: str, state: str
) -> None:
    lead = assignments.lead(store, case)
    assert lead is not None
    held = actions.reassign(store, config, lead.id, lead.version, "外部:公安局", "属公安职责", "甲", now)
    actions.hand_over(store, config, held.id, held.version, "请依职责办理", "甲", now)
    received(store, config, confirmed(store, config, case, now, K.HANDOVER, to), now)
    holder = assignments.get(store, held.id)
    assert holder is not None
    assert holder.state.value == state


def test_a_receipt_from_the_future_or_from_before_is_refused(store: Store, config: Config, handed: Case, now: datetime) -> None:
    made = confirmed(store, config, handed, now)
    for at, says in ((now + HOUR, "将来"), (now - HOUR, "早于审定")):
        with pytest.raises(actions.Refused, match=says):
            actions.record_report_receipt(
                store, config, made.id, made.version, receipt="x", received_at=at, scan=None, who="甲", now=now
            )


def test_a_body_gets_one_first_report_and_may_get_another_only_when_it_was_withdrawn(
    store: Store, config: Config, case: Case, now: datetime
) -> None:
    made = confirmed(store, config, case, now)
    with pytest.raises(actions.Refused, match="续报"):
        draft(store, config, case, now)
    draft(store, config, case, now, K.FURTHER)
    actions.withdraw_report(store, config, made.id, made.version, "有误", "乙", now)
    assert draft(store, config, case, now).number == "教舆-2026-00001-报03"


def test_a_page_that_is_old_is_told_so(store: Store, config: Config, case: Case, now: datetime) -> None:
    made = draft(store, config, case, now)
    actions.revise(store, config, made.id, made.version, "改过，电话13800001111", "甲", now)
    with pytest.raises(actions.Stale):
        actions.confirm(store, config, made.id, made.version, "旧的", "乙", now)
    now_stands = reports.get(store, made.id)
    assert now_stands is not None
    assert (now_stands.text, now_stands.state) == ("改过，电话［手机号］", S.DRAFT)


def test_the_bureaus_own_telephone_is_not_hidden(store: Store, config: Config, case: Case, now: datetime) -> None:
    made = draft(store, config, case, now)
    phone = config.settings.bureau.phone
    text = actions.confirm(store, config, made.id, made.version, f"电话 {phone}，家长 13800001111", "乙", now).text
    assert (phone, text) == ("0999-5550100", "电话 0999-5550100，家长 ［手机号］")


@pytest.mark.parametrize("text", ["", " ", "字" * (LENGTH + 1)])
def test_a_document_has_a_text_and_no_endless_one(store: Store, config: Config, case: Case, now: datetime, text: str) -> None:
    made = draft(store, config, case, now)
    with pytest.raises(actions.Refused, match="正文"):
        actions.confirm(store, config, made.id, made.version, text, "乙", now)


@pytest.mark.parametrize(("to", "allowed"), [("清源县第一中学", False), ("清源县第一中学校办", False), ("县纪委监委", True)])
def test_no_paper_goes_to_the_accused(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, to: str, allowed: bool
) -> None:
    read = READ | {"accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    case = graver(store, gathered("举报清源一中校长吃回扣", "F3", read=read), routed, now)
    assert config.registry.school("QY001").name == "清源县第一中学"  # type: ignore[union-attr]  # it is there
    if allowed:
        assert draft(store, config, case, now, K.HANDOVER, to).state is S.DRAFT
    else:
        with pytest.raises(actions.Refused, match="第三十条"):
            draft(store, config, case, now, K.HANDOVER, to)


def test_a_draft_is_not_confirmed_once_its_addressee_is_accused(
    store: Store, config: Config, case: Case, joined: Go, routed: Go, now: datetime
) -> None:
    made = draft(store, config, case, now, K.HANDOVER, "清源县第一中学")
    accusing = READ | {"accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    joined(case.id, "举报清源一中校长吃回扣", "F3", now, read=accusing, accusation=1)
    routed(now)
    with pytest.raises(actions.Refused, match="第三十条"):
        actions.confirm(store, config, made.id, made.version, made.text, "乙", now)


def test_a_final_report_may_follow_the_closing_and_its_receipt_too(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.REPORT, "报告", "甲", now)
    actions.close(store, config, case.id, again(store, case.id).version, "完了", "乙", now)
    assert received(store, config, confirmed(store, config, case, now, K.FINAL), now + DAY).state is S.RECEIVED


def test_nothing_of_it_is_mailed_and_all_of_it_is_on_record(store: Store, config: Config, handed: Case, now: datetime) -> None:
    told = store.value("SELECT count(*) FROM notice")
    about = instruct(store, config, handed, now)
    received(store, config, confirmed(store, config, handed, now, K.FIRST, "市教育局", about), now)
    gone = draft(store, config, handed, now, K.HANDOVER, "县公安局")
    actions.withdraw_report(store, config, gone.id, gone.version, "不移交了", "乙", now)
    assert store.value("SELECT count(*) FROM notice") == told
    done = [e.action for e in audit.history(store, handed.id)]
    assert done[-5:] == [a.zh for a in (Act.REPORT, Act.CONFIRM_REPORT, Act.REPORT_RECEIPT, Act.REPORT, Act.WITHDRAW_REPORT)]
    assert Act.INSTRUCT.zh in done
    assert audit.verify(store) is None


def test_the_bodies_are_configuration(config: Config, store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    text, read = "清源一中有学生要轻生", READ | {"redline": RedLine.SUICIDE_RISK}
    case = graver(store, gathered(text, "A4", read=read, redline="suicide_risk", grade="Ⅱ"), routed, now)
    actions.confirm_redline(store, config, case.id, case.version, "甲", now)
    own = config.settings.reports.model_copy(update={"child_harm": ("妇联",)})
    mine = replace(config, settings=config.settings.model_copy(update={"reports": own}))
    received(store, mine, confirmed(store, mine, case, now, K.HANDOVER, "县公安局"), now)
    assert ObligationKind.PHONE_REPORT in {o.kind for o in obligations.running(store, case)}
    received(store, mine, confirmed(store, mine, case, now, K.HANDOVER, "县妇联"), now)
    assert ObligationKind.PHONE_REPORT not in {o.kind for o in obligations.running(store, case)}
