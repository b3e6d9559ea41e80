"""A form counts only when it came from a page of ours: the session's token, and before log-in a signed cookie that the form repeats."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from pipeline.moments import from_text, to_text
from pipeline.store.db import Store

FIELD = "csrf"
BEFORE_LOGIN = timedelta(hours=1)


def fresh() -> str:
    """A new token."""
    return secrets.token_urlsafe(24)


def same(expected: str, sent: str) -> bool:
    """Whether a token is the expected one, in constant time; an empty one never is."""
    return bool(expected) and hmac.compare_digest(expected.encode(), sent.encode("utf-8", "replace"))


def signed(store: Store, token: str, now: datetime) -> str:
    """The cookie of a visitor who has not logged in yet."""
    return str(_serializer(store).dumps([token, to_text(now)]))


def unsigned(store: Store, cookie: str, now: datetime) -> str:
    """The token in such a cookie; empty when it was forged or is an hour old."""
    try:
        token, made = _serializer(store).loads(cookie)
    except BadSignature:
        return ""
    return str(token) if now - from_text(made) <= BEFORE_LOGIN else ""


def _serializer(store: Store) -> URLSafeSerializer:
    return URLSafeSerializer(store.keyed("console", "before log-in"), salt="log-in")
