-- +goose Up

-- What became of a message, for administrators. The content stays sealed.
ALTER TABLE outbox ADD COLUMN ended   TEXT;                     -- a notify.State once it is done; NULL also for those done before this
ALTER TABLE outbox ADD COLUMN failure TEXT NOT NULL DEFAULT ''; -- of the last attempt that failed

-- Messages that were not delivered are few; those that were have no need of an index.
CREATE INDEX outbox_undelivered ON outbox (tenant, ended, seq) WHERE ended <> 'delivered';

-- Entries older than this may leave the audit log, and only they: 0 but while
-- the server takes out what it has kept for long enough.
CREATE TABLE audit_retention (
    id     INTEGER NOT NULL PRIMARY KEY,
    before INTEGER NOT NULL
) STRICT;
INSERT INTO audit_retention (id, before) VALUES (1, 0);
CREATE INDEX audit_entries_age ON audit_entries (at);
DROP TRIGGER audit_entries_remain;
-- +goose StatementBegin
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries WHEN OLD.at >= (SELECT before FROM audit_retention WHERE id = 1) BEGIN
    SELECT RAISE(ABORT, 'the audit log is appended to only');
END;
-- +goose StatementEnd

-- Rises with each change of the settings.
ALTER TABLE signin_settings ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
