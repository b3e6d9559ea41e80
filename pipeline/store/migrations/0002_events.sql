-- The second schema: what posts on one matter are found by, what staff said of them, and what a case tells.

-- The rare words of a gathered post (names of estates, roads, firms …): posts that name no school meet by them.
CREATE TABLE rare_word (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    word TEXT NOT NULL,
    at TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    PRIMARY KEY (bureau, word, at, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rare_word_post ON rare_word(post_id);

-- What staff said of two posts: one matter or two. No later gathering says otherwise; the newest word of a person holds.
CREATE TABLE tie (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    one INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    other INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    verdict TEXT NOT NULL CHECK (verdict IN ('together', 'apart')),
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (bureau, one, other),
    CHECK (one < other)
) STRICT, WITHOUT ROWID;
CREATE INDEX tie_other ON tie(other);

-- A case's matter in its posts' own words (摘录), masked, with the places that they stand at.
CREATE TABLE account (
    case_id INTEGER PRIMARY KEY REFERENCES case_(id),
    summary TEXT NOT NULL,
    quotes TEXT NOT NULL           -- JSON [[post id, version, start, end], …], code points of title, newline, body
) STRICT;
