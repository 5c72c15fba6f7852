package engine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/identity"
)

// visits runs the request and returns what was told of it as
// "STEP[/ACTION] [EXECUTOR] OUTCOME[ -> NEXT]".
func (k *kit) visits(r Request) (*Response, []string, error) {
	var list []string
	r.Tenant = "t"
	r.Visited = func(v Visited) {
		text := v.Step
		if v.Action != "" {
			text += "/" + v.Action
		}
		if v.Executor != "" {
			text += " " + v.Executor
		}
		text += " " + string(v.Outcome)
		if v.Next != "" {
			text += " -> " + v.Next
		}
		list = append(list, text)
	}
	resp, err := k.Do(k.t.Context(), r)
	return resp, list, err
}

// Whoever watches is told of every step and action, in order.
func TestVisited(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), asking("b", "away"), taskStep("away", "AwayExecutor", "END"), endStep("SayExecutor")))
	k.result = flow.Continue{}
	r, got, err := k.visits(Request{Type: flow.Registration})
	if err != nil {
		t.Fatal(err)
	}
	want := func(name string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	send := func(inputs ...string) {
		t.Helper()
		_, got, err = k.visits(Request{FlowID: r.FlowID, Inputs: pairs(inputs)})
	}
	want("start", "a SHOWN")
	send("email", "bad")
	want("a bad value", "a/a_go REFUSED")
	send("email", "ada@example.com")
	want("a good value", "a/a_go MOVED -> b", "b/b_go AskExecutor ASKED")
	send("answer", "prompt")
	want("a prompt", "b/b_go AskExecutor PROMPTED")
	send("answer", "fail")
	want("a fault", "b/b_go AskExecutor FAILED")
	if !errors.Is(err, errFault) {
		t.Errorf("error %v", err)
	}
	send("answer", "yes")
	want("elsewhere", "b/b_go AskExecutor MOVED -> away", "away AwayExecutor REDIRECTED")
	k.result = flow.Retry(identity.ClaimEmail, "claim.taken", "Taken.")
	send("code", "x", "state", "s")
	want("sent back", "away AwayExecutor MOVED -> END", "END SayExecutor SENT_BACK -> a", "a SHOWN")
	k.result = flow.Continue{}
	send("email", "ada@example.com")
	send("answer", "yes")
	send("code", "x", "state", "s")
	want("the end", "away AwayExecutor MOVED -> END", "END SayExecutor MOVED", "END FINISHED")
	send()
	want("after the end")

	k = newKit(t, registration(asking("a", "END")))
	r, _, _ = k.visits(Request{Type: flow.Registration})
	send("answer", "stop")
	want("a stop", "a/a_go AskExecutor STOPPED")
	r, _, _ = k.visits(Request{Type: flow.Registration})
	send("answer", "yes")
	want("an end that is no step", "a/a_go AskExecutor MOVED -> END", "END FINISHED")
}

// Watching does not change what is answered, and an answer that was kept tells
// nothing again.
func TestVisitedOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(asking("a", "END")))
	r := k.start()
	request := Request{FlowID: r.FlowID, Inputs: pairs([]string{"answer", "yes"}), IdempotencyKey: "once"}
	first, told, err := k.visits(request)
	if err != nil || len(told) == 0 {
		t.Fatalf("told %v, %v", told, err)
	}
	again, told, err := k.visits(request)
	if err != nil || len(told) > 0 {
		t.Errorf("told again: %v, %v", told, err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("(-first +again):\n%s", diff)
	}
}
