package executortest

import (
	"context"
	"slices"

	"usher/notify"
)

// World is what the fakes around one executor share: whether they work, and
// what happened to them.
type World struct {
	broken  error
	refused int
	effects []string
}

// Call begins every call of a dependency that can fail. The error, if any, is
// what the fake returns, having done nothing.
func (w *World) Call(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		err = w.broken
	}
	if err != nil {
		w.refused++
	}
	return err
}

// Effect records something that must happen once: the same key again is the
// same effect.
func (w *World) Effect(key string) {
	if !slices.Contains(w.effects, key) {
		w.effects = append(w.effects, key)
	}
}

// Break makes every dependency fail with err from now on; nil mends them.
func (w *World) Break(err error) { w.broken = err }

// Effects returns the distinct effects so far, in their order.
func (w *World) Effects() []string { return slices.Clone(w.effects) }

// Queue is a notify.Queue that keeps messages in clear, by their key. It
// refuses what Words would not render, as the real one does.
type Queue struct {
	Words interface{ Check(m notify.Message) error }
	ByKey map[string]notify.Message
	// Last is the message queued last.
	Last notify.Message
}

// NewQueue returns an empty queue.
func NewQueue(words interface{ Check(m notify.Message) error }) *Queue {
	return &Queue{Words: words, ByKey: map[string]notify.Message{}}
}

// Queue implements the interface of that name in several executors.
func (q *Queue) Queue(tenant, key string, m notify.Message) (notify.Queued, error) {
	if err := q.Words.Check(m); err != nil {
		return notify.Queued{}, err
	}
	q.ByKey[key], q.Last = m, m
	return notify.Queued{Tenant: tenant, Key: key, Sealed: []byte("sealed")}, nil
}

// Outbox is a notify.Outbox, as far as executors need one, that tells the
// World what is queued: "message " and its key.
type Outbox struct{ World *World }

// Enqueue implements notify.Outbox.
func (o Outbox) Enqueue(ctx context.Context, messages ...notify.Queued) error {
	if err := o.World.Call(ctx); err != nil {
		return err
	}
	for _, m := range messages {
		o.World.Effect("message " + m.Key)
	}
	return nil
}
