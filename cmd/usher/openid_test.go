package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"usher/identity"
)

// begin opens the application's sign-in in the browser and returns the
// sessionDataKey that it waits under.
func (s *site) begin(t *testing.T, browser *http.Client, c *oauth2.Config, verifier string, options ...oauth2.AuthCodeOption) string {
	t.Helper()
	options = append(options, oauth2.S256ChallengeOption(verifier))
	at, resp := visit(t, browser, c.AuthCodeURL("the-state", options...))
	key := at.Query().Get("sessionDataKey")
	if key == "" || !strings.HasSuffix(at.Path, "/accounts/login") {
		t.Fatalf("the sign-in begins at %s, status %d", at, resp.StatusCode)
	}
	return key
}

// tokens exchanges the code that the browser was sent away with, as a client
// of another codebase does, and returns the tokens and what the ID token says.
func (s *site) tokens(t *testing.T, c *oauth2.Config, tenant string, at *url.URL, verifier string) (*oauth2.Token, map[string]any) {
	t.Helper()
	if !strings.HasPrefix(at.String(), redirectURI+"?") || at.Query().Get("state") != "the-state" || at.Query().Get("iss") != s.issuer(tenant) {
		t.Fatalf("the browser ends at %s", at)
	}
	ctx := oidc.ClientContext(t.Context(), s.Client())
	token, err := c.Exchange(ctx, at.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token, s.idToken(t, c, tenant, token)
}

func (s *site) idToken(t *testing.T, c *oauth2.Config, tenant string, token *oauth2.Token) map[string]any {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, s.issuer(tenant))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: c.ClientID, SupportedSigningAlgs: []string{"RS256", "ES256"}, Now: s.now}).Verify(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Errorf("at_hash: %v", err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func names(v any) []string {
	var list []string
	all, _ := v.([]any)
	for _, one := range all {
		list = append(list, one.(string))
	}
	return list
}

// The whole way: a registration, its assertion, the code, the tokens.
func TestRegistrationSignsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		for settings, alg := range map[string]string{
			`,"publicClient":true`: "RS256",
			`,"idToken":{"idTokenSignedResponseAlg":"ES256"},"accessToken":{"type":"JWT"}`: "ES256",
		} {
			a := s.application(tenant, "shop "+alg, settings)
			c, browser, verifier := s.oauth(a, "profile", "email"), s.browser(), oauth2.GenerateVerifier()
			key := s.begin(t, browser, c, verifier, oidc.Nonce("the-nonce"))
			email := strings.ToLower(alg) + "@example.com"
			done := s.signUp(tenant, a.id, email, "correct horse battery")
			if done["url"] != "https://app.example.com/" {
				t.Errorf("the registration leads to %v", done["url"])
			}
			began := s.now()
			at, _ := post(t, browser, s.issuer(tenant)+"/commonauth", url.Values{"sessionDataKey": {key}, "userAssertion": {done["userAssertion"].(string)}})
			token, claims := s.tokens(t, c, tenant, at, verifier)
			if alg == "ES256" && strings.Count(token.AccessToken, ".") != 2 {
				t.Errorf("the access token %q is no JWT", token.AccessToken)
			}
			u, err := s.store.FindUserByName(t.Context(), tenant, email)
			if err != nil {
				t.Fatal(err)
			}
			if claims["sub"] != u.ID || claims["email"] != email || claims["nonce"] != "the-nonce" || claims["preferred_username"] != email {
				t.Errorf("claims %v of the user %s", claims, u.ID)
			}
			if diff := cmp.Diff([]string{"BasicAuthenticator", "pwd"}, names(claims["amr"])); diff != "" {
				t.Errorf("amr: %s", diff)
			}
			when := time.Unix(int64(claims["auth_time"].(float64)), 0)
			if when.Before(began.Add(-3*time.Second)) || when.After(s.now()) || claims["acr"] != "urn:usher:acr:1fa" {
				t.Errorf("auth_time %v, acr %v", when, claims["acr"])
			}
			s.wantUserinfo(t, tenant, token, map[string]any{"sub": u.ID, "email": email})
		}
	}
}

