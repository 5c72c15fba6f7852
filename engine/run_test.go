package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/identity"
)

// page is the id of the step whose page is shown: every test page begins with
// the step's id.
func expectPage(t *testing.T, r *Response, step string) {
	t.Helper()
	if r.Complete || r.Kind != View || !strings.Contains(string(r.Components), `"`+step+`_go"`) {
		t.Errorf("%s %s, want the page of %s", r.Kind, r.Components, step)
	}
}

func TestPrepared(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(asking("a", "END")))
	r := k.start()
	expectPage(t, r, "a")
	if diff := cmp.Diff([]string{"ask 1"}, k.ran()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"answer"}, r.Required); diff != "" {
		t.Errorf("required (-want +got):\n%s", diff)
	}
	if r.Info["asked"] != "1" || k.visit.Submitted || len(k.visit.Values) > 0 {
		t.Errorf("info %v, submitted %v, values %v", r.Info, k.visit.Submitted, k.visit.Values)
	}
}

func TestNotPrepared(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"two actions": viewStep("a", buttonOf("a_go", runs("AskExecutor", "END")), buttonOf("b", goes("END"))),
		"no inputs":   viewStep("a", buttonOf("a_go", runs("SayExecutor", "END"))),
		"on press":    viewStep("a", buttonOf("a_go", runs("AwayExecutor", "END"))),
	} {
		k := newKit(t, registration(page))
		expectPage(t, k.start(), "a")
		if len(k.ran()) > 0 {
			t.Errorf("%s: runs %v", name, k.ran())
		}
	}
}

// Inputs at the start are used by the first step in the same call.
func TestStartWithInputs(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(asking("a", "b"), asking("b", "END")))
	r := k.start("answer", "yes")
	expectPage(t, r, "b")
	if diff := cmp.Diff([]string{"ask 1", "ask 1", "ask 2"}, k.ran()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if r := k.start("answer", "no"); len(r.Messages) != 1 || r.Messages[0].I18nKey != "answer.wrong" {
		t.Errorf("messages %v", r.Messages)
	}
	for name, request := range map[string]Request{
		"unknown input":  {Inputs: map[string]string{"x": "y"}},
		"unknown action": {Action: "x"},
	} {
		request.Tenant, request.Type = "t", flow.Registration
		before := len(k.store.executions)
		if _, err := k.Do(t.Context(), request); err == nil {
			t.Errorf("%s was accepted", name)
		}
		if len(k.store.executions) != before {
			t.Errorf("%s left an execution", name)
		}
	}
	first := newKit(t, registration(taskStep("a", "AskExecutor", "b"), plainPage("b", "END")))
	expectPage(t, first.start("answer", "yes"), "b")
}

