package sqlstore

import (
	"context"
	"maps"

	"usher/grant"
)

// ListKeys implements grant.Keys.
func (s *Store) ListKeys(ctx context.Context) ([]grant.Key, error) {
	var keys []grant.Key
	err := s.db.Read(ctx, func(tx Tx) (err error) {
		keys, err = listKeys(tx)
		return err
	})
	return keys, err
}

// ReplaceKeys implements grant.Keys.
func (s *Store) ReplaceKeys(ctx context.Context, was, now []grant.Key) error {
	return s.db.Write(ctx, Durable, func(tx Tx) error {
		// First, so that nobody else reads the keys to change them meanwhile.
		if _, err := tx.Exec(`UPDATE signing_key_changes SET changes = changes + 1 WHERE id = 1`); err != nil {
			return err
		}
		keys, err := listKeys(tx)
		if err != nil {
			return err
		}
		if !maps.Equal(sealedByID(keys), sealedByID(was)) {
			return grant.ErrKeysChanged
		}
		if _, err := tx.Exec(`DELETE FROM signing_keys`); err != nil {
			return err
		}
		for _, k := range now {
			_, err := tx.Exec(`INSERT INTO signing_keys (id, algorithm, public, sealed, created, signs_from, until)
				VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				k.ID, k.Algorithm, notNull(k.Public), notNull(k.Sealed), k.Created, k.SignsFrom, k.Until)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func sealedByID(keys []grant.Key) map[string]string {
	sealed := make(map[string]string, len(keys))
	for _, k := range keys {
		sealed[k.ID] = string(k.Sealed)
	}
	return sealed
}

func listKeys(tx Tx) ([]grant.Key, error) {
	var keys []grant.Key
	err := tx.Query(`SELECT id, algorithm, public, sealed, created, signs_from, until FROM signing_keys ORDER BY created, id`, nil,
		func(r Row) error {
			var k grant.Key
			err := r.Scan(&k.ID, &k.Algorithm, &k.Public, &k.Sealed, &k.Created, &k.SignsFrom, &k.Until)
			keys = append(keys, k)
			return err
		})
	return keys, err
}
