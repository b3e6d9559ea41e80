"""Errors that carry their place and their mend."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass

SYSTEM = {
    errno.ENOENT: "没有这个文件或目录", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EISDIR: "这是一个目录，不是文件",
    errno.ENOTDIR: "路径中间有一段不是目录", errno.EEXIST: "已有同名的文件", errno.ENOSPC: "磁盘已满", errno.EROFS: "磁盘只能读",
    errno.ENAMETOOLONG: "文件名太长",
}  # fmt: skip
"""What the system says of a file, in the words of staff."""


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


def refuse(faults: Sequence[Fault], most: int) -> None:
    """Raises `Unusable` where there are faults; of very many the first are named and the rest counted."""
    more = len(faults) - most
    if more > 0:
        faults = [*faults[:most], Fault("……", f"此外还有 {more} 处", "改好上面各处后再试，会接着列出")]
    if faults:
        raise Unusable(*faults)


def why(error: OSError) -> str:
    """Why the system refused a file."""
    return SYSTEM.get(error.errno or 0) or error.strerror or str(error)
