-- The first schema. Moments are UTC ISO text ('2026-03-05T01:02:03Z'), so that text order is time order.
-- `bureau` keys everything that a second bureau on the same engine would have of its own.
-- `waiting` columns are the work queues: the next stage that has to see the row, NULL when none has. Their partial indices
-- hold only what waits, so that finding work does not grow with history.

CREATE TABLE bureau (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

-- Which copy of the configuration was in force when (every version whole, with its hash).
CREATE TABLE config_version (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    seen_by TEXT NOT NULL
) STRICT;
CREATE INDEX config_version_newest ON config_version(bureau, file, id);

-- What a stage could not digest: the row is set aside with its error, so that one bad row never holds up the others.
CREATE TABLE setback (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    stage TEXT NOT NULL,
    subject TEXT NOT NULL,
    error TEXT NOT NULL,
    at TEXT NOT NULL,
    resolved_at TEXT
) STRICT;
CREATE INDEX setback_open ON setback(bureau, at) WHERE resolved_at IS NULL;

-- ── sources ─────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE source_run (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    source TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT,
    pages INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    remaining INTEGER NOT NULL DEFAULT 0, -- seen but not fetched for the run's limits: the next run goes on there
    error TEXT
) STRICT;
CREATE INDEX source_run_newest ON source_run(bureau, source, id);

-- One crawl of a host at a time, whoever starts it.
CREATE TABLE host_lease (
    host TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until TEXT NOT NULL
) STRICT;

-- Raw bytes live in data/evidence/<first two>/<sha256>.gz, outside this file.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    sha256 TEXT NOT NULL,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    charset TEXT NOT NULL,
    size INTEGER NOT NULL,
    UNIQUE (bureau, sha256, url)
) STRICT;

