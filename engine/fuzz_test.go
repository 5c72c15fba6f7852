package engine

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"usher/flow"
	"usher/starter"
)

// cast is the stage's executors and, under the names that real definitions
// use, executors that behave like the real ones.
func (s *stage) cast() *Compiler {
	c := s.compiler()
	for name, like := range map[string]string{
		"EmailOTPExecutor": "AskExecutor", "PasswordProvisioningExecutor": "SecretExecutor", "UserResolveExecutor": "FindExecutor",
		"ConfirmationCodeValidationExecutor": "ProveExecutor", "UserProvisioningExecutor": "SayExecutor",
	} {
		e := c.Executors[like]
		e.Name = name
		e.Identifies = e.Identifies || like == "AskExecutor"
		c.Executors[name] = e
	}
	return c
}

// FuzzCompile compiles any document. One that compiles can be walked by any
// submissions, which meet no error that is not the client's.
func FuzzCompile(f *testing.F) {
	for _, t := range flow.Types() {
		for _, template := range starter.Templates(t) {
			f.Add([]byte(template.Definition), "a,yes b,no")
		}
	}
	for _, document := range []string{
		two, registration(), "null", "{}", "[]", `{"flowType":"REGISTRATION","steps":[null]}`,
		registration(endStep("SayExecutor")), registration(plainPage("a", "a")),
		registration(taskStep("a", "SayExecutor", "b"), plainPage("b", "END"), endStep("SayExecutor")),
		registration(viewStep("a", nested(5), buttonOf("go", runs("AwayExecutor", "END")), resendOf("again"))),
		recovery(taskStep("prove", "ProveExecutor", "END"), endStep("ChangeExecutor", textOf("x"))),
	} {
		f.Add([]byte(document), "answer=yes email=ada@example.com go: username=ada again: s:x=y")
	}
	f.Fuzz(func(t *testing.T, document []byte, script string) {
		d, err := flow.ParseDefinition(document)
		if err != nil {
			return
		}
		k := newKit(t)
		k.result = flow.Continue{}
		k.Compiler = k.cast()
		k.Engine = New(k.Config)
		g, err := k.Compiler.Compile(d, attributes{}.Canonical)
		if err != nil {
			var problems flow.Problems
			if !errors.As(err, &problems) || len(problems) == 0 || problems.Error() == "" {
				t.Fatalf("error %T %v is no list of problems", err, err)
			}
			return
		}
		for id, s := range g.steps {
			if s.page != nil && !json.Valid(s.page) {
				t.Fatalf("page of %q is no JSON: %s", id, s.page)
			}
		}
		if !d.FlowType.Known() {
			t.Fatalf("flow type %q compiles", d.FlowType)
		}
		k.store.publish(string(document))
		k.walk(t, d.FlowType, script)
	})
}

// walk starts a flow and submits what the script says: "action:" before
// "name=value", all separated by spaces.
func (k *kit) walk(t *testing.T, kind flow.Type, script string) {
	t.Helper()
	r, err := k.Do(t.Context(), Request{Tenant: "t", Type: kind})
	request := Request{Tenant: "t", Inputs: map[string]string{}}
	for i, part := range strings.Split(script, " ") {
		if i > 32 || err != nil || r.Complete {
			break
		}
		if name, value, isInput := strings.Cut(part, "="); isInput {
			request.Inputs[name] = value
			continue
		}
		request.FlowID, request.Action = r.FlowID, strings.TrimSuffix(part, ":")
		var next *Response
		next, err = k.Do(t.Context(), request)
		if mistake, ok := errors.AsType[*Error](err); ok {
			if mistake.Code == CodeCannotGoOn {
				return
			}
			err = nil
			continue
		}
		if err == nil {
			r, request.Inputs = next, map[string]string{}
		}
	}
	unknown := err != nil && !errors.As(err, new(*Error)) && !errors.Is(err, errFault)
	// Who goes on as somebody else after proving who they are is stopped by an
	// error of ours; no definition that compiles leads there by itself.
	if unknown && !strings.Contains(err.Error(), "nothing proved who the person is") {
		t.Fatalf("%+v: %v", request, err)
	}
}