// What a page asks for is brought to the steps behind it that read it and have
// no page to ask on, in the same request and once.
func TestInputsForTheStepsBehind(t *testing.T) {
	t.Parallel()
	page := func(action string) string {
		return viewStep("a", formOf("f", inputOf("p", "password", required), inputOf("x", "answer", ""), buttonOf("a_go", action)))
	}
	for name, document := range map[string]string{
		"behind NEXT":        registration(page(goes("b")), taskStep("b", "SecretExecutor", "c"), taskStep("c", "AskExecutor", "END")),
		"further behind":     registration(page(goes("s")), taskStep("s", "SayExecutor", "b"), taskStep("b", "AskExecutor", "c"), taskStep("c", "SecretExecutor", "END")),
		"behind an executor": registration(page(runs("AskExecutor", "END")), endStep("SecretExecutor")),
	} {
		k := newKit(t, document)
		k.result = flow.Continue{}
		if r := k.send(k.start().FlowID, "a_go", "password", "correct horse", "answer", "yes"); !r.Complete {
			t.Errorf("%s: %+v", name, r)
		}
	}

	k := newKit(t, registration(page(goes("b")), taskStep("b", "AskExecutor", "c"), taskStep("c", "SecretExecutor", "d"), taskStep("d", "AskExecutor", "e"), plainPage("e", "END")))
	r := k.start()
	k.send(r.FlowID, "", "password", "correct horse", "answer", "no") // sent back to correct the answer
	r = k.send(r.FlowID, "", "password", "correct horse", "answer", "yes")
	if r.Kind != View || string(r.Components) != "[]" || !slices.Equal(r.Required, []string{"answer"}) {
		t.Errorf("an answer counted twice: %+v", r)
	}
	expectPage(t, k.send(r.FlowID, "", "answer", "yes"), "e")

	// What is entered before a step that waits is gone: no secret is kept.
	k = newKit(t, registration(page(goes("b")), asking("b", "c"), taskStep("c", "SecretExecutor", "END")))
	r = k.start()
	k.send(r.FlowID, "", "password", "correct horse")
	if r = k.send(r.FlowID, "", "answer", "yes"); r.Complete || !slices.Equal(r.Required, []string{"password"}) {
		t.Errorf("%+v", r)
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	page := viewStep("a",
		formOf("f", inputOf("x", "answer", ""), `{"id":"a_go","type":"BUTTON","actionId":"submit","action":`+runs("AskExecutor", "b")+`}`, resendOf("again")),
		buttonOf("skip", goes("b")),
	)
	for action, want := range map[string]string{"a_go": "b", "submit": "b", "skip": "b"} {
		k := newKit(t, registration(page, plainPage("b", "END")))
		r := k.start()
		var inputs []string
		if action != "skip" {
			inputs = []string{"answer", "yes"}
		}
		expectPage(t, k.send(r.FlowID, action, inputs...), want)
	}
	k := newKit(t, registration(page, plainPage("b", "END")))
	r := k.start()
	for _, action := range []string{"", "a", "x", "f", "A_GO", "END", "b"} {
		e := k.refused(CodeUnknownAction, Request{FlowID: r.FlowID, Action: action})
		if e.Flow != flow.Registration {
			t.Errorf("action %q: flow %q", action, e.Flow)
		}
	}
	if len(k.ran()) > 0 {
		t.Errorf("runs %v", k.ran())
	}
	// A pressed executor that waits owns the blank action, until another is
	// pressed.
	expectPage(t, k.send(r.FlowID, "submit", "resend", "true"), "a")
	if r = k.send(r.FlowID, "", "answer", "no"); len(r.Messages) != 1 {
		t.Errorf("messages %v", r.Messages)
	}
	expectPage(t, k.send(r.FlowID, "skip"), "b")
	k.refused(CodeUnknownAction, Request{FlowID: r.FlowID, Action: "submit"})
}

// Every way in which clients press RESEND, with a required input left empty.
func TestResend(t *testing.T) {
	t.Parallel()
	page := func(outside string) string {
		return viewStep("a", formOf("f", inputOf("x", "answer", required), inputOf("m", "email", required),
			buttonOf("a_go", runs("AskExecutor", "END")), resendOf("again")), outside)
	}
	for name, r := range map[string]Request{
		"its id":            {Action: "again"},
		"the button's id":   {Action: "a_go", Inputs: map[string]string{"resend": "true"}},
		"blank":             {Inputs: map[string]string{"resend": "true"}},
		"with a whole form": {Action: "again", Inputs: map[string]string{"answer": "", "email": "bad", "resend": "true"}},
	} {
		k := newKit(t, registration(page(textOf("t"))))
		r.FlowID = k.start().FlowID
		got := k.must(r)
		expectPage(t, got, "a")
		if got.Info["asked"] != "2" || len(got.Messages) > 0 {
			t.Errorf("%s: info %v, messages %v", name, got.Info, got.Messages)
		}
		if len(k.last.Collected) > 0 {
			t.Errorf("%s: collected %v", name, k.last.Collected)
		}
	}
	k := newKit(t, registration(viewStep("a", formOf("f", buttonOf("a_go", goes("END")), resendOf("again")))))
	k.refused(CodeUnknownAction, Request{FlowID: k.start().FlowID, Action: "again"})
}

// A page of a step without buttons of its own: its inputs, buttons and RESENDs
// all belong to the one executor.
func TestStaticPage(t *testing.T) {
	t.Parallel()
	static := `{"id":"s","type":"EXECUTION","data":{"action":` + runs("AskExecutor", "END") + `,"components":[` +
		formOf("f", inputOf("x", "answer", ""), `{"id":"s_go","type":"BUTTON","actionId":"check"}`) + `,` + resendOf("again") + `]}}`
	for _, action := range []string{"", "s", "s_go", "check"} {
		k := newKit(t, registration(static))
		r := k.start()
		expectPage(t, r, "s")
		if r = k.send(r.FlowID, action, "x", "no"); len(r.Messages) != 1 {
			t.Errorf("action %q: messages %v", action, r.Messages)
		}
		if r = k.send(r.FlowID, "again"); r.Info["asked"] != "3" {
			t.Errorf("action %q: info %v", action, r.Info)
		}
		if r = k.send(r.FlowID, action, "answer", "yes"); !r.Complete {
			t.Errorf("action %q: %+v", action, r)
		}
	}
}

func TestPromptAndRedirect(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(taskStep("p", "AskExecutor", "a"),
		viewStep("a", formOf("f", inputOf("m", "email", required), buttonOf("away", runs("AwayExecutor", "END")), buttonOf("a_go", goes("END"))))))
	k.ask = "prompt"
	r := k.start()
	want := &Response{FlowID: r.FlowID, Flow: flow.Registration, Kind: InternalPrompt, Required: []string{"answer"}, Info: map[string]string{"why": "because"}, Expires: k.now.Add(15 * time.Minute)}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("prompt (-want +got):\n%s", diff)
	}
	k.refused(CodeUnknownAction, Request{FlowID: r.FlowID, Action: "x"})
	k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Inputs: map[string]string{"origin": "x"}})
	k.ask = ""
	r = k.send(r.FlowID, "", "answer", "yes")
	expectPage(t, r, "a")

	r = k.send(r.FlowID, "away", "email", "ada@example.com")
	want = &Response{
		FlowID: r.FlowID, Flow: flow.Registration, Kind: Redirection, URL: "https://provider.example/?x=1&y=2",
		Required: []string{"code", "state"}, Info: map[string]string{"state": "s"}, Expires: k.now.Add(15 * time.Minute),
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("redirect (-want +got):\n%s", diff)
	}
	// What the provider sends back comes without the page's required inputs.
	if r = k.send(r.FlowID, "", "code", "4/0A", "state", "s"); !r.Complete {
		t.Errorf("%+v", r)
	}
}

