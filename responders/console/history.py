"""办理经过: the entries of the record (留痕) as sentences that staff read, each with whatever else it holds beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from pipeline.moments import from_text
from pipeline.store.audit import Entry

SENTENCES: Mapping[str, str] = {
    "研判": "研判为「{选择}」",
    "交办": "交办给 {单位}（{角色}）",
    "签收": "登记 {单位} 签收：{方式}",
    "登记反馈": "登记 {单位} 的反馈",
    "退回重报": "退回 {单位} 的反馈，要求重报",
    "登记非我单位": "登记 {单位} 认为不是本单位的事，退回值班室",
    "转办": "由 {由} 转办给 {转给}",
    "登记回应": "登记 {时间} 的回应（{渠道}）",
    "登记回执": "登记「{时限}」的回执：{回执}",
    "确认红线": "确认红线「{红线}」，等级 {等级}",
    "确定等级": "把等级由 {由} 定为 {定为}",
    "录入突发事件等级": "按 {依据文件} 录入突发事件等级「{突发事件等级}」",
    "免除时限": "与 {第二人} 两人同意，免除「{时限}」时限",
    "延长时限": "与 {第二人} 两人同意，把「{时限}」由 {由} 延至 {延至}",
    "不予处置": "定为不予处置：{理由}",
    "办结": "办结：{意见}",
    "重开": "重开，第 {第几次} 次办理：{理由}",
    "并入": "把本事件并入 {事件}，{帖文} 条帖文一并归入",
    "并入事件": "把 {事件} 并入本事件，带来 {帖文} 条帖文",
    "拆出": "从本事件拆出 {帖文} 条帖文，另立 {新事件}",
    "拆出立案": "从 {原事件} 拆出 {帖文} 条帖文，立为本事件",
    "拟交办": "拟由 {主责} 主责",
    "时限终止": "{原因}，终止时限 {时限}",
    "超期": "「{时限}」超期：应于 {到期} 前，{承办} 承办",
    "电话督办": "打电话给 {单位} {接听人}：{结果}",
    "调高建议等级": "建议等级由 {原} 升为 {现}",
    "登记批示来文": "登记{来自}的{类型}",
    "起草报告": "起草{文书}，主送 {主送}",
    "修改草稿": "修改{文书}的草稿",
    "审定报告": "审定{文书}，主送 {主送}",
    "登记报告回执": "登记{文书}的回执：{主送}，{回执}",
    "收到回信": "收到{来信人}的回信",
    "退信": "发给{单位}的邮件被退回",
    "认领来信": "把{来信人}的来信归入本事件",
    "移出来信": "把{来信人}的来信移出本事件",
    "查看未遮蔽原文": "查看第 {帖文} 条帖文的未遮蔽原文，{批准人} 批准：{理由}",
    "撤回报告": "撤回{文书}（主送 {主送}）：{理由}",
}
"""What an entry says, its particulars filled in; one that lacks a particular is told by its bare name."""
COUNTED = "帖文"
"""Posts are counted where a sentence names them."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One sentence of the history, with the particulars that it does not tell itself."""

    at: datetime
    who: str
    action: str
    details: tuple[tuple[str, str], ...]


def happened(entry: Entry) -> Happened:
    """An entry of the record as a sentence."""
    told = SENTENCES.get(entry.action, "")
    names = [name for _, name, _, _ in Formatter().parse(told) if name]
    if not told or any(entry.detail.get(name) in (None, "") for name in names):
        return Happened(from_text(entry.at), entry.who, entry.action, details(entry.detail))
    filled = told.format_map({name: _said(name, entry.detail[name]) for name in names})
    rest = {name: value for name, value in entry.detail.items() if name not in names}
    return Happened(from_text(entry.at), entry.who, filled, details(rest))


def details(detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The particulars of an entry, those that say nothing left out."""
    return tuple((name, _said("", value)) for name, value in detail.items() if value not in (None, "", []))


def _said(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return str(len(value)) if name == COUNTED else "、".join(map(str, value))
