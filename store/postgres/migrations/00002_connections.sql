-- +goose Up
CREATE TABLE connections (
    tenant      TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    name_key    TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    enabled     BIGINT           NOT NULL,
    settings    TEXT COLLATE "C" NOT NULL, -- JSON object
    sealed      BYTEA            NOT NULL, -- secrets; empty: none
    created     BIGINT           NOT NULL,
    modified    BIGINT           NOT NULL,
    revision    BIGINT           NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name_key)
);
