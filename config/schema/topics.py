"""topics.toml: what is watched, each topic a table keyed by its code (A1 … F4)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.schema.base import Frozen
from pipeline.domain.terms import Tag

Focus = Literal["a", "b", "c", "d", "e", "f"]


class Topic(Frozen):
    """One topic (主题). `words` are its lexicon, `more_words` what a bureau adds to it without giving up what later versions bring,
    `excludes` the words beside which they do not count; `lead` says who answers when one school is the subject; `section` the bureau's
    section that leads or guides; `risk` 1 low … 4 very high; `foci` the six foci of 国办发〔2016〕80号."""

    name: str
    group: str
    definition: str
    words: tuple[str, ...]
    more_words: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    lead: Literal["school", "bureau"]
    section: str
    partners: tuple[str, ...] = ()
    risk: int = Field(ge=1, le=4)
    foci: tuple[Focus, ...]
    tags: tuple[Tag, ...]
    disclosure: str = ""
    petition_code: str = ""
    hotline_code: str = ""
    person_only: bool = False
