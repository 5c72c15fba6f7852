package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"usher/identity"
)

// people sign in with the password "right".
type people struct{}

func (people) SignIn(_ context.Context, tenant, username, password string) (*identity.User, error) {
	switch {
	case username == "fault":
		return nil, errors.New("the database is away")
	case username == "busy":
		return nil, identity.ErrBusy
	case password != "right" || tenant != "acme":
		return nil, identity.ErrBadCredentials
	case username == "admin":
		return &identity.User{Username: username, Roles: []string{"other", identity.RoleAdmin}}, nil
	}
	return &identity.User{Username: username, Roles: []string{"other"}}, nil
}

func TestGuard(t *testing.T) {
	t.Parallel()
	guard := &Guard{Authenticator: people{}, Log: slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		name, scope, username, password, tenant string
		status                                  int
		code                                    string
	}{
		{"an administrator", "internal_x", "admin", "right", "acme", http.StatusOK, ""},
		{"a user, where any will do", "", "ada", "right", "acme", http.StatusOK, ""},
		{"a user", "internal_x", "ada", "right", "acme", http.StatusForbidden, "UE-10403"},
		{"a wrong password", "internal_x", "admin", "wrong", "acme", http.StatusUnauthorized, "UE-10401"},
		{"another tenant's administrator", "internal_x", "admin", "right", "other", http.StatusUnauthorized, "UE-10401"},
		{"nobody", "", "", "", "acme", http.StatusUnauthorized, "UE-10401"},
		{"too many at once", "", "busy", "right", "acme", http.StatusTooManyRequests, "FE-60202"},
		{"a fault", "", "fault", "right", "acme", http.StatusInternalServerError, "UE-10000"},
	} {
		var served *identity.User
		h := guard.Require(c.scope, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { served = User(r.Context()) }))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("tenant", c.tenant)
		if c.username != "" {
			r.SetBasicAuth(c.username, c.password)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || (served != nil) != (c.status == http.StatusOK) {
			t.Errorf("%s: status %d, served %+v", c.name, w.Code, served)
		}
		if c.status == http.StatusOK {
			if served != nil && served.Username != c.username {
				t.Errorf("%s: served %q", c.name, served.Username)
			}
			continue
		}
		p := problem(t, w)
		if p["code"] != c.code {
			t.Errorf("%s: %v", c.name, p)
		}
		challenge := w.Header().Get("WWW-Authenticate")
		if (challenge == `Basic realm="Usher", charset="UTF-8"`) != (c.status == http.StatusUnauthorized) {
			t.Errorf("%s: challenge %q", c.name, challenge)
		}
		if c.status == http.StatusForbidden && !strings.Contains(p["description"].(string), c.scope) {
			t.Errorf("%s: the scope is not named: %v", c.name, p)
		}
	}
	if User(t.Context()) != nil {
		t.Error("somebody is calling outside of Require")
	}
}

// keyring knows access tokens by what they say.
type keyring struct{}

func (keyring) VerifyAccess(_ context.Context, tenant, token string) (*Bearer, error) {
	switch {
	case token == "fault":
		return nil, errors.New("the database is away")
	case tenant != "acme":
		return nil, ErrToken
	case token == "machine":
		return &Bearer{Application: "app", Scopes: []string{"internal_x"}}, nil
	case token == "admin":
		return &Bearer{User: &identity.User{Username: "admin", Roles: []string{identity.RoleAdmin}}, Scopes: []string{"openid", "internal_x"}}, nil
	case token == "user":
		return &Bearer{User: &identity.User{Username: "ada", Roles: []string{"other"}}, Scopes: []string{"openid", "internal_x"}}, nil
	}
	return nil, ErrToken
}