func (s *site) wantUserinfo(t *testing.T, tenant string, token *oauth2.Token, want map[string]any) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.Client())
	provider, err := oidc.NewProvider(ctx, s.issuer(tenant))
	if err != nil {
		t.Fatal(err)
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := info.Claims(&got); err != nil {
		t.Fatal(err)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("userinfo: %s is %v, want %v", name, got[name], value)
		}
	}
}

// Once signed in, the browser is known: to the application, and to another one
// that asks for no more.
func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	first, browser := s.oauth(s.application(tenant, "first", "")), s.browser()
	second := s.oauth(s.application(tenant, "second", ""))
	strong := s.oauth(s.application(tenant, "strong", "", "BasicAuthenticator", "email-otp-authenticator"))
	verifier := oauth2.GenerateVerifier()
	key := s.begin(t, browser, first, verifier)
	done := s.signUp(tenant, "", "ada@example.com", "correct horse battery")
	at, _ := post(t, browser, s.URL+"/commonauth", url.Values{"sessionDataKey": {key}, "userAssertion": {done["userAssertion"].(string)}})
	_, claims := s.tokens(t, first, tenant, at, verifier)

	at, _ = visit(t, browser, second.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")))
	_, again := s.tokens(t, second, tenant, at, verifier)
	if again["sub"] != claims["sub"] || again["auth_time"] != claims["auth_time"] || again["sid"] != claims["sid"] {
		t.Errorf("signed in as %v, then as %v", claims, again)
	}
	for _, options := range [][]oauth2.AuthCodeOption{
		{oauth2.SetAuthURLParam("prompt", "login")},
		{oauth2.SetAuthURLParam("prompt", "select_account")},
		{oauth2.SetAuthURLParam("max_age", "0")},
		{oauth2.SetAuthURLParam("acr_values", "urn:usher:acr:mfa")},
	} {
		s.begin(t, browser, second, verifier, options...)
	}
	s.begin(t, browser, strong, verifier)
	at, _ = visit(t, browser, strong.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none")))
	if at.Query().Get("error") != "login_required" || at.Query().Get("iss") != s.URL || at.Query().Get("state") != "the-state" {
		t.Errorf("an application that asks for more answers prompt=none with %s", at)
	}
	s.later(13 * time.Hour)
	s.begin(t, browser, first, verifier)
}

// What an assertion does not cover is asked for, and nothing else.
func TestStepUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tenant := identity.DefaultTenant
	a := s.application(tenant, "strong", `,"publicClient":true`, "BasicAuthenticator", "email-otp-authenticator")
	c, browser, verifier := s.oauth(a), s.browser(), oauth2.GenerateVerifier()
	key := s.begin(t, browser, c, verifier)
	done := s.signUp(tenant, a.id, "ada@example.com", "correct horse battery")
	at, resp := post(t, browser, s.URL+"/commonauth", url.Values{"sessionDataKey": {key}, "userAssertion": {done["userAssertion"].(string)}})
	if at.Path != "/accounts/login" || resp.StatusCode != http.StatusOK {
		t.Fatalf("the browser ends at %s, status %d", at, resp.StatusCode)
	}
	code := s.code(t, "ada@example.com")
	page := s.page(t, browser, at.String())
	if strings.Contains(page.text, `type="password"`) {
		t.Errorf("somebody whose password is proved is asked for it again:\n%s", page.text)
	}
	at, _ = page.submit(t, browser, map[string]string{"otp": code})
	_, claims := s.tokens(t, c, tenant, at, verifier)
	want := []string{"BasicAuthenticator", "email-otp-authenticator", "pwd", "otp", "mfa"}
	if !slices.Equal(names(claims["amr"]), want) || claims["acr"] != "urn:usher:acr:mfa" {
		t.Errorf("amr %v, acr %v", claims["amr"], claims["acr"])
	}
}

// code is the one in the next mail to the address.
func (s *site) code(t *testing.T, address string) string {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case m := <-s.mail:
			if m.To == address {
				for word := range strings.FieldsSeq(m.Text) {
					if word = strings.Trim(word, ".:"); len(word) == 6 && strings.Trim(word, "0123456789") == "" {
						return word
					}
				}
			}
		case <-deadline:
			t.Fatalf("no code for %s", address)
		}
	}
}
