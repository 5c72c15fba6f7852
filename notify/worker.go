package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	poll        = time.Second            // how often to look for what other processes queued
	gather      = 20 * time.Millisecond  // between two claims: many messages, one write
	firstDelay  = 5 * time.Second        // before the second attempt
	longest     = time.Hour              // between two attempts
	maxAttempts = 40                     // for what cannot even be opened; more than a Life holds
	settleTime  = 10 * time.Second       // for the store to take the outcome
	settleDelay = 300 * time.Millisecond // between two tries at that
)

// WorkerConfig says what a Worker works with. Outbox, Box, Senders, Words and
// Now are needed; the zero value of the others is replaced by a default.
type WorkerConfig struct {
	Outbox  Outbox
	Box     Sealer
	Senders map[Channel]Sender
	Words   Renderer
	Now     func() time.Time
	// Log gets failures, by message ID, channel and template: never an
	// address or content. nil discards them.
	Log *slog.Logger
	// Watch is called before each attempt, which has the context it returns, and
	// what it returns after it; both from several goroutines.
	Watch func(context.Context) (context.Context, func(Outcome))
	// Parallel bounds how many messages are sent at once; 16.
	Parallel int
	// Timeout bounds one attempt; 30 s.
	Timeout time.Duration
	// Grace is how long sending may go on once the worker is to stop; 5 s.
	Grace time.Duration
}

// Worker delivers queued messages. Several workers, in several processes, may
// share an outbox. A message is delivered at least once: twice only when its
// outcome could not be stored, or its Sender was not told of it.
type Worker struct {
	WorkerConfig
	slots chan struct{} // a value for each message being delivered
}

// NewWorker returns a worker that does nothing until Run.
func NewWorker(c WorkerConfig) *Worker {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Watch == nil {
		c.Watch = func(ctx context.Context) (context.Context, func(Outcome)) { return ctx, func(Outcome) {} }
	}
	if c.Parallel <= 0 {
		c.Parallel = 16
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Grace <= 0 {
		c.Grace = 5 * time.Second
	}
	return &Worker{WorkerConfig: c, slots: make(chan struct{}, c.Parallel)}
}

// Run delivers messages until ctx ends. It then claims no more, gives the
// messages being sent the grace period, makes the others due again and returns
// nil. When it returns, none of its goroutines is left.
func (w *Worker) Run(ctx context.Context) error {
	sending, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var deliveries sync.WaitGroup
	for {
		free := w.takeSlots(ctx)
		if free == 0 {
			break
		}
		claimed, since := w.claim(ctx, free)
		for range free - len(claimed) {
			<-w.slots
		}
		for _, q := range claimed {
			deliveries.Go(func() {
				defer func() { <-w.slots }()
				w.deliver(sending, q, since)
			})
		}
		if len(claimed) < free {
			w.awaitMessages(ctx)
		}
		sleep(ctx, gather)
	}
	timer := time.AfterFunc(w.Grace, abandon)
	defer timer.Stop()
	deliveries.Wait()
	return nil
}

// Flush delivers everything that is due now, one message after the other, and
// returns when nothing is left or ctx ends. It is for callers who want to see
// the messages of what they have just done, with a worker that does not run.
func (w *Worker) Flush(ctx context.Context) {
	for ctx.Err() == nil {
		claimed, since := w.claim(ctx, 1)
		if len(claimed) == 0 {
			return
		}
		w.deliver(ctx, claimed[0], since)
	}
}

// takeSlots waits for a free slot, takes all there are and returns how many;
// 0 when ctx ended.
func (w *Worker) takeSlots(ctx context.Context) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case w.slots <- struct{}{}:
	}
	for n := 1; ; n++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return n
		}
	}
}

// claim claims at most limit messages. It is not cut short when the worker is
// to stop: what the store has lent must be known here. They are claimed since a
// moment that is not after the store did so.
func (w *Worker) claim(ctx context.Context, limit int) (claimed []Queued, since time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	since, now := time.Now(), w.Now()
	claimed, err := w.Outbox.ClaimDue(ctx, now, now.Add(claimTime), limit)
	if err != nil {
		w.Log.Warn("outbox: cannot claim messages", "error", err)
	}
	return claimed, since
}

// awaitMessages returns when there may be something to claim.
func (w *Worker) awaitMessages(ctx context.Context) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-w.Outbox.Enqueued():
	case <-timer.C:
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// backoff returns how long to wait after the given number of attempts:
// doubled each time, with a fifth of jitter either way so that messages that
// failed together are not tried together.
func backoff(attempts int) time.Duration {
	d := min(firstDelay<<min(max(attempts-1, 0), 16), longest)
	return d - d/5 + rand.N(2*d/5)
}
