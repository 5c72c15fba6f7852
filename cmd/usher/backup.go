package main

import (
	"context"
	"errors"
	"fmt"

	"usher/config"
	"usher/store/sqlite"
)

type backupCommand struct {
	File     string        `arg:"" help:"Where to write the copy; nothing may be there."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*backupCommand) Help() string {
	return `Copies the database as it is at one moment, while a server may be running, and reads the copy once from end to end. To restore, stop the server, put the copy in the place of the database, without the files beside it that end in -wal and -shm, and start.

What is sealed can be opened with the secret key only: keep that too, elsewhere. For PostgreSQL use its own tools, such as pg_dump.`
}

func (cmd *backupCommand) Run(p *process) error {
	c := &cmd.Settings
	if err := config.Validate(c); err != nil {
		return err
	}
	if c.Postgres() {
		return errors.New("this copies databases of SQLite; for PostgreSQL use its own tools, such as pg_dump")
	}
	if err := mustHaveFile(c); err != nil {
		return err
	}
	if err := sqlite.Backup(context.Background(), c.SQLitePath(), cmd.File); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s is a whole copy of %s. The secret key is not in it.\n", cmd.File, c.SQLitePath())
	return nil
}
