-- +goose Up

-- What has been spent of budgets. Keys of people and destinations are digests.
CREATE TABLE spent (
    key    TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the budget's name, a slash, whose it is
    budget TEXT COLLATE "C" NOT NULL,
    seen   BIGINT           NOT NULL,             -- when the debt was noted
    paid   BIGINT           NOT NULL              -- when it will be paid back
) WITH (fillfactor = 50);
CREATE INDEX spent_paid ON spent (paid);
CREATE INDEX spent_budget ON spent (budget, paid);
