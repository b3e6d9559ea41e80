"""Every version of the configuration is kept whole, once."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from pipeline.store import config_versions
from pipeline.store.db import Store


def record(store: Store, texts: dict[str, str], now: datetime) -> list[str]:
    with store.transaction():
        return config_versions.record(store, texts, now, "文件")


def test_only_what_differs_from_the_newest_version_is_kept(store: Store, now: datetime) -> None:
    assert record(store, {"a.toml": "1", "b.toml": "1"}, now) == ["a.toml", "b.toml"]
    assert record(store, {"a.toml": "1", "b.toml": "2"}, now) == ["b.toml"]
    assert record(store, {"b.toml": "1"}, now) == ["b.toml"], "an older text that comes back is a version again"
    assert store.value("SELECT count(*) FROM config_version") == 4


def test_a_version_has_its_hash_and_who_brought_it(store: Store, now: datetime) -> None:
    record(store, {"a.toml": "规则"}, now)
    row = store.row("SELECT sha256, text, seen_by FROM config_version")
    assert row == {"sha256": sha256("规则".encode()).hexdigest(), "text": "规则", "seen_by": "文件"}


def test_the_newest_version_is_given(store: Store, now: datetime) -> None:
    record(store, {"a.csv": "old"}, now)
    record(store, {"a.csv": "new"}, now)
    assert config_versions.newest(store, "a.csv") == "new"
    assert config_versions.newest(store, "b.csv") is None
    assert config_versions.newest_of(store, ("a.csv", "b.csv")) == {"a.csv": "new"}
