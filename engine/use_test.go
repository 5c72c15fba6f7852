package engine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"usher/flow"
)

// mode is a configuration that decides what DualExecutor is: it finds out who
// the person is, or changes them.
type mode struct {
	Mode string `json:"mode" enum:"change,prove" doc:"What to do."`
}

func (m mode) Declare(e *flow.Executor) {
	if m.Mode == "prove" {
		e.Identifies, e.NeedsIdentity = true, false
		e.Flows = []flow.Type{flow.PasswordRecovery}
	}
}

// dual adds DualExecutor, which answers what the stage says, to the cast.
func (k *kit) dual() *kit {
	k.Compiler.Executors["DualExecutor"] = flow.Define(
		flow.Executor{Name: "DualExecutor", NeedsIdentity: true, Fields: []flow.Field{{Identifier: "long", MaxBytes: 10 << 10}, {Identifier: "short"}}},
		mode{"change"}, func(_ context.Context, t *flow.Turn[mode, struct{}]) (flow.Result, error) {
			k.note("dual "+t.Config.Mode, &t.Visit)
			return k.result, nil
		})
	k.result = flow.Continue{}
	return k
}

func dualStep(id, meta, next string) string {
	action := strings.Replace(runs("DualExecutor", next), `"DualExecutor"`, `"DualExecutor","meta":`+meta, 1)
	return `{"id":"` + id + `","type":"EXECUTION","data":{"action":` + action + `}}`
}

// What an executor declares can depend on its meta.
func TestDeclarer(t *testing.T) {
	t.Parallel()
	k := newKit(t).dual()
	for _, test := range []struct {
		name, document, problem string
	}{
		{"prove, then change", recovery(dualStep("prove", `{"mode":"prove"}`, "then"), dualStep("then", `{}`, "END")), ""},
		{"change first", recovery(dualStep("prove", `{}`, "then"), dualStep("then", `{"mode":"prove"}`, "END")), "FM-10013 prove: "},
		{"only change", recovery(dualStep("prove", `{"mode":"change"}`, "END")), "FM-10013: "},
		{"prove who is not there yet", registration(dualStep("first", `{"mode":"prove"}`, "END")), "FM-10007 first: "},
		{"neither", recovery(dualStep("prove", `{"mode":"both"}`, "END")), `FM-10007 prove: DualExecutor: property "mode": "both" is none of change, prove`},
	} {
		d, err := flow.ParseDefinition([]byte(test.document))
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Compiler.Compile(d, attributes{}.Canonical)
		var problems flow.Problems
		switch {
		case test.problem == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.problem != "" && (!errors.As(err, &problems) || !strings.Contains(problems.Error(), test.problem)):
			t.Errorf("%s: %v, want %q", test.name, err, test.problem)
		}
	}
}

// The uses of one executor count as what their meta makes them.
func TestIdentifiedByMeta(t *testing.T) {
	t.Parallel()
	k := newKit(t).dual()
	k.store.publish(recovery(dualStep("prove", `{"mode":"prove"}`, "then"), dualStep("then", `{}`, "END")))
	if r := k.must(Request{Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "ada"}}); !r.Complete || !k.last.Identified {
		t.Errorf("%+v, subject %+v", r, k.last)
	}
	if _, err := k.Do(t.Context(), Request{Tenant: "t", Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "nobody"}}); err == nil {
		t.Error("a user that nobody proved to be was changed")
	}
}

// What was wrong is said beside a prompt and a ceremony as well.
func TestMessagesOfPromptAndCeremony(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(dualStep("first", `{}`, "END"))).dual()
	wrong := flow.Retry("", "passkey.cancelled", "Try again.").Messages
	for _, result := range []flow.Result{
		flow.Prompt{Required: []string{"short"}, Messages: wrong},
		flow.Ceremony{Create: true, Options: []byte(`{}`), Required: []string{"long"}, Messages: wrong},
	} {
		k.result = result
		if r := k.start(); len(r.Messages) != 1 || r.Messages[0] != wrong[0] || r.Kind == View {
			t.Errorf("%T: %+v", result, r)
		}
	}
}

// A step knows whether it has a page to ask on.
func TestVisitKnowsThePage(t *testing.T) {
	t.Parallel()
	page := strings.Replace(dualStep("a", `{}`, "END"), `"data":{`, `"data":{"components":[`+textOf("t")+`],`, 1)
	for document, want := range map[string]bool{
		registration(dualStep("a", `{}`, "END")): false,
		registration(page):                       true,
		registration(viewStep("a", buttonOf("b", runs("SayExecutor", "END")))):                       true,
		registration(viewStep("a", buttonOf("b", goes("END"))), endStep("SayExecutor", textOf("t"))): false,
	} {
		k := newKit(t, document).dual()
		r := k.start()
		if !r.Complete {
			k.send(r.FlowID, "")
		}
		if k.visit.Page != want {
			t.Errorf("page %v, want %v: %s", k.visit.Page, want, document)
		}
	}
}

// An executor says how long its inputs may be.
func TestInputLimits(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(dualStep("first", `{}`, "END"))).dual()
	k.result = flow.Prompt{Required: []string{"long"}}
	r := k.start()
	of := func(n int) string { return strings.Repeat("x", n) }
	k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Inputs: pairs([]string{"long", of(10<<10 + 1)})})
	k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Inputs: pairs([]string{"short", of(maxValue + 1)})})
	k.send(r.FlowID, "", "long", of(10<<10), "short", of(maxValue))
}