func TestGuardByToken(t *testing.T) {
	t.Parallel()
	guard := &Guard{Authenticator: people{}, Tokens: keyring{}, Log: slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		name, scope, authorization, tenant string
		status                             int
		says, challenge                    string
	}{
		{"an application", "internal_x", "Bearer machine", "acme", http.StatusOK, "", ""},
		{"the scheme in capitals", "internal_x", "BEARER machine", "acme", http.StatusOK, "", ""},
		{"an application without the scope", "internal_y", "Bearer machine", "acme", http.StatusForbidden, "internal_y", `error="insufficient_scope", scope="internal_y"`},
		{"an application, where users are wanted", "", "Bearer machine", "acme", http.StatusForbidden, "for users", `error="insufficient_scope"`},
		{"an administrator", "internal_x", "Bearer admin", "acme", http.StatusOK, "", ""},
		{"an administrator's token without the scope", "internal_y", "Bearer admin", "acme", http.StatusForbidden, "the access token does not grant", `scope="internal_y"`},
		{"a user's token with a scope that is not theirs", "internal_x", "Bearer user", "acme", http.StatusForbidden, "roles do not grant", `scope="internal_x"`},
		{"a user, where any will do", "", "Bearer user", "acme", http.StatusOK, "", ""},
		{"another tenant's", "internal_x", "Bearer machine", "other", http.StatusUnauthorized, "", `error="invalid_token"`},
		{"no token of ours", "", "Bearer x", "acme", http.StatusUnauthorized, "", `error="invalid_token"`},
		{"no token", "", "Bearer ", "acme", http.StatusUnauthorized, "", `error="invalid_token"`},
		{"a fault", "", "Bearer fault", "acme", http.StatusInternalServerError, "", ""},
	} {
		served := false
		h := guard.Require(c.scope, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { served = User(r.Context()) != nil }))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("tenant", c.tenant)
		r.Header.Set("Authorization", c.authorization)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || served != (c.status == http.StatusOK) {
			t.Errorf("%s: status %d, served %v", c.name, w.Code, served)
		}
		if !strings.Contains(w.Body.String(), c.says) || !strings.Contains(w.Header().Get("WWW-Authenticate"), c.challenge) {
			t.Errorf("%s: %s, challenge %q", c.name, w.Body, w.Header().Get("WWW-Authenticate"))
		}
	}
}

// What a caller has is what a token was given, of that what the user's roles
// grant, and nothing outside of Require.
func TestMay(t *testing.T) {
	t.Parallel()
	guard := &Guard{Authenticator: people{}, Tokens: keyring{}, Log: slog.New(slog.DiscardHandler)}
	for authorization, want := range map[string][2]bool{"Bearer machine": {true, false}, "Bearer admin": {true, false}, "Bearer user": {false, false}, "": {true, true}} {
		got := [2]bool{}
		h := guard.Require("", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = [2]bool{May(r.Context(), "internal_x"), May(r.Context(), "internal_y")}
		}))
		if authorization == "Bearer machine" {
			h = guard.Require("internal_x", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = [2]bool{May(r.Context(), "internal_x"), May(r.Context(), "internal_y")}
			}))
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("tenant", "acme")
		r.Header.Set("Authorization", authorization)
		if authorization == "" {
			r.SetBasicAuth("admin", "right")
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%s has %v, want %v", authorization, got, want)
		}
	}
	if May(t.Context(), "internal_x") {
		t.Error("somebody has a scope outside of Require")
	}
}

// Every reason to be refused has the same answer.
func TestGuardGivesNoReason(t *testing.T) {
	t.Parallel()
	guard := &Guard{Authenticator: people{}, Log: slog.New(slog.DiscardHandler)}
	answers := map[string]bool{}
	for _, authorization := range []string{
		"", "Basic", "Basic !", "Basic YWRtaW4=", "Basic YWRtaW46d3Jvbmc=", "Bearer x", "Digest x", "Basic bm9ib2R5OnJpZ2h0\x7f",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		guard.Require("internal_x", http.NotFoundHandler()).ServeHTTP(w, r)
		p := problem(t, w)
		delete(p, "traceId")
		answers[w.Header().Get("WWW-Authenticate")+p["code"].(string)+p["message"].(string)+p["description"].(string)] = true
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%q: status %d", authorization, w.Code)
		}
	}
	if len(answers) != 1 {
		t.Errorf("answers %v", answers)
	}
}
