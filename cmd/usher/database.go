package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"usher/config"
	"usher/store"
	"usher/store/postgres"
	"usher/store/sqlite"
	"usher/store/sqlstore"
	"usher/store/valkey"
)

// openStore opens the database for a command, beside a running server. It
// makes none: the server does, together with the key that belongs to it.
func openStore(ctx context.Context, c *config.Config) (store.Store, error) {
	if err := config.Validate(c); err != nil {
		return nil, err
	}
	st, err := commandStore(ctx, c)
	if err != nil {
		return nil, err
	}
	return repeatAudit(c, st, time.Now, slog.Default())
}

func commandStore(ctx context.Context, c *config.Config) (*sqlstore.Store, error) {
	if c.Postgres() {
		return postgres.Open(ctx, c.DatabaseURL, postgres.Options{})
	}
	if err := mustHaveFile(c); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, c.SQLitePath(), sqlite.Options{})
}

func mustHaveFile(c *config.Config) error {
	if _, err := os.Stat(c.SQLitePath()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database at %s; 'usher serve' makes it, or say where it is by --data-dir or --database-url", c.SQLitePath())
	}
	return nil
}

// serveStore opens what the server keeps things in: the database, and the store
// over it that everything goes through, which owns it. With PostgreSQL it sets
// the clock that all nodes go by.
func serveStore(ctx context.Context, c *config.Config, log *slog.Logger, watch eyes, clock *postgres.Clock) (database *sqlstore.Store, st store.Store, err error) {
	if c.Postgres() {
		database, err = postgres.Open(ctx, c.DatabaseURL, postgres.Options{Serve: true, Log: log, Clock: clock})
	} else {
		database, err = sqlite.Open(ctx, c.SQLitePath(), sqlite.Options{Exclusive: true})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--database-url (USHER_DATABASE_URL): %w", err)
	}
	database.Through(watch.tracing.Database)
	if st, err = withValkey(ctx, c, database, log, watch); err != nil {
		return nil, nil, err
	}
	st, err = repeatAudit(c, st, clock.Now, log)
	return database, st, err
}

// withValkey returns st, with executions and budgets in Valkey where one is
// named. It closes st where that cannot be.
func withValkey(ctx context.Context, c *config.Config, st store.Store, log *slog.Logger, watch eyes) (store.Store, error) {
	if c.ValkeyURL == "" {
		return st, nil
	}
	over, err := valkey.Open(ctx, c.ValkeyURL, st, valkey.Options{Watch: watch.script})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--valkey-url (USHER_VALKEY_URL): %w", err), st.Close())
	}
	notes, err := over.Notes(ctx)
	if err != nil {
		log.Warn("Valkey does not tell its settings", "error", err)
	}
	for _, note := range notes {
		log.Warn(note)
	}
	return over, nil
}

func mustExist(ctx context.Context, st store.Store, tenant string) error {
	exists, err := st.TenantExists(ctx, tenant)
	if err == nil && !exists {
		err = fmt.Errorf("there is no tenant %q; 'usher tenant add' makes one", tenant)
	}
	return err
}
