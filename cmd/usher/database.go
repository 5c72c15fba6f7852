package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"usher/config"
	"usher/store"
	"usher/store/postgres"
	"usher/store/sqlite"
	"usher/store/sqlstore"
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
	return repeatAudit(c, st, slog.Default())
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

// serveStore opens the database for the server.
func serveStore(ctx context.Context, c *config.Config, log *slog.Logger) (*sqlstore.Store, error) {
	if c.Postgres() {
		return postgres.Open(ctx, c.DatabaseURL, postgres.Options{Serve: true, Log: log})
	}
	return sqlite.Open(ctx, c.SQLitePath(), sqlite.Options{Exclusive: true})
}

func mustExist(ctx context.Context, st store.Store, tenant string) error {
	exists, err := st.TenantExists(ctx, tenant)
	if err == nil && !exists {
		err = fmt.Errorf("there is no tenant %q; 'usher tenant add' makes one", tenant)
	}
	return err
}
