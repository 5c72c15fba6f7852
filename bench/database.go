package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"usher/store/postgres/postgrestest/cluster"
)

// Names of databases on the command line and in tables.
const (
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

// postgresServer is the address of a PostgreSQL server: the one that
// USHER_TEST_POSTGRES_URL names, as a user who may create databases, else one
// that is started from what is installed, waits for the disk as by default and
// ends with the bench.
var postgresServer = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("USHER_TEST_POSTGRES_URL"); given != "" {
		return given, nil
	}
	if err := os.Setenv("USHER_TEST_POSTGRES_FSYNC", "on"); err != nil {
		return "", err
	}
	note("start PostgreSQL")
	c, err := cluster.Start()
	if err != nil {
		return "", err
	}
	return c.Address("postgres"), nil
})

// newDatabase returns the settings that have a server use a new, empty database
// of the kind, and what removes that database once no server uses it.
func newDatabase(ctx context.Context, kind string) (settings []string, drop func() error, err error) {
	if kind == onSQLite {
		return nil, func() error { return nil }, nil // it goes with the server's folder
	}
	server, err := postgresServer()
	if err != nil {
		return nil, nil, err
	}
	address, err := url.Parse(server)
	if err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		return nil, nil, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	name := "usher_bench_" + strings.ToLower(rand.Text()[:12])
	if _, err := db.ExecContext(ctx, `CREATE DATABASE `+name+` ENCODING 'UTF8' TEMPLATE template0`); err != nil {
		return nil, nil, fmt.Errorf("create a database: %w", err)
	}
	address.Path = "/" + name
	return []string{"USHER_DATABASE_URL=" + address.String(), "USHER_SECRET_KEY=" + base64.StdEncoding.EncodeToString(key)},
		func() error {
			defer db.Close()
			_, err := db.ExecContext(context.WithoutCancel(ctx), `DROP DATABASE `+name+` WITH (FORCE)`)
			return err
		}, nil
}

// postgresCPU returns what tells the processor time that a PostgreSQL server on
// this machine has used: its main process and all of that one's children.
func postgresCPU(ctx context.Context) (func() time.Duration, error) {
	server, err := postgresServer()
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var pid int
	if err := db.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return nil, err
	}
	main, _, _ := times(pid)
	return func() time.Duration {
		_, own, ended := times(main)
		sum := own + ended
		all, _ := os.ReadDir("/proc")
		for _, one := range all {
			if pid, err := strconv.Atoi(one.Name()); err == nil {
				if parent, own, _ := times(pid); parent == main && main != 0 {
					sum += own
				}
			}
		}
		return sum
	}, nil
}

// database is that of a running server, seen from beside it.
type database struct {
	*sql.DB
	kind string
	file string // SQLite's
}

// beside opens the database that the server was started with.
func beside(p *process) (*database, error) {
	for _, setting := range p.cmd.Env {
		if address, ok := strings.CutPrefix(setting, "USHER_DATABASE_URL="); ok {
			db, err := sql.Open("pgx", address)
			return &database{DB: db, kind: onPostgres}, err
		}
	}
	file := filepath.Join(p.dir, "data", "usher.db")
	db, err := sql.Open(onSQLite, "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=synchronous(off)&_pragma=cache_size(-100000)")
	return &database{DB: db, kind: onSQLite, file: file}, err
}

// bytes is how much of the disk it takes, without the log.
func (d *database) bytes(ctx context.Context) (n int64, err error) {
	if d.kind == onPostgres {
		err = d.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
		return n, err
	}
	info, err := os.Stat(d.file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// tables are the names of all tables.
func (d *database) tables(ctx context.Context) ([]string, error) {
	query := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if d.kind == onPostgres {
		query = `SELECT relname::TEXT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	}
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// rows counts those of every table.
func (d *database) rows(ctx context.Context) (map[string]int64, error) {
	names, err := d.tables(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := d.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}
