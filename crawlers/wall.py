"""Walls: pages that ask for a log-in or a captcha. They are recognised and recorded, never passed."""

from __future__ import annotations

import re

from crawlers.page import Page

SHORT = 600
"""A wall says little. A page with more text than this is a page that happens to speak of captchas."""

ADDRESS = re.compile(
    r"/(login|signin|sign-in|passport|sso|cas|captcha|verify|wappass|antispider|waf|challenge)\b|mod=logging", re.IGNORECASE
)
LOGIN = re.compile(
    r"请先?登[录陆]|(?:需要|必须|尚未|还没有?)先?登[录陆]|登[录陆]后(?:才|方|可|查看|继续|浏览|阅读)|没有权限(?:访问|查看|浏览)"
    r"|请注册或登[录陆]|扫码登[录陆]|仅限?(?:会员|登[录陆]用户)"
    r"|(?:please|you must|you need to) (?:log|sign) ?in|(?:log|sign) ?in to (?:continue|view)|login required|members only",
    re.IGNORECASE,
)
CAPTCHA = re.compile(
    r"安全验证|人机验证|滑动验证|拖动(?:下方)?滑块|完成(?:下方|以下)?(?:验证|拼图)|访问(?:过于|太)频繁|异常(?:访问|流量|请求)|您的访问(?:被|已被)"
    r"|verify (?:that )?you are (?:a )?human|are you a robot|checking your browser|just a moment|unusual traffic|security check",
    re.IGNORECASE,
)
ASKED = re.compile(r"验证码|captcha|用户登[录陆]|会员登[录陆]", re.IGNORECASE)
"""Words that stand on many a page; beside something to fill in they make a wall."""


def found(page: Page) -> str:
    """The words by which a page shows itself to be a wall; empty for a page that is none."""
    if page.status == 401:
        return "HTTP 401（需要登录）"
    if len(page.visible) > SHORT:
        return ""
    text = f"{page.title}\n{page.visible}"
    said = CAPTCHA.search(text) or LOGIN.search(text)
    if said:
        return said[0]
    asked = ASKED.search(text) if page.sel.css("input:not([type=hidden])") else None
    if asked and len(page.visible) < SHORT // 2:
        return asked[0]
    return "登录表单" if page.sel.css("input[type=password]") and len(page.visible) < SHORT // 2 else ""


def address(url: str) -> bool:
    """Whether an address itself is that of a log-in or a check (where a redirect led)."""
    return bool(ADDRESS.search(url))
