package main

import (
	"context"
	"log/slog"
	"time"

	"usher/audit"
	"usher/engine"
	"usher/grant"
	"usher/limit"
	"usher/notify"
)

const (
	purgeEvery = 30 * time.Second
	// keepFinished is how long the key of a message that was sent stays known,
	// far beyond the life of what could cause it again.
	keepFinished = 48 * time.Hour
)

// purger deletes what nobody can use any more, and sees to the signing keys.
type purger struct {
	keys    interface{ Maintain(context.Context) error }
	engine  *engine.Engine
	signIns grant.Store
	outbox  notify.Outbox
	limits  limit.Store
	audit   audit.Entries
	// keepAudit is how long entries of the audit log are kept; 0 means for
	// ever.
	keepAudit time.Duration
	log       *slog.Logger
	now       func() time.Time
}

// run purges from time to time until ctx ends. What fails is tried again the
// next time.
func (p *purger) run(ctx context.Context) error {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := p.keys.Maintain(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("signing keys cannot be seen to", "error", err)
		}
		if err := p.purge(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("what has expired cannot be deleted", "error", err)
		}
	}
}

func (p *purger) purge(ctx context.Context) error {
	if err := p.engine.Purge(ctx); err != nil {
		return err
	}
	if err := untilNone(func() (int64, error) { return p.signIns.DeleteExpiredSignIns(ctx, p.now()) }); err != nil {
		return err
	}
	if err := untilNone(func() (int64, error) { return p.limits.DeletePaid(ctx, p.now()) }); err != nil {
		return err
	}
	if err := untilNone(func() (int64, error) { return p.outbox.DeleteFinished(ctx, p.now().Add(-keepFinished)) }); err != nil {
		return err
	}
	if p.keepAudit == 0 {
		return nil
	}
	return untilNone(func() (int64, error) { return p.audit.DeleteEntries(ctx, p.now().Add(-p.keepAudit)) })
}

// untilNone repeats a deletion until it finds nothing more.
func untilNone(deletion func() (int64, error)) error {
	for {
		n, err := deletion()
		if err != nil || n == 0 {
			return err
		}
	}
}
