package main

import (
	"context"
	"fmt"

	"usher/config"
	"usher/store/postgres"
	"usher/store/sqlite"
)

type migrateCommand struct {
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*migrateCommand) Help() string {
	return `'usher serve' does it as well, so it is needed only where servers should start without waiting for it.

With PostgreSQL, servers of the release before may go on running meanwhile and afterwards; with SQLite, stop the server first.`
}

func (cmd *migrateCommand) Run(p *process) error {
	c, ctx := &cmd.Settings, context.Background()
	if err := config.Validate(c); err != nil {
		return err
	}
	if c.Postgres() {
		before, after, err := postgres.Migrate(ctx, c.DatabaseURL)
		if err == nil {
			fmt.Fprintf(p.stdout, "The tables have version %d; it was %d.\n", after, before)
		}
		return err
	}
	if err := mustHaveFile(c); err != nil {
		return err
	}
	st, err := sqlite.Open(ctx, c.SQLitePath(), sqlite.Options{})
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "The tables are up to date.")
	return nil
}
