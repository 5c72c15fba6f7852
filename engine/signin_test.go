package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

// loginFlow finds a user and asks for their password.
const loginFlow = `{"flowType": "AUTHENTICATION/a", "steps": [
	{"id": "name", "type": "VIEW", "data": {"components": [{"id": "f", "category": "BLOCK", "type": "FORM", "components": [
		{"id": "n", "category": "FIELD", "type": "INPUT", "config": {"identifier": "username", "required": true}},
		{"id": "go", "category": "ACTION", "type": "BUTTON", "action": {"type": "EXECUTOR", "executor": {"name": "FindExecutor"}, "next": "secret"}}
	]}]}},
	{"id": "secret", "type": "VIEW", "data": {"components": [{"id": "g", "category": "BLOCK", "type": "FORM", "components": [
		{"id": "p", "category": "FIELD", "type": "INPUT", "variant": "PASSWORD", "config": {"identifier": "password"}},
		{"id": "in", "category": "ACTION", "type": "BUTTON", "action": {"type": "EXECUTOR", "executor": {"name": "SecretExecutor"}, "next": "END"}}
	]}]}}]}`

func (k *kit) signIn(s *SignIn) *Response {
	k.t.Helper()
	return k.must(Request{Type: "AUTHENTICATION/a", Application: "app", SignIn: s})
}

// goOn is send of who signs people in.
func (k *kit) goOn(id, action string, inputs ...string) *Response {
	k.t.Helper()
	return k.must(Request{FlowID: id, Action: action, Inputs: pairs(inputs), SignIn: &SignIn{}})
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	k := newKit(t, loginFlow)
	resp := k.signIn(&SignIn{Key: "key"})
	if resp.Flow != flow.Authentication {
		t.Errorf("the answer calls the flow %s", resp.Flow)
	}
	if strings.Contains(string(resp.Components), "validations") {
		t.Errorf("rules for new values on the page of a sign-in: %s", resp.Components)
	}
	resp = k.goOn(resp.FlowID, "go", "username", "bad") // which no new user may be called
	if k.visit.SignIn != "key" || k.visit.Flow != flow.Authentication {
		t.Errorf("the executor sees the sign-in %q, flow %s", k.visit.SignIn, k.visit.Flow)
	}
	resp = k.goOn(resp.FlowID, "in", "password", "short") // which no new password may be
	if !resp.Complete || resp.URL != "https://id.example.com/t/app/AUTHENTICATIONkey" || resp.Assertion != "" {
		t.Errorf("the sign-in ends with %+v", resp)
	}
}

func TestSignInOfSomebodyKnown(t *testing.T) {
	t.Parallel()
	k := newKit(t, strings.NewReplacer("FindExecutor", "ChangeExecutor", "username", "nickname").Replace(loginFlow))
	known := flow.Subject{UserID: "u", Identified: true, Stored: map[string]string{"a": "b"}}
	if _, err := k.Do(t.Context(), Request{Tenant: "t", Type: "AUTHENTICATION/a", SignIn: &SignIn{Key: "key", Subject: known}}); err == nil {
		t.Fatal("a flow that changes a user without identifying them was compiled")
	}
	k = newKit(t, loginFlow)
	k.signIn(&SignIn{Key: "key", Subject: known})
	if k.last.UserID != "u" || !k.last.Identified || k.last.Stored["a"] != "b" {
		t.Errorf("the executor finds the subject %+v", k.last)
	}
}

