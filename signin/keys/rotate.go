package keys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
)

const (
	// attempts is how often a change is tried anew because others were faster.
	attempts = 10
	// mostKeys bounds the key set, which every client fetches.
	mostKeys = 32
)

// ErrTooMany is returned where keys were rotated so often that the key set
// would grow too large.
var ErrTooMany = errors.New("too many signing keys are published already: wait until the oldest are gone, or revoke them")

// Ensure makes the keys at first start, which sign at once; where there are
// some it makes none. Any number of processes may call it at the same time:
// all of them have the same keys afterwards. It fails where the keys cannot be
// opened.
func (r *Ring) Ensure(ctx context.Context) error {
	return r.change(ctx, func(stored []grant.Key, now time.Time) ([]grant.Key, error) {
		return r.add(stored, lacking(stored, func(grant.Key) bool { return true }), now, now)
	})
}

// Maintain deletes keys that are published no longer and gives those a
// successor that have come of age. It is to be called every minute or so, on
// every node.
func (r *Ring) Maintain(ctx context.Context) error {
	return r.change(ctx, func(stored []grant.Key, now time.Time) ([]grant.Key, error) {
		kept := published(stored, now)
		due := lacking(kept, func(k grant.Key) bool {
			return r.schedule.Rotation <= 0 || now.Before(k.Created.Add(r.schedule.Rotation))
		})
		return r.add(kept, due, now, now.Add(r.schedule.Lead))
	})
}

// Rotation is how Rotate goes about it.
type Rotation struct {
	// Now lets the new keys sign at once. Clients that keep a copy of the key
	// set must fetch it again when they meet a key they do not know, as most
	// do.
	Now bool
	// Revoke withdraws all other keys at once, so that no token they signed
	// counts any more; the new ones sign at once then.
	Revoke bool
}

// Rotate gives every key a successor, before its time. Without Now and Revoke
// a key whose successor is published already, but does not sign yet, gets no
// further one: a repetition changes nothing.
//
// Other processes follow within half a minute. Revoke does not need the old
// keys to be readable, so it is the way out where the secret key was lost.
func (r *Ring) Rotate(ctx context.Context, how Rotation) error {
	return r.change(ctx, func(stored []grant.Key, now time.Time) ([]grant.Key, error) {
		if how.Revoke {
			return r.add(nil, algorithms, now, now)
		}
		kept, due, from := published(stored, now), algorithms, now
		if !how.Now {
			due = lacking(stored, func(k grant.Key) bool { return k.SignsFrom.After(now) })
			from = now.Add(r.schedule.Lead)
		}
		if len(kept)+len(due) > mostKeys {
			return nil, ErrTooMany
		}
		return r.add(kept, due, now, from)
	})
}

// add returns stored with a fresh key of each algorithm. Where the stored ones
// cannot be opened nothing is added: a key sealed beside them with another secret key would make all of
// them useless to whoever has the right one.
func (r *Ring) add(stored []grant.Key, algs []jose.SignatureAlgorithm, now, signsFrom time.Time) ([]grant.Key, error) {
	if len(algs) == 0 {
		return stored, nil
	}
	if _, err := r.open(stored); err != nil {
		return nil, err
	}
	for _, alg := range algs {
		fresh, err := makeKey(r.box, alg, now, signsFrom)
		if err != nil {
			return nil, err
		}
		stored = succeed(stored, fresh, r.schedule.Overlap)
	}
	return stored, nil
}

// change stores what plan makes of the stored keys, as long as others change
// them meanwhile with what they have made of them, and reads the result.
func (r *Ring) change(ctx context.Context, plan func([]grant.Key, time.Time) ([]grant.Key, error)) error {
	for range attempts {
		was, err := r.store.ListKeys(ctx)
		if err != nil {
			return err
		}
		next, err := plan(was, r.now())
		if err != nil {
			return err
		}
		if !sameKeys(was, next) {
			err = r.store.ReplaceKeys(ctx, was, next)
			if errors.Is(err, grant.ErrKeysChanged) {
				continue
			}
			if err != nil {
				return err
			}
			r.tell(ctx, was, next)
		}
		return r.readNow(ctx)
	}
	return fmt.Errorf("%w, %d times in a row", grant.ErrKeysChanged, attempts)
}

func (r *Ring) tell(ctx context.Context, was, next []grant.Key) {
	for _, k := range without(next, was) {
		r.log.InfoContext(ctx, "there is a new signing key", "kid", k.ID, "alg", k.Algorithm, "signs_from", k.SignsFrom)
	}
	for _, k := range without(was, next) {
		r.log.InfoContext(ctx, "a signing key is no longer published", "kid", k.ID, "alg", k.Algorithm)
	}
}

// readNow reads the keys whatever is known of them.
func (r *Ring) readNow(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	return r.read(ctx)
}
