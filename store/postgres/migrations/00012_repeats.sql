-- +goose Up

-- Entries of the audit log that are still to be repeated elsewhere, where that
-- is asked for.
CREATE TABLE audit_repeats (
    entry         BIGINT NOT NULL PRIMARY KEY REFERENCES audit_entries (id) ON DELETE CASCADE,
    claimed_until BIGINT NOT NULL
);
CREATE INDEX audit_repeats_free ON audit_repeats (claimed_until, entry);
