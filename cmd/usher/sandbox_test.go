package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
	"usher/identity"
	"usher/sandbox"
	"usher/starter"
)

const sandboxPath = "/api/server/v1/flow/sandbox"

// pane is somebody who tries a flow in a sandbox. They know what the API tells
// them, and nothing else.
type pane struct {
	*journey
	id string
	// kind is that of the flow that is tried.
	kind flow.Type
	// person signs in at identity providers.
	person map[string]any
}

type triedAnswer struct {
	FlowID     string
	FlowStatus string
	Type       string
	Data       struct {
		Components     []triedComponent
		RequiredParams []string
		URL            string
		Messages       []struct{ Message string }
	}
	Trace []triedMark
}

type triedMark struct {
	FlowID, StepID, ActionID, Executor, Outcome, Next string
	Played                                            bool
}

type triedComponent struct {
	ID, Type, ActionID string
	Components         []triedComponent
	Config             struct{ Identifier string }
}

// try makes a sandbox; body is what the request says.
func (j *journey) try(body string) *pane {
	j.t.Helper()
	j.request("POST", sandboxPath, body, true)
	j.answer("201", "")
	p := &pane{journey: j, person: map[string]any{"email": "gale@example.com", "emailVerified": true, "givenName": "Gale", "familyName": "Example"}}
	var made struct{ SandboxID string }
	p.read(&made)
	p.id = made.SandboxID
	return p
}

func (p *pane) read(v any) {
	p.t.Helper()
	if err := json.Unmarshal(p.last.Body.Bytes(), v); err != nil {
		p.fatalf("%v in %s", err, p.last.Body)
	}
}

func (p *pane) post(what string, body any) {
	p.t.Helper()
	document, err := json.Marshal(body)
	if err != nil {
		p.fatalf("%v", err)
	}
	p.request("POST", sandboxPath+"/"+p.id+"/"+what, string(document), true)
}

func (p *pane) execute(body map[string]any) triedAnswer {
	p.t.Helper()
	p.post("execute", body)
	p.answer("200", "")
	var a triedAnswer
	p.read(&a)
	return a
}

func (p *pane) inputs(what string, body map[string]any) map[string]any {
	p.t.Helper()
	p.post(what, body)
	p.answer("200", "")
	var a struct{ Inputs map[string]any }
	p.read(&a)
	return a.Inputs
}

type triedContents struct {
	Clock    time.Time
	Messages []sandbox.Message
	Users    []sandbox.Account
	Passkeys []sandbox.Passkey
	Path     []triedMark
}

func (p *pane) contents() (c triedContents) {
	p.t.Helper()
	p.request("GET", sandboxPath+"/"+p.id, "", true)
	p.answer("200", "")
	p.read(&c)
	return c
}

// lastMessage is the newest one that carries something.
func (p *pane) lastMessage() sandbox.Message {
	p.t.Helper()
	for _, m := range slices.Backward(p.contents().Messages) {
		if m.Code != "" || m.Link != "" {
			return m
		}
	}
	p.fatalf("no message has come")
	return sandbox.Message{}
}

// value is what a person enters for an identifier.
func (p *pane) value(identifier string) string {
	switch name := identifier[strings.LastIndexByte(identifier, '/')+1:]; name {
	case "password":
		return "N3w-password!"
	case "username":
		if p.kind == flow.Registration {
			return "newcomer"
		}
		return p.contents().Users[0].Username
	case "email", "emailaddress":
		return "newcomer@example.com"
	case "mobile":
		return "+436601234599"
	case "otp":
		return p.lastMessage().Code
	case "mlt":
		return p.linked("mlt")
	case "confirmationCode":
		return p.linked("confirmation")
	}
	return "Something"
}

// linked is a parameter of the last link.
func (p *pane) linked(name string) string {
	p.t.Helper()
	u, err := url.Parse(p.lastMessage().Link)
	if err != nil {
		p.fatalf("%v", err)
	}
	return u.Query().Get(name)
}

// reply is what answers an answer: inputs, and a button where there are several.
func (p *pane) reply(a triedAnswer, press int) map[string]any {
	p.t.Helper()
	r := map[string]any{"flowId": a.FlowID}
	switch {
	case a.Type == "WEBAUTHN", slices.Contains(a.Data.RequiredParams, "origin"):
		r["inputs"] = p.inputs("passkey", map[string]any{"flowId": a.FlowID})
	case a.Type == "REDIRECTION":
		r["inputs"] = p.inputs("provider", map[string]any{"flowId": a.FlowID, "person": p.person})
	default:
		buttons := buttonsOf(a.Data.Components, &triedComponent{})
		form := &triedComponent{}
		if len(buttons) > 0 {
			pressed := buttons[press%len(buttons)]
			r["actionId"], form = pressed.ActionID, pressed.form
		}
		values := map[string]any{}
		for _, c := range inputsOf(form.Components) {
			if c.Type == "CAPTCHA" {
				maps.Copy(values, p.inputs("captcha", map[string]any{"pass": true}))
			} else {
				values[c.Config.Identifier] = p.value(c.Config.Identifier)
			}
		}
		if len(buttons) < 2 {
			for _, name := range a.Data.RequiredParams {
				if values[name] == nil {
					values[name] = p.value(name)
				}
			}
		}
		r["inputs"] = values
	}
	return r
}

