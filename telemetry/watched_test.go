package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"usher/flow"
	"usher/limit"
	"usher/notify"
	"usher/store/sqlstore"
)

// under runs f in a trace, and returns the spans below its first one by name.
func under(t *testing.T, f func(context.Context, *Tracing)) map[string]tracetest.SpanStub {
	t.Helper()
	tracing, kept := recorded(t)
	ctx, root := tracing.tracer.Start(t.Context(), "root")
	f(ctx, tracing)
	root.End()
	spans := map[string]tracetest.SpanStub{}
	for _, s := range kept.GetSpans() {
		spans[s.Name] = s
	}
	delete(spans, "root")
	return spans
}

func TestExecutorsAreWatched(t *testing.T) {
	t.Parallel()
	answers := map[string]flow.Result{
		"continue": flow.Continue{}, "ask": flow.Ask{}, "prompt": flow.Prompt{}, "redirect": flow.Redirect{}, "ceremony": flow.Ceremony{}, "stop": flow.Stop{},
	}
	type config struct {
		Answer string `json:"answer"`
	}
	executor := flow.Define(flow.Executor{Name: "TestExecutor"}, config{}, func(_ context.Context, turn *flow.Turn[config, struct{}]) (flow.Result, error) {
		if answer, ok := answers[turn.Config.Answer]; ok {
			return answer, nil
		}
		if turn.Config.Answer == "limited" {
			return nil, fmt.Errorf("wrapped: %w", &limit.ExceededError{Budget: "b", RetryAfter: time.Second})
		}
		if turn.Config.Answer == "refused" {
			return nil, &flow.ExtensionError{Refused: true, Message: "ada@example.org"}
		}
		return nil, errors.New("code 123456 of ada@example.org")
	})
	m := NewMetrics("test")
	for want := range answers {
		check(t, m, executor, want, codes.Unset)
	}
	check(t, m, executor, "limited", codes.Unset)
	check(t, m, executor, "refused", codes.Unset)
	check(t, m, executor, "error", codes.Error)
	if n := testutil.CollectAndCount(m.executors); n != len(answers)+3 {
		t.Errorf("%d outcomes", n)
	}
	use, err := Executors([]flow.Executor{executor}, m, nil)[0].Bind(flow.Meta{"no such key": "x"})
	if err == nil {
		t.Errorf("a wrong meta is bound: %v", use)
	}
}

func check(t *testing.T, m *Metrics, executor flow.Executor, outcome string, status codes.Code) {
	t.Helper()
	spans := under(t, func(ctx context.Context, tracing *Tracing) {
		use, err := Executors([]flow.Executor{executor}, m, tracing)[0].Bind(flow.Meta{"answer": outcome})
		if err != nil {
			t.Fatal(err)
		}
		_, err = use.Run(ctx, &flow.Call{Visit: flow.Visit{Flow: flow.Registration, Values: map[string]string{"otp": "123456"}}})
		if (err != nil) != (outcome == "error" || outcome == "limited" || outcome == "refused") {
			t.Errorf("%s: %v", outcome, err)
		}
	})
	s := spans["TestExecutor"]
	want := map[string]string{"usher.flow": "REGISTRATION", "usher.submitted": "false", "usher.outcome": outcome}
	if diff := cmp.Diff(want, attributes(s)); diff != "" || s.Status.Code != status || len(s.Events) > 0 || s.Status.Description != "" {
		t.Errorf("%s: %v, %v: %s", outcome, s.Status, s.Events, diff)
	}
}

