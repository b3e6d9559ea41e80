"""What comes back: a party says that the matter is not its own (非我单位), staff send findings back (退回重报). No clock begins anew."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.terms import ObligationKind, OwnerKind, Role
from pipeline.masking import masked
from pipeline.moments import to_text
from pipeline.store import assignments, notices
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import telling_back
from responders.acts import Act, Refused, needs
from responders.assignment_actions import BY_HAND, begin_with, handed_on, moved, read
from responders.case_actions import settled, write
from responders.deadlines import DESK
from responders.routing import named


def dispute(
    store: Store, config: Config, assignment_id: int, version: int, reason: str, who: str, now: datetime, how: str = ""
) -> Assignment:
    """登记非我单位, with the party's reason and `how` it was told. The matter goes back to the desk, never straight to another school:
    staff give it on, or back. Its clocks go on and are the desk's until then. Returns what is the desk's now; of a supporting or guiding
    party, what it was."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.DISPUTE)
        why = masked(needs(reason, "对方认为非本单位事项的理由"))
        if assignment.party == DESK:
            raise Refused("舆情值班室是最后接办的单位，请直接「转办」")
        moved(store, assignment, state, ended_at=to_text(now), end_reason=why)  # its link stays, to show what became of its word
        case = write(store, case, Act.DISPUTE, who, {"单位": assignment.party_name, "方式": how, "理由": why}, now)
        notices.put(store, telling_back.disputed(case, assignment, why, now))
        if assignment.role is not Role.LEAD:
            return read(store, assignment.id)
        desk = named(DESK, config)
        new = assignments.propose(
            store, case, party=desk.code, name=desk.name, owner=desk.kind, role=Role.LEAD, rule=BY_HAND, version="",
            reason=f"{assignment.party_name}认为非本单位事项：{why}", now=now, pending="待确认：重新确定回应主体", previous=assignment.id,
        )
        handed_on(store, case, assignment, desk.code)
        settled(store, config, case, now)
        return read(store, new)


def send_back(store: Store, config: Config, assignment_id: int, version: int, reason: str, who: str, now: datetime) -> Assignment:
    """退回重报: what the party found does not answer the matter. The clock that its findings had met goes on from its first start."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.SEND_BACK)
        why = masked(needs(reason, "退回重报的理由"))
        moved(store, assignment, state)
        case = write(store, case, Act.SEND_BACK, who, {"单位": assignment.party_name, "理由": why}, now)
        if assignment.role is Role.LEAD:
            for met in stored.of_case(store, case):
                if met.kind is ObligationKind.FINDINGS and met.met_at:
                    stored.unmeet(store, met.id)
            settled(store, config, case, now)
        held = read(store, assignment.id)
        if assignment.owner is not OwnerKind.EXTERNAL:
            owed = [o for o in stored.running(store, case) if o.kind is ObligationKind.FINDINGS and assignment.role is Role.LEAD]
            notices.put(store, telling_back.sent_back(case, held, why, owed, config, now))
        return held
