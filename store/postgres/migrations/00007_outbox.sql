-- +goose Up

-- What became of a message, for administrators. The content stays sealed.
ALTER TABLE outbox ADD COLUMN ended   TEXT COLLATE "C";                     -- a notify.State once it is done; NULL also for those done before this
ALTER TABLE outbox ADD COLUMN failure TEXT COLLATE "C" NOT NULL DEFAULT ''; -- of the last attempt that failed

-- Messages that were not delivered are few; those that were have no need of an index.
CREATE INDEX outbox_undelivered ON outbox (tenant, ended, seq) WHERE ended <> 'delivered';

-- Entries older than this may leave the audit log, and only they: 0 but while
-- the server takes out what it has kept for long enough.
CREATE TABLE audit_retention (
    id     BIGINT NOT NULL PRIMARY KEY,
    before BIGINT NOT NULL
);
INSERT INTO audit_retention (id, before) VALUES (1, 0);
CREATE INDEX audit_entries_age ON audit_entries (at);
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < (SELECT before FROM audit_retention WHERE id = 1) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is appended to only';
END $$;
-- +goose StatementEnd

-- Rises with each change of the settings.
ALTER TABLE signin_settings ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
