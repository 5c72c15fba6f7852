-- +goose Up

-- Who took the last lease: a number that its request drew, by which it finds out
-- whether it got the lease where the answer was lost.
ALTER TABLE executions ADD COLUMN lease_holder BIGINT NOT NULL DEFAULT 0;
