package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/identity"
)

// RFC 9700, 4.14.2: a refresh token is good once; who brings an older one
// ends the grant, because two hold it.
func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		user := s.user(tenant, "ada", "correct horse")
		for name, settings := range map[string]string{"public": `,"publicClient":true`, "confidential": "", "JWT": `,"accessToken":{"type":"JWT"}`} {
			a := s.application(tenant, name, settings)
			first := s.granted(t, a, user)
			second := s.refresh(t, a, first.string("refresh_token"))
			if second.status != http.StatusOK || second.string("refresh_token") == first.string("refresh_token") || second.string("access_token") == first.string("access_token") {
				t.Fatalf("%s: %d %s", name, second.status, second.text)
			}
			// The answer got lost: the same again, for a while.
			s.later(9 * time.Second)
			again := s.refresh(t, a, first.string("refresh_token"))
			if again.status != http.StatusOK {
				t.Fatalf("%s: within the grace %d %s", name, again.status, again.text)
			}
			third := s.refresh(t, a, again.string("refresh_token"))
			if third.status != http.StatusOK {
				t.Fatalf("%s: %d %s", name, third.status, third.text)
			}
			// Two generations back there is no grace.
			s.refresh(t, a, first.string("refresh_token")).wantError(t, http.StatusBadRequest, "invalid_grant")
			for _, got := range []reply{first, second, again, third} {
				s.wantDead(t, a, got)
			}

			first = s.granted(t, a, user)
			second = s.refresh(t, a, first.string("refresh_token"))
			s.later(10 * time.Second)
			s.refresh(t, a, first.string("refresh_token")).wantError(t, http.StatusBadRequest, "invalid_grant")
			s.wantDead(t, a, second)
		}
	}
}

// Many at once are within the grace, and all of them get what is the same
// token to the store.
func TestRefreshedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "shop", "")
	granted := s.granted(t, a, s.user(tenant, "ada", "correct horse"))
	var last reply
	for _, got := range together(many, func(int) reply { return s.refresh(t, a, granted.string("refresh_token")) }) {
		if last = got; got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	if got := s.refresh(t, a, last.string("refresh_token")); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.text)
	}
	s.later(10 * time.Second)
	s.refresh(t, a, granted.string("refresh_token")).wantError(t, http.StatusBadRequest, "invalid_grant")
	s.wantDead(t, a, last)
}

// RFC 6749, 6: a refresh token is bound to its client, and gives what was
// granted or less.
func TestRefreshTokensAreBound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	a, another := s.application(tenant, "shop", ""), s.application(tenant, "another", `,"publicClient":true`)
	elsewhere := s.application("acme", "elsewhere", "")
	got := s.granted(t, a, user, "profile", "email")
	token := got.string("refresh_token")
	s.refresh(t, another, token).wantError(t, http.StatusBadRequest, "invalid_grant")
	s.refresh(t, elsewhere, token).wantError(t, http.StatusBadRequest, "invalid_grant")
	s.refresh(t, &app{tenant: tenant, clientID: a.clientID}, token).wantError(t, http.StatusUnauthorized, "invalid_client")
	for _, wider := range []string{"openid profile email phone", "offline_access", "internal_user_mgt_list", "openid  x", "*"} {
		s.refresh(t, a, token, "scope", wider).wantError(t, http.StatusBadRequest, "invalid_scope")
	}
	for _, wrong := range []string{got.string("access_token"), got.string("id_token"), token + "A", token[1:], "x"} {
		s.refresh(t, a, wrong).wantError(t, http.StatusBadRequest, "invalid_grant")
	}
	narrow := s.refresh(t, a, token, "scope", "openid")
	if narrow.status != http.StatusOK || narrow.string("scope") != "openid" {
		t.Fatalf("%d %s", narrow.status, narrow.text)
	}
	r := request(t, http.MethodGet, s.URL+"/oauth2/userinfo", "")
	r.Header.Set("Authorization", "Bearer "+narrow.string("access_token"))
	if info := s.do(t, r); info.status != http.StatusOK || info.body["email"] != nil || info.body["given_name"] != nil {
		t.Errorf("the narrower token tells %d %s", info.status, info.text)
	}
	// The grant itself has not become narrower.
	if wide := s.refresh(t, a, narrow.string("refresh_token")); wide.string("scope") != "openid profile email" {
		t.Errorf("%d %s", wide.status, wide.text)
	}
}

// What ends a grant ends its refresh tokens.
func TestRefreshTokensThatCountNoMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "shop", "")
	for name, end := range map[string]func(user string, browser *http.Client, granted reply){
		"user disabled": func(user string, _ *http.Client, _ reply) { s.ruin(t, tenant, user, disable) },
		"user locked":   func(user string, _ *http.Client, _ reply) { s.ruin(t, tenant, user, lock) },
		"user deleted": func(user string, _ *http.Client, _ reply) {
			s.call(http.MethodDelete, "/scim2/Users/"+user, "", http.StatusNoContent)
		},
		"user signed out":    func(user string, _ *http.Client, _ reply) { must(t, s.store.SignOut(t.Context(), tenant, user)) },
		"password recovered": func(user string, _ *http.Client, _ reply) { s.recover(t, tenant, user) },
		"logged out": func(_ string, browser *http.Client, granted reply) {
			visit(t, browser, s.URL+"/oidc/logout?id_token_hint="+granted.string("id_token"))
		},
		"logged out of a session that had gone idle": func(_ string, browser *http.Client, granted reply) {
			s.later(3 * time.Hour)
			fresh := s.refresh(t, a, granted.string("refresh_token"))
			granted.body["refresh_token"], granted.body["access_token"] = fresh.body["refresh_token"], fresh.body["access_token"]
			visit(t, browser, s.URL+"/oidc/logout?id_token_hint="+granted.string("id_token"))
		},
		"revoked": func(_ string, _ *http.Client, granted reply) {
			s.ask(t, a, "/oauth2/revoke", "token", granted.string("refresh_token"))
		},
		"access token revoked": func(_ string, _ *http.Client, granted reply) {
			s.ask(t, a, "/oauth2/revoke", "token", granted.string("access_token"))
		},
		"expired": func(string, *http.Client, reply) { s.later(25 * time.Hour) },
	} {
		user, browser := s.user(tenant, strings.ReplaceAll(name, " ", "-"), "correct horse"), s.browser()
		granted := s.grantedIn(t, browser, a, user)
		if !s.counts(t, tenant, granted.string("access_token")) {
			t.Fatalf("%s: the access token does not count", name)
		}
		end(user, browser, granted)
		t.Run(name, func(t *testing.T) { s.wantDead(t, a, granted) })
	}
}

