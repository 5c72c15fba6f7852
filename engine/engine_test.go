package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

// two is a flow of two pages whose executors ask.
var two = registration(asking("a", "b"), asking("b", "END"), endStep("", textOf("done")))

func TestStartRefusals(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	k.refused(CodeNoFlowType, Request{})
	k.refused(CodeUnknownFlowType, Request{Type: "LOGIN"})
	k.refused(CodeUnknownFlowType, Request{Type: "registration"})
	if e := k.refused(CodeFlowDisabled, Request{Type: flow.PasswordRecovery}); e.Flow != flow.PasswordRecovery {
		t.Errorf("flow %q", e.Flow)
	}
	r := k.start()
	k.store.configure(flow.Registration, func(c *flow.Config) { c.Enabled = false })
	k.refused(CodeFlowDisabled, Request{Type: flow.Registration})
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b") // what has begun goes on
}

func TestUnknownExecutions(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	k.refused(CodeUnknownExecution, Request{FlowID: "nobody's", IdempotencyKey: "k"})
	if _, err := k.Do(t.Context(), Request{Tenant: "another", FlowID: r.FlowID}); !errors.As(err, new(*Error)) {
		t.Errorf("another tenant's execution: %v", err)
	}
	if e := k.refused(CodeUnknownExecution, Request{FlowID: r.FlowID + " "}); e.Flow != "" {
		t.Errorf("flow %q", e.Flow)
	}
}

// The stored type wins over what the client says.
func TestTypeOfAnExecution(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	if r = k.must(Request{FlowID: r.FlowID, Type: "LOGIN", Inputs: map[string]string{"answer": "yes"}}); r.Flow != flow.Registration {
		t.Errorf("flow %q", r.Flow)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for life, want := range map[time.Duration]time.Duration{0: 15 * time.Minute, time.Hour: time.Hour} {
		k := newKit(t, two)
		k.store.configure(flow.Registration, func(c *flow.Config) { c.Life = life })
		r := k.start()
		k.wait(want - time.Second)
		k.send(r.FlowID, "", "answer", "no") // extends nothing
		k.wait(time.Second)
		k.refused(CodeUnknownExecution, Request{FlowID: r.FlowID, Inputs: map[string]string{"answer": "yes"}})
	}
}

func TestPinnedVersion(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	k.store.publish(registration(asking("z", "END")))
	expectPage(t, k.start(), "z")
	// On another node, which never had the old version.
	other := k.engineOn(k.store)
	got, err := other.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	expectPage(t, got, "b")
}

// Graphs of many tenants do not fill the memory.
func TestGraphsAreBounded(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "END")))
	for i := range maxGraphs + 10 {
		if _, err := k.graph(t.Context(), fmt.Sprint(i), flow.Registration, 1, attributes{}.Canonical); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(k.graphs.m); n > maxGraphs {
		t.Errorf("%d graphs are kept", n)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	for range 3 {
		k.start()
	}
	k.wait(10 * time.Minute)
	r := k.start()
	k.wait(5*time.Minute + time.Second)
	if err := k.Purge(t.Context()); err != nil || len(k.store.executions) != 1 {
		t.Errorf("error %v, %d executions left", err, len(k.store.executions))
	}
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b")
}

// An executor's fault moves nothing: neither the step nor what it changed.
func TestAFaultMovesNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	before := k.store.executions[r.FlowID].State
	for range 3 {
		_, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, IdempotencyKey: "k", Inputs: map[string]string{"answer": "fail"}})
		if !errors.Is(err, errFault) {
			t.Fatalf("error %v", err)
		}
	}
	if !bytes.Equal(before, k.store.executions[r.FlowID].State) {
		t.Error("the state was written")
	}
	expectPage(t, k.must(Request{FlowID: r.FlowID, IdempotencyKey: "k", Inputs: map[string]string{"answer": "yes"}}), "b")
	if len(k.last.Collected) > 0 {
		t.Errorf("collected %v", k.last.Collected)
	}
	if diff := cmp.Diff([]string{"ask 1", "ask 1", "ask 1", "ask 1", "ask 1", "ask 2"}, k.ran()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if _, err := k.Do(t.Context(), Request{Tenant: "t", Type: flow.Registration, Inputs: map[string]string{"answer": "fail"}}); !errors.Is(err, errFault) || len(k.store.executions) != 1 {
		t.Errorf("start: error %v, %d executions", err, len(k.store.executions))
	}
}

func TestAPanicGivesTheLeaseBack(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "panic"}})
	}()
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b")
}

// Once an executor had its effects, the commit happens although the client has
// gone.
func TestCancelledAfterTheEffects(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	ctx, cancel := context.WithCancel(t.Context())
	k.during = cancel
	if _, err := k.Do(ctx, Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "yes"}}); err != nil {
		t.Fatal(err)
	}
	k.during = nil
	if r := k.send(r.FlowID, "", "answer", "yes"); !r.Complete {
		t.Errorf("%+v", r)
	}
	// And where it did not, the lease is given back all the same.
	r = k.start()
	ctx, cancel = context.WithCancel(t.Context())
	k.during = cancel
	if _, err := k.Do(ctx, Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "fail"}}); !errors.Is(err, errFault) {
		t.Fatal(err)
	}
	k.during = nil
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b")
}

