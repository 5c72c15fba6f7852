package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"usher/config"
	"usher/store"
	"usher/store/sqlite"
)

// openStore opens the database for a command, beside a running server. It
// makes none: the server does, together with the key that belongs to it.
func openStore(ctx context.Context, c *config.Config) (store.Store, error) {
	if err := config.Validate(c); err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.SQLitePath()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database at %s; 'usher serve' makes it, or say where it is by --data-dir or --database-url", c.SQLitePath())
	}
	return sqlite.Open(ctx, c.SQLitePath(), sqlite.Options{})
}

func mustExist(ctx context.Context, st store.Store, tenant string) error {
	exists, err := st.TenantExists(ctx, tenant)
	if err == nil && !exists {
		err = fmt.Errorf("there is no tenant %q; 'usher tenant add' makes one", tenant)
	}
	return err
}
