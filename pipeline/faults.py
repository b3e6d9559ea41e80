"""Errors that carry their place and their mend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where it stands, what is wrong, how to mend it."""

    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.where}：{self.what}" + (f"（{self.mend}）" if self.mend else "")


class Unusable(Exception):
    """An input that cannot be used. Carries every fault found, not only the first; the command line exits with 2."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def unusable(where: str, what: str, mend: str = "") -> Unusable:
    """An `Unusable` with a single fault."""
    return Unusable(Fault(where, what, mend))
