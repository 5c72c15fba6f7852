-- +goose Up

-- What tenants say in place of our own words of a message.
CREATE TABLE message_wordings (
    tenant   TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    locale   TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    body     TEXT COLLATE "C" NOT NULL,
    modified BIGINT           NOT NULL,
    revision BIGINT           NOT NULL,
    PRIMARY KEY (tenant, template, locale)
);
CREATE TRIGGER message_wordings_changed AFTER INSERT OR UPDATE OR DELETE ON message_wordings
    FOR EACH STATEMENT EXECUTE FUNCTION tell_nodes();
