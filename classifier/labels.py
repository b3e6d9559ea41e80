"""What people said of a message (人工标注): one row of a labelled file as the scorer reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.posts import Post
from pipeline.domain.terms import Nature, OwnerKind, Scope, Tag
from pipeline.faults import Fault, refuse, unusable

MOST_FAULTS = 20
MEND = "用人工标注过的 JSONL 文件"
LISTS = ("topics", "schools", "tags", "accept_topic", "accept_owner")
CLOSED: Mapping[str, type[Scope] | type[OwnerKind] | type[Nature]] = {"scope": Scope, "owner": OwnerKind, "nature": Nature}
OF_EDUCATION = ("topics", "owner", "schools", "tags", "nature", "redline")


@dataclass(frozen=True, slots=True)
class NamedSchool:
    """A school as people marked it: its words in the text, its full name in the registry (None where it has none)."""

    surface: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled message. `accept_topic` and `accept_owner` are answers that another careful reader gave: right where given.

    `skip_scope`: readers differed, so the scope is not scored. `weight`: how many messages of a stream the row stands for.
    """

    id: str
    title: str
    scope: Scope
    topics: tuple[str, ...] = ()
    owner: OwnerKind = OwnerKind.NONE
    schools: tuple[NamedSchool, ...] = ()
    tags: frozenset[str] = frozenset()
    nature: Nature = Nature.OTHER
    redline: bool = False
    accept_topic: frozenset[str] = frozenset()
    accept_owner: frozenset[str] = frozenset()
    skip_scope: bool = False
    weight: float = 1.0
    event: str | None = None

    @property
    def ours(self) -> bool:
        """Whether people read it as education."""
        return self.scope is Scope.K12

    @property
    def main(self) -> str:
        """The main topic; empty where people named none."""
        return self.topics[0] if self.topics else ""


def of(file: Path, pairs: Sequence[tuple[Mapping[str, Any], Post]]) -> list[Label]:
    """The labels of a file's rows; raises `Unusable` with the rows that are not labelled as it must be."""
    faults = [Fault(f"{file} 第 {post.id} 行", what, MEND) for row, post in pairs for what in wrong(row)]
    refuse(faults, MOST_FAULTS)
    if not pairs:
        raise unusable(str(file), "文件里没有标注", MEND)
    return [label(row, post.title or post.body) for row, post in pairs]


def wrong(row: Mapping[str, Any]) -> Iterator[str]:
    """What is missing from a row or not of its kind."""
    if row.get("scope") is None:
        yield f"id {row['id']} 没有 scope 标注"
    missing = [k for k in OF_EDUCATION if row.get(k) is None] if row.get("scope") == Scope.K12 else []
    if missing:
        yield f"id {row['id']} 标为基础教育，但没有 {'、'.join(missing)} 标注"
    for name, known in CLOSED.items():
        if row.get(name) is not None and row[name] not in list(known):
            yield f"id {row['id']} 的 {name} 是 {row[name]}，应为 {'、'.join(known)} 之一"
    lists = [k for k in LISTS if not isinstance(row.get(k) or [], list)]
    if lists:
        yield f"id {row['id']} 的 {'、'.join(lists)} 不是数组"
    elif not all(isinstance(s, dict) and isinstance(s.get("surface"), str) for s in row.get("schools") or ()):
        yield f"id {row['id']} 的 schools 每项须有 surface"
    if unknown := [str(t) for t in (row.get("tags") or ()) if t not in list(Tag)] if not lists else []:
        yield f"id {row['id']} 的标签 {'、'.join(unknown)} 不在 {'、'.join(Tag)} 之内"
    if not isinstance(row.get("weight", 1.0), int | float):
        yield f"id {row['id']} 的 weight 不是数字"


def label(row: Mapping[str, Any], title: str) -> Label:
    """One row that has been found well labelled."""
    event = row.get("event")
    return Label(
        id=str(row["id"]), title=title, scope=Scope(row["scope"]), topics=tuple(row.get("topics") or ()),
        owner=OwnerKind(row.get("owner") or OwnerKind.NONE), nature=Nature(row.get("nature") or Nature.OTHER),
        schools=tuple(NamedSchool(s["surface"], s.get("name")) for s in row.get("schools") or ()),
        tags=frozenset(row.get("tags") or ()), redline=bool(row.get("redline")), skip_scope=bool(row.get("skip_scope")),
        accept_topic=frozenset(row.get("accept_topic") or ()), accept_owner=frozenset(row.get("accept_owner") or ()),
        weight=float(row.get("weight", 1.0)), event=None if event is None else str(event),
    )  # fmt: skip
