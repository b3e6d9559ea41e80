"""What is kept no longer (保存期限): which posts leave and why, and what a night's clearing came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.terms import Term

CLEARING = "清除到期数据"
"""What the record (留痕) calls it."""
CLEARED = "（帖文已按保存期限清除）"
"""The title of a case whose posts are all gone: the title was one of theirs."""


class Expiry(Term):
    """Why a post is kept no longer."""

    GONE = "gone", "原处已删除、没有在办事件的帖文"
    DISMISSED = "dismissed", "不予处置事件的帖文"
    OTHER = "other", "与基础教育无关的帖文"


LABELS = {e.value: e.zh for e in Expiry} | {
    "letters": "没有归入案件的来信", "pages": "网页和来信原件", "files": "原件文件",
    "log_ins": "失效的登录和失败记录", "forgotten": "过期的指纹",
}
"""What is counted, beside the posts of each kind."""


@dataclass(frozen=True, slots=True)
class Expired:
    """A post whose time has run out: since `since` it is of the kind that `why` says."""

    post_id: int
    source: str
    title: str
    since: datetime
    why: Expiry


@dataclass(frozen=True, slots=True)
class Cleared:
    """A day's clearing; `ended_at` is None while it is under way or was cut short."""

    date: str
    ended_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def labelled(self) -> dict[str, int]:
        """What went, under its Chinese label."""
        return {label: n for key, label in LABELS.items() if (n := self.counts.get(key))}

    @property
    def sentence(self) -> str:
        """The day's clearing in one line."""
        said = "，".join(f"{label} {n}" for label, n in self.labelled.items())
        return f"{self.date} 清除到期数据：{said or '没有到期的'}"


def leaving(expired: Iterable[Expired], replies: Iterable[tuple[int, int]]) -> list[Expired]:
    """Those that may really go, replies before what they answer: a post stays as long as one of its replies (parent, child) stays."""
    found = {e.post_id: e for e in expired}
    parents = {child: parent for parent, child in replies}
    for stays in [child for child in parents if child not in found]:
        _keep_above(found, parents, stays)
    return [found[post_id] for post_id in sorted(found, reverse=True)]


def _keep_above(found: dict[int, Expired], parents: Mapping[int, int], child: int) -> None:
    """Keeps whatever a post that stays answers, up to the thread's opening."""
    parent = parents.get(child)
    while parent is not None and parent in found:
        del found[parent]
        parent = parents.get(parent)
