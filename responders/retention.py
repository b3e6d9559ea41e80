"""保存期限: removes what is kept no longer, every night, in batches that may die between any two; its report is in record and digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from config.schema import Config
from config.schema.settings import RetentionSettings
from pipeline.domain.retention import CLEARING, LABELS, Cleared, Expired, Expiry, leaving
from pipeline.masking import masked
from pipeline.moments import WallClock, local, shown
from pipeline.outcome import Outcome
from pipeline.stage import Stage, digest, never
from pipeline.store import audit, cases, evidence, forgotten, retention, users
from pipeline.store.db import Store
from pipeline.supervisor import sole
from responders.paper import one_line

WHO, NAME = "系统", "retention"
BATCH = 200
SHOWN = 10
"""So many titles of each kind a dry run shows."""


def terms(settings: RetentionSettings) -> dict[Expiry, tuple[int, str]]:
    """How many days each kind is kept, and on what basis."""
    return {
        Expiry.GONE: (settings.gone_days, settings.gone_basis), Expiry.DISMISSED: (settings.dismissed_days, settings.dismissed_basis),
        Expiry.OTHER: (settings.other_days, settings.other_basis),
    }


def due(store: Store, config: Config, now: datetime) -> bool:
    """Whether today's clearing has still to be done, or to be ended."""
    here = local(now)
    if here.time().replace(tzinfo=None) < config.settings.schedule.retention_at:
        return False
    today = retention.on(store, here.date())
    return today is None or today.ended_at is None


def clear_if_due(store: Store, config: Config, clock: WallClock, lock: Path, stopped: Callable[[], bool] = never) -> Outcome | None:
    """The worker's question: clears what has expired when its time has come."""
    return clear(store, config, clock, lock, stopped) if due(store, config, clock()) else None


def clear(store: Store, config: Config, clock: WallClock, lock: Path, stopped: Callable[[], bool] = never) -> Outcome:
    """Removes everything that has expired, replies before what they answer, a batch a transaction. Whatever it dies at, the next call
    goes on with the day's counts. `lock` keeps the reading stages away from a batch's posts while it goes."""
    now = clock()
    day = local(now).date()
    retention.overwrite(store)
    with store.transaction():
        retention.begin(store, day, now)
    if not (
        _posts(store, config, lock, stopped, now) and _letters(store, config, stopped, now) and _files(store, stopped, now)
    ):
        return _report(retention.on(store, day), "已停止，下次接着清除")
    with store.transaction():
        _end(store, config, now)
    retention.settle_file(store)
    return _report(retention.on(store, day), "清除完毕")


def _posts(store: Store, config: Config, lock: Path, stopped: Callable[[], bool], now: datetime) -> bool:
    """Removes posts, a batch a transaction; False when it was stopped between two."""
    stage, going = retention_stage(store, config), plan(store, config, now)
    for start in range(0, len(going), BATCH):
        if stopped():
            return False
        with sole(lock, wait=True):
            digest(stage, store, going[start : start + BATCH], now)
    return True


def _letters(store: Store, config: Config, stopped: Callable[[], bool], now: datetime) -> bool:
    """Removes mail that came in and belongs to no case; False when it was stopped."""
    while not stopped():
        with store.transaction():
            letters, pages = retention.remove_letters(store, now - timedelta(days=config.settings.retention.inbound_days), BATCH)
            retention.count(store, local(now).date(), {"letters": letters, "pages": pages})
        if letters < BATCH:
            return True
    return False


def _files(store: Store, stopped: Callable[[], bool], now: datetime) -> bool:
    """Removes the files that no row names any more, after the commits that removed their rows; False when it was stopped."""
    for folder in evidence.folders(store):
        if stopped():
            return False
        with store.transaction():
            retention.count(store, local(now).date(), {"files": evidence.sweep(store, folder)})
    return True


