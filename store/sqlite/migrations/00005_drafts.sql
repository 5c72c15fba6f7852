-- +goose Up

-- Drafts and the history of versions -----------------------------------------

ALTER TABLE flow_versions ADD COLUMN author_id   TEXT    NOT NULL DEFAULT '';
ALTER TABLE flow_versions ADD COLUMN author_name TEXT    NOT NULL DEFAULT '';
ALTER TABLE flow_versions ADD COLUMN note        TEXT    NOT NULL DEFAULT '';
ALTER TABLE flow_versions ADD COLUMN draft       INTEGER NOT NULL DEFAULT 0; -- revision of the draft it was

-- The last revision that a draft of the flow had: it is never had again.
ALTER TABLE flow_configs ADD COLUMN draft_revision INTEGER NOT NULL DEFAULT 0;

CREATE TABLE flow_drafts (
    tenant      TEXT    NOT NULL,
    flow        TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    base        INTEGER NOT NULL, -- number of a version, 0: none
    author_id   TEXT    NOT NULL,
    author_name TEXT    NOT NULL,
    saved       INTEGER NOT NULL,
    document    BLOB    NOT NULL,
    PRIMARY KEY (tenant, flow)
) STRICT;

-- What became of the executions of flows that somebody designed, because an
-- execution itself is gone soon after it ended. Names with a slash are those
-- of flows that are made for a sign-in.
CREATE TABLE execution_counts (
    tenant  TEXT    NOT NULL,
    flow    TEXT    NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    expired INTEGER NOT NULL,
    PRIMARY KEY (tenant, flow)
) STRICT, WITHOUT ROWID;
INSERT INTO execution_counts (tenant, flow, started, ended, expired)
    SELECT tenant, flow, count(*), sum(ended), 0 FROM executions WHERE instr(flow, '/') = 0 GROUP BY tenant, flow;
-- +goose StatementBegin
CREATE TRIGGER executions_started AFTER INSERT ON executions WHEN instr(NEW.flow, '/') = 0 BEGIN
    INSERT INTO execution_counts (tenant, flow, started, ended, expired) VALUES (NEW.tenant, NEW.flow, 1, NEW.ended, 0)
        ON CONFLICT (tenant, flow) DO UPDATE SET started = started + 1, ended = ended + NEW.ended;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER executions_ended AFTER UPDATE OF ended ON executions WHEN NEW.ended > OLD.ended AND instr(NEW.flow, '/') = 0 BEGIN
    UPDATE execution_counts SET ended = ended + 1 WHERE tenant = NEW.tenant AND flow = NEW.flow;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER executions_expired AFTER DELETE ON executions WHEN OLD.ended = 0 AND instr(OLD.flow, '/') = 0 BEGIN
    UPDATE execution_counts SET expired = expired + 1 WHERE tenant = OLD.tenant AND flow = OLD.flow;
END;
-- +goose StatementEnd

-- Audit ----------------------------------------------------------------------

CREATE TABLE audit_entries (
    id         INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    actor_id   TEXT    NOT NULL,
    actor_name TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    target     TEXT    NOT NULL,
    old        TEXT    NOT NULL, -- JSON object; '': nothing
    new        TEXT    NOT NULL  -- the same
) STRICT;
CREATE INDEX audit_entries_at ON audit_entries (tenant, at, id);
-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries BEGIN
    SELECT RAISE(ABORT, 'the audit log is appended to only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries BEGIN
    SELECT RAISE(ABORT, 'the audit log is appended to only');
END;
-- +goose StatementEnd
