"""The commands of this room as plain functions: crawl, import, and the making and testing of sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.schema import Config
from crawlers.child import Ended, confine, crawl_in_child
from crawlers.files import Table, batches, read_table
from crawlers.imports import Imported, Mode, columns_of, posts_of, unused
from crawlers.run import by_host, crawl_all, hosts_of, process_name
from pipeline.columns import NAMES
from pipeline.domain.terms import CrawlOutcome
from pipeline.faults import Fault, Unusable, unusable
from pipeline.moments import WallClock
from pipeline.outcome import DONE, FAILED, Outcome
from pipeline.stage import never
from pipeline.store import leases, posts, sources
from pipeline.store.db import Store
from pipeline.store.posts import Added

TOGETHER = 2
HOSTS_A_CHILD = 8
IMPORT_BATCH = 1000
UNSURE = (CrawlOutcome.TIMEOUT, CrawlOutcome.FAILED)

Say = Callable[[str], None]


def crawl(
    store: Store, config: Config, root: Path, ids: Sequence[str], clock: WallClock, now_option: str, say: Say,
    stopped: Callable[[], bool] = never,
) -> Outcome:
    """Crawls the named sources now, or without names those that are due, in child processes; returns when all of them ended."""
    wanted = named(config, ids) if ids else sources.due(store, crawled(config), clock())
    free = [s for s in wanted if not any(leases.held(store, host, clock()) for host in hosts_of(config, s))]
    first = {s for s in free if sources.first_crawl(store, s, clock()) and not config.sources[s].first_crawl_counts}
    groups = children(store, config, free)
    with ThreadPoolExecutor(TOGETHER) as pool:
        jobs: dict[Future[Ended], list[str]] = {}
        for group in groups:
            turns = max(len(chain) for chain in by_host(config, group))
            job = pool.submit(crawl_in_child, root, group, config.settings.crawl, now_option, turns=turns, stopped=stopped)
            jobs[job] = group
        for job in as_completed(jobs):
            clear_up(store, jobs[job], job.result(), clock)
            say(f"已采集 {'、'.join(jobs[job])}")
    return told(store, config, free, [s for s in wanted if s not in free], first)


def crawl_due(
    store: Store, config: Config, root: Path, clock: WallClock, now_option: str, say: Say, stopped: Callable[[], bool] = never
) -> None:
    """Crawls what is due and says how it went; says nothing where nothing is due."""
    if sources.due(store, crawled(config), clock()):
        say(crawl(store, config, root, [], clock, now_option, say, stopped).text)


def clear_up(store: Store, ids: Sequence[str], ended: Ended, clock: WallClock) -> None:
    """Gives back what a child left behind: leases, and runs that it did not end."""
    leases.release_all(store, process_name(ended.pid))
    sources.end_open(store, ids, ended.outcome, ended.reason or "采集进程没有记录结果", clock())


def crawl_here(store: Store, config: Config, ids: Sequence[str], clock: WallClock) -> Outcome:
    """Crawls in this very process: what the child of `crawl` does."""
    confine(config.settings.crawl)
    done = crawl_all(store, config, named(config, ids), clock)
    data = [{"id": c.source, "outcome": c.verdict.outcome.value if c.verdict else None, "new": c.tally.stored.new} for c in done]
    return Outcome({"sources": data}, f"已采集 {len(done)} 个信源")


def crawled(config: Config) -> dict[str, int]:
    """The sources that are crawled, with the minutes between their runs."""
    return {id: s.every_minutes for id, s in config.sources.items() if s.enabled and s.kind != "file" and s.starts}


def named(config: Config, ids: Sequence[str]) -> list[str]:
    """These sources, once each; raises `Unusable` for every one that does not exist or cannot be crawled."""
    able = [id for id, s in config.sources.items() if s.kind != "file" and s.starts]
    faults = [
        Fault(id, "没有网址，只供导入" if id in config.sources else "没有这个信源", f"可采集的有：{'、'.join(able) or '无'}")
        for id in ids
        if id not in able
    ]
    if faults:
        raise Unusable(*faults)
    return list(dict.fromkeys(ids))


def children(store: Store, config: Config, ids: Sequence[str]) -> list[list[str]]:
    """Which sources share a child: those of one host always do, several hosts as a rule, but whose last crawl hung or fell is alone, so
    that it cannot take others with it again."""
    last = sources.latest(store, ids)
    chains = by_host(config, ids)
    unsure = [chain for chain in chains if any(s in last and last[s].outcome in UNSURE for s in chain)]
    sound = [chain for chain in chains if chain not in unsure]
    packs = [sound[n : n + HOSTS_A_CHILD] for n in range(0, len(sound), HOSTS_A_CHILD)]
    return [*([s for chain in pack for s in chain] for pack in packs), *unsure]


def told(store: Store, config: Config, done: Sequence[str], busy: Sequence[str], first: set[str]) -> Outcome:
    """What staff and programs are told of a crawl."""
    runs = sources.latest(store, done)
    data: list[dict[str, Any]] = []
    lines: list[str] = []
    for source in done:
        run = runs[source]
        outcome = run.outcome or CrawlOutcome.FAILED
        data.append({
            "id": source, "outcome": outcome.value, "pages": run.pages, "seen": run.seen, "new": run.new, "remaining": run.remaining,
            "first_crawl": source in first, "error": run.error,
        })
        note = "；首次采集，所收帖文只入库可查，不起算时限" if source in first and run.new else ""
        why = f"；{run.error}" if run.error else ""
        lines.append(f"{config.sources[source].name}（{source}）：{outcome.zh}，看到 {run.seen} 条，新帖 {run.new} 条{note}{why}")
    for source in busy:
        data.append({"id": source, "outcome": None, "error": "busy"})
        lines.append(f"{config.sources[source].name}（{source}）：另一个采集正在访问该网站，本次跳过")
    missed = [d for d in data if d["outcome"] and not CrawlOutcome(d["outcome"]).seen]
    return Outcome({"sources": data}, "\n".join(lines) or "没有到期的信源", FAILED if missed else DONE)


def import_file(
    store: Store, config: Config, file: Path, source_id: str, mapping: str, as_new: bool, archive: bool, now: datetime, say: Say,
) -> Outcome:
    """Stores a table's rows as posts: the whole file is read and checked before the first is written, and the same file again
    changes nothing."""
    source = config.sources.get(source_id)
    if source is None:
        known = "、".join(f"{id}（{s.name}）" for id, s in config.sources.items())
        raise unusable(source_id, "没有这个信源", f"已有：{known or '无'}；在 sources.toml 里添加")
    if as_new and archive:
        raise unusable("--as-new --archive", "两个选项互相矛盾", "只写一个")
    mode = Mode.AS_NEW if as_new else Mode.ARCHIVE if archive else Mode.DATED
    table = read_table(file, NAMES)
    columns = columns_of(file, table, mapping)
    made = posts_of(file, table, columns, source_id, mode, now, timedelta(days=config.settings.clocks.backfill_days))
    added = Added()
    for part in batches(range(len(made.posts)), IMPORT_BATCH):
        chosen = slice(part[0], part[-1] + 1)
        added += posts.add(store, made.posts[chosen], now, public=source.public, dormant=made.dormant[chosen])
        say(f"已导入 {part[-1] + 1} / {len(made.posts)}")
    return imported(file, table, columns, made, added, mode)


def imported(file: Path, table: Table, columns: dict[str, str], made: Imported, added: Added, mode: Mode) -> Outcome:
    """What staff and programs are told of an import."""
    left, dormant = unused(table, columns), sum(made.dormant)
    data = {
        "file": str(file), "rows": len(table.rows), "posts": len(made.posts), "new": added.new, "changed": added.changed,
        "known": added.known, "dormant": dormant, "undated": made.undated, "columns": columns, "unused_columns": list(left),
    }
    used = "，".join(f"{field}={column}" for field, column in columns.items())
    lines = [
        f"{file.name}：{len(table.rows)} 行，新帖 {added.new}，内容有变 {added.changed}，已有 {added.known}",
        f"采用的列：{used}" + (f"；未采用：{'、'.join(left)}" if left else ""),
    ]
    if dormant:
        why = "按存档导入" if mode is Mode.ARCHIVE else "早于回溯期"
        lines.append(f"其中 {dormant} 条{why}，只研读、可检索，不起算时限")
    if made.undated and mode is not Mode.AS_NEW:
        lines.append(f"其中 {made.undated} 条没有可信的时间" + ("" if mode is Mode.ARCHIVE else "，按刚发现对待"))
    return Outcome(data, "\n".join(lines))


def source_new(config: Config, root: Path, id: str, url: str, now: datetime, store: Store | None = None) -> Outcome:
    """Looks at a site, proposes its table in sources.toml (not yet enabled), and saves the pages with a test."""
    from crawlers.proposing import new_source

    return new_source(config, root, id, url, now, store)


def source_test(config: Config, root: Path, id: str, now: datetime, store: Store | None = None) -> Outcome:
    """Reads a source's saved pages (or its live ones, where none are saved) with the table as it is now."""
    from crawlers.proposing import try_source

    return try_source(config, root, id, now, store)
