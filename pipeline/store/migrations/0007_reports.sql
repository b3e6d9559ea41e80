-- The seventh schema: what is kept no longer (保存期限), and how each night went; what goes up and over to others (报送、移交).

-- A removed post by keyed hashes alone, so that a page which still shows it unchanged is not collected, read and removed for ever.
CREATE TABLE forgotten (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    mark TEXT NOT NULL,            -- of source and key
    text_mark TEXT NOT NULL,       -- of the text: another text under the same key is a new statement
    replies INTEGER,               -- as last seen beside it: a thread is fetched again when they change
    at TEXT NOT NULL,
    PRIMARY KEY (bureau, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_at ON forgotten(bureau, at);

-- One row a day: a run that died goes on where it stopped, and its counts with it.
CREATE TABLE retention_run (
    bureau TEXT NOT NULL REFERENCES bureau(id),
    date TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    counts TEXT NOT NULL,          -- JSON {what: how many}
    PRIMARY KEY (bureau, date)
) STRICT, WITHOUT ROWID;

-- Whatever names a page must be found without a walk through its table before the page may go.
CREATE INDEX post_gone ON post(bureau, gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX post_evidence ON post(evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX post_version_evidence ON post_version(evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX response_evidence ON response(evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX instruction_attachment ON instruction(attachment_id) WHERE attachment_id IS NOT NULL;
CREATE INDEX inbound_evidence ON inbound(evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX report_file_evidence ON report_file(evidence_id);
CREATE INDEX evidence_file ON evidence(sha256);
CREATE INDEX tie_one ON tie(one);
-- Mail that came in and belongs to no case.
CREATE INDEX inbound_alone ON inbound(bureau, received_at) WHERE waiting IS NULL AND case_id IS NULL;

-- 首报 续报 终报 to the superior bodies, hand-over letters to other departments. None is mailed: it is printed or copied, and has arrived
-- only when its receipt (回执) is on record.
CREATE TABLE report_up (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES case_(id),
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'further', 'final', 'handover')),
    recipient TEXT NOT NULL,
    number TEXT NOT NULL,          -- 教舆-2026-00001-报02
    instruction_id INTEGER REFERENCES instruction(id),   -- which 批示 or 来文 it answers
    state TEXT NOT NULL CHECK (state IN ('draft', 'confirmed', 'received', 'withdrawn')),
    text TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    drafted_at TEXT NOT NULL,
    confirmed_by TEXT,
    confirmed_at TEXT,
    receipt TEXT,
    received_at TEXT,
    receipt_by TEXT,
    receipt_id INTEGER REFERENCES evidence(id),          -- a scan of it
    withdrawn_reason TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (case_id, number)
) STRICT;
CREATE INDEX report_up_case ON report_up(case_id, generation);
CREATE INDEX report_up_instruction ON report_up(instruction_id) WHERE instruction_id IS NOT NULL;
CREATE INDEX report_up_receipt ON report_up(receipt_id) WHERE receipt_id IS NOT NULL;