func TestClientsCannotStartSignIns(t *testing.T) {
	t.Parallel()
	k := newKit(t, loginFlow)
	k.refused(CodeUnknownFlowType, Request{Type: "AUTHENTICATION/a"})
	k.refused(CodeUnknownFlowType, Request{Type: flow.Authentication})
	k.refused(CodeUnknownFlowType, Request{Type: "REGISTRATION/a", SignIn: &SignIn{}})
	// To clients a sign-in does not exist, though they had its id.
	id := k.signIn(&SignIn{Key: "key"}).FlowID
	k.refused(CodeUnknownExecution, Request{FlowID: id, Action: "go", Inputs: pairs([]string{"username", "jane"})})
	k.refused(CodeUnknownExecution, Request{FlowID: id, Show: true})
	k.goOn(id, "go", "username", "jane")
	d, err := flow.ParseDefinition([]byte(loginFlow))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Compiler.Compile(d, attributes{}.Canonical); err == nil {
		t.Error("a definition of a sign-in is accepted from an administrator")
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	k := newKit(t, loginFlow)
	first := k.signIn(&SignIn{Key: "key"})
	for range 2 {
		if diff := cmp.Diff(first, k.must(Request{FlowID: first.FlowID, SignIn: &SignIn{}, Show: true, Action: "go", Inputs: pairs([]string{"username", "jane"})})); diff != "" {
			t.Errorf("shown again: %s", diff)
		}
	}
	second := k.goOn(first.FlowID, "go", "username", "jane")
	third := k.goOn(first.FlowID, "in", "password", "")
	if slices.Equal(second.Required, first.Required) {
		t.Fatal("the pages do not differ")
	}
	runs := k.ran()
	if diff := cmp.Diff(third, k.must(Request{FlowID: first.FlowID, SignIn: &SignIn{}, Show: true})); diff != "" {
		t.Errorf("shown again: %s", diff)
	}
	if !slices.Equal(runs, k.ran()) {
		t.Error("showing an answer runs an executor")
	}
	k.goOn(first.FlowID, "in", "password", "x")
	k.refused(CodeUnknownExecution, Request{FlowID: first.FlowID, SignIn: &SignIn{}, Show: true})
}

func TestShowUnderALink(t *testing.T) {
	t.Parallel()
	var link string
	k := newLinkKit(t, &link)
	id := k.start().FlowID
	k.send(id, "mail")
	k.refused(CodeUnknownExecution, Request{FlowID: link, Show: true})
}

// assertedFlow proves something, then creates what SayExecutor leaves behind.
const assertedFlow = `{"flowType": "REGISTRATION", "steps": [
	{"id": "p", "type": "VIEW", "data": {"components": [{"id": "f", "category": "BLOCK", "type": "FORM", "components": [
		{"id": "i", "category": "FIELD", "type": "INPUT", "variant": "OTP", "config": {"identifier": "answer"}},
		{"id": "go", "category": "ACTION", "type": "BUTTON", "action": {"type": "EXECUTOR", "executor": {"name": "AskExecutor"}, "next": "create"}}
	]}]}},
	{"id": "create", "type": "EXECUTION", "data": {"action": {"type": "EXECUTOR", "executor": {"name": "CreateExecutor"}, "next": "END"}}}]}`

func TestAssertion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		off     bool
		subject func(*flow.Subject)
		fails   bool
		want    string
	}{
		"proved":        {subject: func(s *flow.Subject) { s.UserID = "u" }, want: "u [email-otp-authenticator]"},
		"not asked for": {off: true, subject: func(s *flow.Subject) { s.UserID = "u" }},
		"nobody":        {subject: func(*flow.Subject) {}},
		"waiting":       {subject: func(s *flow.Subject) { s.UserID, s.Waiting = "u", flow.AccountLocked }},
		"unreachable":   {subject: func(s *flow.Subject) { s.UserID, s.Unreachable = "u", true }},
		"nothing known": {subject: func(s *flow.Subject) { s.UserID, s.Proved = "u", nil }},
		"no key":        {subject: func(s *flow.Subject) { s.UserID = "u" }, fails: true},
	} {
		k := newKit(t, assertedFlow)
		k.store.configure(flow.Registration, func(c *flow.Config) { c.Settings.AutoLogin = !test.off })
		k.Compiler.Executors["CreateExecutor"] = k.plain(flow.Executor{Name: "CreateExecutor"}, func(v *flow.Visit) flow.Result {
			test.subject(v.Subject)
			return flow.Continue{}
		})
		k.Assert = func(_ context.Context, tenant, user string, proved []flow.Method) (string, error) {
			if test.fails {
				return "", errors.New("the key is away")
			}
			if tenant != "t" {
				t.Errorf("asserted in the tenant %q", tenant)
			}
			list := make([]string, len(proved))
			for i, m := range proved {
				list[i] = string(m)
			}
			return user + " [" + strings.Join(list, " ") + "]", nil
		}
		id := k.start().FlowID
		resp, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: id, Inputs: pairs([]string{"answer", "yes"})})
		switch {
		case test.fails != (err != nil):
			t.Errorf("%s: %v", name, err)
		case test.fails:
			test.fails = false
			if resp := k.send(id, "", "answer", "yes"); resp.Assertion == "" {
				t.Errorf("%s: repeated, the answer has no assertion", name)
			}
		case resp.Assertion != test.want || !resp.Complete:
			t.Errorf("%s: %+v, want the assertion %q", name, resp, test.want)
		}
	}
}
