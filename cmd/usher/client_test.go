package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/identity"
)

// asClient sends the credentials as RFC 6749, 2.3.1, has them: form-encoded.
func asClient(r *http.Request, id, secret string) *http.Request {
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return r
}

// RFC 6749, 2.3 and 3.2.1: a confidential client proves that it is the client,
// in one way, and never in an address.
func TestClientAuthentication(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	settings := `,"grantTypes":["client_credentials","authorization_code","refresh_token"]`
	a, another, elsewhere := s.application(tenant, "a", settings), s.application(tenant, "another", settings), s.application("acme", "elsewhere", settings)
	public := s.application(tenant, "public", `,"publicClient":true`)
	token := s.URL + "/oauth2/token"
	machine := func(pairs ...string) string {
		return values(append([]string{"grant_type", "client_credentials"}, pairs...)...).Encode()
	}
	refusedAs := func(what string, r *http.Request, status int, code string) {
		t.Helper()
		got := s.do(t, r)
		if got.status != status || got.body["error"] != code || got.body["access_token"] != nil || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s; want %d %s", what, got.status, got.text, status, code)
		}
		if challenge := got.header.Get("WWW-Authenticate"); (status == http.StatusUnauthorized) != strings.HasPrefix(challenge, "Basic ") {
			t.Errorf("%s: %d comes with WWW-Authenticate %q", what, status, challenge)
		}
	}
	for what, credentials := range map[string][2]string{
		"no secret": {a.clientID, ""}, "a wrong secret": {a.clientID, a.secret + "x"}, "part of the secret": {a.clientID, a.secret[:42]},
		"another's secret": {a.clientID, another.secret}, "another tenant's client": {elsewhere.clientID, elsewhere.secret},
		"an unknown client": {"nobody", a.secret}, "the application's id": {a.id, a.secret}, "a NUL": {a.clientID + "\x00", a.secret},
		"a public client with a secret": {public.clientID, a.secret},
	} {
		refusedAs(what+" by Basic", asClient(request(t, http.MethodPost, token, machine()), credentials[0], credentials[1]), 401, "invalid_client")
		refusedAs(what+" in the body", request(t, http.MethodPost, token, machine("client_id", credentials[0], "client_secret", credentials[1])), 401, "invalid_client")
	}
	refusedAs("a public client for itself", request(t, http.MethodPost, token, machine("client_id", public.clientID)), 400, "unauthorized_client")
	refusedAs("nobody", request(t, http.MethodPost, token, machine()), 400, "invalid_request")
	in := func(pairs ...string) *http.Request { return request(t, http.MethodPost, token, machine(pairs...)) }
	refusedAs("two ways", asClient(in("client_id", a.clientID, "client_secret", a.secret), a.clientID, a.secret), 400, "invalid_request")
	refusedAs("a second secret", asClient(in("client_secret", another.secret), a.clientID, a.secret), 400, "invalid_request")
	refusedAs("two clients", asClient(in("client_id", another.clientID), a.clientID, a.secret), 400, "invalid_request")
	refusedAs("a secret in the address", request(t, http.MethodPost, token+"?client_secret="+a.secret, machine("client_id", a.clientID)), 400, "invalid_request")
	refusedAs("all in the address", request(t, http.MethodPost, token+"?"+machine("client_id", a.clientID, "client_secret", a.secret), ""), 400, "invalid_request")
	refusedAs("twice the same", request(t, http.MethodPost, token, machine("client_id", a.clientID, "client_secret", a.secret, "client_secret", a.secret)), 400, "invalid_request")
	refusedAs("a client assertion", in("client_id", a.clientID, "client_assertion", "eyJhbGciOiJub25lIn0.e30.", "client_assertion_type",
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), 401, "invalid_client")
	refusedAs("Basic that is none", func() *http.Request {
		r := request(t, http.MethodPost, token, machine())
		r.SetBasicAuth("%zz", "%zz")
		return r
	}(), 401, "invalid_client")
	long := request(t, http.MethodPost, token, machine("client_id", a.clientID, "client_secret", a.secret, "x", strings.Repeat("x", 1<<20)))
	refusedAs("a long body", long, 400, "invalid_request")
	json := request(t, http.MethodPost, token, fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, a.clientID, a.secret))
	json.Header.Set("Content-Type", "application/json")
	refusedAs("JSON", json, 400, "invalid_request")
	for _, grant := range []string{
		"password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange",
		"urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:saml2-bearer", "CLIENT_CREDENTIALS",
	} {
		got := s.ask(t, a, "/oauth2/token", "grant_type", grant, "username", "admin", "password", "Adm1n-password", "assertion", "x", "device_code", "x",
			"subject_token", "x", "subject_token_type", "urn:ietf:params:oauth:token-type:access_token")
		if got.status != http.StatusBadRequest || got.body["error"] != "unsupported_grant_type" && got.body["error"] != "unauthorized_client" {
			t.Errorf("%s: %d %s", grant, got.status, got.text)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut} {
		if got := s.do(t, asClient(request(t, method, token+"?"+machine(), ""), a.clientID, a.secret)); got.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d %s", method, got.status, got.text)
		}
	}
	for what, r := range map[string]*http.Request{
		"Basic":                          asClient(in(), a.clientID, a.secret),
		"Basic and the same client_id":   asClient(in("client_id", a.clientID), a.clientID, a.secret),
		"the body":                       in("client_id", a.clientID, "client_secret", a.secret),
		"Basic with more encoded":        asBasic(in(), "%"+fmt.Sprintf("%X", a.clientID[0])+a.clientID[1:], a.secret),
		"the other tenant's at its own ": asClient(request(t, http.MethodPost, s.issuer("acme")+"/oauth2/token", machine()), elsewhere.clientID, elsewhere.secret),
		"the default tenant by its name": asClient(request(t, http.MethodPost, s.URL+"/t/carbon.super/oauth2/token", machine()), a.clientID, a.secret),
	} {
		if got := s.do(t, r); got.status != http.StatusOK || got.body["token_type"] != "Bearer" || got.body["refresh_token"] != nil || got.body["id_token"] != nil ||
			got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
}

