"""The names under which others export the parts of a post (列名): each field's known names, in order of preference."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "工单号", "工单编号", "留言编号", "信件编号", "来信编号", "诉求编号", "受理编号", "流水号", "序列号", "记录编号"),
    "title": ("title", "标题", "主题", "诉求标题", "留言主题", "留言标题", "信件标题", "来信标题", "工单标题", "事项标题", "诉求主题"),
    "body": (
        "body", "content", "text", "内容", "正文", "诉求内容", "留言详情", "留言内容", "信件内容", "来信内容", "来电内容", "工单内容",
        "问题描述", "反映内容", "主要内容", "诉求描述", "事项内容", "详情",
    ),
    "time": (
        "time", "date", "published_at", "时间", "日期", "来电时间", "留言时间", "受理时间", "来信时间", "写信时间", "提交时间", "诉求时间",
        "登记时间", "反映时间", "发布时间", "发帖时间", "创建时间", "来电日期", "受理日期",
    ),
    "user": (
        "user", "author", "用户", "姓名", "留言用户", "来电人", "反映人", "写信人", "来信人", "诉求人", "作者", "昵称", "联系人", "网友",
    ),
    "url": ("url", "link", "链接", "网址", "原文链接", "地址链接", "链接地址"),
}
"""The names of columns that are known, each field's in order of preference."""

NAMES = frozenset(name for names in COLUMNS.values() for name in names)
