package extension

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/connection/extension"
	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

func paths(list ...string) []extension.Path {
	out := make([]extension.Path, len(list))
	for i, path := range list {
		out[i].Path = path
	}
	return out
}

// everything is each path there is to expose.
var everything = paths(
	extension.PathUserID, extension.PathUsername, extension.PathUserStore, extension.PathTenantDomain, extension.PathApplicationID,
	extension.PathFlowType, extension.PathPortalURL,
	extension.ClaimPath(claimDepartment), extension.ClaimPath(claimTeams), extension.ClaimPath(claimState), extension.PathPassword,
)

func TestQuestion(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.flow = flow.PasswordRecovery
	k.extension.Expose, k.extension.Modify = everything, paths(extension.ClaimPath(claimTeams), extension.PathPassword)
	k.stage.Subject = flow.Subject{
		UserID: "7d1c", Identified: true,
		Stored:    map[string]string{claimDepartment: "home", claimTeams: "a,b", claimState: "LOCKED", identity.ClaimEmail: "ada@example.com"},
		Collected: map[string]string{identity.ClaimUsername: "ada"},
	}
	k.connectUnchecked() // with what no extension may be told
	k.goesOn(nil)
	got := k.last()
	portal := got.Event.Flow.PortalURL
	want := question{
		ActionType: "FLOW_EXTENSION", RequestID: got.RequestID,
		Event: event{
			Tenant: &tenant{executortest.Tenant, executortest.Tenant, executortest.Tenant},
			Flow: journey{FlowType: "PASSWORD_RECOVERY", FlowID: "correlation", PortalURL: portal, User: &user{
				ID: "7d1c", Username: "ada", UserStore: "PRIMARY",
				Claims: []claim{{claimDepartment, "home"}, {claimTeams, []any{"a", "b"}}},
			}},
		},
		Allowed: []operation{{"replace", []string{extension.ClaimPath(claimTeams), extension.PathPassword}}, {Op: "redirect"}},
	}
	if diff := cmp.Diff(want, got.question); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(portal, "https://id.example.com/t/example.com/accounts/recover?state=") || len(got.RequestID) < 43 {
		t.Errorf("portal %q, requestId %q", portal, got.RequestID)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": got.RequestID, "Authorization": ""} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q", name, got.header.Get(name))
		}
	}
	k.silent("home", "ada")
}

// What is not exposed is not told, and nobody's name is made up.
func TestQuestionOfLittle(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Expose, k.extension.Modify = nil, nil
	k.knows(map[string]string{claimDepartment: "home", identity.ClaimEmail: "ada@example.com"})
	k.goesOn(nil)
	if want := `{"actionType":"FLOW_EXTENSION","requestId":"` + k.last().RequestID + `","event":{"flow":{"flowId":"correlation"}},"allowedOperations":[{"op":"redirect"}]}`; k.last().raw != want {
		t.Errorf("asked %s", k.last().raw)
	}
}

// The requestId tells what is asked again from what is asked anew.
func TestRequestID(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	ids := map[string]string{}
	ask := func(what string) {
		t.Helper()
		before := k.stage
		k.goesOn(nil)
		k.stage = before
		for other, id := range ids {
			if id == k.last().RequestID {
				t.Errorf("%s has the requestId of %s", what, other)
			}
		}
		ids[what] = k.last().RequestID
	}
	k.knows(map[string]string{claimDepartment: "home"})
	ask("the first")
	k.goesOn(nil)
	if k.last().RequestID != ids["the first"] {
		t.Error("the same question has another requestId")
	}
	k.knows(map[string]string{claimDepartment: "work"})
	ask("another value")
	k.request.Visit = "2"
	ask("another visit")
	k.request.Visit = ""
	k.stage.State = []byte(`{"attempt":1}`)
	ask("a later attempt")
}