-- ── posts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE post (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    parent_id INTEGER REFERENCES post(id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    author_hash TEXT,
    published_at TEXT,
    precision TEXT NOT NULL,
    collected_at TEXT NOT NULL,
    public INTEGER NOT NULL CHECK (public IN (0, 1)),
    dormant INTEGER NOT NULL CHECK (dormant IN (0, 1)),
    version INTEGER NOT NULL DEFAULT 1,
    text_hash TEXT NOT NULL,
    evidence_id INTEGER REFERENCES evidence(id),
    gone_at TEXT,
    waiting TEXT CHECK (waiting IN ('read', 'gather')),
    UNIQUE (bureau, source, key)
) STRICT;
CREATE INDEX post_waiting ON post(bureau, waiting, id) WHERE waiting IS NOT NULL;
CREATE INDEX post_time ON post(bureau, collected_at);
CREATE INDEX post_parent ON post(parent_id) WHERE parent_id IS NOT NULL;

-- Every text a post has had, the present one included.
CREATE TABLE post_version (
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    evidence_id INTEGER REFERENCES evidence(id),
    PRIMARY KEY (post_id, version)
) STRICT;

CREATE TABLE engagement (
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    views INTEGER,
    replies INTEGER,
    likes INTEGER,
    shares INTEGER,
    PRIMARY KEY (post_id, at)
) STRICT;

-- One character a token: a phrase query has the exact meaning of a substring. Contentless; rows are written with their posts.
CREATE VIRTUAL TABLE post_fts USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0');

-- ── readings ────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE reading (
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    model TEXT NOT NULL,
    read_at TEXT NOT NULL,
    scope TEXT NOT NULL,
    relevance REAL NOT NULL,
    topic TEXT,
    nature TEXT NOT NULL,
    redline TEXT,
    grade TEXT,
    detail TEXT NOT NULL,          -- the whole reading, canonical JSON
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    PRIMARY KEY (post_id, version, model)
) STRICT;
CREATE UNIQUE INDEX reading_current ON reading(post_id) WHERE current = 1;
CREATE INDEX reading_scope ON reading(scope, post_id) WHERE current = 1;

-- Bands of each post's MinHash signature: near-duplicates meet in a band (band number in the high bits).
CREATE TABLE signature_band (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    band INTEGER NOT NULL,
    at TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    PRIMARY KEY (bureau, band, at, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signature_band_post ON signature_band(post_id);

-- Which school and topic a gathered post tells of, so that posts on one matter meet without a look at all of history.
-- `school` is a registry code, or 名: and the folded name where the registry knows none.
CREATE TABLE matter (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    school TEXT NOT NULL,
    topic TEXT NOT NULL,
    at TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES post(id) ON DELETE CASCADE,
    PRIMARY KEY (bureau, school, topic, at, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX matter_post ON matter(post_id);

-- A person's relabelling: what trains the next model.
CREATE TABLE correction (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    post_id INTEGER NOT NULL REFERENCES post(id),
    field TEXT NOT NULL,
    was TEXT,
    now TEXT,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;
CREATE INDEX correction_post ON correction(post_id);

-- ── parties ─────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE party (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    kind TEXT NOT NULL CHECK (kind IN ('bureau', 'section', 'school', 'office')),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    UNIQUE (bureau, code)
) STRICT;

-- A contact is never changed in place: a new row begins where the old one ends.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY,
    party_id INTEGER NOT NULL REFERENCES party(id),
    role TEXT NOT NULL CHECK (role IN ('duty', 'backup', 'principal', 'supervisor')),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unconfirmed', 'confirmed', 'bounced', 'inactive')),
    since TEXT NOT NULL,
    until TEXT
) STRICT;
CREATE INDEX contact_party ON contact(party_id, role) WHERE until IS NULL;

-- ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE case_ (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    number TEXT NOT NULL,          -- 教舆-2026-00123
    generation INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('triage', 'open', 'published', 'closed', 'dismissed', 'merged')),
    title TEXT NOT NULL,
    topic TEXT,
    grade TEXT NOT NULL,
    grade_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (grade_confirmed IN (0, 1)),
    emergency_grade TEXT,
    answer_kind TEXT CHECK (answer_kind IN ('public', 'original_channel', 'report', 'none')),
    redline TEXT,
    redline_confirmed_at TEXT,
    accusation INTEGER NOT NULL DEFAULT 0 CHECK (accusation IN (0, 1)),
    public INTEGER NOT NULL CHECK (public IN (0, 1)),
    dormant INTEGER NOT NULL CHECK (dormant IN (0, 1)),
    published_at TEXT,             -- 首发
    found_at TEXT NOT NULL,        -- 发现
    taken_up_at TEXT,              -- when a person took up an old case or reopened one: its clocks count from then
    handed_over_at TEXT,           -- 交办
    acknowledged_at TEXT,          -- 签收
    answered_at TEXT,              -- 公开回应
    closed_at TEXT,
    closing_reason TEXT,
    merged_into INTEGER REFERENCES case_(id),
    muted_until TEXT,
    muted_for_posts INTEGER,
    told_grade TEXT,               -- the grade that the desk was last told of
    opened_by TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    waiting TEXT CHECK (waiting IN ('route')),
    UNIQUE (bureau, number)
) STRICT;
CREATE INDEX case_waiting ON case_(bureau, waiting, id) WHERE waiting IS NOT NULL;
CREATE INDEX case_state ON case_(bureau, state, found_at);
CREATE INDEX case_found ON case_(bureau, found_at);

CREATE TABLE case_post (
    post_id INTEGER PRIMARY KEY REFERENCES post(id) ON DELETE CASCADE,
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('first', 'duplicate', 'same_matter', 'reply', 'by_hand')),
    likeness REAL,
    attached_at TEXT NOT NULL,
    attached_by TEXT NOT NULL
) STRICT;
CREATE INDEX case_post_case ON case_post(case_id, post_id);

-- 领导批示 and 来文.
CREATE TABLE instruction (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES case_(id),
    kind TEXT NOT NULL CHECK (kind IN ('instruction', 'letter')),
    sender TEXT NOT NULL,
    number TEXT NOT NULL,
    words TEXT NOT NULL,
    limit_at TEXT,
    attachment_id INTEGER REFERENCES evidence(id),
    received_at TEXT NOT NULL,
    entered_by TEXT NOT NULL
) STRICT;
CREATE INDEX instruction_case ON instruction(case_id);

-- ── hand-overs and clocks ───────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE assignment (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    party TEXT NOT NULL,           -- party.code, or the name of an outside department
    party_name TEXT NOT NULL,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('school', 'bureau', 'external', 'none')),
    role TEXT NOT NULL CHECK (role IN ('lead', 'support', 'guide')),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'acknowledged', 'answered', 'accepted', 'returned', 'disputed', 'transferred', 'cancelled')),
    rule TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,           -- JSON [[surface, start, end], …]
    confidence REAL NOT NULL,
    auto INTEGER NOT NULL DEFAULT 0 CHECK (auto IN (0, 1)),
    pending TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL DEFAULT '',
    previous_id INTEGER REFERENCES assignment(id),
    proposed_at TEXT NOT NULL,
    confirmed_at TEXT,
    confirmed_by TEXT,
    acknowledged_at TEXT,
    answered_at TEXT,
    ended_at TEXT,
    end_reason TEXT,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX assignment_one_lead ON assignment(case_id, generation)
    WHERE role = 'lead' AND state NOT IN ('disputed', 'transferred', 'cancelled');
CREATE INDEX assignment_case ON assignment(case_id, generation);
CREATE INDEX assignment_party ON assignment(party, state);

-- Stored facts only; how an obligation stands is computed from them and the present.
CREATE TABLE obligation (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    clock TEXT NOT NULL,
    amount REAL NOT NULL,
    basis TEXT NOT NULL,
    start_at TEXT NOT NULL,
    start_basis TEXT NOT NULL,
    warn_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    met_at TEXT,
    met_by TEXT,
    evidence TEXT,                 -- the public URL, or evidence:<id>, or what the record of the answer says
    waived_at TEXT,
    waived_by TEXT,
    waived_second TEXT,            -- waiving takes two people
    waive_reason TEXT,
    missed_at TEXT,                -- when the miss was recorded, once
    UNIQUE (case_id, generation, kind)
) STRICT;
CREATE INDEX obligation_running ON obligation(bureau, due_at) WHERE met_at IS NULL AND waived_at IS NULL;

CREATE TABLE rung (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    obligation_id INTEGER NOT NULL REFERENCES obligation(id),
    name TEXT NOT NULL,            -- the rung's name in ladder.toml
    n INTEGER NOT NULL,            -- counts along the obligation's ladder; an occurrence of a recurring rung has its own
    due_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'fired', 'collapsed', 'stopped')),
    done_at TEXT,
    UNIQUE (obligation_id, n)
) STRICT;
CREATE INDEX rung_pending ON rung(bureau, due_at) WHERE state = 'pending';

