package sqlstore

import (
	"context"
	"time"
)

// DeleteExpiredSignIns implements grant.Store.
func (s *Store) DeleteExpiredSignIns(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	err := s.db.Write(ctx, 0, func(tx Tx) error {
		total = 0
		for _, statement := range []string{
			`DELETE FROM signin_requests WHERE seq IN (SELECT seq FROM signin_requests WHERE expires < $1 ORDER BY expires LIMIT $2)`,
			`DELETE FROM sessions WHERE seq IN (SELECT seq FROM sessions WHERE expires < $1 ORDER BY expires LIMIT $2)`,
			`DELETE FROM grants WHERE seq IN (SELECT seq FROM grants WHERE expires < $1 ORDER BY expires LIMIT $2)`,
			`DELETE FROM spent_assertions WHERE id IN (SELECT id FROM spent_assertions WHERE expires < $1 ORDER BY expires LIMIT $2)`,
		} {
			n, err := tx.Exec(statement, now, purgeLimit)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}
