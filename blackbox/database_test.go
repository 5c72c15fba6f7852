//go:build blackbox

package blackbox

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"usher/store/postgres/postgrestest/cluster"
)

// shared is a server of PostgreSQL for the tests that do not stop it.
var shared = sync.OnceValues(cluster.Start)

var databases atomic.Int64

// database makes an empty database and returns its address.
func database(t *testing.T) (*cluster.Cluster, string) {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	statement(t, c.Address("postgres"), "CREATE DATABASE "+name+" TEMPLATE template0")
	return c, c.Address(name)
}

// statement runs statements as the operator of the database.
func statement(t *testing.T, address string, statements ...string) {
	t.Helper()
	for _, s := range statements {
		query(t, address, s)
	}
}

// query returns the first column of a statement's result as text.
func query(t *testing.T, address, statement string) []string {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	results, err := c.PgConn().Exec(ctx, statement).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	var list []string
	for _, result := range results {
		for _, row := range result.Rows {
			list = append(list, string(row[0]))
		}
	}
	return list
}

// onPostgres is what a node needs to be told; nodes with the same key make one
// server.
func onPostgres(address, key string) []string {
	return []string{"USHER_DATABASE_URL=" + address, "USHER_SECRET_KEY=" + key}
}

func newKey() string {
	key := make([]byte, 32)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

// launchNodes starts several servers on one database.
func launchNodes(t *testing.T, n int, address string, settings ...string) []*server {
	t.Helper()
	settings = append(onPostgres(address, newKey()), settings...)
	list := make([]*server, n)
	for i := range list {
		list[i] = prepare(t, settings...)
		if i > 0 {
			list[i].settings = append(list[i].settings, "USHER_PUBLIC_URL="+list[0].url(""))
		}
		list[i].start(t)
	}
	for _, s := range list {
		s.awaitReady(t)
	}
	return list
}
