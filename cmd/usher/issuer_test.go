package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"usher/identity"
)

// SDKs of the established implementation expect the token endpoint as issuer.
func TestTokenEndpointIsIssuer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		issuer := s.issuer(tenant) + "/oauth2/token"
		ctx := oidc.ClientContext(t.Context(), s.Client())
		provider, err := oidc.NewProvider(ctx, issuer) // which refuses metadata of another issuer
		if err != nil {
			t.Fatal(err)
		}
		a := s.application(tenant, "sdk", "")
		s.call("PATCH", strings.TrimPrefix(s.issuer(tenant), s.URL)+"/api/server/v1/applications/"+a.id,
			`{"advancedConfigurations":{"tokenEndpointIsIssuer":true},"inboundProtocolConfiguration":{"oidc":{"accessToken":{"type":"JWT"}}}}`, http.StatusOK)
		c, browser, verifier := s.oauth(a), s.browser(), oauth2.GenerateVerifier()
		key := s.begin(t, browser, c, verifier)
		done := s.signUp(tenant, a.id, "ada@example.com", "correct horse battery")
		at, _ := post(t, browser, s.issuer(tenant)+"/commonauth", url.Values{"sessionDataKey": {key}, "userAssertion": {done["userAssertion"].(string)}})
		if got := at.Query().Get("iss"); got != issuer {
			t.Errorf("the answer names the issuer %q", got)
		}
		token, err := c.Exchange(ctx, at.Query().Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := token.Extra("id_token").(string)
		if _, err := provider.Verifier(&oidc.Config{ClientID: a.clientID}).Verify(ctx, raw); err != nil {
			t.Error(err)
		}
		if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token)); err != nil {
			t.Error(err)
		}
		at, _ = visit(t, browser, c.AuthCodeURL("the-state", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none"),
			oauth2.SetAuthURLParam("id_token_hint", raw), oauth2.SetAuthURLParam("acr_values", "phr")))
		if at.Query().Get("error") != "login_required" || at.Query().Get("iss") != issuer {
			t.Errorf("the refusal leads to %s", at)
		}
	}
}

// An application's own page gets the key, and can lead to the hosted login.
func TestLoginPageOfAnApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.application(identity.DefaultTenant, "own", "")
	s.call("PATCH", "/api/server/v1/applications/"+a.id, `{"advancedConfigurations":{"loginPageUrl":"https://app.example.com/enter?x=%20y"}}`, http.StatusOK)
	c, browser, verifier := s.oauth(a), s.browser(), oauth2.GenerateVerifier()
	enter := func(options ...oauth2.AuthCodeOption) *url.URL {
		at, _ := visit(t, browser, c.AuthCodeURL("the-state", append(options, oauth2.S256ChallengeOption(verifier))...))
		return at
	}
	at := enter()
	if !strings.HasPrefix(at.String(), "https://app.example.com/enter?x=%20y&") {
		t.Fatalf("the sign-in begins at %s", at)
	}
	hosted, resp := visit(t, browser, at.Query().Get("loginUrl"))
	if resp.StatusCode != http.StatusOK || hosted.Query().Get("sessionDataKey") != at.Query().Get("sessionDataKey") {
		t.Errorf("the hosted login is at %s, status %d", hosted, resp.StatusCode)
	}
	done := s.signUp(identity.DefaultTenant, a.id, "ada@example.com", "correct horse battery")
	at, _ = post(t, browser, s.URL+"/commonauth", url.Values{"sessionDataKey": {at.Query().Get("sessionDataKey")}, "userAssertion": {done["userAssertion"].(string)}})
	s.tokens(t, c, identity.DefaultTenant, at, verifier)
	// Of whom something is known, the rest is asked by the hosted login.
	if at := enter(oauth2.SetAuthURLParam("acr_values", "urn:usher:acr:mfa")); at.Path != "/accounts/login" {
		t.Errorf("the step-up begins at %s", at)
	}
}