// TestNothingIsMadeForNoTrace: what would describe a span is not made where
// there is none. It is not parallel, so that it counts its own allocations.
func TestNothingIsMadeForNoTrace(t *testing.T) { //nolint:paralleltest // see there
	use := flow.Bound{Executor: flow.Executor{Name: "TestExecutor"}, Run: func(context.Context, *flow.Call) (flow.Result, error) { return flow.Continue{}, nil }}
	tracing, _ := recorded(t)
	for name, tracing := range map[string]*Tracing{"none": nil, "not this one": tracing} {
		run := watch(use, NewMetrics("test"), tracing)
		call := &flow.Call{Visit: flow.Visit{Flow: flow.Registration}}
		if n := testing.AllocsPerRun(100, func() { _, _ = run(t.Context(), call) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// fakeDB runs everything at once.
type fakeDB struct {
	sqlstore.DB
	fail error
}

func (d fakeDB) Read(_ context.Context, fn func(sqlstore.Tx) error) error { return fn(fakeTx(d)) }

func (d fakeDB) Write(_ context.Context, _ sqlstore.Mode, fn func(sqlstore.Tx) error) error {
	return fn(fakeTx(d))
}

type fakeTx fakeDB

func (x fakeTx) Exec(string, ...any) (int64, error)                  { return 7, x.fail }
func (x fakeTx) Query(string, []any, func(sqlstore.Row) error) error { return x.fail }
func (x fakeTx) Batch(...sqlstore.Statement) error                   { return x.fail }

func TestStatementsAreShownWithoutValues(t *testing.T) {
	t.Parallel()
	const insert, sel = "INSERT INTO users (username) VALUES ($1)", "\n\t\tselect 1"
	spans := under(t, func(ctx context.Context, tracing *Tracing) {
		db := tracing.Database(fakeDB{})
		err := db.Write(ctx, sqlstore.Durable, func(tx sqlstore.Tx) error {
			n, err := tx.Exec(insert, "ada@example.org")
			if n != 7 {
				t.Errorf("changed %d rows", n)
			}
			return err
		})
		failing := tracing.Database(fakeDB{fail: errors.New("ada@example.org exists")})
		err2 := failing.Read(ctx, func(tx sqlstore.Tx) error { return tx.Query(sel, nil, nil) })
		if err != nil || err2 == nil {
			t.Errorf("%v, %v", err, err2)
		}
	})
	for name, want := range map[string]struct {
		parent     string
		attributes map[string]string
		status     codes.Code
	}{
		"write":  {"", map[string]string{"usher.durable": "true"}, codes.Unset},
		"INSERT": {"write", map[string]string{"db.query.text": insert}, codes.Unset},
		"read":   {"", map[string]string{}, codes.Unset},
		"SELECT": {"read", map[string]string{"db.query.text": sel}, codes.Error},
	} {
		s := spans[name]
		if diff := cmp.Diff(want.attributes, attributes(s)); diff != "" || s.Status.Code != want.status || s.Status.Description != "" {
			t.Errorf("%s: %v: %s", name, s.Status, diff)
		}
		if want.parent != "" && s.Parent.SpanID() != spans[want.parent].SpanContext.SpanID() {
			t.Errorf("%s is not below %s", name, want.parent)
		}
	}
	var none *Tracing
	if db := none.Database(fakeDB{}); db != (fakeDB{}) {
		t.Errorf("without tracing the database is a %T", db)
	}
}

func TestOthersAreNotToldOfTraces(t *testing.T) {
	t.Parallel()
	var headers http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers = r.Header
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	spans := under(t, func(ctx context.Context, tracing *Tracing) {
		client := &http.Client{Transport: tracing.Client(http.DefaultTransport)}
		for _, url := range []string{server.URL + "/secret?code=123456", "http://127.0.0.1:1/"} {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := client.Do(r); err == nil {
				resp.Body.Close()
			}
		}
	})
	if headers.Get("Traceparent") != "" {
		t.Errorf("told: %s", headers)
	}
	s := spans["POST"] // of the last call, which nobody answers
	want := map[string]string{"http.request.method": "POST", "server.address": "127.0.0.1"}
	if diff := cmp.Diff(want, attributes(s)); diff != "" || s.Status.Code != codes.Error {
		t.Errorf("%v: %s", s.Status, diff)
	}
}

// TestDeliveriesAreTraced: an attempt at a message is a trace of its own, which
// says what became of it.
func TestDeliveriesAreTraced(t *testing.T) {
	t.Parallel()
	for result, status := range map[notify.Result]codes.Code{
		notify.Sent: codes.Unset, notify.Withheld: codes.Unset, notify.Interrupted: codes.Unset,
		notify.Postponed: codes.Error, notify.Refused: codes.Error, notify.GivenUp: codes.Error,
	} {
		tracing, kept := recorded(t)
		outer, span := tracing.tracer.Start(t.Context(), "outer")
		ctx, done := tracing.Delivery(outer)
		_, inner := tracing.start(ctx, "inner")
		inner.End()
		done(notify.Outcome{Channel: notify.Email, Template: "email-otp", Result: result, Attempt: 2})
		span.End()
		spans := kept.GetSpans()
		root, want := spans[1], map[string]string{"usher.channel": "email", "usher.template": "email-otp", "usher.outcome": string(result), "usher.attempt": "2"}
		if diff := cmp.Diff(want, attributes(root)); diff != "" || root.Name != "deliver" || root.Status.Code != status || root.Parent.IsValid() {
			t.Errorf("%s: %s, status %v, parent %v: %s", result, root.Name, root.Status, root.Parent, diff)
		}
		if spans[0].Parent.SpanID() != root.SpanContext.SpanID() {
			t.Errorf("%s: what happens on the way is not in its trace", result)
		}
	}
	ctx, done := (*Tracing)(nil).Delivery(t.Context())
	if done(notify.Outcome{}); ctx != t.Context() {
		t.Error("without tracing there is something of it")
	}
}

func TestLogNamesTheTrace(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(Log(slog.NewJSONHandler(&lines, nil))).With("a", 1)
	tracing, _ := recorded(t)
	ctx, span := tracing.tracer.Start(t.Context(), "root")
	log.Info("outside")
	log.InfoContext(ctx, "inside")
	log.InfoContext(ctx, "says so itself", "trace_id", "own")
	var got []string
	for line := range strings.Lines(lines.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		id, _ := m["trace_id"].(string)
		got = append(got, id)
		if strings.Count(line, "trace_id") > 1 {
			t.Errorf("said twice: %s", line)
		}
	}
	if diff := cmp.Diff([]string{"", span.SpanContext().TraceID().String(), "own"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGauges(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	due, backlogErr := now.Add(-90*time.Second), error(nil)
	m := NewMetrics("test")
	m.Watch(Sources{
		Hashing:  func() (int, int) { return 2, 3 },
		Database: func() sqlstore.Load { return sqlstore.Load{Connections: 5, Busy: 1, Waiting: 4} },
		Backlog:  func(context.Context) (int64, time.Time, error) { return 6, due, backlogErr },
		Now:      func() time.Time { return now },
	})
	expect := func(overdue string) {
		t.Helper()
		want := `# HELP usher_outbox_overdue_seconds Time since the first of the waiting messages was due, 0 where none is.
# TYPE usher_outbox_overdue_seconds gauge
usher_outbox_overdue_seconds ` + overdue + "\n"
		if err := testutil.GatherAndCompare(m.Registry, strings.NewReader(want), "usher_outbox_overdue_seconds"); err != nil {
			t.Error(err)
		}
	}
	expect("90")
	due = now.Add(time.Hour)
	expect("0")
	due = time.Time{}
	expect("0")
	want := `# HELP usher_database_connections Connections to the database, by state.
# TYPE usher_database_connections gauge
usher_database_connections{state="busy"} 1
usher_database_connections{state="idle"} 4
# HELP usher_database_waiting Writes that wait for their turn at the database.
# TYPE usher_database_waiting gauge
usher_database_waiting 4
# HELP usher_hash_queue Passwords that are being hashed, or wait for it, by state.
# TYPE usher_hash_queue gauge
usher_hash_queue{state="running"} 2
usher_hash_queue{state="waiting"} 3
`
	names := []string{"usher_database_connections", "usher_database_waiting", "usher_hash_queue", "usher_outbox_waiting"}
	backlogErr = errors.New("the database is away")
	if err := testutil.GatherAndCompare(m.Registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}
