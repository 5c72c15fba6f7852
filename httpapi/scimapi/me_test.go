package scimapi

import (
	"testing"
	"time"

	"usher/identity"
)

func TestMe(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"carol","externalId":"x1","password":"carol's password","name":{"givenName":"Carol"},"roles":["auditor"]}`)
	carol := as("carol", "carol's password")
	me := s.do(t, "GET", "/scim2/Me", "", carol).is(200)
	me.has("id", `"`+id+`"`)
	me.has("meta/location", `"https://id.example/scim2/Users/`+id+`"`)

	if a := s.do(t, "PUT", "/scim2/Me", me.text, carol).is(200); a.text != me.text {
		t.Errorf("a round trip changed\n%s\nto\n%s", me.text, a.text)
	}
	a := s.do(t, "PUT", "/scim2/Me", `{"userName":"carol","nickName":"Caz"}`, carol).is(200)
	a.has("nickName", `"Caz"`)
	a.has("name", `null`)
	a.has("externalId", `"x1"`)
	a.has("roles", `[{"value":"auditor"}]`)

	for name, op := range map[string]string{
		"role":       `{"op":"add","path":"roles","value":[{"value":"admin"}]}`,
		"no role":    `{"op":"remove","path":"roles"}`,
		"lock":       `{"op":"replace","path":"urn:scim:wso2:schema:accountLocked","value":true}`,
		"disabled":   `{"op":"replace","path":"urn:scim:wso2:schema:accountDisabled","value":true}`,
		"active":     `{"op":"replace","path":"active","value":false}`,
		"state":      `{"op":"replace","path":"urn:scim:wso2:schema:accountState","value":"UNLOCKED"}`,
		"verified":   `{"op":"replace","path":"urn:scim:wso2:schema:emailVerified","value":true}`,
		"user name":  `{"op":"replace","path":"userName","value":"admin2"}`,
		"externalId": `{"op":"remove","path":"externalId"}`,
		"hash":       `{"op":"add","path":"urn:scim:wso2:schema:passwordHash","value":"$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}`,
		"invitation": `{"op":"add","path":"urn:scim:wso2:schema:askPassword","value":true}`,
	} {
		a := s.do(t, "PATCH", "/scim2/Me", `{"Operations":[`+op+`]}`, carol)
		a.what = name
		a.fails(400, mutability)
	}
	for name, body := range map[string]string{
		"role":      `{"userName":"carol","roles":["admin"]}`,
		"user name": `{"userName":"carol2"}`,
		"lock":      `{"userName":"carol","urn:scim:wso2:schema":{"accountLocked":true}}`,
	} {
		a := s.do(t, "PUT", "/scim2/Me", body, carol)
		a.what = name
		a.fails(400, mutability)
	}
	u, err := s.store.FindUser(t.Context(), identity.DefaultTenant, id)
	if err != nil || len(u.Roles) != 1 || u.Roles[0] != "auditor" || u.Locked || u.Disabled || u.Username != "carol" {
		t.Errorf("the user is now %+v, %v", u, err)
	}

	s.do(t, "PATCH", "/scim2/Me", `{"Operations":[{"op":"replace","path":"password","value":"carol's new password"}]}`, carol).is(200)
	s.do(t, "GET", "/scim2/Me", "", carol).fails(401, "")
	s.do(t, "GET", "/scim2/Me", "", as("carol", "carol's new password")).is(200)
	s.do(t, "GET", "/t/acme/scim2/Me", "", as("carol", "carol's new password")).fails(401, "")
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, body := range map[string]string{
		"true":      `{"userName":"one","emails":["one@x.example"],"name":{"givenName":"One"},"locale":"de","urn:scim:wso2:schema":{"askPassword":true}}`,
		"as text":   `{"userName":"two","emails":["one@x.example"],"password":"is not used","urn:scim:wso2:schema":{"askPassword":"true"}}`,
		"old place": `{"userName":"three","emails":["one@x.example"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"askPassword":"true"}}`,
	} {
		a := s.do(t, "POST", "/scim2/Users", body).is(201)
		a.what = name
		a.has(schemaSystem+"/accountLocked", `true`)
		a.has(schemaSystem+"/accountState", `"PENDING_AP"`)
		a.has(schemaSystem+"/lockedReason", `"PENDING_ASK_PASSWORD"`)
		a.has(schemaSystem+"/askPassword", `null`)
		checkInvitation(t, s, a)
	}
	s.do(t, "GET", "/scim2/Me", "", as("two", "is not used")).fails(401, "")

	count := len(s.mail.all())
	a := s.do(t, "POST", "/scim2/Users", `{"userName":"four","urn:scim:wso2:schema":{"askPassword":true}}`).fails(400, invalidValue)
	if len(s.mail.all()) != count {
		t.Errorf("a mail was queued for %s", a.text)
	}
	s.do(t, "POST", "/scim2/Users", `{"userName":"five","urn:scim:wso2:schema":{"askPassword":false}}`).is(201).has(schemaSystem+"/accountLocked", `false`)
}

// checkInvitation checks the mail of the invitation made last.
func checkInvitation(t *testing.T, s *server, a *answer) {
	t.Helper()
	all := s.mail.all()
	m := all[len(all)-1]
	const before = "https://id.example/accounts/accept?confirmation="
	if m.Template != "invitation" || m.To != "one@x.example" || m.Params["hours"] != "24" || len(m.Params["link"]) <= len(before) || m.Params["link"][:len(before)] != before {
		t.Fatalf("%s: message %+v", a.what, m)
	}
	code := m.Params["link"][len(before):]
	if containsAny(a.text, code, identity.CodeDigest(code)) {
		t.Errorf("%s: the answer holds the code", a.what)
	}
	c, err := s.store.FindConfirmation(t.Context(), identity.DefaultTenant, identity.CodeDigest(code), identity.PurposeInvitation, m.Expires.Add(-time.Second))
	if err != nil || c.UserID != a.id() || c.Value != "one@x.example" || m.Expires.Sub(c.Expires).Abs() > time.Millisecond {
		t.Errorf("%s: confirmation %+v, %v", a.what, c, err)
	}
	credential, err := s.store.FindCredential(t.Context(), identity.DefaultTenant, a.id(), identity.CredentialPassword)
	if err != nil || credential.Data != "" {
		t.Errorf("%s: credential %+v, %v", a.what, credential, err)
	}
}

// A password from an administrator takes the place of the invitation.
func TestPasswordSpendsInvitation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.create(t, `{"userName":"one","emails":["one@x.example"],"urn:scim:wso2:schema":{"askPassword":true}}`)
	m := s.mail.all()[0]
	s.patch(t, id, `{"op":"add","path":"password","value":"one's password"}`).is(200).has(schemaSystem+"/accountState", `"UNLOCKED"`)
	code := m.Params["link"][len("https://id.example/accounts/accept?confirmation="):]
	_, err := s.store.FindConfirmation(t.Context(), identity.DefaultTenant, identity.CodeDigest(code), identity.PurposeInvitation, m.Expires.Add(-time.Second))
	if err != identity.ErrNoConfirmation {
		t.Errorf("the invitation is still good: %v", err)
	}
	s.do(t, "GET", "/scim2/Me", "", as("one", "one's password")).is(200)
}
