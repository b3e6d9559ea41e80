"""huiyin init, check, registry: a bureau's directory written, examined, and its registry taken over with a dry run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from config import starter
from config.advice import advise, missing_calendar
from config.files import REGISTRY, read
from config.load import examine, load
from config.page_checks import page_files
from config.registry import party_entries
from config.registry_changes import registry_diff as changes_between
from config.schema import Config
from config.schema.settings import Settings
from pipeline.domain.parties import PartyChange
from pipeline.faults import Fault, Unusable, unusable
from pipeline.outcome import DONE, FAILED, UNUSABLE, Outcome
from pipeline.store import audit, config_versions, parties
from pipeline.store.db import Store


def init(directory: Path, sample: bool) -> Outcome:
    """Writes a commented directory; with `sample` the county 清源县, ready to run. Never overwrites a file."""
    if (directory / starter.MAIN).exists():
        raise unusable(str(directory / starter.MAIN), "这个目录已经初始化过", "直接使用它，或换一个目录；要重来请先移走 huiyin.toml")
    if directory.exists() and not directory.is_dir():
        raise unusable(str(directory), "这是一个文件，不是目录", "换一个目录名")
    written, kept = starter.write(directory, starter.contents(sample))
    lines = [f"已在 {directory} 写好{'样例县清源县的' if sample else ''}配置："]
    lines += [f"  {name}" for name in written]
    lines += [f"  {name}（原有，未改动）" for name in kept]
    if sample:
        lines.append(f"下一步：huiyin -C {directory} run")
    else:
        lines.append(f"下一步：填写 huiyin.toml 和 schools.csv（至少全称、邮箱），再运行 huiyin -C {directory} check")
    return Outcome({"directory": str(directory), "written": written, "kept": kept}, "\n".join(lines))


def check(
    directory: Path, now: datetime, held: Mapping[str, str] | None = None, try_out: Callable[[Settings], list[Fault]] = lambda _: []
) -> Outcome:
    """Every fault of a configuration at once, then what it would be better off with. `held`: the registry texts of the database;
    `try_out`: finds what is wrong with the servers that it names by trying them."""
    config, faults = examine(directory, held)
    faults += missing_calendar(config, now) + secret_faults(directory, config.settings) + page_files(directory, config.settings)
    advice = [] if faults else advise(config, now) + waiting_advice(directory, held or {})
    failed = [] if faults else try_out(config.settings)
    data = {"faults": [_plain(f) for f in faults], "advice": [_plain(f) for f in advice], "failed": [_plain(f) for f in failed]}
    if faults:
        return Outcome(data, _listed(f"配置有 {len(faults)} 处错误，改正前不能运行：", faults), UNUSABLE)
    parts = [f"配置可用：{_size(config)}。"]
    parts += [_listed("试用没有成功，此项暂时不起作用：", failed)] if failed else []
    parts += [_listed(f"另有 {len(advice)} 条建议，不妨碍运行：", advice)] if advice else []
    return Outcome(data, "\n".join(parts), FAILED if failed else DONE)


def secret_faults(directory: Path, settings: Settings) -> list[Fault]:
    """Password files that are missing, or that others may read."""
    used = {"mail": settings.mail.transport == "smtp" and settings.mail.password_file, "inbox": settings.inbox.password_file}
    return [fault for table, name in used.items() if name for fault in _secret_faults(directory, table, name)]


def _secret_faults(directory: Path, table: str, name: str) -> list[Fault]:
    path = directory / name
    if not path.is_file():
        return [Fault(f"huiyin.toml [{table}]", f"密码文件 {name} 不存在", "建立该文件，只写密码一行，权限 0600")]
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return [Fault(f"huiyin.toml [{table}]", f"密码文件 {name} 其他人也能读", f"运行 chmod 600 {path}")]
    return []


def waiting_advice(directory: Path, held: Mapping[str, str]) -> list[Fault]:
    """The directory's registry files that differ from the accepted ones: they count for nothing until they are imported."""
    if not held:
        return []
    try:
        changes = changes_between(load(directory, held).registry, load(directory).registry)
    except Unusable as error:
        return [Fault(f.where, f"{f.what}（此文件尚未导入）", f.mend) for f in error.faults]
    if not changes:
        return []
    what = f"目录中的 CSV 与已导入的名册有 {len(changes)} 处不同，尚未生效"
    return [Fault("名册", what, "用 huiyin registry diff 查看，huiyin registry import 导入")]