// Once the person is back on the page, its required inputs are required again.
func TestBackFromElsewhere(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(viewStep("a", formOf("f", inputOf("m", "email", required), inputOf("x", "answer", ""), buttonOf("a_go", runs("AskExecutor", "END"))))))
	r := k.start()
	r = k.send(r.FlowID, "", "email", "ada@example.com", "answer", "prompt")
	if r.Kind != InternalPrompt {
		t.Fatalf("%+v", r)
	}
	expectPage(t, k.send(r.FlowID, "", "answer", "no"), "a")
	if r = k.send(r.FlowID, "", "answer", "yes"); len(r.Messages) != 1 || r.Messages[0].Identifier != "email" {
		t.Errorf("%+v", r)
	}
}

// A step without a page that finds fault with something entered earlier sends
// the person back to the page that asked for it.
func TestAskFromTheEndGoesBack(t *testing.T) {
	t.Parallel()
	email := flow.Retry(identity.ClaimEmail, "claim.taken", "Taken.")
	k := newKit(t, registration(plainPage("a", "b"), asking("b", "c"), viewStep("c", buttonOf("c_go", goes("END"))), endStep("SayExecutor", textOf("done"))))
	r := k.start("email", "ada@example.com")
	k.send(r.FlowID, "", "answer", "yes")
	k.result = email
	r = k.send(r.FlowID, "")
	expectPage(t, r, "a")
	want := []flow.Message{message("http://wso2.org/claims/emailaddress", "claim.taken", "Taken.")}
	if diff := cmp.Diff(want, r.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	// Nothing about an input: the last page shown.
	k.result = flow.Retry("", "nothing", "No.")
	k.send(r.FlowID, "", "email", "ada@example.org")
	k.send(r.FlowID, "", "answer", "yes")
	r = k.send(r.FlowID, "")
	expectPage(t, r, "c")
	if len(r.Messages) != 1 {
		t.Errorf("messages %v", r.Messages)
	}
	k.result = flow.Continue{}
	if r = k.send(r.FlowID, ""); !r.Complete {
		t.Errorf("%+v", r)
	}
	// Each visit of END was another one.
	visits := map[string]bool{}
	for _, run := range k.ran() {
		if strings.HasPrefix(run, "say ") {
			visits[run] = true
		}
	}
	if len(visits) != 3 {
		t.Errorf("visits of END %v", visits)
	}
}

// The page somebody is sent back to is shown even where its executor would go
// on at once: else the flow would turn in circles.
func TestSentBackPageIsShown(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(asking("a", "END"), endStep("SayExecutor")))
	k.result = flow.Retry("", "no", "No.")
	r := k.start()
	k.ask = "yes"
	r = k.send(r.FlowID, "", "answer", "yes")
	expectPage(t, r, "a")
	if len(r.Messages) != 1 || len(k.ran()) > 4 {
		t.Errorf("messages %v, runs %v", r.Messages, k.ran())
	}
}

