"""Posts: the same post once, its changes as versions, its text found as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipeline.domain.posts import Engagement, Evidence, RawPost
from pipeline.moments import to_text
from pipeline.store import evidence, posts, search
from pipeline.store.db import Store
from pipeline.store.posts import Added

POST = RawPost(source="forum", key="t1", title="县一中周末补课", body="孩子每周只休半天。", author="路人甲", url="http://bbs.example/t1")


def add(store: Store, now: datetime, *raw: RawPost) -> Added:
    return posts.add(store, raw, now, public=True, dormant=[False] * len(raw))


def test_the_same_post_twice_adds_nothing(store: Store, now: datetime) -> None:
    assert add(store, now, POST) == Added(new=1)
    assert add(store, now + timedelta(hours=1), POST) == Added(known=1)
    assert store.value("SELECT count(*) FROM post_version") == 1


def test_a_changed_text_is_a_new_version_that_is_read_again(store: Store, now: datetime) -> None:
    add(store, now, POST)
    store.db.execute("UPDATE post SET waiting = NULL")
    store.db.conn.commit()
    assert add(store, now, replace(POST, body="已经改为双休。")) == Added(changed=1)
    (post,) = posts.waiting(store, "read", 10)
    assert (post.version, post.body) == (2, "已经改为双休。")
    assert [r["body"] for r in store.rows("SELECT body FROM post_version ORDER BY version")] == ["孩子每周只休半天。", "已经改为双休。"]
    assert search.find(store, "半天") == []
    assert search.find(store, "双休") == [post.id]


def test_an_author_is_kept_as_a_keyed_hash_only(store: Store, now: datetime) -> None:
    add(store, now, POST)
    kept = store.value("SELECT author_hash FROM post")
    assert kept == store.keyed("author", "路人甲")
    assert "路人甲" not in "".join(store.db.iterdump())


def test_a_reply_knows_its_parent(store: Store, now: datetime) -> None:
    add(store, now, POST, replace(POST, key="t1#2", title="", body="顶", parent="t1"))
    assert [p.parent_id for p in posts.waiting(store, "read", 10)] == [None, 1]


def test_a_post_that_is_gone_at_its_source_goes_with_its_replies_until_it_is_seen_again(store: Store, now: datetime) -> None:
    reply = replace(POST, key="t1#2", title="", body="顶", parent="t1")
    add(store, now, POST, reply, replace(POST, key="t2"), replace(POST, source="news"))
    later = now + timedelta(days=1)
    assert posts.gone(store, "forum", "t1", later) == 2
    assert posts.gone(store, "forum", "t1", later + timedelta(days=1)) == 0
    assert [r["gone_at"] for r in store.rows("SELECT gone_at FROM post ORDER BY id")] == [to_text(later), to_text(later), None, None]
    add(store, later, POST)
    assert [r["gone_at"] for r in store.rows("SELECT gone_at FROM post ORDER BY id")] == [None, to_text(later), None, None]


def test_engagement_is_a_history_of_changes(store: Store, now: datetime) -> None:
    for hours, views in enumerate((10, 10, 50)):
        add(store, now + timedelta(hours=hours), replace(POST, engagement=Engagement(views=views)))
    assert [r["views"] for r in store.rows("SELECT views FROM engagement ORDER BY at")] == [10, 50]
    assert posts.get(store, 1).engagement.views == 50  # type: ignore[union-attr]  # it is there


def test_a_batch_is_stored_whole_or_not_at_all(store: Store, now: datetime) -> None:
    with pytest.raises(ValueError, match="zip"):
        posts.add(store, [POST, replace(POST, key="t2")], now, public=True, dormant=[False])
    assert store.value("SELECT count(*) FROM post") == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("一中", True), ("周末补课", True), ("补课周末", False), ("一中 半天", True), ("一中 二中", False), ("每", True),
        ("半天。", True), ("半天！", False), ("", False), ("“”", False),
    ],
)
def test_search_means_what_stands_there(store: Store, now: datetime, words: str, found: bool) -> None:
    add(store, now, POST)
    assert search.find(store, words) == ([1] if found else [])


@pytest.mark.parametrize("title", ["", "😀🏫 我的学校", "a" * 10_000, "\ud800 孤立代理", 'x" OR "y'])
def test_any_title_can_be_stored_and_searched(store: Store, now: datetime, title: str) -> None:
    clean = title.encode("utf-8", "replace").decode()
    add(store, now, replace(POST, title=clean))
    assert search.find(store, "半天") == [1]


def test_evidence_is_kept_once_and_checked_when_read(store: Store, now: datetime) -> None:
    page = Evidence("http://bbs.example/t1", "<p>县一中</p>".encode("gb18030"), now, charset="gb18030")
    add(store, now, replace(POST, evidence=page), replace(POST, key="t2", evidence=page))
    assert store.value("SELECT count(*) FROM evidence") == 1
    kept = store.value("SELECT evidence_id FROM post WHERE id = 1")
    assert evidence.read(store, kept) == page.body
    digest = store.value("SELECT sha256 FROM evidence")
    evidence.path_of(store, digest).write_bytes(b"something else")
    assert evidence.read(store, kept) is None