def registry_diff(directory: Path, accepted: Config) -> Outcome:
    """The dry run of an import: what each row of the directory's files would change. Raises `Unusable` where they have faults."""
    changes = changes_between(accepted.registry, load(directory).registry)
    text = _changes(f"导入后将有 {len(changes)} 处变动（尚未导入）：", changes) if changes else "目录中的名册与已导入的一致。"
    return Outcome({"changes": changes}, text)


def registry_import(store: Store, directory: Path, accepted: Config, now: datetime, who: str) -> Outcome:
    """Makes the directory's registry files the true copy, with every change told."""
    found = load(directory)
    changes = changes_between(accepted.registry, found.registry)
    with store.transaction():
        accept_registry(store, found, now, who)
    text = _changes(f"已导入名册，{len(changes)} 处变动：", changes) if changes else "目录中的名册与已导入的一致，没有变动。"
    return Outcome({"changes": changes}, text)


def registry_export(store: Store, out: Path) -> Outcome:
    """Writes the accepted registry as CSV files that table programs open. A file whose text was never accepted is not overwritten."""
    held = config_versions.newest_of(store, REGISTRY)
    faults: list[Fault] = []
    for name in REGISTRY:
        there = read(out / name, str(out / name), faults) if (out / name).exists() else None
        if there and name in held and not config_versions.known(store, name, there.text):
            faults.append(Fault(there.label, "有尚未导入的改动，未覆盖", "先用 huiyin registry import 导入，或移走这个文件"))
    if faults:
        raise Unusable(*faults)
    starter.overwrite(out, {name: starter.with_bom(text.encode()) for name, text in held.items()})
    return Outcome({"written": list(held)}, f"已导出到 {out}：{'、'.join(held)}" if held else "还没有导入过名册，没有可导出的。")


def accept_registry(store: Store, config: Config, now: datetime, who: str) -> list[PartyChange]:
    """Makes a loaded registry the true copy, within the caller's transaction: versions, parties, contacts, an audit entry.

    Doing it again changes nothing. A table without rows is not accepted: a file that is filled in later then counts at once.
    """
    texts = {name: text for name in REGISTRY if len((text := config.texts.get(name, "")).split("\n", 2)) > 2}
    files = config_versions.record(store, texts, now, who)
    changes = parties.sync(store, party_entries(config.registry), now)
    if files or changes:
        detail = {"files": files, "changes": [change.what for change in changes[:200]], "count": len(changes)}
        audit.write(store, who, "名册生效", "、".join(files) or "名册", detail, now)
    return list(changes)


def _size(config: Config) -> str:
    registry = config.registry
    watched = sum(1 for s in config.sources.values() if s.enabled and s.kind != "file")
    parts = (
        f"{len(registry.schools)} 所学校", f"{len(registry.sections)} 个股室", f"{watched} 个网站信源",
        f"{len(config.topics)} 个主题", f"{len(config.routing)} 条分派规则",
    )
    return "、".join(parts)


def _plain(fault: Fault) -> dict[str, str]:
    return {"where": fault.where, "what": fault.what, "mend": fault.mend}


def _listed(title: str, faults: Sequence[Fault]) -> str:
    return "\n".join([title, *(f"  {n}. {fault}" for n, fault in enumerate(faults, 1))])


def _changes(title: str, changes: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {change}" for change in changes)])
