-- +goose Up

-- Who administers a tenant, to see whether it is the last one. The condition is
-- the statement's.
CREATE INDEX users_admins ON users (tenant, locked, disabled) WHERE roles LIKE '%"admin"%';
