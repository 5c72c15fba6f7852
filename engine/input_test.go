package engine

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/identity"
)

// named is a page whose input has an id, a name and an identifier of its own.
func named(identifier string) string {
	return registration(
		viewStep("a", formOf("f", inputOf("the_id", identifier, `,"name":"the_name"`), buttonOf("go", runs("SayExecutor", "b")), buttonOf("skip", goes("b")))),
		asking("b", "END"),
	)
}

// A client may call an input by its identifier, id, name, and a claim's short
// name or URI.
func TestNamesOfAnInput(t *testing.T) {
	t.Parallel()
	for identifier, keys := range map[string][]string{
		identity.ClaimEmail: {identity.ClaimEmail, "the_id", "the_name", "email", "EmailAddress"},
		"email":             {"email", "the_id", "the_name", identity.ClaimEmail, "emailaddress"},
	} {
		for _, key := range keys {
			k := newKit(t, named(identifier))
			k.result = flow.Continue{}
			r := k.start()
			k.send(r.FlowID, "go", key, "ada@example.com")
			if got := k.last.Claim(identity.ClaimEmail); got != "ada@example.com" {
				t.Errorf("identifier %q sent as %q: the claim is %q", identifier, key, got)
			}
		}
	}
	k := newKit(t, named("email"))
	r := k.start()
	for _, key := range []string{"f", "go", "The_id", "THE_NAME", "nickname", flow.ClaimPrefix + "nickname", "", "mail"} {
		k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Action: "skip", Inputs: map[string]string{key: "x"}})
	}
}

// What one input is called by is stronger the closer it is to the identifier.
func TestIdentifierIsStrongerThanAnId(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(
		viewStep("a", formOf("f", inputOf("email", "givenname", ""), inputOf("nickname", identity.ClaimEmail, ""), inputOf("x", "nickname", ""), buttonOf("go", goes("b")))),
		asking("b", "END"),
	))
	r := k.start()
	k.send(r.FlowID, "", "nickname", "Countess", "email", "Ada", identity.ClaimEmail, "ada@example.com")
	want := map[string]string{
		flow.ClaimPrefix + "nickname": "Countess", flow.ClaimPrefix + "givenname": "Ada", identity.ClaimEmail: "ada@example.com",
	}
	if diff := cmp.Diff(want, k.last.Collected); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
}

func TestInputsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), asking("b", "END")))
	r := k.start()
	for name, inputs := range map[string]map[string]string{
		"given twice":          {"email": "ada@example.com", identity.ClaimEmail: "eve@example.com"},
		"too long":             {"email": strings.Repeat("x", maxValue+1)},
		"unknown":              {"email": "ada@example.com", "surprise": ""},
		"of another page":      {"answer": "yes"},
		"of no executor":       {"resend": "true"},
		"a claim not asked":    {"givenname": "Ada"},
		"somebody else's word": {"password": "correct horse"},
	} {
		e := k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Action: "a_go", Inputs: inputs})
		if e.Flow != flow.Registration {
			t.Errorf("%s: flow %q", name, e.Flow)
		}
		for _, value := range inputs {
			if len(value) > 1 && strings.Contains(e.Description, value) {
				t.Errorf("%s: the description repeats a value: %s", name, e.Description)
			}
		}
	}
	// The execution lives on, and the same value twice is the same value.
	k.send(r.FlowID, "a_go", "email", "ada@example.com", identity.ClaimEmail, "ada@example.com", "a_nick", strings.Repeat("x", maxValue))
}

func message(identifier, key, text string) flow.Message {
	return flow.Message{Type: flow.Error, Message: text, I18nKey: key, Identifier: identifier}
}

