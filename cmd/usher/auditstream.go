package main

import (
	"context"
	"errors"
	"log/slog"

	"usher/audit"
	"usher/audit/stream"
	"usher/config"
	"usher/store"
)

// repeating is a store whose audit log is repeated elsewhere.
type repeating struct {
	store.Store
	stream *stream.Stream
}

// repeatAudit returns st, with its audit log repeated as the settings say. It
// closes st where that cannot be.
func repeatAudit(c *config.Config, st store.Store, log *slog.Logger) (store.Store, error) {
	s, err := stream.Open(c.AuditStream, st, log)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return repeating{st, s}, nil
}

// AppendEntry implements audit.Entries.
func (r repeating) AppendEntry(ctx context.Context, e *audit.Entry) error {
	return r.stream.AppendEntry(ctx, e)
}

// Close implements store.Store.
func (r repeating) Close() error { return errors.Join(r.Store.Close(), r.stream.Close()) }
