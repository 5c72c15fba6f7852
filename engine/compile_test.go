package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/identity"
)

// compile reads and compiles a document.
func compile(t testing.TB, document string) (*Graph, error) {
	t.Helper()
	d, err := flow.ParseDefinition([]byte(document))
	if err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	return (&stage{}).compiler().Compile(d, attributes{}.Canonical)
}

func mustCompile(t testing.TB, document string) *Graph {
	t.Helper()
	g, err := compile(t, document)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// places are the problems of an error as "CODE step/component".
func places(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var problems flow.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("error %T %v is no list of problems", err, err)
	}
	var list []string
	for _, p := range problems {
		if p.Message == "" {
			t.Errorf("%s has no message", p)
		}
		list = append(list, strings.TrimSuffix(strings.TrimSuffix(p.String(), p.Message), ": "))
	}
	return list
}

// recovery is a recovery that finds and identifies somebody before the steps.
func recovery(steps ...string) string {
	return design("PASSWORD_RECOVERY", append([]string{
		viewStep("who", formOf("who_form", inputOf("who_name", "username", required), buttonOf("who_go", runs("FindExecutor", "prove")))),
	}, steps...)...)
}

func repeat(n int, one func(i int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = one(i)
	}
	return list
}

func nested(depth int) string {
	c := textOf("leaf")
	for i := range depth - 1 {
		c = fmt.Sprintf(`{"id":"box%d","type":"CONTAINER","components":[%s]}`, i, c)
	}
	return c
}

