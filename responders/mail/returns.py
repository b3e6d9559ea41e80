"""Which kind of mail came in: a bounce and how bad it is, an automatic reply, our own mail come back, or what a person wrote. Chinese
mail systems tell of most of it in words only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from pipeline.domain.inbound import InboundKind, Incoming, Ours, Report


class Fate(Enum):
    """What a bounce says of the mail that it gives back."""

    BAD_ADDRESS = "地址无效"
    LOST = "未送达"
    LATER = "暂未送达，对方服务器还在重试"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a message is; of a bounce also the fate of our mail and what the other side `said`."""

    kind: InboundKind
    fate: Fate | None = None
    said: str = ""


FULL = re.compile(
    r"空间不足|邮箱已满|信箱已满|容量不足|超过.{0,6}容量|mailbox (is )?full|over ?quota|quota exceeded|insufficient storage", re.IGNORECASE
)
UNKNOWN = re.compile(
    r"(用户|收件人|帐号|账号|邮箱|地址).{0,8}(不存在|无效|错误|已注销|已停用|被禁用)|不存在.{0,6}(用户|收件人|邮箱)|"
    r"(no such|unknown|invalid) (user|recipient|mailbox|address)|"
    r"(user|recipient|mailbox|address)[^.\n]{0,20}(unknown|not found|not exist|invalid)",
    re.IGNORECASE,
)
WAITING = re.compile(
    r"延迟|暂时.{0,6}(无法|不能|未能)|仍在重试|将继续(尝试|投递)|delayed|will (be )?(retr|keep trying|continue)|not yet been delivered",
    re.IGNORECASE,
)
BOUNCED = re.compile(
    r"^\W*(系统退信|退信|退信通知|邮件退回|退回的?邮件|投递失败|邮件投递失败|邮件未送达|未送达|无法投递|发送失败|延迟通知|"
    r"undeliver|delivery (status|failure|delayed|has failed)|mail (delivery|system)|returned mail|failure notice|"
    r"warning: could not send)",
    re.IGNORECASE,
)
AUTOMATIC = re.compile(
    r"^\W*(自动回复|自动答复|自动应答|自动回信|外出自动|休假自动|假期自动|不在办公室|阅读回执|已读[:：]|"
    r"auto(matic)?[ -]?(reply|response|answer)|out of (the )?office|vacation|read receipt)",
    re.IGNORECASE,
)
IN_WORDS = re.compile(r"^\W{0,10}(这是|此为|本邮件为|本邮件是)?[^。\n]{0,24}自动(回复|答复|应答)|系统自动(回复|发出|发送)，请勿")
"""Such words at the beginning of a text: QQ and 163 answer so, under a plain Re:."""
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
CODE = re.compile(r"\b([45])(?:2[12]|5[0-5])[ -]")
FIRST_LINES = 200


def judged(mail: Incoming, sender: str, ours: list[Ours]) -> Judged:
    """What a message is. `sender` is our own address, `ours` the mails of ours that it is, answers or gives back."""
    if mail.message_id and any(mail.message_id == o.message_id for o in ours):
        return Judged(InboundKind.OWN)
    if mail.reports or BOUNCED.match(mail.subject) or (mail.daemon and not mail.answers):
        return _bounce(mail, {o.recipient.lower() for o in ours})
    if mail.automatic and mail.sender.lower() == sender.lower():
        return Judged(InboundKind.OWN)  # of another installation under our address, or sent before this database was restored
    if mail.automatic or AUTOMATIC.match(mail.subject) or IN_WORDS.search(mail.text[:FIRST_LINES]):
        return Judged(InboundKind.AUTOMATIC)
    return Judged(InboundKind.REPLY)


def _bounce(mail: Incoming, recipients: set[str]) -> Judged:
    report = _report(mail, recipients)
    status = report.status if report else _status(mail)
    told = report.said if report else ""
    said = (told if status in told else f"{status} {told}".strip()) or mail.subject
    words = f"{mail.subject}\n{mail.text}"
    if report:
        fate = _fate(report.action, status)
    elif status:
        fate = _fate("failed" if status[0] == "5" else "delayed", status)
    else:
        fate = _in_words(words)
    if fate is Fate.BAD_ADDRESS and FULL.search(said if report else words):
        fate = Fate.LOST  # a full box, whatever its number
    return Judged(InboundKind.DELAYED if fate is Fate.LATER else InboundKind.BOUNCE, fate, said)


def _report(mail: Incoming, recipients: set[str]) -> Report | None:
    """What is said of our recipient; where the mail was passed on to another address, the worst that is said."""
    about = [r for r in mail.reports if r.recipient.lower() in recipients] or list(mail.reports)
    return next((r for r in about if r.action == "failed"), about[0] if about else None)


def _fate(action: str, status: str) -> Fate:
    """RFC 3464: the action says whether it is over, the status whether the address is at fault. A full box (5.2.2) is not."""
    if action != "failed":
        return Fate.LATER
    return Fate.BAD_ADDRESS if status.startswith("5.") and status != "5.2.2" else Fate.LOST


def _status(mail: Incoming) -> str:
    """The enhanced code in a bounce without report; of a plain one, 550, only the class."""
    if found := STATUS.search(f"{mail.subject}\n{mail.text}"):
        return found[0]
    plain = CODE.search(mail.text)
    return f"{plain[1]}.0.0" if plain else ""


def _in_words(words: str) -> Fate:
    if FULL.search(words):
        return Fate.LOST
    if UNKNOWN.search(words):
        return Fate.BAD_ADDRESS
    return Fate.LATER if WAITING.search(words) else Fate.LOST