func asBasic(r *http.Request, id, secret string) *http.Request {
	r.SetBasicAuth(id, secret)
	return r
}

// An application's own token opens what the administrator allowed, at its own
// tenant, as long as it is allowed; a refusal says what is missing.
func TestManagementByToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, kind := range []string{"Default", "JWT"} {
		tenant := identity.DefaultTenant
		a := s.application(tenant, "machine "+kind, `,"grantTypes":["client_credentials"],"accessToken":{"type":"`+kind+`"}`)
		s.changeApp(a, `{"authorizedScopes":["internal_flow_mgt_view","internal_application_mgt_view"]}`)
		own := func(scope string) reply {
			return s.ask(t, a, "/oauth2/token", "grant_type", "client_credentials", "scope", scope)
		}
		for _, scope := range []string{"internal_flow_mgt_update", "internal_flow_mgt_view internal_flow_mgt_update", "openid", "offline_access", "*", "\"\\<x>"} {
			own(scope).wantError(t, http.StatusBadRequest, "invalid_scope")
		}
		all, one := own(""), own("internal_application_mgt_view")
		if all.string("scope") != "internal_flow_mgt_view internal_application_mgt_view" || one.string("scope") != "internal_application_mgt_view" {
			t.Fatalf("granted %s, then %s", all.text, one.text)
		}
		flow := "/api/server/v1/flow?flowType=REGISTRATION"
		missing := func(scope string) string {
			return `Bearer realm="Usher", error="insufficient_scope", scope="` + scope + `"`
		}
		invalid := `Bearer realm="Usher", error="invalid_token"`
		s.wantAt(t, all, flow, 200, "")
		s.wantAt(t, all, "/t/carbon.super"+flow, 200, "")
		s.wantAt(t, one, "/api/server/v1/applications", 200, "")
		s.wantAt(t, one, flow, 403, missing("internal_flow_mgt_view"))
		s.wantAt(t, all, "/scim2/Users", 403, missing("internal_user_mgt_list"))
		s.wantAt(t, all, "/t/acme"+flow, 401, invalid)
		for _, path := range []string{"/oauth2/userinfo"} {
			s.wantAt(t, all, path, 403, missing("openid"))
		}

		s.changeApp(a, `{"authorizedScopes":["internal_application_mgt_view"]}`)
		s.wantAt(t, all, flow, 403, missing("internal_flow_mgt_view"))
		s.wantAt(t, all, "/api/server/v1/applications", 200, "")
		s.changeApp(a, `{"authorizedScopes":["internal_flow_mgt_view"]}`)
		s.wantAt(t, one, flow, 403, missing("internal_flow_mgt_view")) // what it was not granted does not grow
		s.wantAt(t, all, flow, 200, "")
		s.later(61 * time.Minute)
		s.wantAt(t, all, flow, 401, invalid)
		all = own("")
		s.wantAt(t, all, flow, 200, "")
		s.call(http.MethodDelete, "/api/server/v1/applications/"+a.id, "", http.StatusNoContent)
		s.wantAt(t, all, flow, 401, invalid)
	}
}