// recover goes through the recovery of the user's password.
func (s *site) recover(t *testing.T, tenant, user string) {
	t.Helper()
	u, err := s.store.FindUser(t.Context(), tenant, user)
	must(t, err)
	path := s.issuer(tenant)[len(s.URL):] + "/api/server/v1/flow/execute"
	page := s.call(http.MethodPost, path, `{"flowType":"PASSWORD_RECOVERY"}`, http.StatusOK)
	page = s.press(t, path, page, u.Username)
	page = s.press(t, path, page, s.code(t, u.Claims[identity.ClaimEmail]))
	if page = s.press(t, path, page, "another battery staple"); page["flowStatus"] != "COMPLETE" {
		t.Fatalf("the recovery ends with %v", page)
	}
}

// offline_access outlives the session, and nothing else.
func TestOfflineAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user, browser := s.user(tenant, "ada", "correct horse"), s.browser()
	a := s.application(tenant, "shop", "")
	granted := s.grantedIn(t, browser, a, user, "offline_access")
	visit(t, browser, s.URL+"/oidc/logout?id_token_hint="+granted.string("id_token"))
	s.begin(t, browser, s.oauth(a), "x") // who is signed out is asked again
	got := s.refresh(t, a, granted.string("refresh_token"))
	if got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	s.recover(t, tenant, user)
	s.wantDead(t, a, got)
}

// However often a token is refreshed, it ends: with what was proved, as it would
// in a session, and with offline_access after a time of the tenant's choice.
func TestRefreshTokensEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "shop", "")
	for name, c := range map[string]struct {
		scopes      []string
		settings    string
		every, last time.Duration
	}{
		"in a session":                  {nil, `{"sessionLifetimeSeconds":null,"offlineLifetimeSeconds":null}`, time.Hour, 12 * time.Hour},
		"in a session of another life":  {nil, `{"sessionLifetimeSeconds":36000,"offlineLifetimeSeconds":7200}`, 30 * time.Minute, 10 * time.Hour},
		"offline_access":                {[]string{"offline_access"}, `{"sessionLifetimeSeconds":null,"offlineLifetimeSeconds":null}`, 20 * time.Hour, 30 * 24 * time.Hour},
		"offline_access, another life":  {[]string{"offline_access"}, `{"offlineLifetimeSeconds":172800}`, 16 * time.Hour, 48 * time.Hour},
		"offline_access, a longer life": {[]string{"offline_access"}, `{"offlineLifetimeSeconds":5184000}`, 20 * time.Hour, 60 * 24 * time.Hour},
	} {
		user := s.user(tenant, strings.NewReplacer(" ", "-", ",", "").Replace(name), "correct horse")
		s.call(http.MethodPatch, "/api/server/v1/sign-in/config", c.settings, http.StatusOK)
		s.later(2 * time.Second) // a setting that is remembered
		got := s.grantedIn(t, s.browser(), a, user, c.scopes...)
		for age := c.every; age < c.last; age += c.every {
			s.later(c.every)
			if got = s.refresh(t, a, got.string("refresh_token")); got.status != http.StatusOK {
				t.Fatalf("%s: after %s %d %s", name, age, got.status, got.text)
			}
			if !s.counts(t, tenant, got.string("access_token")) {
				t.Fatalf("%s: after %s the access token does not count", name, age)
			}
		}
		s.later(c.every)
		s.refresh(t, a, got.string("refresh_token")).wantError(t, http.StatusBadRequest, "invalid_grant")
		s.later(time.Hour)
		s.wantDead(t, a, got)
	}
}

// press answers the page of a flow that asks for one thing.
func (s *site) press(t *testing.T, path string, page map[string]any, value string) map[string]any {
	t.Helper()
	data, _ := page["data"].(map[string]any)
	asked := names(data["requiredParams"])
	button := buttonIn(data["components"])
	if len(asked) != 1 || button == "" {
		t.Fatalf("the flow waits at %v", page)
	}
	body, err := json.Marshal(map[string]any{"flowId": page["flowId"], "actionId": button, "inputs": map[string]string{asked[0]: value}})
	must(t, err)
	return s.call(http.MethodPost, path, string(body), http.StatusOK)
}

// buttonIn is the first button among components.
func buttonIn(components any) string {
	list, _ := components.([]any)
	for _, c := range list {
		component, _ := c.(map[string]any)
		if component["type"] == "BUTTON" {
			return component["id"].(string)
		}
		if id := buttonIn(component["components"]); id != "" {
			return id
		}
	}
	return ""
}
