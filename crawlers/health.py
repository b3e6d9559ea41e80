"""How a crawl went (信源健康): an outcome that never calls a source fine that was not really seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from config.schema.sources import Source
from crawlers.tally import Tally
from pipeline.domain.terms import CrawlOutcome

MANY = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a crawl, with the reason that staff read; None where all is well."""

    outcome: CrawlOutcome
    error: str | None


def judge(tally: Tally, source: Source, ended: str = "finished") -> Verdict:
    """The outcome, the gravest reason first: cut off; a start page or board not seen; half of the posts not to be had; too few posts.

    `ended` is why the spider stopped, in Scrapy's words.
    """
    remarks = _remarks(tally)
    if ended == "closespider_timeout":
        return Verdict(CrawlOutcome.TIMEOUT, _text("超过单次采集时限，已收的已入库，下次继续", *remarks))
    if ended != "finished":
        return Verdict(CrawlOutcome.FAILED, _text(f"采集被中止（{ended}），已收的已入库", *remarks))
    roots = [p for p in tally.problems if p.root]
    if roots:
        return Verdict(roots[0].kind, _text(f"{roots[0].url}：{roots[0].text}", *remarks))
    broken = [p for p in tally.problems if not p.root]
    if broken and 2 * len(broken) >= tally.details - tally.gone:
        kind = Counter(p.kind for p in broken).most_common(1)[0][0]
        first = next(p for p in broken if p.kind is kind)
        return Verdict(kind, _text(f"{len(broken)} 个正文页未能采集，如 {first.url}：{first.text}", *remarks))
    if tally.seen < source.min_posts:
        return Verdict(CrawlOutcome.EMPTY, _text(f"只看到 {tally.seen} 条，少于应有的 {source.min_posts} 条", *remarks))
    minor = [f"{len(broken)} 个页面未能采集，如 {broken[0].url}：{broken[0].text}"] if broken else []
    changed = tally.stored.new or tally.stored.changed
    return Verdict(CrawlOutcome.OK if changed else CrawlOutcome.UNCHANGED, _text(*minor, *remarks) or None)


def _remarks(tally: Tally) -> list[str]:
    found = [text if times == 1 else f"{text}（{times} 处）" for text, times in tally.remarks.items()]
    return [*([f"还有 {tally.remaining} 条未取，下次继续"] if tally.remaining else []), *found]


def _text(*parts: str) -> str:
    text = "；".join(parts)
    return text if len(text) <= MANY else text[: MANY - 1] + "…"
