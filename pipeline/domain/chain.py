"""How the record (留痕) was found: whole, or broken, where, and in which way."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.terms import Term


class Damage(Term):
    """What was done to the record."""

    EDITED = "edited", "被改动"
    DELETED = "deleted", "被删去"
    REPLACED = "replaced", "被换掉"
    CUT_OFF = "cut_off", "被截去"
    REWRITTEN = "rewritten", "被改写"


@dataclass(frozen=True, slots=True)
class Printed:
    """The chain's length and newest hash as they went out, and where: in a digest, which is beyond the reach of who changes this file."""

    where: str
    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was. `until` is the last one that may be concerned, `against` what it was checked against."""

    n: int
    damage: Damage
    until: int = 0
    against: str = ""

    @property
    def sentence(self) -> str:
        """What staff read."""
        match self.damage:
            case Damage.EDITED:
                return f"第 {self.n} 条被改动：内容与它的校验值不符"
            case Damage.DELETED:
                return f"第 {self.n} 条被删去：序号到这里断开"
            case Damage.REPLACED:
                return f"第 {self.n} 条被换掉：后一条记着的校验值与它不符"
            case Damage.CUT_OFF:
                return f"第 {self.n} 条起被截去：{self.against}印的是 {self.until} 条，现在只有 {self.n - 1} 条"
            case Damage.REWRITTEN:
                return f"第 {self.n} 条至第 {self.until} 条之间被改写：与{self.against}印的校验值不符"
