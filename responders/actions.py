"""Every change of state that a person can make, in one place: what the console calls, and nothing else changes a case.

Each is one transaction of change, audit entry and notices. They raise `Refused` with a sentence for staff, and `Stale` where somebody
was quicker. `may` says which role may do which `Act`.
"""

from responders.acts import Act, Refused, Stale, may
from responders.answer_actions import record_answer, record_receipt
from responders.assignment_actions import acknowledge, hand_over, reassign, record_findings
from responders.case_actions import choose_answer, close, confirm_grade, confirm_redline, dismiss, enter_emergency, reopen
from responders.dispute_actions import dispute, send_back
from responders.event_actions import merge, split
from responders.limit_actions import extend, waive
from responders.party_actions import Told, give_back, report, sign
from responders.report_actions import confirm, draft, instruct, open_with_instruction, record_report_receipt, revise
from responders.report_actions import withdraw as withdraw_report

__all__ = [
    "Act", "Refused", "Stale", "Told", "acknowledge", "choose_answer", "close", "confirm", "confirm_grade", "confirm_redline", "dismiss",
    "dispute", "draft", "enter_emergency", "extend", "give_back", "hand_over", "instruct", "may", "merge", "open_with_instruction",
    "reassign", "record_answer", "record_findings", "record_receipt", "record_report_receipt", "reopen", "report", "revise", "send_back",
    "sign", "split", "waive", "withdraw_report",
]
