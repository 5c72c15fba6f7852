package sqlstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"usher/audit"
)

// Repeat implements audit.Repeats.
func (s *Store) Repeat() { s.repeats.Store(true) }

// ClaimEntries implements audit.Repeats. Mostly there are none: it looks before
// it writes.
func (s *Store) ClaimEntries(ctx context.Context, now, until time.Time, limit int) ([]audit.Entry, error) {
	const free = `SELECT entry FROM audit_repeats WHERE claimed_until <= $1`
	err := s.db.Read(ctx, func(tx Tx) error {
		var id int64
		return queryRow(tx, free+` LIMIT 1`, []any{now}, &id)
	})
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	claim := `UPDATE audit_repeats SET claimed_until = $2 WHERE entry` +
		s.dialect.among(free+` ORDER BY claimed_until, entry LIMIT $3`) + ` RETURNING entry`
	var list []audit.Entry
	err = s.db.Write(ctx, 0, func(tx Tx) error {
		var ids []int64
		err := tx.Query(claim, []any{now, until, limit}, func(r Row) error {
			var id int64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		slices.Sort(ids)
		list, err = entriesOf(tx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func entriesOf(tx Tx, ids []int64) (list []audit.Entry, err error) {
	read := make([]Statement, len(ids))
	for i, id := range ids {
		read[i] = Statement{Query: `SELECT ` + entryColumns + ` FROM audit_entries WHERE id = $1`, Args: []any{id}, Row: func(r Row) error {
			e, err := scanEntry(r)
			list = append(list, e)
			return err
		}}
	}
	if err := tx.Batch(read...); err != nil {
		return nil, err
	}
	return list, nil
}

// ConfirmEntries implements audit.Repeats.
func (s *Store) ConfirmEntries(ctx context.Context, entries []audit.Entry) error {
	confirm := make([]Statement, len(entries))
	for i := range entries {
		confirm[i] = Statement{Query: `DELETE FROM audit_repeats WHERE entry = $1`, Args: []any{entries[i].ID}}
	}
	return s.db.Write(ctx, 0, func(tx Tx) error { return tx.Batch(confirm...) })
}
