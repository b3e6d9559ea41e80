"""Makes first.db, a small database of the first schema: `python -m tests.data.make_first`.

Written with the first migration alone and with plain inserts, so that it stays what the first version of the program left behind.
Once that version is out, neither the migration nor this file changes any more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pipeline.store import audit, search
from pipeline.store.db import Store, migrations, statements

FIRST = Path(__file__).with_name("first.db")
BUREAU, NAME, SECRET = "first", "清源县教育局", b"the key of first.db"
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
AT, DUE = "2026-11-18T02:00:00Z", "2026-11-20T02:00:00Z"
PRINTED = "b184cca4e27673d03071f2e9b85348f2c4c53a25882b75521a7311cb72ccf9d2"
"""The hash of the first entry on record, as a digest prints it."""
POSTS = (
    ("t1", None, "四中食堂的饭菜里有虫子", "孩子不敢吃，请查一查。"),
    ("t1#2", 1, "", "我家孩子也遇到过。"),
    ("t2", None, "水岸华庭什么时候交房", "已经拖了七个月。"),
)


def first_schema(connection: sqlite3.Connection) -> None:
    """The schema that the first migration makes."""
    number, sql = migrations()[0]
    for statement in statements(sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {number}")


def rows() -> list[tuple[str, Mapping[str, Any]]]:
    """What stands in the tables, in an order that foreign keys allow."""
    mine = {"bureau": BUREAU}
    clock = {"party": "QY005", "clock": "hours", "basis": "国办发〔2016〕61号", "start_at": AT, "start_basis": "found", "warn_at": DUE}
    return [
        ("bureau", {"id": BUREAU, "name": NAME}),
        ("config_version", mine | {"file": "routing.toml", "sha256": "0" * 64, "text": "", "seen_at": AT, "seen_by": "文件"}),
        ("source_run", mine | {"source": "forum", "started_at": AT, "finished_at": AT, "outcome": "ok", "pages": 2, "seen": 3, "new": 3}),
        ("party", mine | {"kind": "school", "code": "QY005", "name": "清源县第四中学"}),
        ("contact", {"party_id": 1, "role": "duty", "name": "夏书芳", "email": "qy005@qingyuan-edu.example", "phone": "13900001005",
                     "state": "confirmed", "since": AT}),
        *(("post", mine | {"source": "forum", "key": key, "url": f"http://bbs.example/{key}", "parent_id": parent, "title": title,
                           "body": body, "published_at": AT, "precision": "minute", "collected_at": AT, "public": 1, "dormant": 0,
                           "text_hash": sha256(f"{title}\0{body}".encode()).hexdigest()}) for key, parent, title, body in POSTS),
        *(("post_version", {"post_id": n, "version": 1, "title": title, "body": body, "seen_at": AT})
          for n, (_, _, title, body) in enumerate(POSTS, 1)),
        ("engagement", {"post_id": 1, "at": AT, "views": 918, "replies": 1}),
        ("reading", {"post_id": 1, "version": 1, "model": "linear-first", "read_at": AT, "scope": "k12", "relevance": 0.98, "topic": "A5",
                     "nature": "投诉", "grade": "Ⅲ", "detail": "{}", "current": 1}),
        ("case_", mine | {"number": "教舆-2026-00001", "state": "open", "title": POSTS[0][2], "topic": "A5", "grade": "Ⅲ", "public": 1,
                          "dormant": 0, "published_at": AT, "found_at": AT, "handed_over_at": AT, "opened_by": "machine"}),
        *(("case_post", {"post_id": n, "case_id": 1, "generation": 1, "how": how, "attached_at": AT, "attached_by": "machine"})
          for n, how in ((1, "first"), (2, "reply"))),
        ("assignment", {"case_id": 1, "generation": 1, "party": "QY005", "party_name": "清源县第四中学", "owner_kind": "school",
                        "role": "lead", "state": "confirmed", "rule": "one-school", "rule_version": "first", "reason": "一所学校的事项",
                        "words": "[]", "confidence": 0.9, "summary": "食堂饭菜有异物", "proposed_at": AT, "confirmed_at": AT}),
        ("obligation", mine | clock | {"case_id": 1, "generation": 1, "kind": "response", "amount": 48.0, "due_at": DUE}),
        ("obligation", mine | clock | {"case_id": 1, "generation": 1, "kind": "acknowledge", "amount": 2.0, "due_at": AT, "met_at": AT}),
        ("rung", mine | {"obligation_id": 1, "name": "response-before", "n": 1, "due_at": DUE}),
        ("message", mine | {"message_id": "<first@example>", "date": AT, "party": "QY005", "contact_id": 1, "urgency": "prompt",
                            "recipient": "qy005@qingyuan-edu.example", "recipient_name": "夏书芳", "subject": "交办",
                            "text": "食堂饭菜有异物", "html": "<p>食堂饭菜有异物</p>", "next_at": AT, "expires_at": DUE}),
        ("notice", mine | {"key": "assign:1:1:duty", "party": "QY005", "roles": '["duty"]', "urgency": "prompt", "subject": "交办",
                           "text": "食堂饭菜有异物", "case_id": 1, "assignment_id": 1, "created_at": AT, "not_before": AT, "message_id": 1,
                           "waiting": 0}),
        ("digest", mine | {"date": "2026-11-18", "number": 1, "since": AT, "until": AT, "subject": "日报", "html": "<p>一</p>",
                           "text": "一", "audit_count": 1, "audit_hash": PRINTED, "made_at": AT}),
        ("user", mine | {"name": "值班员", "role": "triager", "password": "$argon2id$none", "created_at": AT}),
    ]


def make(path: Path) -> None:
    """Writes the file anew."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size=512")  # many tables with few rows: a small file
    connection.execute("PRAGMA foreign_keys=ON")
    store = Store(Database(connection), BUREAU, SECRET, path.parent)
    with store.transaction():
        first_schema(connection)
        for table, row in rows():
            store.insert(table, **row)
        for n, post in enumerate(POSTS, 1):
            search.add(store, n, post[2], post[3])
        for action in ("立案", "拟交办", "交办"):
            audit.write(store, "系统", action, "教舆-2026-00001", {"帖文": 1}, NOW, 1)
    connection.execute("VACUUM")
    store.close()


if __name__ == "__main__":
    make(FIRST)
