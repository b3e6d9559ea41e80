"""Every change of state that a person can make, in one place: what the console calls, and nothing else changes a case.

Each is one transaction of change, audit entry and notices. They raise `Refused` with a sentence for staff, and `Stale` where somebody
was quicker. `may` says which role may do which `Act`.
"""

from responders.acts import Act, Refused, Stale, may
from responders.answer_actions import record_answer, record_receipt, waive
from responders.assignment_actions import acknowledge, hand_over, reassign, record_findings
from responders.case_actions import choose_answer, close, confirm_grade, confirm_redline, dismiss, enter_emergency, reopen
from responders.event_actions import merge, split
from responders.party_actions import Told, dispute, insist, report, sign

__all__ = [
    "Act", "Refused", "Stale", "Told", "acknowledge", "choose_answer", "close", "confirm_grade", "confirm_redline", "dismiss", "dispute",
    "enter_emergency", "hand_over", "insist", "may", "merge", "reassign", "record_answer", "record_findings", "record_receipt", "reopen",
    "report", "sign", "split", "waive",
]