// triedButton is a button and the form that it sends.
type triedButton struct {
	triedComponent
	form *triedComponent
}

func buttonsOf(list []triedComponent, form *triedComponent) (all []triedButton) {
	for i := range list {
		c := &list[i]
		within := form
		if c.Type == "FORM" {
			within = c
		}
		if c.Type == "BUTTON" {
			all = append(all, triedButton{*c, form})
		}
		all = append(all, buttonsOf(c.Components, within)...)
	}
	return all
}

func inputsOf(list []triedComponent) (all []triedComponent) {
	for _, c := range list {
		if c.Type == "INPUT" || c.Type == "CAPTCHA" {
			all = append(all, c)
		}
		all = append(all, inputsOf(c.Components)...)
	}
	return all
}

// finish takes a flow to its end and returns the answers. Where a page has
// several buttons, press says which is pressed.
func (p *pane) finish(t flow.Type, press int) []triedAnswer {
	p.t.Helper()
	p.kind = t
	a := p.execute(map[string]any{"flowType": t})
	all := []triedAnswer{a}
	for range 20 {
		if a.FlowStatus == "COMPLETE" {
			return all
		}
		a = p.execute(p.reply(a, press))
		if len(a.Data.Messages) > 0 {
			p.fatalf("%s: %v", a.Type, a.Data.Messages)
		}
		all = append(all, a)
	}
	p.fatalf("it does not end: %+v", a)
	return nil
}

// footprint is everything of the tenant that trying a flow must not change.
func (j *journey) footprint() map[string]any {
	j.t.Helper()
	ctx := context.Background()
	all := map[string]any{}
	_, users, err := j.users.ListUsers(ctx, identity.Query{Tenant: identity.DefaultTenant})
	if err != nil {
		j.fatalf("%v", err)
	}
	all["users"] = users
	for _, t := range flow.Types() {
		s, err := j.users.FindState(ctx, identity.DefaultTenant, t)
		if err != nil {
			j.fatalf("%v", err)
		}
		all[string(t)] = s
	}
	connections, err := j.users.ListConnections(ctx, identity.DefaultTenant)
	if err != nil {
		j.fatalf("%v", err)
	}
	all["connections"] = connections
	due, err := j.users.ClaimDue(ctx, j.clock().Add(time.Hour), j.clock().Add(time.Hour), 100)
	if err != nil {
		j.fatalf("%v", err)
	}
	all["outbox"] = len(due)
	all["mail"] = len(j.mail)
	return all
}

// Every template can be tried to its end by whoever sees what the API shows,
// whichever buttons they press, and nothing of it reaches the tenant.
func TestEveryTemplateInSandbox(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	before := j.footprint()
	for _, kind := range flow.Types() {
		for _, template := range starter.Templates(kind) {
			for press := range 2 {
				j.at = fmt.Sprintf("%s, button %d", template.Name, press)
				p := j.try(fmt.Sprintf(`{"definition":%s}`, template.Definition))
				usersBefore := len(p.contents().Users)
				answers := p.finish(kind, press)
				p.checkTrace(answers)
				c := p.contents()
				switch {
				case kind == flow.Registration && len(c.Users) != usersBefore+1:
					t.Errorf("%s: %d users of %d", j.at, len(c.Users), usersBefore)
				case kind == flow.InvitedUserRegistration && (c.Users[0].Locked || !slices.Contains(c.Users[0].Proofs, "password")):
					t.Errorf("%s: the invited are %+v", j.at, c.Users[0])
				}
			}
		}
	}
	if diff := cmp.Diff(before, j.footprint()); diff != "" {
		t.Errorf("the tenant has changed (-before +after):\n%s", diff)
	}
}

// checkTrace checks that the traces of the answers are one path through the
// flow, which ends, and the one that the sandbox shows.
func (p *pane) checkTrace(answers []triedAnswer) {
	p.t.Helper()
	var path []triedMark
	for _, a := range answers {
		path = append(path, a.Trace...)
	}
	if len(path) == 0 || path[len(path)-1].Outcome != "FINISHED" {
		p.fatalf("path %+v", path)
	}
	for i, m := range path[:len(path)-1] {
		if m.StepID == "" || m.FlowID != answers[0].FlowID {
			p.fatalf("mark %+v", m)
		}
		if (m.Outcome == "MOVED" || m.Outcome == "SENT_BACK") && m.Next != "" && path[i+1].StepID != m.Next {
			p.fatalf("after %+v comes %+v", m, path[i+1])
		}
	}
	if diff := cmp.Diff(path, p.contents().Path); diff != "" {
		p.fatalf("the path shown differs (-told +shown):\n%s", diff)
	}
}

