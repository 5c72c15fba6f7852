package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// ErrNotEmpty is returned by Copy where there is something already.
var ErrNotEmpty = errors.New("the database to copy to is not empty; give a new one")

// Copied is a table that Copy copies.
type Copied struct {
	Name string
	key  string // columns that order its rows
	// number is the column that the database numbers new rows by, "" for none.
	number string
	// seeded says that rows are there before anything is stored.
	seeded bool
}

// Tables lists what Copy copies, each after those it refers to. What is missing
// are tables that follow from the others, or are used as locks.
var Tables = []Copied{
	{Name: "tenants", key: "name", seeded: true},
	{Name: "flow_versions", key: "tenant, flow, number"},
	{Name: "flow_configs", key: "tenant, flow"},
	{Name: "flow_drafts", key: "tenant, flow"},
	{Name: "executions", key: "seq", number: "seq"},
	{Name: "answers", key: "tenant, execution, key"},
	{Name: "execution_counts", key: "tenant, flow", seeded: true}, // by the executions
	{Name: "users", key: "seq", number: "seq"},
	{Name: "user_values", key: "tenant, claim, value_key, user_seq"},
	{Name: "unique_values", key: "tenant, claim, value_key"},
	{Name: "credentials", key: "tenant, user_seq, kind, id"},
	{Name: "confirmations", key: "seq", number: "seq"},
	{Name: "claims", key: "tenant, uri"},
	{Name: "claim_sets", key: "tenant"},
	{Name: "connections", key: "tenant, id"},
	{Name: "applications", key: "tenant, id"},
	{Name: "application_origins", key: "origin, tenant, application"},
	{Name: "revisions", key: "tenant"},
	{Name: "branding", key: "tenant, coalesce(application, ''), screen, locale"},
	{Name: "signin_requests", key: "seq", number: "seq"},
	{Name: "sessions", key: "seq", number: "seq"},
	{Name: "grants", key: "seq", number: "seq"},
	{Name: "spent_assertions", key: "id"},
	{Name: "signin_settings", key: "tenant"},
	{Name: "signing_keys", key: "id"},
	{Name: "spent", key: "key"},
	{Name: "message_wordings", key: "tenant, template, locale"},
	{Name: "outbox", key: "seq", number: "seq"},
	{Name: "audit_entries", key: "id", number: "id"},
	{Name: "audit_repeats", key: "entry"},
}

// NotCopied lists the other tables: user_counts follows from users, the rest
// hold one row that is there already.
var NotCopied = []string{"user_counts", "signing_key_changes", "audit_retention"}

// Copy copies everything that one database keeps to another, empty one, in one
// transaction, and compares each row there with its original before it commits.
// Nobody else may write to either meanwhile: it reads on one connection and writes
// on one, so that whoever keeps others out for as long as these last does enough.
// report is told of each table, again where a lost connection has it all done again.
func Copy(ctx context.Context, from, to *Store, report func(table string, rows int)) error {
	err := from.db.Read(ctx, func(source Tx) error {
		return to.db.Write(ctx, Durable, func(tx Tx) error {
			if err := mustBeEmpty(tx); err != nil {
				return err
			}
			for _, t := range Tables {
				c := copying{Copied: t, from: source, to: tx}
				if err := c.run(from.dialect, to.dialect); err != nil {
					return fmt.Errorf("table %s: %w", t.Name, err)
				}
				report(t.Name, c.rows)
			}
			return nil
		})
	})
	to.Forget()
	return err
}

func mustBeEmpty(tx Tx) error {
	for _, t := range Tables {
		if t.seeded {
			continue
		}
		var one int
		switch err := queryRow(tx, `SELECT 1 FROM `+t.Name+` LIMIT 1`, nil, &one); {
		case err == nil:
			return ErrNotEmpty
		case !errors.Is(err, errNoRow):
			return err
		}
	}
	return nil
}

// copying is the copying of one table.
type copying struct {
	Copied
	from    Tx
	to      Tx
	columns []string
	rows    int
}

// run copies the rows, compares them, and has numbers go on after the greatest.
func (c *copying) run(from, to Dialect) error {
	theirs, err := columnsOf(c.to, to, c.Name)
	if err != nil {
		return err
	}
	if c.columns, err = columnsOf(c.from, from, c.Name); err != nil {
		return err
	}
	if !slices.Equal(slices.Sorted(slices.Values(theirs)), slices.Sorted(slices.Values(c.columns))) {
		return errors.New("its columns are not the same in both databases")
	}
	if c.seeded {
		if _, err := c.to.Exec(`DELETE FROM ` + c.Name); err != nil {
			return err
		}
	}
	if err := c.insert(); err != nil {
		return err
	}
	if err := c.compare(); err != nil {
		return err
	}
	if c.number == "" || to.Renumber == "" {
		return nil
	}
	return c.to.Query(fmt.Sprintf(to.Renumber, c.Name, c.number), nil, func(Row) error { return nil })
}

func columnsOf(tx Tx, dialect Dialect, table string) (names []string, err error) {
	query := dialect.Columns
	if query == "" {
		query = `SELECT name FROM pragma_table_info($1) ORDER BY cid`
	}
	err = tx.Query(query, []any{table}, func(r Row) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

func (c *copying) query() string {
	return `SELECT ` + strings.Join(c.columns, ", ") + ` FROM ` + c.Name + ` ORDER BY ` + c.key
}

// originals are the rows of the source.
func (c *copying) originals() iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		stopped := errors.New("enough")
		err := c.from.Query(c.query(), nil, func(r Row) error {
			values, err := c.scan(r)
			if err == nil && !yield(values, nil) {
				err = stopped
			}
			return err
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(nil, err)
		}
	}
}

func (c *copying) scan(r Row) ([]any, error) {
	values := make([]any, len(c.columns))
	dest := make([]any, len(c.columns))
	for i := range values {
		dest[i] = &values[i]
	}
	return values, r.Scan(dest...)
}

// maxInserted bounds the values of one INSERT.
const maxInserted = 1000

func (c *copying) insert() error {
	var waiting []any
	flush := func() error {
		if len(waiting) == 0 {
			return nil
		}
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", c.Name, strings.Join(c.columns, ", "))
		for i := range waiting {
			switch {
			case i == 0:
				b.WriteString("(")
			case i%len(c.columns) == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(i+1))
		}
		_, err := c.to.Exec(b.String()+")", waiting...)
		waiting = waiting[:0]
		return err
	}
	c.rows = 0
	for values, err := range c.originals() {
		if err != nil {
			return err
		}
		waiting = append(waiting, values...)
		c.rows++
		if len(waiting)+len(values) > maxInserted {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// compare compares each row with its original. It names neither, as both may be
// about a person.
func (c *copying) compare() error {
	next, stop := iter.Pull2(c.originals())
	defer stop()
	n := 0
	differs := func() error { return fmt.Errorf("row %d is not as the original", n) }
	err := c.to.Query(c.query(), nil, func(r Row) error {
		n++
		got, err := c.scan(r)
		if err != nil {
			return err
		}
		want, err, more := next()
		if err != nil {
			return err
		}
		if !more || !slices.EqualFunc(got, want, sameValue) {
			return differs()
		}
		return nil
	})
	if err != nil {
		return err
	}
	n++
	switch _, err, more := next(); {
	case err != nil:
		return err
	case more || n-1 != c.rows:
		return differs()
	}
	return nil
}

func sameValue(a, b any) bool {
	x, isBytes := a.([]byte)
	y, both := b.([]byte)
	if isBytes || both {
		return isBytes == both && bytes.Equal(x, y)
	}
	return a == b
}