func TestSetClaims(t *testing.T) {
	t.Parallel()
	may := paths(
		extension.ClaimPath(claimDepartment), extension.ClaimPath(claimTeams), extension.ClaimPath(claimScore), extension.ClaimPath(identity.ClaimEmail),
		extension.ClaimPath(identity.ClaimUsername), extension.ClaimPath(identity.ClaimMobile), extension.ClaimPath(identity.ClaimUserID), extension.ClaimPath(claimState),
		extension.ClaimPath(identity.ClaimPrefix+"nothing"), extension.ClaimPath(identity.ClaimPrefix+"department/"),
	)
	existing := flow.Subject{UserID: "7d1c", Identified: true, Stored: map[string]string{identity.ClaimEmail: "ada@example.com"}}
	for name, c := range map[string]struct {
		flow    flow.Type
		subject flow.Subject
		op      string // without its braces
		uri     string
		want    string // what the claim becomes, "" where it stays
	}{
		"a text":                        {op: `"value":"sales"`, uri: claimDepartment, want: "sales"},
		"a list":                        {op: `"value":["a","b c"]`, uri: claimTeams, want: "a,b c"},
		"a number in its kept form":     {op: `"value":"+49 151 1234567"`, uri: identity.ClaimMobile, want: "+491511234567"},
		"an address":                    {op: `"value":"new@example.com"`, uri: identity.ClaimEmail, want: "new@example.com"},
		"a user name of nobody":         {op: `"value":"bob"`, uri: identity.ClaimUsername, want: "bob"},
		"of an existing user":           {flow: flow.PasswordRecovery, subject: existing, op: `"value":"sales"`, uri: claimDepartment, want: "sales"},
		"of an invited user":            {flow: flow.InvitedUserRegistration, subject: existing, op: `"value":"sales"`, uri: claimDepartment, want: "sales"},
		"against the pattern":           {op: `"value":"SALES"`, uri: claimDepartment},
		"a taken value":                 {op: `"value":"taken@example.com"`, uri: identity.ClaimEmail},
		"no list":                       {op: `"value":"a,b"`, uri: claimTeams},
		"a list for a text":             {op: `"value":["sales"]`, uri: claimDepartment},
		"a list with a comma":           {op: `"value":["a,b"]`, uri: claimTeams},
		"a list with nothing":           {op: `"value":["a",""]`, uri: claimTeams},
		"an empty list":                 {op: `"value":[]`, uri: claimTeams},
		"a number":                      {op: `"value":7`, uri: claimDepartment},
		"null":                          {op: `"value":null`, uri: claimDepartment},
		"null for a list":               {op: `"value":null`, uri: claimTeams},
		"nothing":                       {op: `"value":""`, uri: claimDepartment},
		"no value":                      {op: `"x":1`, uri: claimDepartment},
		"a very long one":               {op: `"value":["` + strings.Repeat("a", maxValue) + `","b"]`, uri: claimTeams},
		"what the server sets":          {op: `"value":"9"`, uri: claimScore},
		"an id":                         {op: `"value":"7d1c"`, uri: identity.ClaimUserID},
		"what there is not":             {op: `"value":"x"`, uri: identity.ClaimPrefix + "nothing"},
		"another name of what there is": {op: `"value":"x"`, uri: identity.ClaimPrefix + "department/"},
		"what it may not":               {op: `"value":"Ada"`, uri: identity.ClaimGivenName},
		"the state of an account":       {op: `"value":"x"`, uri: claimState},
		"the user name of a user":       {flow: flow.PasswordRecovery, subject: existing, op: `"value":"bob"`, uri: identity.ClaimUsername},
		"of one just made":              {subject: flow.Subject{UserID: "new"}, op: `"value":"bob"`, uri: identity.ClaimUsername},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &executortest.World{}, loopback)
			if c.flow != "" {
				k.flow = c.flow
			}
			k.extension.Modify, k.stage.Subject = may, c.subject
			k.connectUnchecked()
			before := k.stage.Subject
			k.says(`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"` + extension.ClaimPath(c.uri) + `",` + c.op + `}]}`)
			k.goesOn(nil)
			after := k.stage.Subject
			if after.Collected[c.uri] != c.want || (c.want == "") != (len(after.Collected) == 0) {
				t.Errorf("collected %v; log:\n%s", after.Collected, &k.log)
			}
			after.Collected = before.Collected
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("what else changed:\n%s", diff)
			}
			if (c.want == "") != strings.Contains(k.log.String(), "left out") {
				t.Errorf("log:\n%s", &k.log)
			}
			k.silent("sales", "SALES", "taken@example.com", "7d1c", "bob")
		})
	}
}

// An address that the extension puts in the place of a proved one is not proved.
func TestProofFallsWithItsAddress(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Modify = paths(extension.ClaimPath(identity.ClaimEmail))
	k.knows(map[string]string{identity.ClaimEmail: "ada@example.com"})
	k.stage.Subject.Verify(identity.ClaimEmail, "ada@example.com")
	k.says(`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"` + extension.ClaimPath(identity.ClaimEmail) + `","value":"eve@example.com"}]}`)
	k.goesOn(nil)
	s := k.stage.Subject
	if s.Claim(identity.ClaimEmail) != "eve@example.com" || s.HasVerified(identity.ClaimEmail) {
		t.Errorf("subject %+v", s)
	}
}