// What a person can correct is told all at once, in the order of the page.
func TestMistakes(t *testing.T) {
	t.Parallel()
	variant := func(id, variant, more string) string {
		return `{"id":"` + id + `","type":"INPUT","variant":"` + variant + `","config":{"label":"` + strings.ToUpper(id) + `"` + more + `}}`
	}
	form := formOf("f",
		inputOf("mail", "email", required+`,"label":"Mail"`), inputOf("pw", "password", required+`,"label":"{{password}}"`),
		inputOf("pw2", "confirmPassword", ""),
		variant("e", "EMAIL", ""), variant("n", "NUMBER", ""), variant("c", "CHECKBOX", ""), variant("agree", "CHECKBOX", required),
		variant("d", "DROPDOWN", `,"options":[{"key":"k1","value":"one"},{"key":"two"}]`),
		buttonOf("go", runs("SecretExecutor", "END")),
	)
	good := map[string]string{"email": "ada@example.com", "password": "long enough", "agree": "true"}
	for _, c := range []struct {
		name string
		with map[string]string
		want []flow.Message
	}{
		{"nothing", map[string]string{"email": "", "password": "", "agree": ""}, []flow.Message{
			message("email", "input.required", "Mail is required."),
			message("password", "input.required", "This field is required."),
			message("agree", "input.required", "AGREE is required."),
		}},
		{"rules of others", map[string]string{"password": "short", "email": "bad"}, []flow.Message{
			message("email", "claim.invalid", "This value does not have the expected form."),
			message("password", "password.invalid", "Use at least 8 characters."),
		}},
		{"in the order of the page", map[string]string{"n": "x", "password": "short", "e": "ada", "email": "bad"}, []flow.Message{
			message("email", "claim.invalid", "This value does not have the expected form."),
			message("password", "password.invalid", "Use at least 8 characters."),
			message("e", "input.email", "E must be an e-mail address."),
			message("n", "input.number", "N must be a number."),
		}},
		{"taken", map[string]string{"email": "taken"}, []flow.Message{message("email", "claim.taken", "This value belongs to another account.")}},
		{"no address", map[string]string{"e": "ada"}, []flow.Message{message("e", "input.email", "E must be an e-mail address.")}},
		{"more than an address", map[string]string{"e": "Ada <ada@example.com>"}, []flow.Message{message("e", "input.email", "E must be an e-mail address.")}},
		{"no number", map[string]string{"n": "NaN"}, []flow.Message{message("n", "input.number", "N must be a number.")}},
		{"no decimal number", map[string]string{"n": "0x10"}, []flow.Message{message("n", "input.number", "N must be a number.")}},
		{"a number", map[string]string{"n": "-1.5e3"}, nil},
		{"another password", map[string]string{"confirmPassword": "long enouhg"}, []flow.Message{message("confirmPassword", "input.repetition", "The passwords are not the same.")}},
		{"the password not repeated", map[string]string{"pw2": ""}, []flow.Message{message("confirmPassword", "input.repetition", "The passwords are not the same.")}},
		{"the password repeated", map[string]string{"pw2": "long enough"}, nil},
		{"neither true nor false", map[string]string{"c": "on"}, []flow.Message{message("c", "input.checkbox", "C must be ticked or not.")}},
		{"not ticked", map[string]string{"agree": "false", "c": "false"}, []flow.Message{message("agree", "input.required", "AGREE must be ticked.")}},
		{"no option", map[string]string{"d": "k1"}, []flow.Message{message("d", "input.option", "D must be one of the options.")}},
		{"an option by its value", map[string]string{"d": "one"}, nil},
		{"an option by its key", map[string]string{"d": "two"}, nil},
		{"left empty", map[string]string{"d": "", "e": "", "n": "", "c": ""}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, registration(viewStep("a", form)))
			r := k.start()
			ran := len(k.ran())
			inputs := map[string]string{}
			for _, from := range []map[string]string{good, c.with} {
				maps.Copy(inputs, from)
			}
			r = k.must(Request{FlowID: r.FlowID, Inputs: inputs})
			if diff := cmp.Diff(c.want, r.Messages); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if r.Complete != (c.want == nil) {
				t.Errorf("complete %v", r.Complete)
			}
			if c.want != nil && (r.Kind != View || len(r.Components) < 10 || len(k.ran()) != ran) {
				t.Errorf("kind %s, page %s, runs %v; want the same page and no run", r.Kind, r.Components, k.ran())
			}
			for _, m := range r.Messages {
				for _, value := range inputs {
					if len(value) > 4 && strings.Contains(m.Message, value) {
						t.Errorf("message %q repeats %q", m.Message, value)
					}
				}
			}
		})
	}
}