// wantAt calls a management API with the access token.
func (s *site) wantAt(t *testing.T, token reply, path string, status int, challenge string) {
	t.Helper()
	r := request(t, http.MethodGet, s.URL+path, "")
	r.Header.Set("Authorization", "Bearer "+token.string("access_token"))
	got := s.do(t, r)
	if got.status != status || got.header.Get("WWW-Authenticate") != challenge {
		t.Errorf("%s: %d %.200s, WWW-Authenticate %q; want %d %q", path, got.status, got.text, got.header.Get("WWW-Authenticate"), status, challenge)
	}
}

// A user's token grants what the application asked for, may have, and the
// user's roles grant: all three, at every call.
func TestManagementByUsersToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	admin, ada := s.user(tenant, "boss", "correct horse", identity.RoleAdmin), s.user(tenant, "ada", "correct horse")
	const scope, path = "internal_flow_mgt_view", "/api/server/v1/flow?flowType=REGISTRATION"
	missing := `Bearer realm="Usher", error="insufficient_scope", scope="` + scope + `"`
	for _, kind := range []string{"Default", "JWT"} {
		a := s.application(tenant, "console "+kind, `,"accessToken":{"type":"`+kind+`"}`)
		if got := s.granted(t, a, admin, scope); got.string("scope") != "openid" {
			t.Errorf("an application without the scope is granted %q", got.string("scope"))
		}
		s.changeApp(a, `{"authorizedScopes":["`+scope+`"]}`)
		if got := s.granted(t, a, ada, scope); got.string("scope") != "openid" {
			t.Errorf("a user without the role is granted %q", got.string("scope"))
		} else {
			s.wantAt(t, got, path, 403, missing)
		}
		s.wantAt(t, s.granted(t, a, admin), path, 403, missing)
		got := s.granted(t, a, admin, scope)
		s.wantAt(t, got, path, 200, "")
		s.wantAt(t, got, "/api/server/v1/applications", 403, `Bearer realm="Usher", error="insufficient_scope", scope="internal_application_mgt_view"`)
		s.ruin(t, tenant, admin, func(u *identity.User) { u.Roles = nil })
		s.wantAt(t, got, path, 403, missing)
		s.ruin(t, tenant, admin, func(u *identity.User) { u.Roles = []string{identity.RoleAdmin} })
		s.changeApp(a, `{"authorizedScopes":[]}`)
		s.wantAt(t, got, path, 403, missing)
		if fresh := s.refresh(t, a, got.string("refresh_token")); fresh.status != 200 || fresh.string("scope") != "openid" {
			t.Errorf("a scope that was taken back is granted again: %d %s", fresh.status, fresh.text)
		}
		s.changeApp(a, `{"authorizedScopes":["`+scope+`"]}`)
		got = s.granted(t, a, admin, scope)
		s.ruin(t, tenant, admin, disable)
		s.wantAt(t, got, path, 401, `Bearer realm="Usher", error="invalid_token"`)
		s.ruin(t, tenant, admin, func(u *identity.User) { u.Disabled = false })
	}
}
