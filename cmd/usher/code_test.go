package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"usher/identity"
)

// RFC 9700, 4.5: a code is good for the client, the redirect URI and the
// verifier that it was asked for with. A refusal does not use it up.
func TestInjectedCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	s.user("acme", "ada", "correct horse")
	public, confidential := s.application(tenant, "public", `,"publicClient":true`), s.application(tenant, "confidential", "")
	another := s.application(tenant, "another", `,"publicClient":true`)
	elsewhere := s.application("acme", "elsewhere", `,"publicClient":true`)
	lax := s.application(tenant, "lax", `,"pkce":{"mandatory":false}`)
	s.change(public, `"callbackURLs":["`+redirectURI+`","https://app.example.com/second"]`)

	for _, a := range []*app{public, confidential} {
		browser, verifier := s.browser(), oauth2.GenerateVerifier()
		code := s.codeFor(t, browser, a, user, verifier)
		for _, changed := range [][]string{
			{"redirect_uri", "https://app.example.com/second"},
			{"redirect_uri", redirectURI + "/"},
			{"redirect_uri", "https://evil.example/"},
			{"code_verifier", oauth2.GenerateVerifier()},
			{"code_verifier", ""},
			{"code_verifier", verifier + "x"},
			{"code_verifier", verifier[1:]},
			{"code_verifier", oauth2.S256ChallengeFromVerifier(verifier)},
			{"code", code[1:]},
			{"code", code + "A"},
			{"code", code[:len(code)-1]},
			{"code", strings.ToLower(code)},
			{"code", code + "="},
			{"code", "x"},
			{"code", strings.Repeat("A", 5000)},
		} {
			s.exchange(t, a, code, verifier, changed...).wantError(t, http.StatusBadRequest, "invalid_grant")
		}
		for _, missing := range []string{"code", "redirect_uri", "grant_type"} {
			s.exchange(t, a, code, verifier, missing, "").wantError(t, http.StatusBadRequest, "invalid_request")
		}
		s.exchange(t, another, code, verifier).wantError(t, http.StatusBadRequest, "invalid_grant")
		s.exchange(t, elsewhere, code, verifier).wantError(t, http.StatusBadRequest, "invalid_grant")
		s.refresh(t, a, code).wantError(t, http.StatusBadRequest, "invalid_grant")
		if got := s.exchange(t, a, code, verifier); got.status != http.StatusOK {
			t.Errorf("after the attacks the code answers %d %s", got.status, got.text)
		}
	}

	// PKCE downgrade: a verifier is for a challenge only (RFC 9700, 4.8.2).
	_, at := s.authorize(t, lax, authorization(lax, "code_challenge", "", "code_challenge_method", "").Encode(), s.signedIn(t, tenant, user))
	code := at.Query().Get("code")
	s.exchange(t, lax, code, oauth2.GenerateVerifier()).wantError(t, http.StatusBadRequest, "invalid_grant")
	if got := s.exchange(t, lax, code, "", "code_verifier", ""); got.status != http.StatusOK {
		t.Errorf("without PKCE, where it is optional: %d %s", got.status, got.text)
	}
	// A verifier that can be guessed is none (RFC 7636, 4.1), and a challenge
	// that one was made from is of no use.
	for _, weak := range []string{"a", strings.Repeat("a", 42), strings.Repeat("a", 129), strings.Repeat("a", 42) + "\n", strings.Repeat("é", 30)} {
		code := s.codeFor(t, s.browser(), public, user, weak)
		s.exchange(t, public, code, weak).wantError(t, http.StatusBadRequest, "invalid_grant")
	}
}

// signedIn is a browser in which the user is signed in by password.
func (s *site) signedIn(t *testing.T, tenant, user string) *http.Client {
	t.Helper()
	browser := s.browser()
	s.codeFor(t, browser, s.application(tenant, "portal of "+user, ""), user, oauth2.GenerateVerifier())
	return browser
}

// RFC 6749, 4.1.2; RFC 9700, 4.5: a code that is brought again takes with it
// what it was exchanged for.
func TestReplayedCodeRevokes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		user := s.user(tenant, "ada", "correct horse")
		for name, settings := range map[string]string{
			"public": `,"publicClient":true`, "confidential": "", "JWT": `,"accessToken":{"type":"JWT"}`,
		} {
			a, verifier := s.application(tenant, name, settings), oauth2.GenerateVerifier()
			code := s.codeFor(t, s.browser(), a, user, verifier)
			got := s.exchange(t, a, code, verifier)
			if !s.counts(t, tenant, got.string("access_token")) {
				t.Fatalf("%s: the access token does not count: %d %s", name, got.status, got.text)
			}
			later := s.refresh(t, a, got.string("refresh_token"))
			// Whoever has the code alone need not know the verifier to tell
			// that there are two of them.
			s.exchange(t, a, code, oauth2.GenerateVerifier()).wantError(t, http.StatusBadRequest, "invalid_grant")
			s.wantDead(t, a, got)
			s.wantDead(t, a, later)
			s.exchange(t, a, code, verifier).wantError(t, http.StatusBadRequest, "invalid_grant")
		}
	}
}

// A code lives for a minute, and no longer than the right to use it.
func TestCodesThatCountNoMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "shop", "")
	for name, end := range map[string]func(user string){
		"expired":         func(string) { s.later(61 * time.Second) },
		"user disabled":   func(user string) { s.ruin(t, tenant, user, disable) },
		"user locked":     func(user string) { s.ruin(t, tenant, user, lock) },
		"user deleted":    func(user string) { s.call(http.MethodDelete, "/scim2/Users/"+user, "", http.StatusNoContent) },
		"user signed out": func(user string) { must(t, s.store.SignOut(t.Context(), tenant, user)) },
		"grant type gone": func(string) { s.change(a, `"grantTypes":["client_credentials"]`) },
	} {
		user, verifier := s.user(tenant, name, "correct horse"), oauth2.GenerateVerifier()
		code := s.codeFor(t, s.browser(), a, user, verifier)
		end(user)
		got := s.exchange(t, a, code, verifier)
		want := map[bool]string{true: "invalid_grant", false: "unauthorized_client"}[name != "grant type gone"]
		if got.status != http.StatusBadRequest || got.body["error"] != want {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		s.change(a, `"grantTypes":["authorization_code","refresh_token"]`)
	}
	user, verifier := s.user(tenant, "eve", "correct horse"), oauth2.GenerateVerifier()
	code := s.codeFor(t, s.browser(), a, user, verifier)
	s.call(http.MethodDelete, "/api/server/v1/applications/"+a.id, "", http.StatusNoContent)
	s.exchange(t, a, code, verifier).wantError(t, http.StatusUnauthorized, "invalid_client")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Of many who bring a code at once, one gets tokens; and because there were
// several, they are good for nothing.
func TestCodeExchangedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	user := s.user(tenant, "ada", "correct horse")
	a, verifier := s.application(tenant, "shop", ""), oauth2.GenerateVerifier()
	code := s.codeFor(t, s.browser(), a, user, verifier)
	var given []reply
	for _, got := range together(many, func(int) reply { return s.exchange(t, a, code, verifier) }) {
		if got.status == http.StatusOK {
			given = append(given, got)
			continue
		}
		got.wantError(t, http.StatusBadRequest, "invalid_grant")
	}
	if len(given) != 1 {
		t.Fatalf("%d of %d got tokens", len(given), many)
	}
	s.wantDead(t, a, given[0])
}
