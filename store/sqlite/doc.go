// Package sqlite is the store in a file: sqlstore on SQLite.
//
// It owns the file, its tables, its lock and how writes reach it. All writes
// of a process go through one goroutine that gathers what is waiting into one
// transaction (group commit), since SQLite has one writer at a time and the
// cost of a commit is the same for one change as for a hundred. Reads have
// connections of their own and wait for nobody (write-ahead log).
package sqlite
