"""How a mail leaves, as the outbox sees it: a parcel goes in, a verdict comes out, whatever the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol


class Verdict(Enum):
    """What became of an attempt."""

    SENT = "已交给邮件服务器"
    LATER = "稍后再试"
    REFUSED = "被拒收"
    UNKNOWN = "结果不明"
    OUT_OF_REACH = "邮件服务器不可用"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail to one recipient, ready to go. `name` is unique and stays the same when it is sent again."""

    sender: str
    recipient: str
    raw: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The end of an attempt: the verdict, what the other side said, whether the address itself was refused, and whether the trouble is
    the server's, so that the next mail would fare no better."""

    verdict: Verdict
    said: str = ""
    bad_address: bool = False
    server_trouble: bool = False


class Transport(Protocol):
    """A way out. `before_data` is called, and must return, before anything is handed over that cannot be taken back; what it raises
    ends the attempt. The whole of `deliver` takes less than `lease`."""

    @property
    def lease(self) -> timedelta: ...

    def deliver(self, parcel: Parcel, before_data: Callable[[], None]) -> Delivery:
        """Tries once; failures of the other side are verdicts, not exceptions."""
        ...
