package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"usher/flow"
	"usher/store/sqlite/sqlitetest"
	"usher/store/sqlstore"
)

// onSQLite is a kit whose engine works on a real database.
func onSQLite(t *testing.T, document string) (*kit, *sqlstore.Store) {
	t.Helper()
	k := newKit(t)
	st := sqlitetest.Open(t)
	k.Engine = k.engineOn(st)
	v := &flow.Version{Tenant: "t", Flow: flow.Registration, Document: []byte(document), Created: k.now}
	if _, err := st.PublishDefinition(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if _, err := st.UpdateConfig(t.Context(), "t", flow.Registration, func(c *flow.Config) { c.Enabled = true }); err != nil {
		t.Fatal(err)
	}
	return k, st
}

// at submits the requests at once and returns what became of them.
func (k *kit) at(requests ...Request) (responses []*Response, codes map[Code]int) {
	k.t.Helper()
	codes = map[Code]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	for _, r := range requests {
		wg.Go(func() {
			<-start
			resp, err := k.Do(context.Background(), r)
			mu.Lock()
			defer mu.Unlock()
			var mistake *Error
			switch {
			case errors.As(err, &mistake):
				codes[mistake.Code]++
			case err != nil:
				k.t.Errorf("%+v: %v", r, err)
			default:
				responses = append(responses, resp)
			}
		})
	}
	close(start)
	wg.Wait()
	return responses, codes
}

// Two submissions to one execution never run at the same time, and only one of
// equal ones gets past a step.
func TestParallelSubmissions(t *testing.T) {
	t.Parallel()
	k, _ := onSQLite(t, registration(asking("a", "b"), viewStep("b", buttonOf("b_go", goes("c"))), taskStep("c", "SayExecutor", "d"), asking("d", "END")))
	k.result = flow.Continue{}
	var working, most atomic.Int32
	for range 8 {
		working.Store(0)
		k.during = nil
		r := k.start()
		k.during = func() {
			most.Store(max(most.Load(), working.Add(1)))
			working.Add(-1)
		}
		var requests []Request
		for range 24 {
			requests = append(requests, Request{Tenant: "t", FlowID: r.FlowID, Action: "a_go", Inputs: map[string]string{"answer": "yes"}})
		}
		responses, codes := k.at(requests...)
		if len(responses) != 1 || codes[CodeBusy]+codes[CodeUnknownAction] != 23 {
			t.Errorf("%d answers, %v", len(responses), codes)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d runs at the same time", most.Load())
	}
	continued := map[string]int{}
	for _, run := range k.ran() {
		continued[run]++
	}
	// 8 starts prepare, 8 submissions continue.
	if continued["ask 1"] != 16 || len(continued) != 1 {
		t.Errorf("runs %v", continued)
	}
}

// Equal submissions of the last step make one COMPLETE.
func TestParallelCompletion(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "same", "other"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			k, _ := onSQLite(t, registration(asking("a", "END"), endStep("SayExecutor", textOf("done"))))
			k.result = flow.Continue{}
			r := k.start()
			var requests []Request
			for i := range 24 {
				one := Request{Tenant: "t", FlowID: r.FlowID, IdempotencyKey: key, Inputs: map[string]string{"answer": "yes"}}
				if key == "other" {
					one.IdempotencyKey = fmt.Sprint(i)
				}
				requests = append(requests, one)
			}
			responses, codes := k.at(requests...)
			if key != "same" && len(responses) != 1 || len(responses) == 0 {
				t.Errorf("%d answers", len(responses))
			}
			for _, r := range responses {
				if !r.Complete {
					t.Errorf("%+v", r)
				}
			}
			if codes[CodeBusy]+codes[CodeUnknownExecution]+len(responses) != 24 {
				t.Errorf("%d answers, %v", len(responses), codes)
			}
			if n := len(k.ran()); n != 3 { // prepared, submitted, END
				t.Errorf("runs %v", k.ran())
			}
			if key == "same" {
				again := k.must(requests[0])
				if string(encode(again)) != string(encode(responses[0])) {
					t.Error("the kept answer differs")
				}
			}
		})
	}
}

// Attempts that run at the same time share what they count: 40 wrong answers
// are judged one after the other.
func TestParallelAttempts(t *testing.T) {
	t.Parallel()
	k, _ := onSQLite(t, registration(asking("a", "END")))
	r := k.start()
	var requests []Request
	for range 40 {
		requests = append(requests, Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "no"}})
	}
	responses, codes := k.at(requests...)
	if len(responses)+codes[CodeBusy] != 40 || len(responses) == 0 {
		t.Errorf("%d answers, %v", len(responses), codes)
	}
	// The state counted each run that was answered, none was lost.
	r = k.send(r.FlowID, "", "resend", "true")
	if want := fmt.Sprint(len(responses) + 2); r.Info["asked"] != want {
		t.Errorf("asked %s times, want %s", r.Info["asked"], want)
	}
}

// The whole life of an execution on a real store: kept, answered again, gone.
func TestLifeOnSQLite(t *testing.T) {
	t.Parallel()
	k, st := onSQLite(t, two)
	r := k.start()
	first := k.must(Request{FlowID: r.FlowID, IdempotencyKey: "1", Inputs: map[string]string{"answer": "yes"}})
	if _, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"answer": "fail"}}); !errors.Is(err, errFault) {
		t.Errorf("error %v", err)
	}
	k.Engine = k.engineOn(st) // another process
	if again := k.must(Request{FlowID: r.FlowID, IdempotencyKey: "1"}); string(encode(first)) != string(encode(again)) {
		t.Errorf("answers differ:\n%s\n%s", encode(first), encode(again))
	}
	stop := Request{FlowID: r.FlowID, IdempotencyKey: "2", Inputs: map[string]string{"answer": "stop"}}
	k.refused(CodeCannotGoOn, stop)
	k.refused(CodeCannotGoOn, stop)
	k.wait(answerTime)
	k.refused(CodeUnknownExecution, stop)
	k.wait(1)
	if err := k.Purge(t.Context()); err != nil {
		t.Error(err)
	}
}
