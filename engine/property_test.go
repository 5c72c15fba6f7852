package engine

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"usher/flow"
	"usher/identity"
)

// anyFlow draws a flow of a few steps: a way from the first to END, and
// buttons that lead anywhere from the pages on it.
func anyFlow(t *rapid.T) string {
	n := rapid.IntRange(1, 5).Draw(t, "steps")
	target := rapid.Custom(func(t *rapid.T) string {
		if i := rapid.IntRange(0, n).Draw(t, "target"); i < n {
			return fmt.Sprint("s", i)
		}
		return rapid.SampledFrom([]string{"END", "End", "COMPLETE"}).Draw(t, "end")
	})
	var steps []string
	for i := range n {
		id, next := fmt.Sprint("s", i), fmt.Sprint("s", i+1)
		if i == n-1 {
			next = "END"
		}
		executor := rapid.SampledFrom([]string{"AskExecutor", "SayExecutor", "AwayExecutor", ""}).Draw(t, "executor")
		if executor != "" && executor != "AwayExecutor" && rapid.Bool().Draw(t, "task") {
			steps = append(steps, taskStep(id, executor, next))
			continue
		}
		action := goes(next)
		if executor != "" {
			action = runs(executor, next)
		}
		page := []string{inputOf(id+"_answer", "answer", ""), inputOf(id+"_email", "email", rapid.SampledFrom([]string{"", required}).Draw(t, "required")), buttonOf(id+"_go", action), resendOf(id + "_again")}
		for j := range rapid.IntRange(0, 2).Draw(t, "more") {
			page = append(page, buttonOf(fmt.Sprint(id, "_to", j), goes(target.Draw(t, "to"))))
		}
		steps = append(steps, viewStep(id, formOf(id+"_form", page...)))
	}
	if rapid.Bool().Draw(t, "END") {
		steps = append(steps, endStep(rapid.SampledFrom([]string{"", "SayExecutor"}).Draw(t, "END runs"), textOf("done")))
	}
	return registration(steps...)
}

// anySubmission draws what a client might send to an execution of anyFlow.
func anySubmission(t *rapid.T) Request {
	step := fmt.Sprint("s", rapid.IntRange(0, 4).Draw(t, "step"))
	inputs := rapid.MapOfN(rapid.SampledFrom([]string{"answer", "email", "resend", identity.ClaimEmail, step + "_email", "code", "x"}),
		rapid.SampledFrom([]string{"", "yes", "yes", "no", "bad", "true", "ada@example.com"}), 0, 3).Draw(t, "inputs")
	if answer := rapid.SampledFrom([]string{"yes", "yes", "yes", "no", "stop", "fail", "prompt", ""}).Draw(t, "answer"); answer != "" {
		inputs["answer"] = answer
	}
	return Request{
		Action:         rapid.SampledFrom([]string{"", "", step, step + "_go", step + "_again", step + "_to0", step + "_to1", "done"}).Draw(t, "action"),
		Inputs:         inputs,
		IdempotencyKey: rapid.SampledFrom([]string{"", "", "k1", "k2", "k3"}).Draw(t, "key"),
	}
}

// Whatever is sent to whatever flow: an answer or a code; a key that was
// answered gets the same answer and runs nothing; an error moves nothing; what
// has ended stays so.
func TestSubmissions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		document := anyFlow(rt)
		k := newKit(t, document)
		k.result = flow.Continue{}
		r, err := k.Do(t.Context(), Request{Tenant: "t", Type: flow.Registration})
		if err != nil {
			rt.Fatalf("start: %v", err)
		}
		answered := map[string][]byte{}
		ended := r.Complete
		for range rapid.IntRange(1, 12).Draw(rt, "submissions") {
			k.wait(time.Second)
			if rapid.IntRange(0, 3).Draw(rt, "sent back") == 0 {
				k.result = flow.Retry(identity.ClaimEmail, "taken", "Taken.")
			} else {
				k.result = flow.Continue{}
			}
			s := anySubmission(rt)
			s.Tenant, s.FlowID = "t", r.FlowID
			x := k.store.executions[r.FlowID]
			state, runs := slices.Clone(x.State), len(k.ran())
			resp, err := k.Do(t.Context(), s)

			var mistake *Error
			if err != nil && !errors.As(err, &mistake) && (!errors.Is(err, errFault) || s.Inputs["answer"] != "fail") {
				rt.Fatalf("%+v: %v", s, err)
			}
			now := encode(outcome{resp, mistake})
			before, known := answered[s.IdempotencyKey]
			switch stopped := mistake != nil && mistake.Code == CodeCannotGoOn; {
			case known:
				if !bytes.Equal(before, now) || len(k.ran()) != runs {
					rt.Fatalf("%+v ran again or was answered otherwise:\n%s\n%s", s, before, now)
				}
			case ended:
				if mistake == nil || mistake.Code != CodeUnknownExecution || len(k.ran()) != runs {
					rt.Fatalf("%+v after the end: %s", s, now)
				}
			case err != nil && !stopped:
				if !bytes.Equal(state, x.State) || x.Ended || !x.leased.IsZero() {
					rt.Fatalf("%+v moved the execution, or kept the lease: %v", s, err)
				}
			default:
				ended = stopped || resp.Complete
				if s.IdempotencyKey != "" {
					answered[s.IdempotencyKey] = now
				}
			}
		}
		for key := range maps.Keys(answered) {
			resp, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, IdempotencyKey: key})
			var mistake *Error
			_ = errors.As(err, &mistake)
			if now := encode(outcome{resp, mistake}); !bytes.Equal(now, answered[key]) {
				rt.Fatalf("key %s is answered otherwise:\n%s\n%s", key, answered[key], now)
			}
		}
	})
}

// A document that says the same compiles to the same graph, and problems do
// not depend on chance.
func TestCompileIsDeterministic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		document := anyFlow(rt)
		first, second := mustCompile(t, document), mustCompile(t, document)
		if first.first != second.first || len(first.steps) != len(second.steps) {
			rt.Fatalf("%s and %s", first.first, second.first)
		}
		for id, s := range first.steps {
			if !bytes.Equal(s.page, second.steps[id].page) {
				rt.Fatalf("step %s:\n%s\n%s", id, s.page, second.steps[id].page)
			}
		}
	})
}
