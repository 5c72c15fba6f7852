package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/oauth2"

	"usher/identity"
)

// spoken is a log that several may write.
type spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *spoken) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.text.Bytes())
}

// Nothing that somebody could show again is in the database, in its journal or
// in the most talkative log, in any form. It runs alone, because the library
// has one log for the process.
func TestNoBearerInClear(t *testing.T) {
	var log spoken
	h := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	before := slog.Default()
	slog.SetDefault(slog.New(aside{h}))
	defer slog.SetDefault(before)
	s := newSiteLogging(t, slog.New(h))
	secrets := map[string]string{}
	tenant := identity.DefaultTenant
	for name, settings := range map[string]string{"opaque": "", "JWT": `,"accessToken":{"type":"JWT"}`} {
		a, user := s.application(tenant, name, settings), s.user(tenant, name, "correct horse")
		for kind, value := range s.kinds(t, a, user) {
			secrets[name+" "+kind] = value
		}
		token := secrets[name+" refresh token"]
		next := s.refresh(t, a, token)
		secrets[name+" next refresh token"], secrets[name+" next access token"] = next.string("refresh_token"), next.string("access_token")
		// What is refused is talked about more.
		s.refresh(t, a, token+"x")
		s.ask(t, a, "/oauth2/introspect", "token", token)
		s.ask(t, a, "/oauth2/revoke", "token", next.string("access_token"))
		wrong := &app{tenant: tenant, clientID: a.clientID, secret: "a-secret-that-is-wrong-" + name}
		secrets[name+" wrong secret"] = wrong.secret
		s.refresh(t, wrong, next.string("refresh_token"))
		s.exchange(t, a, secrets[name+" code"], "the-verifier-that-does-not-fit-"+name+"-0123456789")
		secrets[name+" verifier"] = "the-verifier-that-does-not-fit-" + name + "-0123456789"
		s.do(t, request(t, http.MethodGet, s.URL+"/oauth2/userinfo?access_token="+token, ""))
		s.do(t, request(t, http.MethodGet, s.URL+"/oauth2/authorize?"+authorization(a, "id_token_hint", token).Encode(), ""))
		s.do(t, request(t, http.MethodGet, s.URL+"/oidc/logout?id_token_hint="+token, ""))
	}
	// A sign-in by the page, one from another site, and one over JSON.
	a, browser, verifier := s.application(tenant, "shop", ""), s.browser(), oauth2.GenerateVerifier()
	s.user(tenant, "ada", "Walnut-Harbour-71")
	secrets["password"], secrets["wrong password"], secrets["verifier"] = "Walnut-Harbour-71", "Copper-Thistle-93", verifier
	key := s.begin(t, browser, s.oauth(a), verifier)
	s.signInBy(t, browser, tenant, key, "ada", "Copper-Thistle-93")
	secrets["page's code"] = s.signInBy(t, browser, tenant, key, "ada", "Walnut-Harbour-71").Query().Get("code")
	token := s.assertion(t, tenant, s.user(tenant, "eve", "correct horse"), "BasicAuthenticator")
	by := s.do(t, request(t, http.MethodPost, s.URL+"/commonauth", values("sessionDataKey", key, "userAssertion", token).Encode()))
	secrets["posted assertion"], secrets["handover"] = token, strings.TrimPrefix(by.header.Get("Location"), s.URL+"/commonauth?handover=")
	visit(t, browser, by.header.Get("Location"))
	s.handOver(t, s.browser(), tenant, key, token+"x")

	kept := map[string][]byte{"the log": log.bytes(), "the database": s.kept()}
	if len(kept["the database"]) == 0 || len(kept["the log"]) == 0 {
		t.Fatal("there is nothing to look at")
	}
	for what, value := range secrets {
		if len(value) < 16 {
			t.Fatalf("the %s is %q", what, value)
		}
		for where, content := range kept {
			for _, form := range forms(value) {
				if bytes.Contains(content, form) {
					t.Errorf("%s holds the %s", where, what)
				}
			}
		}
	}
	// The same search finds what is kept and said.
	if !bytes.Contains(kept["the database"], []byte(a.clientID)) || !bytes.Contains(kept["the log"], []byte("oidc_error")) {
		t.Error("neither the client id is in the database nor the library's words in the log")
	}
}

// forms are ways in which a careless program keeps a value.
func forms(value string) [][]byte {
	list := [][]byte{
		[]byte(value), []byte(url.QueryEscape(value)), []byte(hex.EncodeToString([]byte(value))),
		[]byte(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(value)), "=")),
	}
	if sealed, err := base64.RawURLEncoding.DecodeString(value); err == nil {
		list = append(list, sealed, []byte(hex.EncodeToString(sealed)))
	}
	return list
}
