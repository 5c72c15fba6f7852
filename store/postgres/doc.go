// Package postgres is the store of several servers: sqlstore on PostgreSQL.
//
// It owns the connections, the tables, how a write is committed, and what
// becomes of one whose connection is lost. Many write at a time, so rows are
// locked where sqlstore says so (READ COMMITTED), a transaction that the
// database gives up is run again, and a commit without an answer is asked about.
// Steps that may be lost with the power are committed without waiting for the
// disk; what completes waits.
package postgres
