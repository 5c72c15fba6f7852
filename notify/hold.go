package notify

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// claimTime is how long claimed messages belong to a worker of which nothing
	// more is heard: what it takes until another goes on with those of a node
	// that died.
	claimTime = 9 * time.Second
	// renewEvery is how often a claim is renewed while its message is sent. Most
	// are sent before the first time.
	renewEvery = 3 * time.Second
	// holdTime is how long a worker relies on a claim: less than it lasts, so
	// that sending has ended before another worker begins.
	holdTime = claimTime - time.Second
)

var errClaimLost = errors.New("the claim was lost")

// hold renews the claim on q, which began then, for as long as it is being sent.
// held ends with ctx, and when the claim is another's or could not be renewed in
// time. release ends the renewing, and tells whether the claim was held until
// then.
func (w *Worker) hold(ctx context.Context, q Queued, since time.Time) (held context.Context, release func() bool) {
	held, end := context.WithCancelCause(ctx)
	expiry := time.AfterFunc(holdTime-time.Since(since), func() { end(errClaimLost) })
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for {
			sleep(held, renewEvery-time.Since(since))
			if held.Err() != nil {
				return
			}
			since = time.Now()
			ours, err := w.Outbox.RenewClaim(held, q, w.Now().Add(claimTime))
			switch {
			case err != nil:
				w.Log.Warn("outbox: cannot renew the claim on a message", "message", identity(w.Box, q.Tenant, q.Key), "error", err)
			case ours:
				expiry.Reset(holdTime - time.Since(since))
			default:
				end(errClaimLost)
			}
		}
	})
	return held, func() bool {
		expiry.Stop()
		end(nil)
		renewing.Wait() // a claim renewed later would hold up the message's next attempt
		return !errors.Is(context.Cause(held), errClaimLost)
	}
}
