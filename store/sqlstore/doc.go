// Package sqlstore keeps everything the server stores in an SQL database: the
// statements that SQLite and PostgreSQL share, and nothing about either.
//
// It owns the tables' meaning; the tables themselves are made by the driver
// packages' migrations. A driver package brings a DB.
//
// Conventions of the tables: times are microseconds since 1970 in UTC,
// booleans are 0 and 1, every key begins with the tenant, seq is the order in
// which rows were made.
package sqlstore
