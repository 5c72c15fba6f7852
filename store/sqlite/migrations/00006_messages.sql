-- +goose Up

-- What tenants say in place of our own words of a message.
CREATE TABLE message_wordings (
    tenant   TEXT    NOT NULL,
    template TEXT    NOT NULL,
    locale   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    modified INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (tenant, template, locale)
) STRICT, WITHOUT ROWID;