-- A response (回应): draft → disclosure attribute → 保密审查 → 网宣办 opinion → approved → published, with its evidence.
CREATE TABLE response (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'published', 'withdrawn')),
    wording TEXT NOT NULL,
    disclosure TEXT CHECK (disclosure IN ('active', 'on_request', 'not')),
    disclosure_reason TEXT,
    secrecy_reviewed_by TEXT,
    secrecy_opinion TEXT,
    secrecy_at TEXT,
    guidance_opinion TEXT,
    approved_by TEXT,
    approved_at TEXT,
    url TEXT,
    published_at TEXT,
    evidence_id INTEGER REFERENCES evidence(id),
    channel TEXT,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX response_case ON response(case_id, generation);

-- ── telling people ──────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    message_id TEXT NOT NULL UNIQUE,   -- frozen with Date and body, so that a second copy is the same mail
    date TEXT NOT NULL,
    party TEXT NOT NULL,
    contact_id INTEGER REFERENCES contact(id),
    recipient TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    thread TEXT,                       -- the synthetic root that the mails of one assignment hang on
    urgency TEXT NOT NULL CHECK (urgency IN ('routine', 'prompt', 'urgent')),
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'deferred', 'sent', 'failed', 'uncertain', 'dead', 'superseded')),
    phase TEXT NOT NULL DEFAULT 'new' CHECK (phase IN ('new', 'connected', 'data', 'accepted')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    lease_owner TEXT,
    lease_until TEXT,
    repeated INTEGER NOT NULL DEFAULT 0 CHECK (repeated IN (0, 1)),   -- an urgent one whose fate was unknown is sent once more
    last_error TEXT,
    sent_at TEXT,
    ended_at TEXT                      -- when it was known what became of it
) STRICT;
CREATE INDEX message_state ON message(bureau, state);
CREATE INDEX message_due ON message(bureau, next_at) WHERE state IN ('queued', 'deferred', 'sending');
CREATE INDEX message_stuck ON message(bureau, state, id) WHERE state IN ('failed', 'uncertain', 'dead');
CREATE INDEX message_party ON message(bureau, party, urgency, date);

