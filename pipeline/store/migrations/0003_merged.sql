-- The third schema. A case tells which others were merged into it, without a walk through all of history.
CREATE INDEX case_merged ON case_(merged_into) WHERE merged_into IS NOT NULL;
