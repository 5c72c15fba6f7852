package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"usher/executor/openid"
	"usher/flow"
	"usher/identity"
	"usher/starter"
)

// detour is a registration that leads through an executor with the meta.
func detour(executor, meta string) string {
	return fmt.Sprintf(`{"flowType":"REGISTRATION","steps":[
		{"id":"who","type":"VIEW","data":{"components":[{"id":"go","type":"BUTTON","action":{"type":"NEXT","next":"there"}}]}},
		{"id":"there","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":%q,"meta":%s},"next":"END"}}},
		{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}},"components":[]}}]}`, executor, meta)
}

// Every kind of identity provider has somebody sign up: the executors are the
// real ones, and each believes what the sandbox's provider says.
func TestSandboxOfEveryProvider(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	for _, kind := range openid.Kinds() {
		j.at = kind.Executor
		p := j.try(fmt.Sprintf(`{"definition":%s,"users":[]}`, detour(kind.Executor, `{"idpName":"Ours"}`)))
		var made struct {
			Problems []struct{ Code, StepID string }
		}
		p.read(&made)
		if len(made.Problems) != 1 || made.Problems[0].Code != "FM-10007" || made.Problems[0].StepID != "there" {
			t.Errorf("%s: problems %+v", kind.Executor, made.Problems)
		}
		a := p.execute(map[string]any{"flowType": flow.Registration})
		a = p.execute(p.reply(a, 0))
		denied := p.inputs("provider", map[string]any{"flowId": a.FlowID, "deny": true})
		if a := p.execute(map[string]any{"flowId": a.FlowID, "inputs": denied}); len(a.Data.Messages) != 1 {
			t.Errorf("%s: whoever refuses is told %+v", kind.Executor, a)
		}
		p.finish(flow.Registration, 0)
		users := p.contents().Users
		if len(users) != 1 || !slices.Equal(users[0].Proofs, []string{"federated"}) || users[0].Claims[identity.ClaimEmail] != "gale@example.com" {
			t.Fatalf("%s: users %+v", kind.Executor, users)
		}
		// The same person has an account now.
		a = p.execute(map[string]any{"flowType": flow.Registration})
		for range 2 {
			a = p.execute(p.reply(a, 0))
		}
		if a.FlowStatus == "COMPLETE" || len(a.Data.Messages) != 1 {
			t.Errorf("%s: a second account: %+v", kind.Executor, a)
		}
	}
}

// A user who has a passkey proves with it who they are; another one cannot.
func TestSandboxPasskeys(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "passkey"
	const definition = `{"flowType":"PASSWORD_RECOVERY","steps":[
		{"id":"who","type":"VIEW","data":{"components":[{"id":"f","type":"FORM","components":[
			{"id":"name","type":"INPUT","config":{"identifier":"username","required":true}},
			{"id":"go","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"UserResolveExecutor"},"next":"key"}}]}]}},
		{"id":"key","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"FIDO2Executor","meta":{"mode":"get"}},"next":"new"}}},
		{"id":"new","type":"VIEW","data":{"components":[{"id":"g","type":"FORM","components":[
			{"id":"pw","type":"INPUT","config":{"identifier":"password","required":true}},
			{"id":"set","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"PasswordProvisioningExecutor"},"next":"END"}}]}]}}]}`
	p := j.try(`{"definition":` + definition + `,"users":[{"username":"ada","passkey":true},{"username":"bea"}]}`)
	p.checkTrace(p.finish(flow.PasswordRecovery, 0))
	c := p.contents()
	if len(c.Passkeys) != 1 || c.Passkeys[0].Uses != 1 || c.Passkeys[0].User != "ada" || !slices.Equal(c.Users[0].Proofs, []string{"password", "passkey"}) {
		t.Errorf("passkeys %+v, users %+v", c.Passkeys, c.Users)
	}
	a := p.execute(map[string]any{"flowType": flow.PasswordRecovery})
	a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"username": "ada"}})
	a = p.execute(p.reply(a, 0))
	cancelled := p.inputs("passkey", map[string]any{"flowId": a.FlowID, "cancel": true})
	if a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": cancelled}); a.Type != "WEBAUTHN" || a.Trace[0].Outcome != "CHALLENGED" {
		t.Errorf("cancelled: %+v", a)
	}
	a = p.execute(map[string]any{"flowType": flow.PasswordRecovery})
	a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"username": "bea"}})
	a = p.execute(p.reply(a, 0))
	p.post("passkey", map[string]any{"flowId": a.FlowID})
	p.answer("409", `{"code":"UE-29409","message":"*","description":"The authenticator has none of the passkeys that are asked for.","traceId":"*"}`)
}

// The captcha does what it is told to, and auto login says that there would be
// an assertion.
func TestSandboxCaptchaAndAssertion(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "captcha"
	const definition = `{"flowType":"REGISTRATION","steps":[
		{"id":"who","type":"VIEW","data":{"components":[{"id":"f","type":"FORM","components":[
			{"id":"mail","type":"INPUT","config":{"identifier":"email","required":true}},
			{"id":"pw","type":"INPUT","config":{"identifier":"password","required":true}},
			{"id":"human","type":"CAPTCHA"},
			{"id":"go","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"PasswordProvisioningExecutor"},"next":"END"}}]}]}},
		{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}},"components":[]}}]}`
	p := j.try(`{"definition":` + definition + `,"flowCompletionConfigs":{"isAutoLoginEnabled":"true"}}`)
	p.kind = flow.Registration
	a := p.execute(map[string]any{"flowType": flow.Registration})
	inputs := map[string]any{"email": "new@example.com", "password": "N3w-password!"}
	maps.Copy(inputs, p.inputs("captcha", map[string]any{"pass": false}))
	if a := p.execute(map[string]any{"flowId": a.FlowID, "inputs": inputs}); len(a.Data.Messages) != 1 || a.Trace[0].Outcome != "REFUSED" {
		t.Errorf("whoever fails is told %+v", a)
	}
	p.execute(p.reply(a, 0))
	var done struct {
		FlowStatus string
		Data       struct{ UserAssertion string }
	}
	p.read(&done)
	if done.FlowStatus != "COMPLETE" || done.Data.UserAssertion != "sandbox" {
		t.Errorf("%+v", done)
	}
}

// Sandboxes at one time, of one tenant, each have what was done in them.
func TestSandboxesAtOnce(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	var panes []*pane
	for range 4 {
		j.at = "at once"
		panes = append(panes, j.try(fmt.Sprintf(`{"definition":%s,"users":[]}`, starter.Default(flow.Registration))))
	}
	for i, p := range panes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			// Requests and answers of its own.
			p.journey = &journey{t: t, at: fmt.Sprint("pane ", i), parts: j.parts, names: map[string]string{}}
			for range i {
				p.execute(map[string]any{"flowType": flow.Registration})
			}
			p.finish(flow.Registration, 0)
			c := p.contents()
			ends := 0
			for _, m := range c.Path {
				if m.Outcome == "FINISHED" {
					ends++
				}
			}
			if len(c.Users) != 1 || ends != 1 {
				t.Errorf("users %+v, ends %d", c.Users, ends)
			}
		})
	}
}
