package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"
)

var errExpired = errors.New("no longer worth sending")

// deliver makes one attempt at a message claimed since then and stores its outcome. Once
// ctx ends the message is put back; where the claim was lost, it is left to
// whoever has it.
func (w *Worker) deliver(ctx context.Context, q Queued, since time.Time) {
	ctx, done := w.Watch(ctx)
	held, release := w.hold(ctx, q, since)
	started := w.Now()
	e, err := w.attempt(held, q)
	now, ours := w.Now(), release()
	o := Outcome{Channel: e.Channel, Template: e.Template, Attempt: max(q.Attempts, 1), Took: now.Sub(started)}
	if !e.Queued.IsZero() {
		o.Age = now.Sub(e.Queued)
	}
	again := now.Add(backoff(o.Attempt))
	level := slog.LevelWarn
	switch {
	case err != nil && (!ours || ctx.Err() != nil):
		o.Result, level = Interrupted, slog.LevelInfo
	case err == nil && e.Decoy:
		o.Result, level = Withheld, slog.LevelDebug
	case err == nil:
		o.Result, level = Sent, slog.LevelDebug
	case Permanent(err):
		o.Result = Refused
	case o.Attempt >= maxAttempts, !e.Expires.IsZero() && again.After(e.Expires):
		o.Result = GivenUp
	default:
		o.Result, level = Postponed, slog.LevelInfo
	}
	switch {
	case o.Result == Interrupted && ours:
		w.postpone(ctx, q, now, "")
	case o.Result == Interrupted:
	case o.Result == Postponed:
		w.postpone(ctx, q, again, failure(err))
	default:
		how := w.ending(q, e, err)
		w.settle(ctx, q, "finish", func(ctx context.Context) error {
			return w.Outbox.FinishMessage(ctx, q.Tenant, q.Key, now, how)
		})
	}
	w.log(ctx, level, q, o, err)
	done(o)
}

// attempt opens, renders and hands over a message. A panic on the way becomes
// an error without its value, which may hold content.
func (w *Worker) attempt(ctx context.Context, q Queued) (e envelope, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("outbox: panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	if e, err = open(w.Box, q); err != nil {
		return e, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	rendered, err := w.Words.Render(ctx, q.Tenant, e.Message)
	if err != nil {
		return e, err
	}
	rendered.ID = identity(w.Box, q.Tenant, q.Key)
	sender, ok := w.Senders[e.Channel]
	if !ok {
		return e, fmt.Errorf("no sender for channel %s", e.Channel)
	}
	if w.Now().After(e.Expires) {
		return e, errExpired
	}
	if e.Decoy {
		return e, nil
	}
	if err := ctx.Err(); err != nil {
		return e, err
	}
	return e, sender.Send(ctx, rendered)
}

// ending is what is kept of a message after its last attempt. A decoy's is
// that of a message that was sent. The content goes, unless somebody may want
// to try again.
func (w *Worker) ending(q Queued, e envelope, err error) Ending {
	switch {
	case err == nil:
		return Ending{State: StateDelivered, Sealed: receipt(w.Box, q, e)}
	case errors.Is(err, errExpired):
		return Ending{State: StateExpired, Sealed: receipt(w.Box, q, e)}
	}
	return Ending{State: StateGivenUp, Failure: failure(err)}
}

// maxFailure bounds the reason that is kept of a failure, in bytes.
const maxFailure = 300

// failure is the reason as it is kept. It tells neither an address nor
// content, as no error of a Sender does.
func failure(err error) string {
	text := strings.ToValidUTF8(err.Error(), "")
	if len(text) > maxFailure {
		text = strings.ToValidUTF8(text[:maxFailure], "") + "…"
	}
	return text
}

func (w *Worker) postpone(ctx context.Context, q Queued, due time.Time, why string) {
	w.settle(ctx, q, "postpone", func(ctx context.Context) error {
		return w.Outbox.PostponeMessage(ctx, q.Tenant, q.Key, due, why)
	})
}

// settle stores an outcome, also while the worker stops. What cannot be stored
// is tried for a while, then left: the message is due again when its claim
// ends, which sends it a second time.
func (w *Worker) settle(ctx context.Context, q Queued, what string, do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	var err error
	for ctx.Err() == nil {
		if err = do(ctx); err == nil {
			return
		}
		sleep(ctx, settleDelay)
	}
	w.Log.Error("outbox: cannot "+what+" message", "message", identity(w.Box, q.Tenant, q.Key), "error", err)
}

func (w *Worker) log(ctx context.Context, level slog.Level, q Queued, o Outcome, err error) {
	attrs := []slog.Attr{
		slog.String("message", identity(w.Box, q.Tenant, q.Key)),
		slog.String("channel", string(o.Channel)),
		slog.String("template", o.Template),
		slog.Int("attempt", o.Attempt),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	w.Log.LogAttrs(ctx, level, "outbox: message "+string(o.Result), attrs...)
}
