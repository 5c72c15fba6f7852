-- +goose Up

-- The last revision that a tenant's branding or wordings had. Each change has
-- the next one, so that none is had twice, also not after a deletion.
CREATE TABLE revisions (
    tenant TEXT    NOT NULL PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO revisions (tenant, last)
    SELECT tenant, max(revision) FROM (SELECT tenant, revision FROM branding UNION ALL SELECT tenant, revision FROM message_wordings) GROUP BY tenant;
