package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"usher/audit"
)

// AppendEntry implements audit.Entries.
func (s *Store) AppendEntry(ctx context.Context, e *audit.Entry) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error { return tx.Batch(s.insertEntry(e)...) })
}

// recording is a database whose writes store the entry that goes along with
// them, after their own statements.
type recording struct {
	DB
	store *Store
}

// Write implements DB.
func (d *recording) Write(ctx context.Context, mode Mode, fn func(Tx) error) error {
	entry := audit.Making(ctx)
	if entry == nil {
		return d.DB.Write(ctx, mode, fn)
	}
	return d.DB.Write(ctx, Durable, func(tx Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		list, err := d.store.record(entry)
		if err != nil {
			return err
		}
		return tx.Batch(list...)
	})
}

// record are the statements that store what the maker makes; a nil one makes
// nothing.
func (s *Store) record(entry audit.Make) ([]Statement, error) {
	if entry == nil {
		return nil, nil
	}
	e, err := entry()
	if err != nil || e == nil {
		return nil, err
	}
	return s.insertEntry(e), nil
}

func (s *Store) insertEntry(e *audit.Entry) []Statement {
	list := []Statement{{
		Query: `INSERT INTO audit_entries (tenant, at, actor_id, actor_name, kind, target, old, new)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		Args: []any{e.Tenant, e.At, e.Actor.ID, e.Actor.Name, e.Kind, e.Target, string(e.Before), string(e.After)},
		Row:  func(r Row) error { return r.Scan(&e.ID) },
	}}
	if s.repeats.Load() {
		list = append(list, Statement{
			Query: `INSERT INTO audit_repeats (entry, claimed_until) VALUES (` + cmp.Or(s.dialect.LastID, "last_insert_rowid()") + `, 0)`,
		})
	}
	return list
}

// ListEntries implements audit.Entries. It reads the tenant's entries by their
// time and leaves out those that are not asked for: half a second for a million
// of them, and there is one index to write.
func (s *Store) ListEntries(ctx context.Context, q audit.Query) ([]audit.Entry, error) {
	c := &compiler{}
	c.write(`SELECT `, entryColumns, ` FROM audit_entries WHERE tenant = `, c.param(q.Tenant))
	if !q.From.IsZero() {
		c.write(" AND at >= ", c.param(q.From))
	}
	if !q.Until.IsZero() {
		c.write(" AND at < ", c.param(q.Until))
	}
	if q.After != (audit.Position{}) {
		c.write(" AND (at, id) < (", c.param(q.After.At), ", ", c.param(q.After.ID), ")")
	}
	if q.Actor != "" {
		actor := c.param(q.Actor)
		c.write(" AND (actor_id = ", actor, " OR actor_name = ", actor, ")")
	}
	if q.Kind != "" {
		c.write(" AND kind = ", c.param(q.Kind))
	}
	if q.Target != "" {
		c.write(" AND target = ", c.param(q.Target))
	}
	c.write(" ORDER BY at DESC, id DESC LIMIT ", c.param(max(q.Limit, 0)))
	var list []audit.Entry
	err := s.db.Read(ctx, func(tx Tx) error {
		list = nil
		return tx.Query(c.sql.String(), c.args, func(r Row) error {
			e, err := scanEntry(r)
			list = append(list, e)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// DeleteEntries implements audit.Entries. The database lets entries go that are
// older than the time in audit_retention, which is there for no longer than the
// deletion takes.
func (s *Store) DeleteEntries(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.db.Read(ctx, func(tx Tx) error {
		var id int64
		return queryRow(tx, `SELECT id FROM audit_entries WHERE at < $1 LIMIT 1`, []any{before}, &id)
	})
	if errors.Is(err, errNoRow) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, 0, func(tx Tx) error {
		if _, err := tx.Exec(`UPDATE audit_retention SET before = $1 WHERE id = 1`, before); err != nil {
			return err
		}
		n, err = tx.Exec(`DELETE FROM audit_entries WHERE id`+
			s.dialect.among(`SELECT id FROM audit_entries WHERE at < $1 ORDER BY at LIMIT $2`), before, purgeLimit)
		if err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE audit_retention SET before = $1 WHERE id = 1`, time.UnixMicro(0))
		return err
	})
	return n, err
}

const entryColumns = "tenant, id, at, actor_id, actor_name, kind, target, old, new"

// scanEntry reads entryColumns.
func scanEntry(r Row) (e audit.Entry, err error) {
	var before, after string
	err = r.Scan(&e.Tenant, &e.ID, &e.At, &e.Actor.ID, &e.Actor.Name, &e.Kind, &e.Target, &before, &after)
	e.Before, e.After = object(before), object(after)
	return e, err
}

// object is JSON from a column of text that may have none.
func object(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