// An END or EXECUTION without a page asks all the same when nobody saw a page.
func TestAskWithoutAnyPage(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(taskStep("a", "AskExecutor", "END")))
	r := k.start()
	if string(r.Components) != "[]" || r.Kind != View || !slices.Equal(r.Required, []string{"answer"}) {
		t.Errorf("%+v", r)
	}
	if r = k.send(r.FlowID, "", "answer", "no"); string(r.Components) != "[]" || len(r.Messages) != 1 {
		t.Errorf("%+v", r)
	}
	if r = k.send(r.FlowID, "a", "answer", "yes"); !r.Complete {
		t.Errorf("%+v", r)
	}

	k = newKit(t, registration(taskStep("a", "AskExecutor", "END"), endStep("SayExecutor", textOf("END_go"))))
	k.result = flow.Retry("", "no", "No.")
	r = k.start()
	for range 2 { // nobody is sent back to the END itself
		r = k.send(r.FlowID, "", pairsOf(r.Required, "yes")...)
		expectPage(t, r, "END")
		if len(r.Messages) != 1 {
			t.Errorf("%+v", r)
		}
	}
	k.result = flow.Continue{}
	if r = k.send(r.FlowID, ""); !r.Complete {
		t.Errorf("%+v", r)
	}
}

// pairsOf answers every name with the value.
func pairsOf(names []string, value string) []string {
	var list []string
	for _, name := range names {
		list = append(list, name, value)
	}
	return list
}

