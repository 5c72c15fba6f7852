package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// batch is how many rows one transaction makes, so that the server, which runs
// meanwhile, need not wait long for its own.
const batch = 25_000

// fill stores copies of an execution and of a user that the server made itself
// through its public API, so that they are as large as real ones, straight in
// its database.
func fill(ctx context.Context, s *site, size filling) error {
	if err := unique(ctx, s.process); err != nil {
		return err
	}
	if _, err := sizeOf(ctx, s.process, starting); err != nil {
		return err
	}
	_, err := manage(ctx, s.process, http.MethodPost, "/scim2/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
		"userName":"`+mark+`@example.com","password":"MyP@ssw0rd!","name":{"givenName":"Sasha","familyName":"`+mark+`"},
		"emails":[{"value":"`+mark+`@example.com","primary":true}]}`)
	if err != nil {
		return err
	}
	d, err := beside(s.process)
	if err != nil {
		return err
	}
	defer d.Close()
	triggers, err := d.untrigger(ctx)
	if err != nil {
		return err
	}
	for _, table := range copied {
		n := size.users
		if table.name == "executions" {
			n = size.executions
		}
		if err := d.copies(ctx, table, n); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return d.settle(ctx, size.users, triggers)
}

// untrigger takes SQLite's triggers away, which would cost as much again as the
// rows, and returns the statements that bring them back.
func (d *database) untrigger(ctx context.Context) (back []string, err error) {
	if d.kind == onPostgres {
		return nil, nil // load has its own way
	}
	var names []string
	rows, err := d.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('executions', 'users')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, statement string
		if err := rows.Scan(&name, &statement); err != nil {
			return nil, err
		}
		names, back = append(names, name), append(back, statement)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := d.ExecContext(ctx, `DROP TRIGGER `+name); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// unique makes an address belong to one user only.
func unique(ctx context.Context, p *process) error {
	const claim = "http://wso2.org/claims/emailaddress"
	_, err := manage(ctx, p, http.MethodPut, "/api/server/v1/claim-dialects/local/claims/"+base64.RawURLEncoding.EncodeToString([]byte(claim)),
		`{"claimURI":"`+claim+`","displayName":"Email","uniquenessScope":"WITHIN_USERSTORE"}`)
	return err
}

// copying says which rows of a table are copied, and as what the columns that
// are not: i is the copy's number. Of other texts each copy has its own mark in
// place of the sample's.
type copying struct {
	name, which string
	columns     map[string]string
}

var copied = []copying{
	{"executions", "seq = (SELECT max(seq) FROM executions)", map[string]string{
		"seq": "seq + i", "id": idOf, "expires": "expires + 86400000000 + 3000 * i",
	}},
	{"users", sampled, map[string]string{"seq": "seq + i", "id": idOf, "create_key": "NULL"}},
	{"user_values", ofSample, map[string]string{"user_seq": "user_seq + i"}},
	{"unique_values", ofSample, map[string]string{"user_seq": "user_seq + i"}},
	{"credentials", ofSample, map[string]string{"user_seq": "user_seq + i"}},
}

const (
	sampled  = "username LIKE '" + mark + "%'"
	ofSample = "user_seq = (SELECT seq FROM users WHERE " + sampled + ")"
	// idOf keeps the beginning, which is the time, and counts at the end.
	idOf = "substr(id, 1, 24) || substr(CAST(1000000000000 + i AS TEXT), 2)"
	// markBy is markOf in SQL. It ascends, so that indexes grow at their end.
	markBy = "'sample' || CAST(1000000 + i AS TEXT)"
)

// copies makes n copies in batches.
func (d *database) copies(ctx context.Context, c copying, n int) error {
	names, texts, err := d.columns(ctx, c.name)
	if err != nil {
		return err
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = name
		if texts[i] {
			values[i] = "replace(" + name + ", '" + mark + "', " + markBy + ")"
		}
		if value, ok := c.columns[name]; ok {
			values[i] = value
		}
	}
	query := `WITH RECURSIVE counted(i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM counted WHERE i < $2)
		INSERT INTO ` + c.name + ` (` + strings.Join(names, ", ") + `) SELECT ` + strings.Join(values, ", ") + ` FROM ` + c.name + `, counted WHERE ` + c.which
	for from := 1; from <= n; from += batch {
		if err := d.load(ctx, query, from, min(from+batch-1, n)); err != nil {
			return err
		}
	}
	return nil
}

// load runs one batch, on PostgreSQL without triggers.
func (d *database) load(ctx context.Context, query string, from, to int) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if d.kind == onPostgres {
		if _, err := tx.ExecContext(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, query, from, to); err != nil {
		return err
	}
	return tx.Commit()
}

// settle does what the database would do by and by: numbers go on after those
// that were given, users are counted, tables are analysed and written out.
func (d *database) settle(ctx context.Context, users int, triggers []string) error {
	statements := slices.Concat(triggers, []string{
		fmt.Sprintf(`UPDATE user_counts SET users = users + %d WHERE tenant = 'carbon.super'`, users), `PRAGMA wal_checkpoint(PASSIVE)`,
	})
	if d.kind == onPostgres {
		statements = []string{
			`SELECT setval(pg_get_serial_sequence('users', 'seq'), (SELECT max(seq) FROM users))`,
			`SELECT setval(pg_get_serial_sequence('executions', 'seq'), (SELECT max(seq) FROM executions))`,
			fmt.Sprintf(`UPDATE user_count_shards SET users = users + %d WHERE (tenant, shard) = (SELECT tenant, shard FROM user_count_shards WHERE tenant = 'carbon.super' LIMIT 1)`, users),
			`VACUUM ANALYZE`, `CHECKPOINT`,
		}
	}
	for _, s := range statements {
		if _, err := d.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// columns are those of a table, and which of them hold text.
func (d *database) columns(ctx context.Context, table string) (names []string, texts []bool, err error) {
	query := `SELECT name, type = 'TEXT' FROM pragma_table_info($1) ORDER BY cid`
	if d.kind == onPostgres {
		query = `SELECT column_name::TEXT, data_type = 'text' FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position`
	}
	rows, err := d.QueryContext(ctx, query, table)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var text bool
		if err := rows.Scan(&name, &text); err != nil {
			return nil, nil, err
		}
		names, texts = append(names, name), append(texts, text)
	}
	return names, texts, rows.Err()
}
