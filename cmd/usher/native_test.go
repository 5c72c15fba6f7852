package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"usher/identity"
)

// native is an application that draws the login itself.
func (s *site) native(name, settings string, login ...string) *app {
	s.t.Helper()
	a := s.application(identity.DefaultTenant, name, settings, login...)
	s.call(http.MethodPatch, "/api/server/v1/applications/"+a.id, `{"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`, http.StatusOK)
	return a
}

// assert hands an assertion over to the sign-in and returns what comes of it.
func (s *site) assert(flowID, userAssertion any) map[string]any {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"flowId": flowID, "userAssertion": userAssertion})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.call(http.MethodPost, "/oauth2/authn", string(body), http.StatusOK, "")
}

// asked are the parameters of the only way on.
func asked(t *testing.T, step map[string]any) string {
	t.Helper()
	next, _ := step["nextStep"].(map[string]any)
	list, _ := next["authenticators"].([]any)
	if len(list) != 1 {
		t.Fatalf("the sign-in waits for %v", step)
	}
	return strings.Join(names(list[0].(map[string]any)["requiredParams"]), " ")
}

// Who signs up on an application's own pages is signed in there, by the
// assertion that the flow ended with.
func TestAssertionEndsNativeSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, settings := range []string{"", `,"publicClient":true`} {
		a := s.native("shop"+settings, settings)
		c, verifier := s.oauth(a), oauth2.GenerateVerifier()
		step := s.directly(t, a, verifier).body
		email := a.clientID + "@example.com"
		done := s.signUp(a.tenant, a.id, email, "correct horse battery")
		answer := s.assert(step["flowId"], done["userAssertion"])
		data, _ := answer["authData"].(map[string]any)
		if answer["flowStatus"] != "SUCCESS_COMPLETED" || data["state"] != "the-state" || data["iss"] != s.URL {
			t.Fatalf("the assertion is answered with %v", answer)
		}
		at, err := url.Parse(redirectURI + "?" + url.Values{"code": {data["code"].(string)}, "state": {"the-state"}, "iss": {s.URL}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		_, claims := s.tokens(t, c, a.tenant, at, verifier)
		if u, err := s.store.FindUserByName(t.Context(), a.tenant, strings.ToLower(email)); err != nil || claims["sub"] != u.ID {
			t.Errorf("signed in as %v: %v", claims["sub"], err)
		}

		again := s.directly(t, a, verifier).body
		if got := asked(t, s.assert(again["flowId"], done["userAssertion"])); got != "username password" {
			t.Errorf("after an assertion that is spent the sign-in asks for %s", got)
		}
	}
}

// What an assertion does not prove is asked for; one that is no good is as
// good as none, and a browser's sign-in takes none this way.
func TestAssertionInNativeSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	a := s.native("bank", `,"publicClient":true`, "BasicAuthenticator", "email-otp-authenticator")
	step := s.directly(t, a, verifier).body
	for _, forged := range []string{"x", "e30.e30.e30"} {
		if got := asked(t, s.assert(step["flowId"], forged)); got != "username password" {
			t.Errorf("after %q the sign-in asks for %s", forged, got)
		}
	}
	done := s.signUp(a.tenant, a.id, "ada@example.com", "correct horse battery")
	if got := asked(t, s.assert(step["flowId"], done["userAssertion"])); got != "otp" {
		t.Errorf("after the password the sign-in asks for %s", got)
	}

	hosted := s.application(a.tenant, "hosted", "")
	key := s.begin(t, s.browser(), s.oauth(hosted), verifier)
	done = s.signUp(a.tenant, hosted.id, "grace@example.com", "correct horse battery")
	body, err := json.Marshal(map[string]any{"flowId": key, "userAssertion": done["userAssertion"]})
	if err != nil {
		t.Fatal(err)
	}
	s.call(http.MethodPost, "/oauth2/authn", string(body), http.StatusBadRequest, "")
}
