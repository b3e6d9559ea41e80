-- The seventh schema: what is kept no longer (保存期限), and how each night's clearing went.

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
CREATE INDEX evidence_file ON evidence(sha256);
CREATE INDEX tie_one ON tie(one);
