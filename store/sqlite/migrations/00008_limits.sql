-- +goose Up

-- What has been spent of budgets. Keys of people and destinations are digests.
CREATE TABLE spent (
    key    TEXT    NOT NULL PRIMARY KEY, -- the budget's name, a slash, whose it is
    budget TEXT    NOT NULL,
    seen   INTEGER NOT NULL,             -- when the debt was noted
    paid   INTEGER NOT NULL              -- when it will be paid back
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_paid ON spent (paid);
CREATE INDEX spent_budget ON spent (budget, paid);