def retention_stage(store: Store, config: Config) -> Stage[Expired, Expired]:
    """Posts that have expired → removed. One that cannot be removed is set aside and on record; the others go."""

    def insert(batch: Sequence[Expired], now: datetime) -> None:
        _batch(store, config, [e.post_id for e in batch], now)

    return Stage(NAME, lambda _: (), lambda batch, _: batch, insert, _named, lambda: 0, BATCH)


def plan(store: Store, config: Config, now: datetime, among: Sequence[int] | None = None) -> list[Expired]:
    """What would go now, replies before what they answer; `among` these or all."""
    found: dict[int, Expired] = {}
    for why, (days, _) in terms(config.settings.retention).items():
        for expired in retention.expired(store, why, now - timedelta(days=days), among):
            found.setdefault(expired.post_id, expired)
    aside = set(cases.open_setbacks(store, NAME))
    found = {number: expired for number, expired in found.items() if _named(expired) not in aside}
    return leaving(found.values(), retention.replies(store, list(found)))


def preview(store: Store, config: Config, now: datetime) -> Outcome:
    """Says what would go now, with each number's basis; changes nothing."""
    found = plan(store, config, now)
    lines: list[str] = []
    data: list[dict[str, object]] = []
    for why, (days, basis) in terms(config.settings.retention).items():
        these = sorted((e for e in found if e.why is why), key=lambda e: e.since)
        lines.append(f"{why.zh}，满 {days} 天：{len(these)} 条（依据：{basis}）")
        lines += [f"  · {_named(e)}　{e.source}　自 {shown(e.since)}　{_title(e)}" for e in these[:SHOWN]]
        lines += [f"  · 另有 {len(these) - SHOWN} 条"] if len(these) > SHOWN else []
        data.append({"kind": why.value, "days": days, "basis": basis, "posts": [e.post_id for e in these]})
    keeps = config.settings.retention
    letters = retention.count_letters(store, now - timedelta(days=keeps.inbound_days))
    lines.append(f"{LABELS['letters']}，满 {keeps.inbound_days} 天：{letters} 封（依据：{keeps.inbound_basis}）")
    data.append({"kind": "letters", "days": keeps.inbound_days, "basis": keeps.inbound_basis, "letters": letters})
    head = f"试运行，没有清除任何数据。现在清除的话，共 {len(found)} 条帖文："
    return Outcome({"dry_run": True, "total": len(found), "kinds": data}, "\n".join([head, *lines]))


def _named(expired: Expired) -> str:
    return f"帖文 {expired.post_id}"


def _title(expired: Expired) -> str:
    return masked(one_line(expired.title, 40)) or "（无标题）"


def _batch(store: Store, config: Config, ids: Sequence[int], now: datetime) -> None:
    """Removes those of a batch that have still expired: staff may have opened a case on one since the plan was made."""
    going = plan(store, config, now, ids)
    if not going:
        return
    pages, lost = retention.remove(store, [e.post_id for e in going], now)
    for case_id, n in lost.items():
        case = cases.get(store, case_id)
        if case:
            audit.write(store, WHO, CLEARING, case.number, {"帖文": n, "原因": "保存期限已满"}, now, case_id)
    counts = Counter(e.why.value for e in going)
    retention.count(store, local(now).date(), {**counts, "pages": pages})


def _end(store: Store, config: Config, now: datetime) -> None:
    day = local(now).date()
    old = now - timedelta(days=config.settings.retention.forgotten_days)
    retention.count(store, day, {"log_ins": users.clear(store, now), "forgotten": forgotten.drop(store, old)})
    retention.end(store, day, now)
    cleared = retention.on(store, day)
    if cleared and cleared.labelled:
        audit.write(store, WHO, CLEARING, day.isoformat(), cleared.labelled, now)


def _report(cleared: Cleared | None, ending: str) -> Outcome:
    if cleared is None:
        return Outcome({"dry_run": False, "date": None, "ended": False, "counts": {}}, ending)
    data = {"dry_run": False, "date": cleared.date, "ended": cleared.ended_at is not None, "counts": dict(cleared.counts)}
    return Outcome(data, f"{cleared.sentence}\n{ending}")
