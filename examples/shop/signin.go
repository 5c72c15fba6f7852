package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// person is somebody who has signed in.
type person struct {
	Subject  string
	Name     string
	Email    string
	Methods  []string
	SignedIn time.Time
	idToken  string
}

// login is a sign-in on its way: what its answer has to fit.
type login struct{ state, nonce, verifier string }

func newLogin() login { return login{rand.Text(), rand.Text(), oauth2.GenerateVerifier()} }

// options of the authorization request that begins the login.
func (l login) options(more ...oauth2.AuthCodeOption) []oauth2.AuthCodeOption {
	return append(more, oidc.Nonce(l.nonce), oauth2.S256ChallengeOption(l.verifier))
}

// login sends somebody to the provider's pages.
func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	l := newLogin()
	s.logins.keep(w, l, 15*time.Minute)
	http.Redirect(w, r, s.oauth.AuthCodeURL(l.state, l.options()...), http.StatusSeeOther)
}

// callback takes what the provider answers, in the browser that asked.
func (s *shop) callback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	l, ok := s.logins.take(w, r)
	if !ok || q.Get("state") != l.state || q.Get("iss") != s.issuer || q.Get("code") == "" {
		s.goOn(w, r, "failed", errors.New("the answer fits no sign-in of this browser"))
		return
	}
	s.goOn(w, r, "failed", s.signIn(w, r, l, q.Get("code")))
}

// joined takes over somebody who has just signed up on the page. The assertion
// says what they proved doing so; where that is not enough to be signed in,
// they sign in like everybody else.
func (s *shop) joined(w http.ResponseWriter, r *http.Request) {
	l := newLogin()
	code, err := s.redeem(r.Context(), l, r.PostFormValue("assertion"))
	if err == nil {
		err = s.signIn(w, r, l, code)
	}
	s.goOn(w, r, "joined", err)
}

// redeem begins a sign-in without a browser and ends it with the assertion. It
// returns the code.
func (s *shop) redeem(ctx context.Context, l login, assertion string) (string, error) {
	_, form, _ := strings.Cut(s.oauth.AuthCodeURL(l.state, l.options(oauth2.SetAuthURLParam("response_mode", "direct"))...), "?")
	var begun struct {
		FlowID string `json:"flowId"`
	}
	if err := s.post(ctx, s.oauth.Endpoint.AuthURL, "application/x-www-form-urlencoded", form, &begun); err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]string{"flowId": begun.FlowID, "userAssertion": assertion})
	if err != nil {
		return "", err
	}
	var ended struct {
		AuthData struct{ Code, State, Iss string }
	}
	if err := s.post(ctx, s.issuer+"/oauth2/authn", "application/json", string(body), &ended); err != nil {
		return "", err
	}
	if a := ended.AuthData; a.Code == "" || a.State != l.state || a.Iss != s.issuer {
		return "", errors.New("the assertion is not enough to be signed in")
	}
	return ended.AuthData.Code, nil
}

// post makes a request as the shop and reads the JSON it is answered with.
func (s *shop) post(ctx context.Context, to, contentType, body string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	req.SetBasicAuth(s.clientID, s.clientSecret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", to, resp.Status)
	}
	return json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(answer)
}

// signIn exchanges the code and begins a session of whom the ID token is about.
// The tokens stay here.
func (s *shop) signIn(w http.ResponseWriter, r *http.Request, l login, code string) error {
	tokens, err := s.oauth.Exchange(r.Context(), code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		return err
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := s.verifier.Verify(r.Context(), raw)
	if err != nil {
		return err
	}
	if id.Nonce != l.nonce {
		return errors.New("the ID token is of another sign-in")
	}
	var claims struct {
		Name     string   `json:"name"`
		Username string   `json:"preferred_username"`
		Email    string   `json:"email"`
		Methods  []string `json:"amr"`
		AuthTime int64    `json:"auth_time"`
	}
	if err := id.Claims(&claims); err != nil {
		return err
	}
	if claims.Name == "" {
		claims.Name = claims.Username
	}
	s.sessions.take(w, r) // whoever was signed in before
	s.sessions.keep(w, person{id.Subject, claims.Name, claims.Email, claims.Methods, time.Unix(claims.AuthTime, 0), raw}, 12*time.Hour)
	return nil
}

// logout ends the session here and then, in the browser, at the provider
// (OpenID Connect RP-Initiated Logout 1.0).
func (s *shop) logout(w http.ResponseWriter, r *http.Request) {
	p, ok := s.sessions.take(w, r)
	if !ok {
		s.goOn(w, r, "", nil)
		return
	}
	q := url.Values{"id_token_hint": {p.idToken}, "post_logout_redirect_uri": {s.url + "/?notice=bye"}}
	http.Redirect(w, r, s.endSession+"?"+q.Encode(), http.StatusSeeOther)
}

// goOn brings the browser back to the page, with a notice after an error.
func (s *shop) goOn(w http.ResponseWriter, r *http.Request, notice string, err error) {
	to := "/"
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		to = "/?notice=" + url.QueryEscape(notice)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
