//go:build unix

// Package postgrestest gives tests databases of PostgreSQL.
//
// It takes the server that USHER_TEST_POSTGRES_URL names, as a user who may
// create databases. Else each test process starts one of its own in a temporary
// folder, from what is installed; it ends with the process, however that ends.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"usher/store/postgres"
	"usher/store/postgres/postgrestest/cluster"
	"usher/store/sqlstore"
)

// Open opens a new, empty database and drops it at the end of the test.
func Open(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	return OpenAt(tb, Database(tb))
}

// OpenAt opens a database as a server does and closes it at the end of the
// test.
func OpenAt(tb testing.TB, address string) *sqlstore.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), address, postgres.Options{Serve: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// server is the address of the server, found or started once. Its database
// template holds empty tables, because copying is quicker than making them.
var server = sync.OnceValues(func() (address string, err error) {
	address = os.Getenv("USHER_TEST_POSTGRES_URL")
	if address == "" {
		if own, err = cluster.Start(); err != nil {
			return "", err
		}
		address = own.Address("postgres")
	}
	err = execute(address, `CREATE DATABASE `+template+` ENCODING 'UTF8' TEMPLATE template0`)
	if err == nil {
		_, _, err = postgres.Migrate(context.Background(), named(address, template))
	}
	return address, err
})

// template is of this process, as other processes may use the same server.
var template = fmt.Sprintf("usher_test_%d_%d", os.Getpid(), time.Now().UnixNano())

// own is the server that was started, nil where there was one.
var own *cluster.Cluster

var made atomic.Int64

// Database makes a new database with empty tables, drops it at the end of the
// test, and returns its address.
func Database(tb testing.TB) string {
	tb.Helper()
	return create(tb, template)
}

// Bare is Database without tables.
func Bare(tb testing.TB) string {
	tb.Helper()
	return create(tb, "template0")
}

func create(tb testing.TB, from string) string {
	tb.Helper()
	address, err := server()
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprintf("%s_%d", template, made.Add(1))
	if err := execute(address, `CREATE DATABASE `+name+` TEMPLATE `+from+` STRATEGY FILE_COPY`); err != nil {
		tb.Fatal(err)
	}
	if own != nil {
		return named(address, name) // it goes with the server
	}
	tb.Cleanup(func() {
		if err := execute(address, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Error(err)
		}
	})
	return named(address, name)
}

const allTables = `SELECT relname::TEXT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`

// Tables returns the names of a database's tables.
func Tables(tb testing.TB, address string) []string {
	tb.Helper()
	return query(tb, address, allTables)[0]
}

// Contents returns every row of a database as text, bytes in hexadecimal.
func Contents(tb testing.TB, address string) []byte {
	tb.Helper()
	var queries []string
	for _, table := range Tables(tb, address) {
		queries = append(queries, `SELECT t::TEXT FROM `+pgx.Identifier{table}.Sanitize()+` t`)
	}
	var all []byte
	for _, rows := range query(tb, address, queries...) {
		for _, row := range rows {
			all = append(append(all, row...), '\n')
		}
	}
	return all
}

// query returns the texts that each of the queries finds.
func query(tb testing.TB, address string, queries ...string) [][]string {
	tb.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	var found [][]string
	for _, q := range queries {
		rows, err := c.Query(ctx, q)
		if err != nil {
			tb.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			tb.Fatal(err)
		}
		found = append(found, list)
	}
	return found
}

// named returns the address with another database's name.
func named(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err) // it has been connected to
	}
	u.Path = "/" + name
	return u.String()
}

// execute runs a statement of the server itself.
func execute(address, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}
