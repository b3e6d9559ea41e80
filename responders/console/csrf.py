"""A form counts only when it came from a page of ours: the session's token, and before log-in a signed cookie that the form repeats."""

from __future__ import annotations

import hmac
import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer

from pipeline.store.db import Store

FIELD = "csrf"
BEFORE_LOGIN_SECONDS = 3600


def fresh() -> str:
    """A new token."""
    return secrets.token_urlsafe(24)


def same(expected: str, sent: str) -> bool:
    """Whether a token is the expected one, in constant time; an empty one never is."""
    return bool(expected) and hmac.compare_digest(expected.encode(), sent.encode("utf-8", "replace"))


def signed(store: Store, token: str) -> str:
    """The cookie of a visitor who has not logged in yet."""
    return _serializer(store).dumps(token)


def unsigned(store: Store, cookie: str) -> str:
    """The token in such a cookie; empty when it was forged or is an hour old."""
    try:
        return str(_serializer(store).loads(cookie, max_age=BEFORE_LOGIN_SECONDS))
    except BadSignature:
        return ""


def _serializer(store: Store) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(store.keyed("console", "before log-in"), salt="log-in")
