package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAuditLog changes one of everything over the management APIs. The log has
// who did what to which, in order, and no secret or address of anybody.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const (
		api          = "/api/server/v1/"
		clientSecret = "G00gle-secret"
		password     = "Gr8-password"
		address      = "grace@example.com"
	)
	var want []string
	did := func(kind, target string) { want = append(want, kind+" "+target) }

	s.call(http.MethodPatch, api+"flow/config", `{"flowType":"REGISTRATION","isEnabled":false}`, http.StatusOK)
	did("flow.configured", "REGISTRATION")

	google := s.call(http.MethodPost, api+"identity-providers", `{"name":"Google","kind":"GoogleExecutor","isEnabled":true,
		"settings":{"client_id":"x"},"secrets":{"client_secret":"`+clientSecret+`"}}`, http.StatusCreated)["id"].(string)
	did("connection.created", google)
	for range 2 { // a secret is no less new for being the same
		s.call(http.MethodPatch, api+"identity-providers/"+google, `{"secrets":{"client_secret":"`+clientSecret+`"}}`, http.StatusOK)
		did("connection.changed", google)
	}
	s.call(http.MethodDelete, api+"identity-providers/"+google, "", http.StatusNoContent)
	did("connection.deleted", google)

	claims := api + "claim-dialects/local/claims"
	const shoe, uri = `{"claimURI":"http://wso2.org/claims/shoeSize","displayName":"Shoe size","dataType":"integer"`, "http://wso2.org/claims/shoeSize"
	claim := s.call(http.MethodPost, claims, shoe+`}`, http.StatusCreated)["id"].(string)
	did("claim.created", uri)
	for range 2 { // the second time nothing changes
		s.call(http.MethodPut, claims+"/"+claim, shoe+`,"readOnly":true}`, http.StatusOK)
	}
	did("claim.changed", uri)
	s.call(http.MethodDelete, claims+"/"+claim, "", http.StatusNoContent)
	did("claim.deleted", uri)

	made := s.application("carbon.super", "Shop", "")
	did("application.created", made.id)
	for range 2 {
		s.call(http.MethodPatch, api+"applications/"+made.id, `{"description":"Where we sell"}`, http.StatusOK)
	}
	did("application.changed", made.id)
	renewed := s.call(http.MethodPost, api+"applications/"+made.id+"/inbound-protocols/oidc/regenerate-secret", "", http.StatusOK)["clientSecret"].(string)
	did("application.secret.regenerated", made.id)
	s.call(http.MethodDelete, api+"applications/"+made.id, "", http.StatusNoContent)
	did("application.deleted", made.id)

	s.call(http.MethodPatch, api+"sign-in/config", `{"sessionIdleSeconds":600}`, http.StatusOK)
	did("sign-in.configured", "carbon.super")

	const looks, texts = api + "branding-preference", api + "branding-preference/text"
	s.call(http.MethodPost, looks, `{"preference":{"urls":{},"organizationDetails":{"displayName":"Acme"}}}`, http.StatusCreated)
	did("branding.created", "carbon.super en-US")
	for range 2 {
		s.call(http.MethodPut, looks, `{"preference":{"urls":{},"organizationDetails":{"displayName":"Acme Corporation"}}}`, http.StatusOK)
	}
	did("branding.changed", "carbon.super en-US")
	s.call(http.MethodDelete, looks, "", http.StatusNoContent)
	did("branding.deleted", "carbon.super en-US")
	s.call(http.MethodPost, texts, `{"locale":"de","screen":"login","preference":{"login.title":"Hallo"}}`, http.StatusCreated)
	did("branding-text.created", "carbon.super de login")
	for range 2 {
		s.call(http.MethodPut, texts, `{"locale":"de","screen":"login","preference":{"login.title":"Willkommen"}}`, http.StatusOK)
	}
	did("branding-text.changed", "carbon.super de login")
	s.call(http.MethodDelete, texts+"?locale=de&screen=login", "", http.StatusNoContent)
	did("branding-text.deleted", "carbon.super de login")

	user := s.call(http.MethodPost, "/scim2/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"grace","password":"`+password+`",
		"name":{"familyName":"Hopper"},"emails":[{"value":"`+address+`","primary":true}]}`, http.StatusCreated)["id"].(string)
	did("user.created", user)
	s.later(1e9) // a time of its own
	s.call(http.MethodPatch, "/scim2/Users/"+user, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
		"Operations":[{"op":"replace","path":"name.familyName","value":"Murray"}]}`, http.StatusOK)
	did("user.changed", user)
	for range 2 { // each is another link
		s.invite("grace")
		did("user.invited", user)
	}
	s.call(http.MethodDelete, "/scim2/Users/"+user, "", http.StatusNoContent)
	did("user.deleted", user)

	log := s.call(http.MethodGet, api+"audit-log?limit=100", "", http.StatusOK)
	var got []string
	for _, one := range log["entries"].([]any) {
		e := one.(map[string]any)
		got = append(got, e["kind"].(string)+" "+e["target"].(string))
		if name := e["actor"].(map[string]any)["name"]; name != "admin" {
			t.Errorf("%v was not by %v", e, name)
		}
	}
	slices.Reverse(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{clientSecret, password, address, made.secret, renewed, "grace", "Murray"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in the log: %s", secret, text)
		}
	}
	for _, shown := range []string{
		`"readOnly":false`, `"description":"Where we sell"`, `"secretsSent":["client_secret"]`, `"sessionIdleSeconds":600`, "lastname",
		`"after":{"organizationDetails":{"displayName":"Acme Corporation"}}`, `"before":{"login.title":"Hallo"}`,
	} {
		if !strings.Contains(string(text), shown) {
			t.Errorf("%s is not in the log: %s", shown, text)
		}
	}
}

// invite asks for an invitation link, which nobody else may learn of.
func (s *site) invite(name string) {
	s.t.Helper()
	r := request(s.t, http.MethodPost, s.URL+"/api/users/v1/offline-invite-link", `{"username":"`+name+`"}`)
	r.SetBasicAuth("admin", "Adm1n-password")
	r.Header.Set("Content-Type", "application/json")
	if a := s.do(s.t, r); a.status != http.StatusCreated {
		s.t.Fatalf("%d %s", a.status, a.text)
	}
}
