-- +goose Up

-- How pages look, and what they say. That of an application goes with it.
CREATE TABLE branding (
    tenant      TEXT    NOT NULL,
    application TEXT,             -- NULL: the tenant's own
    screen      TEXT    NOT NULL, -- of texts; '': a preference
    locale      TEXT    NOT NULL, -- '': every other
    document    BLOB    NOT NULL, -- JSON
    modified    INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    FOREIGN KEY (tenant, application) REFERENCES applications (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX branding_of ON branding (tenant, coalesce(application, ''), screen, locale);
CREATE INDEX branding_application ON branding (tenant, application) WHERE application IS NOT NULL;
