"""The tally of one crawl: what was seen, what went wrong where. Spiders write it, `health` judges it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.domain.terms import CrawlOutcome
from pipeline.store.posts import Added


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a page from being collected. A `root` page is one without which the source was not seen: where it
    starts, or a board."""

    kind: CrawlOutcome
    url: str
    text: str
    root: bool


@dataclass
class Tally:
    """Counts as they grow. `details` counts pages with posts that were asked for, `gone` those that were answered 404 or 410;
    `crawl_delay` is what the site's robots.txt asks for, in seconds."""

    pages: int = 0
    seen: int = 0
    details: int = 0
    gone: int = 0
    remaining: int = 0
    dormant: int = 0
    crawl_delay: float = 0
    stored: Added = field(default_factory=Added)
    problems: list[Problem] = field(default_factory=list)
    remarks: dict[str, int] = field(default_factory=dict)

    def trouble(self, kind: CrawlOutcome, url: str, text: str, *, root: bool = False) -> None:
        """Records a page that could not be collected."""
        self.problems.append(Problem(kind, url, text, root))

    def remark(self, text: str) -> None:
        """Records something that staff may want to know, once however often it happens."""
        self.remarks[text] = self.remarks.get(text, 0) + 1
