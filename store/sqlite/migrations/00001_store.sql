-- +goose Up
-- Times are microseconds since 1970 in UTC, booleans 0 and 1.

CREATE TABLE tenants (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO tenants (name) VALUES ('carbon.super');

-- Flow definitions -----------------------------------------------------------

CREATE TABLE flow_versions (
    tenant   TEXT    NOT NULL,
    flow     TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    document BLOB    NOT NULL,
    created  INTEGER NOT NULL,
    PRIMARY KEY (tenant, flow, number)
) STRICT;

CREATE TABLE flow_configs (
    tenant   TEXT    NOT NULL,
    flow     TEXT    NOT NULL,
    live     INTEGER NOT NULL, -- number of the live version, 0: none
    enabled  INTEGER NOT NULL,
    settings TEXT    NOT NULL, -- JSON
    life     INTEGER NOT NULL, -- microseconds, 0: the server's default
    PRIMARY KEY (tenant, flow)
) STRICT, WITHOUT ROWID;

-- Executions -----------------------------------------------------------------

CREATE TABLE executions (
    seq         INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    flow        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    lease_until INTEGER NOT NULL, -- 0: not leased
    expires     INTEGER NOT NULL,
    ended       INTEGER NOT NULL,
    state       BLOB    NOT NULL, -- sealed
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX executions_expires ON executions (expires);

CREATE TABLE answers (
    tenant    TEXT NOT NULL,
    execution TEXT NOT NULL,
    key       TEXT NOT NULL,
    body      BLOB NOT NULL, -- sealed
    PRIMARY KEY (tenant, execution, key),
    FOREIGN KEY (tenant, execution) REFERENCES executions (tenant, id) ON DELETE CASCADE
) STRICT;

-- Users ----------------------------------------------------------------------

CREATE TABLE users (
    seq           INTEGER NOT NULL PRIMARY KEY, -- order of creation
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL,
    external_id   TEXT    NOT NULL,
    external_key  TEXT,
    claims        TEXT    NOT NULL, -- JSON object
    roles         TEXT    NOT NULL, -- JSON array
    locked        INTEGER NOT NULL,
    lock_reason   TEXT    NOT NULL,
    locked_until  INTEGER NOT NULL,
    failed_logins INTEGER NOT NULL,
    disabled      INTEGER NOT NULL,
    created       INTEGER NOT NULL,
    modified      INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    create_key    TEXT, -- makes CreateUser happen once
    UNIQUE (tenant, seq),
    UNIQUE (tenant, id),
    UNIQUE (tenant, username_key)
) STRICT;
CREATE UNIQUE INDEX users_create_key ON users (tenant, create_key) WHERE create_key IS NOT NULL;
CREATE INDEX users_external_key ON users (tenant, external_key) WHERE external_key IS NOT NULL;

-- How many users a tenant has, so that a list need not count them.
CREATE TABLE user_counts (
    tenant TEXT    NOT NULL PRIMARY KEY,
    users  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER users_counted AFTER INSERT ON users BEGIN
    INSERT INTO user_counts (tenant, users) VALUES (NEW.tenant, 1)
        ON CONFLICT (tenant) DO UPDATE SET users = users + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_discounted AFTER DELETE ON users BEGIN
    UPDATE user_counts SET users = users - 1 WHERE tenant = OLD.tenant;
END;
-- +goose StatementEnd

-- The values of every claim, in the form in which they are compared.
CREATE TABLE user_values (
    tenant    TEXT    NOT NULL,
    claim     TEXT    NOT NULL,
    value_key TEXT    NOT NULL,
    user_seq  INTEGER NOT NULL,
    PRIMARY KEY (tenant, claim, value_key, user_seq)
) STRICT, WITHOUT ROWID;

-- The values of claims that belong to one user only.
CREATE TABLE unique_values (
    tenant    TEXT    NOT NULL,
    claim     TEXT    NOT NULL,
    value_key TEXT    NOT NULL,
    user_seq  INTEGER NOT NULL,
    PRIMARY KEY (tenant, claim, value_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
    tenant   TEXT    NOT NULL,
    user_seq INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL, -- of several of one kind, '' where there is one
    data     TEXT    NOT NULL,
    PRIMARY KEY (tenant, user_seq, kind, id),
    FOREIGN KEY (tenant, user_seq) REFERENCES users (tenant, seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX credentials_owner ON credentials (tenant, kind, id) WHERE id <> '';

CREATE TABLE confirmations (
    seq      INTEGER NOT NULL PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    digest   TEXT    NOT NULL,
    user_seq INTEGER NOT NULL,
    purpose  TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    expires  INTEGER NOT NULL,
    UNIQUE (tenant, digest),
    FOREIGN KEY (tenant, user_seq) REFERENCES users (tenant, seq) ON DELETE CASCADE
) STRICT;
CREATE INDEX confirmations_user ON confirmations (tenant, user_seq, purpose);
CREATE INDEX confirmations_expires ON confirmations (expires);

-- Claims ---------------------------------------------------------------------

CREATE TABLE claims (
    tenant TEXT NOT NULL,
    uri    TEXT NOT NULL,
    body   TEXT NOT NULL, -- JSON
    PRIMARY KEY (tenant, uri)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim_sets (
    tenant  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL -- another one after each change
) STRICT, WITHOUT ROWID;

-- Messages -------------------------------------------------------------------

CREATE TABLE outbox (
    seq           INTEGER NOT NULL PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    sealed        BLOB    NOT NULL,
    due           INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    claimed_until INTEGER NOT NULL, -- 0: not claimed
    done          INTEGER,          -- when it was finished
    UNIQUE (tenant, key)
) STRICT;
CREATE INDEX outbox_due ON outbox (due) WHERE done IS NULL;
CREATE INDEX outbox_done ON outbox (done) WHERE done IS NOT NULL;