-- While a row stands here the mail server is out of reach: no mail burns an attempt, and what is due becomes a phone task.
CREATE TABLE breaker (
    bureau TEXT PRIMARY KEY REFERENCES bureau(id),
    since TEXT NOT NULL,
    reason TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at TEXT NOT NULL
) STRICT;

CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    key TEXT NOT NULL,                 -- names the event; never expires
    party TEXT NOT NULL,
    roles TEXT NOT NULL,               -- JSON list of contact roles, in order of preference
    urgency TEXT NOT NULL CHECK (urgency IN ('routine', 'prompt', 'urgent')),
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    phone INTEGER NOT NULL DEFAULT 0 CHECK (phone IN (0, 1)),
    case_id INTEGER REFERENCES case_(id),
    assignment_id INTEGER REFERENCES assignment(id),
    obligation_id INTEGER REFERENCES obligation(id),
    created_at TEXT NOT NULL,
    not_before TEXT NOT NULL,
    message_id INTEGER REFERENCES message(id),
    dropped TEXT,                      -- why it never became a message
    waiting INTEGER NOT NULL DEFAULT 1 CHECK (waiting IN (0, 1)),
    UNIQUE (bureau, key)
) STRICT;
CREATE INDEX notice_waiting ON notice(bureau, not_before) WHERE waiting = 1;
CREATE INDEX notice_message ON notice(message_id) WHERE message_id IS NOT NULL;

-- What mail cannot reach, a person telephones (电话督办).
CREATE TABLE phone_task (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    notice_id INTEGER NOT NULL UNIQUE REFERENCES notice(id),
    case_id INTEGER REFERENCES case_(id),
    party TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    text TEXT NOT NULL,
    why TEXT NOT NULL,
    command_due INTEGER NOT NULL DEFAULT 0 CHECK (command_due IN (0, 1)),   -- the bureau's SMS command has still to run for it
    command_tries INTEGER NOT NULL DEFAULT 0,
    command_at TEXT,
    command_error TEXT,
    created_at TEXT NOT NULL,
    done_at TEXT,
    done_by TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX phone_task_open ON phone_task(bureau, created_at) WHERE done_at IS NULL;

CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    date TEXT NOT NULL,
    number INTEGER NOT NULL,           -- 总第N期
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    subject TEXT NOT NULL,
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    audit_count INTEGER NOT NULL,      -- the record's length and newest hash as this issue printed them
    audit_hash TEXT NOT NULL,
    made_at TEXT NOT NULL,
    UNIQUE (bureau, date)
) STRICT;

-- Which cases have been reported as new: each is, once, however late it was opened.
CREATE TABLE digest_case (
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    digest_id INTEGER NOT NULL REFERENCES digest(id),
    PRIMARY KEY (case_id, generation)
) STRICT;

-- ── people and the record ───────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL REFERENCES bureau(id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'triager', 'approver', 'admin', 'auditor')),
    password TEXT NOT NULL,            -- argon2id
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at TEXT NOT NULL,
    UNIQUE (bureau, name)
) STRICT;

CREATE TABLE session (
    id_hash TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES user(id),
    csrf TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX session_user ON session(user_id);

CREATE TABLE login_failure (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX login_failure_at ON login_failure(at);

-- 留痕: append-only, each entry's keyed hash covers the one before it. Tamper-evident, not tamper-proof.
CREATE TABLE audit_entry (
    n INTEGER PRIMARY KEY,
    bureau TEXT NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id INTEGER,
    detail TEXT NOT NULL,              -- canonical JSON
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entry_case ON audit_entry(case_id, n) WHERE case_id IS NOT NULL;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