// What a page marks as mandatory is asked for by the server, whatever the
// client draws.
func TestMandatoryConsent(t *testing.T) {
	t.Parallel()
	policy := `{"id":"p","type":"POLICY","config":{"purposes":[{"purposeId":"terms","mandatory":true},{"purposeId":"age","mandatory":true},{"purposeId":"news"}]}}`
	answer := func(terms, age string) string {
		return `{"Policy":{"purposes":[{"id":"news","accepted":false},{"id":"terms","accepted":` + terms + `},{"id":"age","accepted":` + age + `,"attributes":[]}]}}`
	}
	want := []flow.Message{message("consent", "input.consent", "Please accept what is mandatory.")}
	for name, c := range map[string]struct {
		inputs map[string]string
		want   []flow.Message
	}{
		"all":             {map[string]string{"consent": answer("true", "true")}, nil},
		"another kind":    {map[string]string{"consent": `{"Terms":{"purposes":[{"id":"terms","accepted":true}]},"Other":{"purposes":[{"id":"age","accepted":true}]}}`}, nil},
		"none given":      {nil, want},
		"empty":           {map[string]string{"consent": ""}, want},
		"no JSON":         {map[string]string{"consent": "true"}, want},
		"of another form": {map[string]string{"consent": `{"Policy":{"purposes":[{"id":"terms","accepted":"true"}]}}`}, want},
		"refused":         {map[string]string{"consent": answer("true", "false")}, want},
		"left out":        {map[string]string{"consent": `{"Policy":{"purposes":[{"id":"terms","accepted":true}]}}`}, want},
		"taken back":      {map[string]string{"consent": `{"Policy":{"purposes":[{"id":"age","accepted":true},{"id":"terms","accepted":true},{"id":"terms","accepted":false}]}}`}, want},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, registration(viewStep("a", formOf("f", policy, buttonOf("go", goes("END"))))))
			r := k.must(Request{FlowID: k.start().FlowID, Inputs: c.inputs, Action: "go"})
			if diff := cmp.Diff(c.want, r.Messages); diff != "" || r.Complete != (c.want == nil) {
				t.Errorf("complete %v, messages (-want +got):\n%s", r.Complete, diff)
			}
		})
	}
}

func TestAFaultOfTheCheckIsNoMistake(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "END")))
	r := k.start()
	_, err := k.Do(t.Context(), Request{Tenant: "t", FlowID: r.FlowID, Inputs: map[string]string{"email": "fault"}})
	if err != errFault {
		t.Errorf("error %v", err)
	}
	k.send(r.FlowID, "", "email", "ada@example.com")
}

// In a recovery nobody learns which values are taken.
func TestTakenValuesAreNotToldInARecovery(t *testing.T) {
	t.Parallel()
	k := newKit(t, recovery(taskStep("prove", "ProveExecutor", "more"), plainPage("more", "END")))
	r := k.must(Request{Type: flow.PasswordRecovery, Inputs: map[string]string{"username": "ada"}})
	if r = k.send(r.FlowID, "", "email", "taken"); !r.Complete {
		t.Errorf("messages %v", r.Messages)
	}
}

func TestClaimsOfAPage(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(plainPage("a", "b"), viewStep("b", formOf("f",
		inputOf("answer", "answer", ""), inputOf("given", "givenname", ""), buttonOf("go", runs("AskExecutor", "END")), buttonOf("back", goes("a"))))))
	r := k.start()
	k.send(r.FlowID, "", "email", "ada@example.com", "nickname", "Countess")
	k.send(r.FlowID, "go", "answer", "no", "given", "Ada") // asked again, but what was entered stays
	want := map[string]string{identity.ClaimEmail: "ada@example.com", flow.ClaimPrefix + "nickname": "Countess", flow.ClaimPrefix + "givenname": "Ada"}
	if diff := cmp.Diff(want, k.last.Collected); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"answer": "no"}, k.visit.Values); diff != "" {
		t.Errorf("values of the executor (-want +got):\n%s", diff)
	}
	// Back on the first page the nickname is taken back, the address changed.
	k.send(r.FlowID, "back", "answer", "never read", "given", "")
	k.send(r.FlowID, "", "email", "ada@example.org", "nickname", "")
	k.send(r.FlowID, "go", "answer", "no")
	if diff := cmp.Diff(map[string]string{identity.ClaimEmail: "ada@example.org"}, k.last.Collected); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
}

// Inputs outside of any FORM belong to the buttons outside of any FORM.
func TestInputsOutsideOfAForm(t *testing.T) {
	t.Parallel()
	k := newKit(t, registration(viewStep("a",
		inputOf("mail", "email", required), buttonOf("go", goes("b")),
		formOf("f", inputOf("nick", "nickname", required), buttonOf("other", goes("b"))),
	), asking("b", "END")))
	r := k.start()
	if diff := cmp.Diff([]string{"email", "nickname"}, r.Required); diff != "" {
		t.Errorf("required (-want +got):\n%s", diff)
	}
	k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Action: "go", Inputs: map[string]string{"nickname": "x"}})
	k.refused(CodeBadRequest, Request{FlowID: r.FlowID, Action: "other", Inputs: map[string]string{"email": "x"}})
	if r := k.send(r.FlowID, "go"); len(r.Messages) != 1 || r.Messages[0].Identifier != "email" {
		t.Errorf("messages %v", r.Messages)
	}
	k.send(r.FlowID, "go", "email", "ada@example.com")
}