func TestHopLimit(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "END")))
	g, err := k.graph(t.Context(), "t", flow.Registration, 1, attributes{}.Canonical)
	if err != nil {
		t.Fatal(err)
	}
	// No definition compiles to this: a step that leads to itself.
	say := k.executors()["SayExecutor"]
	use, _ := say.Bind(nil)
	k.result = flow.Continue{}
	g.steps["a"] = &step{id: "a", kind: flow.StepExecution, actions: []*action{{executor: &bound{use}, next: "a"}}}
	if resp, err := k.Do(t.Context(), Request{Tenant: "t", Type: flow.Registration}); err == nil || len(k.ran()) != maxHops {
		t.Errorf("response %+v, error %v, %d runs; want an error after %d", resp, err, len(k.ran()), maxHops)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	document := recovery(taskStep("prove", "ProveExecutor", "more"),
		viewStep("more", formOf("g", inputOf("n", "username", ""), buttonOf("again", runs("FindExecutor", "change")), buttonOf("change_it", goes("change")))),
		taskStep("change", "ChangeExecutor", "END"))
	k := newKit(t, document)
	r := k.must(Request{Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "ada"}})
	if r = k.send(r.FlowID, "change_it"); !r.Complete || !k.last.Identified {
		t.Errorf("%+v, subject %+v", r, k.last)
	}
	// Who proved to be one cannot go on as another, and nobody cannot at all.
	for _, other := range []string{"eve", "nobody"} {
		r = k.must(Request{Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "ada"}})
		before := len(k.ran())
		_, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Action: "again", Inputs: map[string]string{"username": other}})
		if err == nil || slices.ContainsFunc(k.ran()[before:], func(run string) bool { return strings.HasPrefix(run, "change") }) {
			t.Errorf("%s: error %v, runs %v", other, err, k.ran()[before:])
		}
	}
	r = k.must(Request{Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "nobody"}})
	if _, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Action: "change_it"}); err == nil {
		t.Error("nobody was changed")
	}
}

func TestVisit(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), viewStep("b", formOf("f", buttonOf("b_go", runs("AskExecutor", "END")), buttonOf("back", goes("a"))))))
	k.store.configure(flow.Registration, func(c *flow.Config) { c.Settings = flow.Settings{Notify: true} })
	r := k.must(Request{Type: flow.Registration, Application: "shop", Inputs: map[string]string{"email": "ada@example.com"}})
	k.store.configure(flow.Registration, func(c *flow.Config) { c.Settings = flow.Settings{AutoLogin: true} })
	secrets := map[string]bool{}
	press := func() {
		k.must(Request{FlowID: r.FlowID, Action: "b_go", Locale: "fr", Inputs: map[string]string{"resend": "true"}})
		secrets[string(k.visit.Secret("x"))] = true
	}
	press()
	press() // the same visit: the same secret
	v := k.visit
	if v.Tenant != "t" || v.Flow != flow.Registration || v.Application != "shop" || v.Locale != "fr" || !v.Now.Equal(k.now) || v.Settings != (flow.Settings{Notify: true}) {
		t.Errorf("visit %+v", v)
	}
	if len(secrets) != 1 || len(v.Secret("x")) != 32 || string(v.Secret("x")) == string(v.Secret("y")) {
		t.Errorf("%d secrets of one visit", len(secrets))
	}
	key := v.Key()
	k.send(r.FlowID, "back")
	k.send(r.FlowID, "", "email", "ada@example.com")
	press()
	if len(secrets) != 2 || k.visit.Key() == key || !strings.HasPrefix(key, r.FlowID+"/") {
		t.Errorf("%d secrets of two visits, keys %q and %q", len(secrets), key, k.visit.Key())
	}
	if len(k.visit.Subject.Proved) > 0 {
		t.Errorf("proved %v", k.visit.Subject.Proved)
	}
}

func TestProved(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(asking("a", "b"), asking("b", "c"), viewStep("c", formOf("f", inputOf("p", "password", ""), buttonOf("c_go", runs("SecretExecutor", "d")))), asking("d", "END"), endStep("SayExecutor")))
	k.result = flow.Continue{}
	r := k.start()
	for _, answer := range []string{"yes", "yes"} {
		k.send(r.FlowID, "", "answer", answer)
	}
	k.send(r.FlowID, "", "password", "correct horse")
	k.send(r.FlowID, "", "answer", "yes")
	if diff := cmp.Diff([]flow.Method{flow.MethodEmailOTP, flow.MethodPassword, flow.MethodEmailOTP}, k.last.Proved); diff != "" {
		t.Errorf("proved (-want +got):\n%s", diff)
	}
}
