-- When the credential was last accepted, to the minute or so; null before the first time.
ALTER TABLE credential ADD COLUMN used BIGINT;