// Examples of users go where they should: those who are locked get nowhere, and
// what is withheld is said to be.
func TestSandboxOfSomebodyLocked(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "locked"
	p := j.try(fmt.Sprintf(`{"definition":%s}`, starter.Default(flow.PasswordRecovery)))
	a := p.execute(map[string]any{"flowType": flow.PasswordRecovery})
	p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"username": "casey"}})
	messages := p.contents().Messages
	if len(messages) != 1 || !messages[0].Withheld {
		t.Fatalf("messages %+v", messages)
	}
	a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"otp": messages[0].Code}})
	if a.FlowStatus == "COMPLETE" || len(a.Data.Messages) == 0 {
		t.Errorf("a code that was not sent is taken: %+v", a)
	}
}

// The clock makes codes and executions expire.
func TestSandboxClock(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "clock"
	p := j.try(fmt.Sprintf(`{"definition":%s}`, starter.Default(flow.PasswordRecovery)))
	a := p.execute(map[string]any{"flowType": flow.PasswordRecovery})
	a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"username": "alex"}})
	code := p.lastMessage().Code
	before := p.contents().Clock
	p.post("clock", map[string]int{"advanceSeconds": 6 * 60})
	p.answer("200", "")
	if after := p.contents().Clock; after.Sub(before) < 6*time.Minute {
		t.Errorf("the clock went from %s to %s", before, after)
	}
	a = p.execute(map[string]any{"flowId": a.FlowID, "inputs": map[string]string{"otp": code}})
	if len(a.Data.Messages) == 0 || a.FlowStatus == "COMPLETE" {
		t.Fatalf("a code is good after six minutes: %+v", a)
	}
	p.post("clock", map[string]int{"advanceSeconds": 15 * 60})
	p.post("execute", map[string]any{"flowId": a.FlowID, "inputs": map[string]string{}})
	p.answer("400", `{"code":"FE-60001","message":"*","description":"*","traceId":"*"}`)
}

// A draft is tried as it is saved, and sandboxes know nothing of each other or
// of another tenant.
func TestSandboxesApart(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.at = "draft"
	j.request("POST", sandboxPath, `{"flowType":"REGISTRATION"}`, true)
	j.answer("404", `{"code":"UE-29405","message":"*","description":"*","traceId":"*"}`)
	j.request("PUT", "/api/server/v1/flow/draft?flowType=REGISTRATION", string(starter.Default(flow.Registration)), true)
	j.answer("200", "")
	a := j.try(`{"flowType":"REGISTRATION","users":[{"username":"ada","claims":{"email":"ada@example.com"}}]}`)
	b := j.try(`{"flowType":"REGISTRATION","users":[]}`)
	a.finish(flow.Registration, 0)
	if got := len(a.contents().Users); got != 2 {
		t.Errorf("%d users", got)
	}
	if c := b.contents(); len(c.Users)+len(c.Messages)+len(c.Path) > 0 {
		t.Errorf("another sandbox has %+v", c)
	}
	begun := a.execute(map[string]any{"flowType": flow.Registration})
	b.post("execute", map[string]any{"flowId": begun.FlowID})
	b.answer("400", `{"code":"FE-60001","message":"*","description":"*","traceId":"*"}`)
	// Nor does the server.
	j.request("POST", "/api/server/v1/flow/execute", fmt.Sprintf(`{"flowId":%q}`, begun.FlowID), false)
	j.answer("400", `{"code":"FE-60001","message":"*","description":"*","traceId":"*"}`)
	if err := addTenant(t.Context(), j.users, "acme", &process{now: j.clock}); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	hash, err := j.parts.Hasher.Hash(ctx, "Adm1n-password")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.users.CreateUser(ctx, "", &identity.User{
		Tenant: "acme", ID: "00000000-0000-4000-8000-000000000001", Username: "admin", Roles: []string{identity.RoleAdmin}, Created: j.clock(), Modified: j.clock(),
	}, identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}}}); err != nil {
		t.Fatal(err)
	}
	j.request("GET", "/t/acme"+sandboxPath+"/"+a.id, "", true)
	j.answer("404", `{"code":"UE-29404","message":"*","description":"*","traceId":"*"}`)
	j.request("DELETE", sandboxPath+"/"+a.id, "", true)
	j.answer("204", "")
	for range 2 {
		j.request("DELETE", sandboxPath+"/"+a.id, "", true)
		j.answer("404", `{"code":"UE-29404","message":"*","description":"*","traceId":"*"}`)
	}
}

// Who may not change flows may not try them.
func TestSandboxNeedsTheScope(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.user(`{"username":"vera","password":"V1ewer-password","roles":["viewer"]}`)
	j.request("POST", sandboxPath+" as vera:V1ewer-password", `{"flowType":"REGISTRATION"}`, true)
	if j.last.Code != http.StatusForbidden {
		t.Errorf("%d %s", j.last.Code, j.last.Body)
	}
	j.request("POST", sandboxPath, `{"flowType":"REGISTRATION"}`, false)
	if j.last.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", j.last.Code, j.last.Body)
	}
}
