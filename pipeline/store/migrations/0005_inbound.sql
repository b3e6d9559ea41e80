-- The fifth schema: mail that comes in.

-- One row a message of the inbox, made before it is fetched, so that one that cannot be fetched is known and the next goes on.
-- `place` is host, account and folder: a UID means something within a place and its UIDVALIDITY only.
CREATE TABLE inbound (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    place TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    size INTEGER NOT NULL,             -- as the server gives it; more than what was kept where `cut`
    tries INTEGER NOT NULL DEFAULT 0,
    evidence_id INTEGER REFERENCES evidence(id),
    sha256 TEXT,
    cut INTEGER NOT NULL DEFAULT 0 CHECK (cut IN (0, 1)),
    received_at TEXT NOT NULL,         -- when we first saw it
    moved_at TEXT,                     -- when it was moved out of the inbox
    kind TEXT CHECK (kind IN ('reply', 'bounce', 'delayed', 'automatic', 'own', 'unmatched', 'unreadable')),
    sender TEXT NOT NULL DEFAULT '',
    sender_name TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    sent_at TEXT,                      -- what its Date says, which nobody vouches for
    text TEXT NOT NULL DEFAULT '',
    attachments TEXT NOT NULL DEFAULT '[]',   -- JSON [name, …]
    remark TEXT NOT NULL DEFAULT '',   -- for staff: how it was matched, why it was not, what the other side said
    message_id INTEGER REFERENCES message(id),
    case_id INTEGER REFERENCES case_(id),
    assignment_id INTEGER REFERENCES assignment(id),
    party TEXT,                        -- whose registered contact sent it, or whose mail came back
    known INTEGER NOT NULL DEFAULT 0 CHECK (known IN (0, 1)),   -- whether the sender is a registered contact of that party
    settled_at TEXT,
    settled_by TEXT,
    settlement TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    waiting TEXT CHECK (waiting IN ('fetch', 'read', 'staff')),
    UNIQUE (bureau, place, uidvalidity, uid)
) STRICT;
CREATE INDEX inbound_waiting ON inbound(bureau, waiting, id) WHERE waiting IS NOT NULL;
CREATE INDEX inbound_case ON inbound(case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX inbound_bytes ON inbound(bureau, sha256) WHERE sha256 IS NOT NULL;

-- How the inbox was last found: when it is looked at next, and while `since` stands, since when and why it cannot be.
CREATE TABLE inbox (
    bureau TEXT PRIMARY KEY REFERENCES bureau(id),
    looked_at TEXT NOT NULL,
    next_at TEXT NOT NULL,
    since TEXT,
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a reply names in References, and whose mail an address is.
CREATE INDEX message_thread ON message(bureau, thread) WHERE thread IS NOT NULL;
CREATE INDEX contact_email ON contact(lower(email)) WHERE until IS NULL AND email != '';