func TestCompileProblems(t *testing.T) {
	t.Parallel()
	next := buttonOf("go", goes("END"))
	for _, c := range []struct {
		name, document string
		want           []string
	}{
		{"a step of another type", registration(plainPage("a", "b"), `{"id":"b","type":"RULE"}`), []string{"RFM-60001 b"}},
		{"a view without data", registration(`{"id":"a","type":"VIEW"}`), []string{"RFM-60002 a"}},
		{"an execution without data", registration(`{"id":"a","type":"EXECUTION"}`), []string{"RFM-60002 a"}},
		{"a view without components", registration(viewStep("a")), []string{"RFM-60003 a"}},
		{"a button without action", registration(viewStep("a", next, `{"id":"b","type":"BUTTON"}`)), []string{"RFM-60004 a/b"}},
		{"a page without button", registration(viewStep("a", textOf("b"))), []string{"RFM-60004 a"}},
		{"a way round without a way out", registration(plainPage("a", "b"), plainPage("b", "a")), []string{"RFM-60005 a", "RFM-60005 b"}},
		{"a dead end beside the way out", registration(
			viewStep("a", next, buttonOf("more", goes("b"))), plainPage("b", "b"),
		), []string{"RFM-60005 b"}},
		{"an action without executor", registration(viewStep("a", buttonOf("b", `{"type":"EXECUTOR","next":"END"}`))), []string{"RFM-60006 a/b"}},
		{"an executor without name", registration(`{"id":"a","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{},"next":"END"}}}`), []string{"RFM-60006 a"}},
		{"two executors on a page", registration(viewStep("a",
			buttonOf("b", runs("AskExecutor", "END")), formOf("f", buttonOf("c", runs("SayExecutor", "END"))),
		)), []string{"RFM-60007 a"}},
		{"an action of another type", registration(viewStep("a", next, buttonOf("b", `{"type":"JUMP","next":"END"}`))), []string{"RFM-60008 a/b"}},
		{"a next that is nowhere", registration(plainPage("a", "nowhere")), []string{"RFM-600009 a/a_go"}},
		{"an execution without action", registration(`{"id":"a","type":"EXECUTION","data":{}}`), []string{"RFM-60010 a"}},
		{"an execution that only goes on", registration(`{"id":"a","type":"EXECUTION","data":{"action":` + goes("END") + `}}`), []string{"RFM-60011 a"}},
		{"a view with an action of its own", registration(`{"id":"a","type":"VIEW","data":{"components":[` + next + `],"action":` + goes("END") + `}}`), []string{"RFM-60011 a"}},
		{"an END that goes on", registration(plainPage("a", "END"), `{"id":"END","type":"END","data":{"action":`+goes("a")+`}}`), []string{"RFM-60011 END"}},
		{"a step nothing leads to", registration(plainPage("a", "END"), plainPage("b", "END")), []string{"RFM-60012 b"}},
		{"steps that lead to each other only", registration(plainPage("a", "END"), plainPage("b", "c"), plainPage("c", "b")), []string{"RFM-60012 b", "RFM-60012 c"}},
		{"an END nothing leads to", registration(plainPage("a", "a"), endStep("")), []string{"RFM-60012 END"}},
		{"a view called END", registration(plainPage("a", "END"), plainPage("END", "a")), []string{"RFM-60013 END"}},
		{"a view called End", registration(plainPage("a", "END"), plainPage("End", "END")), []string{"RFM-60013 End", "RFM-60012 End"}},
		{"an END of another name", registration(plainPage("a", "z"), `{"id":"z","type":"END"}`), []string{"RFM-60013 z"}},
		{"an END called end", registration(plainPage("a", "END"), `{"id":"end","type":"END"}`), []string{"RFM-60013 end", "RFM-60012 end"}},
		{"a flow of another type", design("LOGIN", plainPage("a", "END")), []string{"FM-10001"}},
		{"an executor nobody knows", registration(taskStep("a", "NoExecutor", "END")), []string{"FM-10004 a"}},
		{"an executor of other flows", registration(taskStep("a", "RecoverExecutor", "END")), []string{"FM-10004 a"}},
		{"a recovery without a name", design("PASSWORD_RECOVERY", taskStep("prove", "ProveExecutor", "END")), []string{"FM-10005"}},
		{"steps of the same id", registration(plainPage("a", "b"), taskStep("b", "SayExecutor", "END"), taskStep("b", "SayExecutor", "END")), []string{"FM-10006 b"}},
		{"components of the same id", registration(viewStep("a", textOf("b"), formOf("f", textOf("b")), next)), []string{"FM-10006 a/b"}},
		{"a component called as its step", registration(viewStep("a", textOf("a"), next)), []string{"FM-10006 a/a"}},
		{"an input twice", registration(viewStep("a", formOf("f", inputOf("x", "answer", ""), inputOf("y", "answer", ""), next))), []string{"FM-10006 a/y"}},
		{"a claim twice, by its names", registration(viewStep("a", formOf("f", inputOf("x", "email", ""), inputOf("y", identity.ClaimEmail, ""), next))), []string{"FM-10006 a/y"}},
		{"an action id twice", registration(viewStep("a",
			`{"id":"b","type":"BUTTON","actionId":"same","action":`+goes("END")+`}`, `{"id":"c","type":"BUTTON","actionId":"same","action":`+goes("END")+`}`,
		)), []string{"FM-10006 a/c"}},
		{"an action id that is another's id", registration(viewStep("a", next, `{"id":"c","type":"BUTTON","actionId":"go","action":`+goes("END")+`}`)), []string{"FM-10006 a/c"}},
		{"meta nobody knows", registration(viewStep("a", buttonOf("b", `{"type":"EXECUTOR","executor":{"name":"AskExecutor","meta":{"test":1}},"next":"END"}`))), []string{"FM-10007 a/b"}},
		{"a step without id", registration(plainPage("", "END")), []string{"FM-10011"}},
		{"a component without id", registration(viewStep("a", textOf(""), next)), []string{"FM-10011 a"}},
		{"a button that leads nowhere", registration(viewStep("a", next, buttonOf("b", `{"type":"NEXT"}`))), []string{"FM-10011 a/b"}},
		{"an execution that leads nowhere", registration(plainPage("a", "b"), taskStep("b", "SayExecutor", "")), []string{"FM-10011 b"}},
		{"no steps", registration(), []string{"FM-10012"}},
		{"too many steps", registration(repeat(maxSteps+1, func(i int) string { return plainPage(fmt.Sprint("s", i), "END") })...), []string{"FM-10012"}},
		{"too many components", registration(viewStep("a", repeat(maxComponents+1, func(i int) string { return textOf(fmt.Sprint("t", i)) })...)), []string{"FM-10012 a"}},
		{"too many components of all pages", registration(
			viewStep("a", repeat(maxComponents/2, func(i int) string { return textOf(fmt.Sprint("t", i)) })...),
			viewStep("b", formOf("f", repeat(maxComponents/2, func(i int) string { return textOf(fmt.Sprint("u", i)) })...)),
		), []string{"FM-10012 b"}},
		{"components that nest too deep", registration(viewStep("a", nested(maxNesting+1), next)), []string{"FM-10012 a"}},
		{"too many steps in a row", registration(append(
			repeat(maxHops, func(i int) string { return taskStep(fmt.Sprint("s", i), "SayExecutor", fmt.Sprint("s", i+1)) }),
			taskStep(fmt.Sprint("s", maxHops), "SayExecutor", "END"),
		)...), []string{"FM-10012 s0"}},
		{"a recovery that identifies nobody", recovery(plainPage("prove", "END")), []string{"FM-10013"}},
		{"a claim nobody knows", registration(viewStep("a", formOf("f", inputOf("x", "http://wso2.org/claims/unheard", ""), next))), []string{"FM-10014 a/x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := compile(t, c.document)
			if diff := cmp.Diff(c.want, places(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

// Every problem is told at once, in the order of the document, every time.
func TestCompileTellsEverything(t *testing.T) {
	t.Parallel()
	document := design("LOGIN",
		viewStep("a", textOf("x"), textOf("x"), buttonOf("b", runs("NoExecutor", "END"))),
		`{"id":"b","type":"EXECUTION"}`,
		`{"id":"c","type":"RULE"}`,
		viewStep("d", formOf("f", inputOf("i", "http://wso2.org/claims/unheard", ""), buttonOf("g", goes("nowhere")))),
		taskStep("e", "SayExecutor", ""),
		endStep("NoExecutor"),
	)
	want := []string{
		"FM-10001", "FM-10006 a/x", "FM-10006 b",
		"FM-10004 a/b", "RFM-60002 b", "RFM-60001 c", "FM-10014 d/i", "FM-10011 e", "FM-10004 END",
		"RFM-600009 d/g",
		"RFM-60012 b", "RFM-60012 c", "RFM-60012 d", "RFM-60012 e",
	}
	for range 20 {
		_, err := compile(t, document)
		if diff := cmp.Diff(want, places(t, err)); diff != "" {
			t.Fatalf("problems (-want +got):\n%s", diff)
		}
	}
}

func TestCompileAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ document, first string }{
		"no END step":                         {registration(plainPage("a", "END")), "a"},
		"End":                                 {registration(plainPage("a", "End"), endStep("")), "a"},
		"end":                                 {registration(plainPage("a", "end"), endStep("")), "a"},
		"COMPLETE":                            {registration(plainPage("a", "COMPLETE"), endStep("SayExecutor")), "a"},
		"an END that says more":               {registration(plainPage("a", "END"), `{"id":"END","type":"END","data":{"action":`+runs("SayExecutor", "END")+`}}`), "a"},
		"an END without data":                 {registration(plainPage("a", "END"), `{"id":"END","type":"END"}`), "a"},
		"END alone":                           {registration(endStep("")), "END"},
		"END first in the list":               {registration(endStep(""), plainPage("a", "END")), "a"},
		"first step last":                     {registration(plainPage("b", "END"), plainPage("a", "b")), "a"},
		"a page back to itself":               {registration(viewStep("a", buttonOf("x", goes("a")), buttonOf("y", goes("END")))), "a"},
		"first step last, and back to itself": {registration(plainPage("b", "END"), viewStep("a", buttonOf("x", goes("a")), buttonOf("y", goes("b")))), "a"},
		"a loop back":                         {registration(plainPage("a", "b"), viewStep("b", buttonOf("x", goes("a")), buttonOf("y", goes("END")))), "a"},
		"END first, and a loop":               {registration(endStep(""), plainPage("b", "a"), viewStep("a", buttonOf("x", goes("b")), buttonOf("y", goes("END")))), "b"},
		"old types of step":                   {registration(strings.Replace(taskStep("a", "SayExecutor", "b"), "EXECUTION", "REDIRECTION", 1), strings.Replace(taskStep("b", "SayExecutor", "END"), "EXECUTION", "WEBAUTHN", 1)), "a"},
		"as many steps in a row":              {registration(append(repeat(maxHops-2, func(i int) string { return taskStep(fmt.Sprint("s", i), "SayExecutor", fmt.Sprint("s", i+1)) }), taskStep(fmt.Sprint("s", maxHops-2), "SayExecutor", "END"))...), "s0"},
		"as many components":                  {registration(viewStep("a", append(repeat(maxComponents-1, func(i int) string { return textOf(fmt.Sprint("t", i)) }), buttonOf("go", goes("END")))...)), "a"},
		"as deep":                             {registration(viewStep("a", nested(maxNesting), buttonOf("go", goes("END")))), "a"},
		"buttons in boxes":                    {registration(viewStep("a", `{"id":"box","type":"CONTAINER","components":[`+formOf("f", buttonOf("go", goes("END")))+`]}`)), "a"},
		"the same input on two forms": {registration(viewStep("a",
			formOf("f", inputOf("x", "email", ""), buttonOf("b", goes("END"))), formOf("g", inputOf("y", "email", ""), buttonOf("c", goes("END"))),
		)), "a"},
		"an action id that is its own id": {registration(viewStep("a", `{"id":"b","type":"BUTTON","actionId":"b","action":`+goes("END")+`}`)), "a"},
		"the same action id on two pages": {registration(
			viewStep("a", `{"id":"x","type":"BUTTON","actionId":"submit","action":`+goes("b")+`}`), viewStep("b", `{"id":"y","type":"BUTTON","actionId":"submit","action":`+goes("END")+`}`),
		), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := mustCompile(t, c.document).first; got != c.first {
				t.Errorf("first step %q, want %q", got, c.first)
			}
		})
	}
}

// A flow about an existing user is refused where any path changes the user
// without one that proves who the person is.
func TestEveryPathToAChangeIdentifies(t *testing.T) {
	t.Parallel()
	prove := taskStep("prove", "ProveExecutor", "change")
	change := taskStep("change", "ChangeExecutor", "END")
	for name, c := range map[string]struct {
		document string
		want     []string
	}{
		"proved":         {recovery(prove, change), nil},
		"proved by END":  {recovery(taskStep("prove", "ProveExecutor", "END"), endStep("ChangeExecutor")), nil},
		"proved, looped": {recovery(prove, taskStep("change", "ChangeExecutor", "more"), viewStep("more", buttonOf("x", goes("prove")), buttonOf("y", goes("END")))), nil},
		"changed first": {
			recovery(taskStep("prove", "ChangeExecutor", "then"), taskStep("then", "ProveExecutor", "END")), []string{"FM-10013 prove"},
		},
		"a door beside it": {
			recovery(viewStep("prove", buttonOf("x", runs("ProveExecutor", "change")), buttonOf("y", goes("change"))), change), []string{"FM-10013 change"},
		},
		"a door far round": {
			recovery(
				viewStep("prove", buttonOf("x", runs("ProveExecutor", "change")), buttonOf("y", goes("round"))),
				plainPage("round", "further"), taskStep("further", "SayExecutor", "change"), change,
			), []string{"FM-10013 change"},
		},
		"END through a door": {
			recovery(viewStep("prove", buttonOf("x", runs("ProveExecutor", "END")), buttonOf("y", goes("END"))), endStep("ChangeExecutor")), []string{"FM-10013 END"},
		},
		"its own button": {
			recovery(viewStep("prove", buttonOf("x", runs("ProveExecutor", "more")), buttonOf("y", goes("more"))), viewStep("more", buttonOf("z", runs("ChangeExecutor", "END")))),
			[]string{"FM-10013 more/z"},
		},
		"an invitation":  {design("INVITED_USER_REGISTRATION", plainPage("a", "change"), change), []string{"FM-10013 change"}},
		"a registration": {registration(plainPage("a", "change"), change), nil},
	} {
		_, err := compile(t, c.document)
		if diff := cmp.Diff(c.want, places(t, err)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", name, diff)
		}
	}
}
