package keys

import (
	"context"
	"slices"
	"time"

	"usher/grant"
)

// Reseal seals the stored keys anew under the box's newest key, where they are
// sealed under another, and returns how many were. They sign and verify as
// before; a repetition changes nothing.
func (r *Ring) Reseal(ctx context.Context) (resealed int, err error) {
	err = r.change(ctx, func(stored []grant.Key, _ time.Time) ([]grant.Key, error) {
		resealed, stored = 0, slices.Clone(stored)
		for i := range stored {
			k := &stored[i]
			if r.box.Newest(k.Sealed) {
				continue
			}
			secret, err := r.box.Open(k.Sealed, place(k.ID))
			if err != nil {
				return nil, notOpened(k.ID)
			}
			k.Sealed = r.box.Seal(secret, place(k.ID))
			resealed++
		}
		return stored, nil
	})
	return resealed, err
}
