"""sources.toml: where we look, each source a table keyed by its id."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.schema.base import Frozen
from pipeline.domain.terms import Clock


class Answer(Frozen):
    """The limit for an answer to a letter, a call or a mailbox item (来文时限) where the item does not say its own."""

    amount: float = Field(gt=0)
    clock: Clock
    basis: str


class ListPage(Frozen):
    """How a list of links is read. Selectors are CSS; `::attr(name)` and `::text` may end one. `boards` finds a forum's boards on its
    front page; without it the source's addresses are the boards themselves."""

    boards: str = ""
    item: str
    link: str = "a::attr(href)"
    title: str = "a::text"
    time: str = ""
    replies: str = ""
    views: str = ""
    next: str = ""


class DetailPage(Frozen):
    """How a page with one post is read; an empty selector lets the extractor find the part by itself."""

    title: str = ""
    body: str = ""
    time: str = ""
    author: str = ""
    views: str = ""
    reply: str = ""
    reply_id: str = ""
    reply_body: str = ""
    reply_time: str = ""
    reply_author: str = ""
    next: str = ""


class Source(Frozen):
    """One source (信源).

    kind: `feed` (RSS, Atom) · `list_page` (a list that leads to pages) · `forum` (boards, threads, replies) · `file` (imports,
    forms; nothing is fetched). `public` sources start the statutory clock, the others the clock of their `answer`. What a source's
    first crawl finds starts no clock, unless `first_crawl_counts` says that the source began with us. `max_pages` bounds the list
    pages turned in one run; what is left over the next run fetches.
    """

    name: str
    kind: Literal["feed", "list_page", "forum", "file"]
    url: str = ""
    urls: tuple[str, ...] = ()
    public: bool = True
    enabled: bool = True
    platform: str = ""
    reach: Literal["local", "county", "city", "national"] = "local"
    place: str = ""
    every_minutes: int = Field(60, ge=1)
    min_posts: int = Field(1, ge=0)
    max_pages: int = Field(30, ge=1, le=1000)
    delay_seconds: float | None = None
    encoding: str = ""
    private_address: bool = False
    first_crawl_counts: bool = False
    answer: Answer | None = None
    list: ListPage | None = None
    detail: DetailPage = DetailPage()

    @property
    def starts(self) -> tuple[str, ...]:
        """The addresses that a crawl begins with."""
        return (self.url, *self.urls) if self.url else self.urls
