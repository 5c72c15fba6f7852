package sqlstore

import (
	"context"
	"errors"
	"time"

	"usher/notify"
)

// Backlog implements notify.Backlog.
func (s *Store) Backlog(ctx context.Context) (waiting int64, due time.Time, err error) {
	err = s.db.Read(ctx, func(tx Tx) error {
		err := queryRow(tx, `SELECT count(*) FROM (SELECT 1 FROM outbox WHERE done IS NULL LIMIT $1) AS some_of`,
			[]any{notify.MaxBacklog}, &waiting)
		if err != nil || waiting == 0 {
			return err
		}
		err = queryRow(tx, `SELECT due FROM outbox WHERE done IS NULL ORDER BY due LIMIT 1`, nil, &due)
		if errors.Is(err, errNoRow) {
			return nil // delivered between the two
		}
		return err
	})
	return waiting, due, err
}
