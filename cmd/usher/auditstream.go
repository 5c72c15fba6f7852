package main

import (
	"errors"
	"log/slog"
	"time"

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
func repeatAudit(c *config.Config, st store.Store, now func() time.Time, log *slog.Logger) (store.Store, error) {
	if c.AuditStream == "" {
		return st, nil
	}
	s, err := stream.Open(c.AuditStream, st, now, log)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return repeating{st, s}, nil
}

// Close implements store.Store.
func (r repeating) Close() error { return errors.Join(r.stream.Close(), r.Store.Close()) }
