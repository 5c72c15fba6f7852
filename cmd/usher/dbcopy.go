package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"usher/config"
	"usher/store/postgres"
	"usher/store/sqlite"
	"usher/store/sqlstore"
)

type dbCopyCommand struct {
	From string `required:"" placeholder:"URL" help:"Database to copy: sqlite:PATH or postgres://…"`
	To   string `required:"" placeholder:"URL" help:"Database to fill, which must be empty. With SQLite a file that is not there yet."`
}

// Help is shown below the command's line.
func (*dbCopyCommand) Help() string {
	return `Stop the servers first: a database in use is refused. Each row is compared with its original before anything counts, so that what is there at the end is everything or nothing.

What is sealed stays sealed: the servers need the same secret key as before, as USHER_SECRET_KEY with PostgreSQL.

A password need not be on the command line: PGPASSWORD and ~/.pgpass are looked at.

Example:

    usher db copy --from sqlite:data/usher.db --to postgres://usher@db.example.com/usher`
}

func (cmd *dbCopyCommand) Run(p *process) error {
	ctx := context.Background()
	if path, ok := strings.CutPrefix(cmd.From, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database at %s", path)
		}
	}
	from, err := openAlone(ctx, "--from", cmd.From, false)
	if err != nil {
		return err
	}
	to, err := openAlone(ctx, "--to", cmd.To, true)
	if err != nil {
		return errors.Join(err, from.Close())
	}
	rows := 0
	err = sqlstore.Copy(ctx, from, to, func(table string, n int) {
		rows += n
		fmt.Fprintf(p.stdout, "%10d  %s\n", n, table)
	})
	if err := errors.Join(err, to.Close(), from.Close()); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%10d  rows were copied, and are as the originals\n", rows)
	return nil
}

// openAlone opens a database that no server may use meanwhile, with the tables
// of this release; fresh says that they may be missing.
func openAlone(ctx context.Context, flag, address string, fresh bool) (*sqlstore.Store, error) {
	if problem := config.CheckDatabase(address); problem != "" {
		return nil, useError(flag + " " + problem)
	}
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return sqlite.Open(ctx, path, sqlite.Options{Exclusive: true})
	}
	if fresh {
		if _, _, err := postgres.Migrate(ctx, address); err != nil {
			return nil, err
		}
	}
	return postgres.Open(ctx, address, postgres.Options{Alone: true})
}
