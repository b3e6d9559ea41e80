"""How things stand, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.domain.terms import CaseState, CrawlOutcome, MessageState, ObligationStatus, Term
from pipeline.moments import maybe_from, shown


def status_text(data: dict[str, Any]) -> str:
    """The counts of `status --json`, for people; sources and model where they are among them."""
    lines = [
        f"帖文 {data['posts']}，其中涉教育 {data['education']}",
        f"案件　{_counted(CaseState, data['cases'])}",
        f"时限　{_counted(ObligationStatus, data['obligations'])}",
        f"邮件　{_counted(MessageState, data['messages'])}；待打电话 {data['phone_tasks']}",
    ]
    waiting = (("来信待认领", data["letters"]), ("文书待取回执", data["papers"]), ("学校页面的链接", data["links"]))
    if any(n for _, n in waiting):
        lines.append("往来　" + "，".join(f"{name} {n}" for name, n in waiting if n))
    if data["setbacks"]:
        lines.append(f"搁置　{data['setbacks']} 条未能处理的记录，见日报")
    lines += [_source(s) for s in data.get("sources", [])]
    if "model" in data:
        lines.append(f"模型　{data['model']['version'] or '尚未训练'}；数据库结构第 {data['schema']} 版")
    return "\n".join(lines)


def _counted(terms: Iterable[Term], counts: dict[str, int]) -> str:
    return "，".join(f"{t.zh} {counts[t.value]}" for t in terms if counts.get(t.value)) or "无"


def _source(seen: dict[str, Any]) -> str:
    outcome = CrawlOutcome(seen["outcome"]).zh if seen["outcome"] else "尚未采集"
    last, following = (shown(maybe_from(seen[k])) if seen[k] else "—" for k in ("last_run", "next_run"))
    error = f"，{seen['error']}" if seen["error"] else ""
    return f"信源　{seen['id']}：{outcome}，新帖 {seen['new']}，上次 {last}，下次 {following}{error}"