// Operations that mean nothing change nothing, and what stands beside them does.
func TestOtherOperations(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	path := extension.ClaimPath(claimDepartment)
	k.says(`{"actionStatus":"SUCCESS","operations":[{"op":"add","path":"` + path + `","value":"a"},{"op":"remove","path":"` + path + `"},` +
		`{"op":"redirect","url":"https://risk.example"},{"op":"replace","path":"/user/id","value":"other"},{"op":"replace","path":"/flow/flowType","value":"x"},` +
		`{"op":"replace","value":"x"},{"op":"replace","path":"` + path + `","value":"sales","more":1}]}`)
	k.goesOn(nil)
	if diff := cmp.Diff(flow.Subject{Collected: map[string]string{claimDepartment: "sales"}}, k.stage.Subject); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(k.log.String(), "left out"); n != 6 {
		t.Errorf("%d were left out:\n%s", n, &k.log)
	}
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flow    flow.Type
		subject flow.Subject
		value   string
		set     bool
	}{
		"a new user's":         {flow: flow.Registration, value: `"a good password"`, set: true},
		"a weak one":           {flow: flow.Registration, value: `"short"`},
		"no text":              {flow: flow.Registration, value: `["a good password"]`},
		"of one just made":     {flow: flow.Registration, subject: flow.Subject{UserID: "new"}, value: `"a good password"`},
		"of who recovers":      {flow: flow.PasswordRecovery, subject: flow.Subject{UserID: "7d1c", Identified: true}, value: `"a good password"`},
		"of who is invited":    {flow: flow.InvitedUserRegistration, subject: flow.Subject{UserID: "7d1c", Identified: true}, value: `"a good password"`},
		"what no password has": {flow: flow.Registration, value: `"a bad\u0000password"`},
	} {
		k := newKit(t, &executortest.World{}, loopback)
		k.flow, k.stage.Subject = c.flow, c.subject
		k.extension.Modify = paths(extension.PathPassword)
		k.says(`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"/user/credentials/password","value":` + c.value + `}]}`)
		k.goesOn(nil)
		want := c.subject
		if c.set {
			want.SetCredential(flow.Credential{Kind: flow.CredentialPassword, Data: "$hash$"})
		}
		if diff := cmp.Diff(want, k.stage.Subject); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		k.silent("good password", "short")
	}
}