// The work is over before the lease is.
func TestWorkEndsBeforeTheLease(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	ask := k.Compiler.Executors["AskExecutor"]
	var left time.Duration
	g := k.graphs.m[graphKey{"t", flow.Registration, 1}]
	g.steps["a"].actions[0].executor = &bound{flow.Bound{Executor: ask, Run: func(ctx context.Context, _ *flow.Call) (flow.Result, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			t.Error("the work has no deadline")
		}
		left = time.Until(deadline)
		return flow.Continue{}, nil
	}}}
	k.send(r.FlowID, "", "answer", "yes")
	if left <= 0 || left >= leaseTime {
		t.Errorf("%v for the work, %v for the lease", left, leaseTime)
	}
}

func TestLeaseLost(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	request := Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "yes"}}
	k.during = func() {
		k.during = nil
		// While it works the lease runs out, and another request gets it.
		k.wait(leaseTime)
		if resp, err := k.Do(t.Context(), request); err != nil {
			t.Errorf("the other request: %v", err)
		} else {
			expectPage(t, resp, "b")
		}
	}
	e := k.refused(CodeBusy, Request{FlowID: r.FlowID, Inputs: request.Inputs})
	if e.RetryAfter <= 0 || e.Flow != flow.Registration {
		t.Errorf("%+v", e)
	}
	if r := k.send(r.FlowID, "", "answer", "yes"); !r.Complete {
		t.Errorf("%+v", r)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	k.during = func() {
		k.during = nil
		if e := k.refused(CodeBusy, Request{FlowID: r.FlowID, Inputs: map[string]string{"answer": "stop"}}); e.RetryAfter <= 0 {
			t.Errorf("%+v", e)
		}
	}
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b")
	if diff := cmp.Diff([]string{"ask 1", "ask 1", "ask 2"}, k.ran()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestCommitThatFails(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	k.store.fail = errFault
	for _, answer := range []string{"no", "yes", "stop"} {
		if _, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": answer}}); !errors.Is(err, errFault) {
			t.Errorf("%s: error %v", answer, err)
		}
	}
	k.store.fail = nil
	k.store.calls = nil
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "b")
	if diff := cmp.Diff([]string{"lease", "commit"}, k.store.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestStopEnds(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	stop := Request{FlowID: r.FlowID, IdempotencyKey: "stop", Inputs: map[string]string{"answer": "stop"}}
	k.store.calls = nil
	want := &Error{Code: CodeCannotGoOn, Description: "No more.", Flow: flow.Registration}
	for range 2 {
		if diff := cmp.Diff(want, k.refused(CodeCannotGoOn, stop)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"lease", "commit"}, k.store.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	k.refused(CodeUnknownExecution, Request{FlowID: r.FlowID, Inputs: map[string]string{"answer": "yes"}})
	if x := k.store.executions[r.FlowID]; !x.Ended || x.State != nil || k.store.durable != 1 {
		t.Errorf("ended %v, %d bytes of state, %d durable writes", x.Ended, len(x.State), k.store.durable)
	}
	// Of an execution that ends in the first call nothing is kept.
	k.ask = "stop"
	k.refused(CodeCannotGoOn, Request{Type: flow.Registration})
	if len(k.store.executions) != 1 {
		t.Errorf("%d executions", len(k.store.executions))
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	request := func(key, answer string) *Response {
		return k.must(Request{FlowID: r.FlowID, IdempotencyKey: key, Inputs: map[string]string{"answer": answer}})
	}
	same := func(a, b *Response) {
		t.Helper()
		if x, y := encode(a), encode(b); !bytes.Equal(x, y) {
			t.Errorf("answers differ:\n%s\n%s", x, y)
		}
	}
	no := request("1", "no")
	same(no, request("1", "no"))
	same(no, request("1", "yes")) // the key counts, not what comes with it
	yes := request("2", "yes")
	expectPage(t, yes, "b")
	same(yes, request("2", "yes"))
	done := request("3", "yes")
	same(done, request("3", "yes"))
	same(no, request("1", "no"))
	if n := len(k.ran()); n != 5 {
		t.Errorf("%d runs %v, want 5", n, k.ran())
	}
	// The answer to the last one is there for a minute longer.
	k.wait(answerTime - time.Second)
	same(done, request("3", "yes"))
	k.wait(time.Second)
	k.refused(CodeUnknownExecution, Request{FlowID: r.FlowID, IdempotencyKey: "3"})

	other := k.start()
	expectPage(t, k.must(Request{FlowID: other.FlowID, IdempotencyKey: "2", Inputs: map[string]string{"answer": "no"}}), "a")
}

// A repetition that finds the first request at work must not run once that is
// done.
func TestIdempotencyKeyOfARequestAtWork(t *testing.T) {
	t.Parallel()
	k := newKit(t, two)
	r := k.start()
	first := Request{Tenant: "t", FlowID: r.FlowID, IdempotencyKey: "k", Inputs: map[string]string{"answer": "yes"}}
	late := k.engineOn(lateLease{k.store, func() {
		if _, err := k.Do(t.Context(), first); err != nil {
			t.Errorf("the first request: %v", err)
		}
	}})
	resp, err := late.Do(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	expectPage(t, resp, "b")
	if diff := cmp.Diff([]string{"ask 1", "ask 1", "ask 2"}, k.ran()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if r := k.send(r.FlowID, "", "answer", "yes"); !r.Complete { // the lease was given back
		t.Errorf("%+v", r)
	}
}

// lateLease is a store where something happens before each lease.
type lateLease struct {
	*memory
	before func()
}

func (s lateLease) LeaseExecution(ctx context.Context, tenant, id string, now, until time.Time) (*flow.Execution, error) {
	s.before()
	return s.memory.LeaseExecution(ctx, tenant, id, now, until)
}

// Neither state nor answers are readable where they are stored, nor of use
// elsewhere.
func TestSealed(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), asking("b", "END")))
	r := k.start()
	k.must(Request{FlowID: r.FlowID, IdempotencyKey: "secret-key", Inputs: map[string]string{"email": "ada@example.com"}})
	var kept []byte
	for key, body := range k.store.answers {
		kept = append(append(kept, key...), body...)
	}
	kept = append(kept, k.store.executions[r.FlowID].State...)
	for _, secret := range []string{"ada@example.com", "secret-key", "answer", "components", "VIEW"} {
		if bytes.Contains(kept, []byte(secret)) {
			t.Errorf("%q is kept in clear", secret)
		}
	}
	other := k.start()
	k.store.executions[other.FlowID].State = k.store.executions[r.FlowID].State
	if _, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: other.FlowID}); err == nil || errors.As(err, new(*Error)) {
		t.Errorf("a state was moved: %v", err)
	}
	// That is our fault; the execution stays where it is.
	if !slices.Contains(k.store.calls, "release") {
		t.Error("the lease was kept")
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	const url = "https://id.example.com/t/shop/REGISTRATION"
	for name, c := range map[string]struct {
		end     string // "" for none, "bare" for an END without page
		view    bool
		waiting bool
		want    Response
	}{
		"no END":                 {"", false, false, Response{Kind: Redirection, URL: url}},
		"no END, view":           {"", true, false, Response{Kind: Redirection, URL: url}},
		"no END, waiting":        {"", false, true, Response{Kind: View, Components: json.RawMessage("[]"), Info: map[string]string{"accountStatus": "ACCOUNT_LOCKED"}}},
		"END without page":       {"bare", false, false, Response{Kind: Redirection, URL: url}},
		"END without page, view": {"bare", true, false, Response{Kind: Redirection, URL: url}},
		"END":                    {"page", false, false, Response{Kind: Redirection, URL: url, Components: json.RawMessage("page")}},
		"END, view":              {"page", true, false, Response{Kind: View, URL: url, Components: json.RawMessage("page")}},
		"END, waiting":           {"page", false, true, Response{Kind: View, Components: json.RawMessage("page"), Info: map[string]string{"accountStatus": "ACCOUNT_LOCKED"}}},
		"END, view, waiting":     {"page", true, true, Response{Kind: View, Components: json.RawMessage("page"), Info: map[string]string{"accountStatus": "ACCOUNT_LOCKED"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := []string{taskStep("a", "WaitExecutor", "END")}
			switch c.end {
			case "bare":
				steps = append(steps, endStep("WaitExecutor"))
			case "page":
				steps = append(steps, endStep("WaitExecutor", textOf("done")))
			}
			k := newKit(t, registration(steps...))
			k.Compiler.Executors["WaitExecutor"] = k.plain(flow.Executor{Name: "WaitExecutor"}, func(v *flow.Visit) flow.Result {
				if c.waiting {
					v.Subject.Waiting = flow.AccountLocked
				}
				return flow.Continue{}
			})
			k.store.configure(flow.Registration, func(s *flow.Config) { s.Settings.CompletionView = c.view })
			got := k.must(Request{Type: flow.Registration, Application: "shop"})
			c.want.Complete, c.want.Flow, c.want.FlowID = true, flow.Registration, got.FlowID
			if string(c.want.Components) == "page" {
				c.want.Components = json.RawMessage(`[` + `{"id":"done","type":"TYPOGRAPHY","variant":"H1","config":{"text":"Hi & <b>welcome</b>"}}]`)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if k.store.durable != 1 {
				t.Errorf("%d durable writes", k.store.durable)
			}
		})
	}
}
