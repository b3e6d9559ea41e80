-- The sixth schema: a limit that the law lets two people extend, once (信访工作条例第三十四条), beside the due instant that it had before.
ALTER TABLE obligation ADD COLUMN extended_from TEXT;
ALTER TABLE obligation ADD COLUMN extended_by TEXT;
ALTER TABLE obligation ADD COLUMN extended_second TEXT;
ALTER TABLE obligation ADD COLUMN extend_reason TEXT;