// wantError returns what a client would be told.
func wantError(t *testing.T, err error) *flow.ExtensionError {
	t.Helper()
	said, ok := errors.AsType[*flow.ExtensionError](err)
	if !ok || said.Message == "" || said.Description == "" || said.Flow == "" || said.Refused != (said.Cause == nil) {
		t.Fatalf("error %v, %+v", err, said)
	}
	return said
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]flow.ExtensionError{
		`{"actionStatus":"FAILED","failureReason":"Too young","failureDescription":"Come back at 18."}`: {Message: "Too young", Description: "Come back at 18."},
		`{"actionStatus":"FAILED","failureReason":"{{age.title}}","failureDescription":"<b>é</b>"}`:     {Message: "{{age.title}}", Description: "<b>é</b>"},
		`{"actionStatus":"FAILED"}`: {Message: refused, Description: refusedText},
		`{"actionStatus":"FAILED","failureReason":"a\nb","failureDescription":"` + strings.Repeat("x", maxText+1) + `"}`:                       {Message: refused, Description: refusedText},
		`{"actionStatus":"FAILED","failureReason":"\u001b[31m","failureDescription":"\u0085"}`:                                                 {Message: refused, Description: refusedText},
		`{"actionStatus":"FAILED","operations":[{"op":"replace","path":"` + extension.ClaimPath(claimDepartment) + `","value":"x"}]}`:          {Message: refused, Description: refusedText},
		`{"actionStatus":"FAILED","failureReason":"Too young","errorMessage":"other","failureDescription":"` + strings.Repeat("y", 500) + `"}`: {Message: "Too young", Description: strings.Repeat("y", 500)},
	} {
		k := newKit(t, &executortest.World{}, loopback)
		k.says(body)
		_, err := k.try(nil)
		said := wantError(t, err)
		want.Refused, want.Flow = true, flow.Registration
		if *said != want || len(k.stage.Subject.Collected) != 0 {
			t.Errorf("%s: %+v", body, said)
		}
		if strings.Contains(err.Error(), said.Message) {
			t.Errorf("the error repeats what was said: %v", err)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusInternalServerError} {
		k := newKit(t, &executortest.World{}, loopback)
		k.answers(replyWith(status, `{"actionStatus":"ERROR","errorMessage":"Down","errorDescription":"Until noon."}`))
		_, err := k.try(nil)
		if said := wantError(t, err); said.Refused || said.Message != "Down" || said.Description != "Until noon." || strings.Contains(err.Error(), "Down") {
			t.Errorf("%d: %+v, %v", status, said, err)
		}
		k.answers(replyWith(status, `{"actionStatus":"ERROR","errorMessage":"\r\nDown"}`))
		if _, err := k.try(nil); *wantError(t, err) != (flow.ExtensionError{Flow: flow.Registration, Message: failed, Description: tryAgain, Cause: wantError(t, err).Cause}) {
			t.Errorf("%d: %+v", status, err)
		}
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Expose = paths(extension.PathPortalURL)
	k.says(`{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example/check?id=1&b=2"}]}`)
	away := func(values map[string]string) string {
		t.Helper()
		result, err := k.try(values)
		got, ok := result.(flow.Redirect)
		if !ok || got.URL != "https://risk.example/check?id=1&b=2" || len(got.Required) != 0 {
			t.Fatalf("%#v, %v", result, err)
		}
		portal, err := url.Parse(k.last().Event.Flow.PortalURL)
		if err != nil || portal.Query().Get("state") != got.Info["state"] || len(got.Info["state"]) < 43 {
			t.Fatalf("the page is %v, and the state %q", portal, got.Info["state"])
		}
		return got.Info["state"]
	}
	first := away(nil)
	if second := away(map[string]string{inState: first}); second == first {
		t.Error("the state stays the same")
	}
	result, err := k.try(map[string]string{inError: "access_denied"})
	if ask, ok := result.(flow.Ask); !ok || ask.Messages[0].I18nKey != "extension.cancelled" {
		t.Errorf("coming back without: %#v, %v", result, err)
	}
	if n := len(k.questions()); n != 2 {
		t.Errorf("asked %d times", n)
	}
	for range maxAttempts - 2 {
		away(map[string]string{})
	}
	before := len(k.questions())
	if result, err := k.try(map[string]string{}); result != (flow.Stop{Description: "{{extension.max.attempts}}"}) || len(k.questions()) != before {
		t.Errorf("after %d: %#v, %v", maxAttempts, result, err)
	}
}

// An extension that is not there, or switched off, is nobody to ask.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.connect()
	k.connections.list[0].Enabled = false
	for range 3 {
		_, err := k.try(nil)
		if said := wantError(t, err); said.Refused || said.Description != "Extension is not configured." {
			t.Errorf("%+v", said)
		}
		switch c := &k.connections.list[0]; {
		case !c.Enabled:
			c.Enabled, c.Kind = true, "GoogleExecutor"
		default:
			c.Kind, c.ID = extension.Executor, "another"
		}
	}
	if len(k.questions()) != 0 {
		t.Error("it was asked")
	}
	k.connections.list[0].ID, k.connections.list[0].Settings = "e1", nil
	if _, err := k.try(nil); err == nil {
		t.Error("an extension of nothing")
	}
}

// Whoever cannot be reached never gets here, and there is nobody to tell of.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for _, kind := range []flow.Type{flow.PasswordRecovery, flow.InvitedUserRegistration} {
		k := newKit(t, &executortest.World{}, loopback)
		k.flow, k.stage.Subject.Unreachable = kind, true
		if _, err := k.try(nil); err == nil || len(k.questions()) != 0 {
			t.Errorf("%s: %v, asked %d times", kind, err, len(k.questions()))
		}
	}
	if e := newKit(t, &executortest.World{}, loopback).executor; !e.NeedsIdentity || !e.OnPress || strings.Contains(strconv.Quote(string(e.Places()[len(e.Places())-1])), "END") {
		t.Errorf("declared as %+v", e)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Endpoint.AllowedHeaders = []string{"X-Risk", "User-Agent", "Idempotency-Key", "Accept", "X-Long", "X-None"}
	k.request.Header = map[string]string{
		"X-Risk": "low", "User-Agent": "browser", "Idempotency-Key": "theirs", "Accept": "text/html", "X-Long": strings.Repeat("x", maxForwarded+1), "X-Other": "x",
		"Cookie": "session=1", "Authorization": "Bearer client",
	}
	k.goesOn(nil)
	h := k.last().header
	for name, want := range map[string]string{
		"X-Risk": "low", "User-Agent": "browser", "Idempotency-Key": k.last().RequestID, "Accept": "application/json",
		"X-Long": "", "X-Other": "", "X-None": "", "Cookie": "", "Authorization": "",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q, not %q", name, h.Get(name), want)
		}
	}
	// Also where the list was made by who knows what.
	k.extension.Endpoint.AllowedHeaders = []string{"cookie", "authorization", "host"}
	k.connections.list = nil
	k.connectUnchecked()
	k.goesOn(nil)
	if h := k.last().header; h.Get("Cookie")+h.Get("Authorization") != "" {
		t.Errorf("headers %v", h)
	}
}
