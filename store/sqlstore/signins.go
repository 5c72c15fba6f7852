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
		for _, from := range []struct{ table, key string }{
			{"signin_requests", "seq"}, {"sessions", "seq"}, {"grants", "seq"}, {"spent_assertions", "id"},
		} {
			n, err := tx.Exec(`DELETE FROM `+from.table+` WHERE `+from.key+
				s.dialect.among(`SELECT `+from.key+` FROM `+from.table+` WHERE expires < $1 ORDER BY expires LIMIT $2`), now, purgeLimit)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}
