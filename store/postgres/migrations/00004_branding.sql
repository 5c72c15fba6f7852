-- +goose Up

-- How pages look, and what they say. That of an application goes with it.
CREATE TABLE branding (
    tenant      TEXT COLLATE "C" NOT NULL,
    application TEXT COLLATE "C",             -- NULL: the tenant's own
    screen      TEXT COLLATE "C" NOT NULL, -- of texts; '': a preference
    locale      TEXT COLLATE "C" NOT NULL, -- '': every other
    document    BYTEA            NOT NULL, -- JSON
    modified    BIGINT           NOT NULL,
    revision    BIGINT           NOT NULL,
    FOREIGN KEY (tenant, application) REFERENCES applications (tenant, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX branding_of ON branding (tenant, coalesce(application, ''), screen, locale);
CREATE INDEX branding_application ON branding (tenant, application) WHERE application IS NOT NULL;
CREATE TRIGGER branding_changed AFTER INSERT OR UPDATE OR DELETE ON branding
    FOR EACH STATEMENT EXECUTE FUNCTION tell_nodes();
