package notify

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/seal"
)

// outbox keeps messages in memory. It is as strict as a store: only leased
// messages can be finished or postponed.
type outbox struct {
	mu       sync.Mutex
	messages map[string]*stored
	signal   chan struct{}
	claims   int
	failing  time.Time // until then no outcome can be stored
	broken   bool
}

type stored struct {
	Queued
	leased  time.Time
	done    bool
	how     Ending
	failure string
}

func newOutbox() *outbox {
	return &outbox{messages: map[string]*stored{}, signal: make(chan struct{}, 1)}
}

func (o *outbox) Enqueue(_ context.Context, messages ...Queued) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, q := range messages {
		if _, known := o.messages[q.Tenant+q.Key]; !known {
			o.messages[q.Tenant+q.Key] = &stored{Queued: q}
		}
	}
	select {
	case o.signal <- struct{}{}:
	default:
	}
	return nil
}

func (o *outbox) ClaimDue(ctx context.Context, now, until time.Time, limit int) ([]Queued, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims++
	if o.broken {
		return nil, errors.New("database is away")
	}
	var claimed []Queued
	for _, key := range slices.Sorted(maps.Keys(o.messages)) {
		m := o.messages[key]
		if len(claimed) < limit && !m.done && !m.Due.After(now) && !m.leased.After(now) {
			m.leased = until
			m.Attempts++
			claimed = append(claimed, m.Queued)
		}
	}
	return claimed, ctx.Err()
}

func (o *outbox) change(ctx context.Context, tenant, key string, change func(*stored)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.messages[tenant+key]
	switch {
	case m == nil, m.done, m.leased.IsZero():
		return errors.New("message is not leased")
	case time.Now().Before(o.failing):
		return errors.New("database is away")
	}
	m.leased = time.Time{}
	change(m)
	return ctx.Err()
}

func (o *outbox) RenewClaim(ctx context.Context, q Queued, until time.Time) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken {
		return false, errors.New("database is away")
	}
	m := o.messages[q.Tenant+q.Key]
	if m.done || m.Attempts != q.Attempts {
		return false, ctx.Err()
	}
	m.leased = until
	return true, ctx.Err()
}

func (o *outbox) FinishMessage(ctx context.Context, tenant, key string, _ time.Time, how Ending) error {
	return o.change(ctx, tenant, key, func(m *stored) {
		m.done, m.how = true, how
		if how.Sealed != nil {
			m.Sealed = how.Sealed
		}
	})
}

func (o *outbox) PostponeMessage(ctx context.Context, tenant, key string, due time.Time, failure string) error {
	return o.change(ctx, tenant, key, func(m *stored) { m.Due, m.failure = due, failure })
}

func (o *outbox) DeleteFinished(context.Context, time.Time) (int64, error) { return 0, nil }
func (o *outbox) Enqueued() <-chan struct{}                                { return o.signal }

func (o *outbox) find(key string) stored {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.messages["carbon.super"+key]
}

// sender records what it is given and answers with what answer returns.
type sender struct {
	mu     sync.Mutex
	sent   []Rendered
	times  []time.Time
	answer func(ctx context.Context, try int) error
}

func (s *sender) Send(ctx context.Context, m Rendered) error {
	s.mu.Lock()
	s.sent = append(s.sent, m)
	s.times = append(s.times, time.Now())
	try := len(s.sent)
	s.mu.Unlock()
	if s.answer == nil {
		return nil
	}
	return s.answer(ctx, try)
}

func (s *sender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// plainWords renders the template "code", which needs the parameter code.
type plainWords struct {
	mu       sync.Mutex
	rendered int
	away     int // how many times there are no words
}

func (*plainWords) Check(m Message) error {
	if m.Template != "code" || m.Params["code"] == "" {
		return errors.New("template or code is missing")
	}
	return nil
}

func (p *plainWords) Render(_ context.Context, _ string, m Message) (Rendered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rendered++
	if m.Params["code"] == "panic" {
		panic("the secret code")
	}
	if err := p.Check(m); err != nil {
		return Rendered{}, &PermanentError{err}
	}
	if p.away > 0 {
		p.away--
		return Rendered{}, errors.New("words are away")
	}
	return Rendered{Channel: m.Channel, To: m.To, Locale: "en", Text: m.Params["code"]}, nil
}

// house is a worker with everything around it, on the clock of the bubble it
// is made in.
type house struct {
	t        *testing.T
	outbox   *outbox
	sender   *sender
	words    *plainWords
	box      *seal.Box
	queue    *Queue
	worker   *Worker
	log      *syncBuffer
	mu       sync.Mutex
	outcomes []Outcome
}

func newHouse(t *testing.T, configure func(*WorkerConfig)) *house {
	t.Helper()
	h := &house{t: t, outbox: newOutbox(), sender: &sender{}, words: &plainWords{}, log: &syncBuffer{}}
	h.box = newBox(t, 1)
	h.queue = NewQueue(h.box, h.words, time.Now)
	config := WorkerConfig{
		Outbox: h.outbox, Box: h.box, Words: h.words, Now: time.Now,
		Senders: map[Channel]Sender{Email: h.sender},
		Log:     slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Watch: func(ctx context.Context) (context.Context, func(Outcome)) {
			return ctx, func(o Outcome) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.outcomes = append(h.outcomes, o)
			}
		},
	}
	if configure != nil {
		configure(&config)
	}
	h.worker = NewWorker(config)
	return h
}

func newBox(t *testing.T, first byte) *seal.Box {
	t.Helper()
	box, err := seal.New(append([]byte{first}, make([]byte, seal.KeySize-1)...), "outbox")
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func (h *house) enqueue(key string, m Message) {
	h.t.Helper()
	q, err := h.queue.Queue("carbon.super", key, m)
	if err != nil {
		h.t.Fatal(err)
	}
	h.outbox.Enqueue(h.t.Context(), q)
}

// run starts the worker; the function it returns stops it and waits.
func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- h.worker.Run(ctx) }()
	return func() {
		h.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("Run: %v", err)
		}
	}
}

func (h *house) results() []Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []Result
	for _, o := range h.outcomes {
		all = append(all, o.Result)
	}
	return all
}

func (h *house) wantLogWithout(secrets ...string) {
	h.t.Helper()
	for _, s := range secrets {
		if strings.Contains(h.log.String(), s) {
			h.t.Errorf("log holds %q:\n%s", s, h.log.String())
		}
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// MemoryOutbox is the fake outbox for the tests of package notify_test.
type MemoryOutbox = outbox

// NewMemoryOutbox returns an empty one.
func NewMemoryOutbox() *MemoryOutbox { return newOutbox() }
