-- The third schema: rows that are looked up by what they belong to, without a walk through all of a table. The earliest files of the
-- first schema lack the three indices that it has had since.
CREATE INDEX IF NOT EXISTS correction_post ON correction(post_id);
CREATE INDEX IF NOT EXISTS instruction_case ON instruction(case_id);
CREATE INDEX IF NOT EXISTS session_user ON session(user_id);
-- A case tells which others were merged into it.
CREATE INDEX case_merged ON case_(merged_into) WHERE merged_into IS NOT NULL;
