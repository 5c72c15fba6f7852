package engine

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

// drawn is what clients get of the first page of a registration.
func drawn(t *testing.T, steps ...string) any {
	t.Helper()
	g := mustCompile(t, registration(steps...))
	return decoded(t, g.steps[g.first].page)
}

func decoded(t *testing.T, document []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return v
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, component, want string }{
		{
			"neither category nor action, version nor deprecated are drawn",
			`{"id":"x","category":"ACTION","type":"BUTTON","variant":"PRIMARY","version":"1","deprecated":false,"action":` + goes("END") + `,"config":{"text":"Go","x":[1,null]}}`,
			`{"id":"x","type":"BUTTON","variant":"PRIMARY","actionId":"x","config":{"text":"Go","x":[1,null]}}`,
		},
		{
			"a button's own action id",
			`{"id":"x","type":"BUTTON","actionId":"submit-it","action":` + goes("END") + `}`,
			`{"id":"x","type":"BUTTON","actionId":"submit-it"}`,
		},
		{
			"what is not known is drawn as it is",
			`{"id":"x","type":"RICH_TEXT","config":{"text":"<b>1 & 2</b>","more":{"a":[true,1.50]}}}`,
			`{"id":"x","type":"RICH_TEXT","config":{"text":"<b>1 & 2</b>","more":{"a":[true,1.50]}}}`,
		},
		{
			"the name is the identifier where there is none",
			inputOf("x", "nickname", ""),
			`{"id":"x","type":"INPUT","variant":"TEXT","config":{"identifier":"nickname","name":"nickname"}}`,
		},
		{
			"a name is kept",
			inputOf("x", "nickname", `,"name":"nick"`),
			`{"id":"x","type":"INPUT","variant":"TEXT","config":{"identifier":"nickname","name":"nick"}}`,
		},
		{
			"the id is the identifier where there is none",
			`{"id":"x","type":"INPUT"}`,
			`{"id":"x","type":"INPUT","config":{"name":"x"}}`,
		},
		{
			"rules of passwords",
			inputOf("x", "password", required),
			`{"id":"x","type":"INPUT","variant":"TEXT","config":{"identifier":"password","name":"password","required":true,"validations":[{"name":"P"}]}}`,
		},
		{
			"rules of passwords by name",
			`{"id":"x","type":"INPUT","config":{"name":"password","validations":"mine"}}`,
			`{"id":"x","type":"INPUT","config":{"name":"password","validations":[{"name":"P"}]}}`,
		},
		{
			"rules of user names",
			inputOf("x", "http://wso2.org/claims/username", ""),
			`{"id":"x","type":"INPUT","variant":"TEXT","config":{"identifier":"http://wso2.org/claims/username","name":"http://wso2.org/claims/username","validations":[{"name":"U"}]}}`,
		},
		{
			"the length of a code needs an executor that asks for one",
			`{"id":"x","type":"INPUT","variant":"OTP","config":{"identifier":"otp"}}`,
			`{"id":"x","type":"INPUT","variant":"OTP","config":{"identifier":"otp","name":"otp"}}`,
		},
		{
			"boxes in boxes",
			`{"id":"x","type":"BOX","components":[{"id":"y","type":"FORM","components":[{"id":"z","type":"DIVIDER"}]}]}`,
			`{"id":"x","type":"BOX","components":[{"id":"y","type":"FORM","components":[{"id":"z","type":"DIVIDER"}]}]}`,
		},
		{"a RESEND of nothing", resendOf("x"), `{"id":"x","type":"RESEND"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := drawn(t, viewStep("a", c.component, buttonOf("go", goes("END"))))
			want := decoded(t, []byte(`[`+c.want+`,{"id":"go","type":"BUTTON","actionId":"go"}]`))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPageBytesAreNotEscaped(t *testing.T) {
	t.Parallel()
	g := mustCompile(t, registration(viewStep("a", textOf("x"), buttonOf("go", goes("END")))))
	want := `[{"id":"x","type":"TYPOGRAPHY","variant":"H1","config":{"text":"Hi & <b>welcome</b>"}},{"id":"go","type":"BUTTON","actionId":"go"}]`
	if got := string(g.steps["a"].page); got != want {
		t.Errorf("page\n%s\nwant\n%s", got, want)
	}
}

// actionOf is the actionId of the component on the first page.
func actionOf(t *testing.T, id string, steps ...string) string {
	t.Helper()
	var find func(v any) (string, bool)
	find = func(v any) (string, bool) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				if a, ok := find(one); ok {
					return a, true
				}
			}
		case map[string]any:
			if v["id"] == id {
				a, _ := v["actionId"].(string)
				return a, true
			}
			return find(v["components"])
		}
		return "", false
	}
	a, ok := find(drawn(t, steps...))
	if !ok {
		t.Fatalf("no component %q", id)
	}
	return a
}

func TestResendNamesTheButtonThatCanSendAgain(t *testing.T) {
	t.Parallel()
	code := inputOf("code", "answer", "")
	send := `{"id":"send","type":"BUTTON","actionId":"send-it","action":` + runs("AskExecutor", "END") + `}`
	back := buttonOf("back", goes("END"))
	again := resendOf("again")
	for name, c := range map[string]struct{ page, want string }{
		"beside it":             {viewStep("a", formOf("f", code, send, again)), "send-it"},
		"before it":             {viewStep("a", formOf("f", again, back, send)), "send-it"},
		"another form":          {viewStep("a", formOf("f", again), formOf("g", send)), "send-it"},
		"a form that goes on":   {viewStep("a", formOf("f", again, back), formOf("g", send)), "send-it"},
		"outside of the form":   {viewStep("a", formOf("f", back), formOf("g", send), again), "send-it"},
		"deep in the form":      {viewStep("a", formOf("f", `{"id":"box","type":"BOX","components":[`+again+`]}`, send)), "send-it"},
		"an executor that asks": {viewStep("a", formOf("f", again, buttonOf("x", runs("SecretExecutor", "END")))), ""},
		"nothing to send":       {viewStep("a", formOf("f", again, back)), ""},
	} {
		if got := actionOf(t, "again", c.page); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLengthOfACode(t *testing.T) {
	t.Parallel()
	page := drawn(t, viewStep("a", formOf("f",
		`{"id":"x","type":"INPUT","variant":"otp","config":{"identifier":"answer","length":"four"}}`,
		buttonOf("go", runs("AskExecutor", "END")), buttonOf("back", goes("END")),
	)))
	want := decoded(t, []byte(`{"identifier":"answer","name":"answer","length":6}`))
	got := page.([]any)[0].(map[string]any)["components"].([]any)[0].(map[string]any)["config"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An attribute that somebody calls as an executor's input does not get hold of
// it: here there is an attribute of every name. Where the executor is not used,
// its words are free again, but for those of secrets.
func TestExecutorsWordsAreNoClaims(t *testing.T) {
	t.Parallel()
	anything := func(name string) (string, bool) { return flow.ClaimPrefix + name, true }
	for executor, words := range map[string][]string{
		"AskExecutor": {"password", "Password", "answer", "resend"},
		"SayExecutor": {"password", "Password", "answer"},
	} {
		d, err := flow.ParseDefinition([]byte(`{"steps":[{"id":"s","data":{"action":{"type":"EXECUTOR","executor":{"name":"` + executor + `"}}}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		names := Names(anything).except((&stage{}).compiler().words(d))
		for _, name := range []string{"password", "Password", "answer", "resend", "email"} {
			want := flow.ClaimPrefix + name
			if slices.Contains(words, name) {
				want = name
			}
			if got := names.canonical(name); got != want {
				t.Errorf("%s: %q stands for %q, want %q", executor, name, got, want)
			}
		}
	}
}

// Any number of executions share a graph; the race detector watches.
func TestGraphIsShared(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), asking("b", "END"), endStep("SayExecutor", textOf("done"))))
	k.result = flow.Continue{}
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			for range 5 {
				r, err := k.Do(t.Context(), Request{Tenant: "t", Type: flow.Registration})
				for _, next := range []Request{
					{Action: "a_go", Inputs: map[string]string{"email": "bad", "a_nick": "x"}},
					{Action: "a_go", Inputs: map[string]string{"email": "ada@example.com"}},
					{Action: "b_again"},
					{Inputs: map[string]string{"answer": "no"}},
					{Inputs: map[string]string{"answer": "yes"}},
				} {
					if err != nil {
						t.Error(err)
						return
					}
					next.Tenant, next.FlowID = "t", r.FlowID
					r, err = k.Do(t.Context(), next)
				}
				if err != nil || !r.Complete {
					t.Errorf("response %+v, error %v", r, err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(k.graphs.m); n != 1 {
		t.Errorf("%d graphs are kept of one version", n)
	}
}
