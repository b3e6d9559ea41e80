-- The fourth schema: links to the school's page, and what a party said of its hand-over there, by telephone or by letter.

-- A link stands in a mail only; here is the keyed hash of its random id. It opens one hand-over until it ends or is revoked.
CREATE TABLE school_link (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    hash TEXT NOT NULL UNIQUE,
    assignment_id INTEGER NOT NULL REFERENCES assignment(id),
    contact_id INTEGER NOT NULL REFERENCES contact(id),
    scope TEXT NOT NULL CHECK (scope IN ('view', 'ack', 'answer')),
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    revoked_why TEXT,
    uses INTEGER NOT NULL DEFAULT 0,
    most_uses INTEGER NOT NULL
) STRICT;
CREATE INDEX school_link_assignment ON school_link(assignment_id, id);
CREATE INDEX school_link_contact ON school_link(contact_id) WHERE revoked_at IS NULL;

-- Append-only: what was said once stays. `digest` names the form that was sent, so that it counts once however often it arrives.
CREATE TABLE party_report (
    id INTEGER PRIMARY KEY,
    assignment_id INTEGER NOT NULL REFERENCES assignment(id),
    digest TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('acknowledged', 'disputed', 'answered')),
    way TEXT NOT NULL CHECK (way IN ('page', 'phone', 'letter', 'in_person')),
    name TEXT NOT NULL,
    post TEXT NOT NULL,
    phone TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    findings TEXT NOT NULL DEFAULT '',
    measures TEXT NOT NULL DEFAULT '',
    wording TEXT NOT NULL DEFAULT '',       -- 拟公开的回应口径
    public_url TEXT NOT NULL DEFAULT '',    -- 「已公开回应」: meets nothing until staff record it
    given_at TEXT NOT NULL,
    recorded_by TEXT NOT NULL DEFAULT '',   -- who of staff took it down; empty for what came by the page
    recorded_at TEXT NOT NULL,
    UNIQUE (assignment_id, digest)
) STRICT;

-- The bytes lie beneath data/evidence under their hash; `name` is what the sender called the file, and is only ever shown.
CREATE TABLE report_file (
    id INTEGER PRIMARY KEY,
    report_id INTEGER NOT NULL REFERENCES party_report(id),
    evidence_id INTEGER NOT NULL REFERENCES evidence(id),
    name TEXT NOT NULL
) STRICT;
CREATE INDEX report_file_report ON report_file(report_id, id);
