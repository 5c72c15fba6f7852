-- +goose Up

-- Applications ---------------------------------------------------------------

CREATE TABLE applications (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    name_key    TEXT    NOT NULL,
    description TEXT    NOT NULL,
    access_url  TEXT    NOT NULL,
    client_id   TEXT    NOT NULL,
    client      TEXT    NOT NULL, -- JSON
    login       TEXT    NOT NULL, -- JSON
    created     INTEGER NOT NULL,
    modified    INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name_key),
    UNIQUE (tenant, client_id)
) STRICT, WITHOUT ROWID;

-- Whose pages may call the server by script: asked of any tenant.
CREATE TABLE application_origins (
    origin      TEXT NOT NULL,
    tenant      TEXT NOT NULL,
    application TEXT NOT NULL,
    PRIMARY KEY (origin, tenant, application),
    FOREIGN KEY (tenant, application) REFERENCES applications (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX application_origins_of ON application_origins (tenant, application);

-- Signing in -----------------------------------------------------------------

CREATE TABLE signin_requests (
    seq         INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    application TEXT    NOT NULL,
    browser     TEXT    NOT NULL, -- digest
    params      TEXT    NOT NULL, -- JSON
    user_id     TEXT,             -- NULL: nobody yet
    proofs      TEXT    NOT NULL, -- JSON
    session     TEXT,             -- NULL: none
    execution   TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, application) REFERENCES applications (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX signin_requests_application ON signin_requests (tenant, application);
CREATE INDEX signin_requests_user ON signin_requests (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX signin_requests_session ON signin_requests (tenant, session) WHERE session IS NOT NULL;
CREATE INDEX signin_requests_expires ON signin_requests (expires);

-- User assertions that were redeemed, whatever the tenant.
CREATE TABLE spent_assertions (
    id      TEXT    NOT NULL PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_assertions_expires ON spent_assertions (expires);

CREATE TABLE sessions (
    seq     INTEGER NOT NULL PRIMARY KEY,
    tenant  TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    user_id TEXT    NOT NULL,
    proofs  TEXT    NOT NULL, -- JSON
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_user ON sessions (tenant, user_id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE grants (
    seq         INTEGER NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    application TEXT    NOT NULL,
    user_id     TEXT,             -- NULL: the application itself
    session     TEXT,             -- NULL: none
    scopes      TEXT    NOT NULL, -- JSON
    proofs      TEXT    NOT NULL, -- JSON
    auth_time   INTEGER NOT NULL,
    acr         TEXT    NOT NULL,
    params      TEXT    NOT NULL, -- JSON
    code        INTEGER NOT NULL,
    redeemed    INTEGER NOT NULL,
    generation  INTEGER NOT NULL,
    rotated     INTEGER NOT NULL,
    offline     INTEGER NOT NULL,
    revoked     INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, application) REFERENCES applications (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, user_id) REFERENCES users (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX grants_application ON grants (tenant, application);
CREATE INDEX grants_user ON grants (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX grants_session ON grants (tenant, session) WHERE session IS NOT NULL;
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE signin_settings (
    tenant   TEXT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- Keys -----------------------------------------------------------------------

CREATE TABLE signing_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    algorithm  TEXT    NOT NULL,
    public     BLOB    NOT NULL, -- JSON
    sealed     BLOB    NOT NULL,
    created    INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row, written first by whoever changes the keys, so that one does at a time.
CREATE TABLE signing_key_changes (
    id      INTEGER NOT NULL PRIMARY KEY,
    changes INTEGER NOT NULL
) STRICT;
INSERT INTO signing_key_changes (id, changes) VALUES (1, 0);
