package audit

import "context"

// Make makes the entry of a change that is about to be committed, nil for one
// that there is nothing to say of. It is called in the change's transaction,
// once what changes is known; it is quick, and may be called again where the
// transaction runs again. Its error undoes the change.
type Make func() (*Entry, error)

type makeKey struct{}

// Along returns a context for one call of the store that changes something: the
// entry is stored in the same transaction, so that there is neither a change
// without its entry nor an entry without its change, and both survive loss of
// power. A call that fails stores none, nor does one that was made before.
func Along(ctx context.Context, entry Make) context.Context {
	return context.WithValue(ctx, makeKey{}, entry)
}

// Making returns what Along was given, nil for nothing. It is for stores.
func Making(ctx context.Context) Make {
	entry, _ := ctx.Value(makeKey{}).(Make)
	return entry
}
