"""What is collected: a post (帖文) as a source hands it over, and as the store keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.terms import Precision


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts a page shows beside a post; None where it shows none."""

    views: int | None = None
    replies: int | None = None
    likes: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The page as received: raw bytes, kept compressed under their SHA-256 (证据留存)."""

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    content_type: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class RawPost:
    """A post as a source hands it over; nothing is decided yet.

    `key` names the post within its source for ever (a canonical URL or a row's own number): the same key again is the same
    post, perhaps in a new version. `author` is hashed with the bureau's key before it is stored. `parent` is the key of the
    post this one replies to.
    """

    source: str
    key: str
    title: str
    body: str
    url: str = ""
    author: str = ""
    published_at: datetime | None = None
    precision: Precision = Precision.UNKNOWN
    parent: str | None = None
    engagement: Engagement = field(default_factory=Engagement)
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A stored post. `public` says whether it stood in public (else a letter, a hotline call); `dormant` posts start no clock
    (published too long before they were collected, a source's first crawl, an archive import)."""

    id: int
    source: str
    key: str
    url: str
    title: str
    body: str
    published_at: datetime | None
    collected_at: datetime
    version: int = 1
    precision: Precision = Precision.UNKNOWN
    parent_id: int | None = None
    public: bool = True
    dormant: bool = False
    engagement: Engagement = field(default_factory=Engagement)

    @property
    def text(self) -> str:
        """Title and body as spans count them: title, one newline, body, in code points."""
        return f"{self.title}\n{self.body}"
