package applicationapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/application"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.call("POST", path, sample)
	created := want[app](t, w, http.StatusCreated)
	secret, one := created.Inbound.OIDC.Secret, int64(1)
	expected := app{
		ID: created.ID, Name: "Shop", ClientID: created.ClientID,
		Inbound: inbound{oidc{
			ClientID: created.ClientID, Secret: secret, Grants: []string{"authorization_code", "refresh_token"},
			CallbackURLs: []string{"https://shop.example.com/cb"}, LogoutURLs: []string{}, Origins: []string{},
			PKCE: pkce{Mandatory: true}, AccessToken: accessToken{"Default", 3600, 3600}, RefreshToken: refreshToken{86400, true}, IDToken: idToken{3600, "RS256"},
		}},
		Sequence: sequence{"DEFAULT", []step{{&one, []option{{"LOCAL", "BasicAuthenticator"}}}}},
		Scopes:   []string{},
	}
	if diff := cmp.Diff(expected, created); diff != "" || created.ID == "" || len(created.ClientID) < 26 || len(secret) < 43 {
		t.Error(diff, created.ID, created.ClientID)
	}
	at := path + "/" + created.ID
	if w.Header().Get("Location") != at || w.Header().Get("ETag") == "" {
		t.Errorf("headers %v", w.Header())
	}
	stored, err := s.store.FindApplication(t.Context(), identity.DefaultTenant, created.ID)
	if err != nil || !stored.Client.CheckSecret(secret) || !stored.Created.Equal(s.now) || !stored.Modified.Equal(s.now) {
		t.Errorf("%+v, %v", stored, err)
	}

	// The secret was told once.
	expected.Inbound.OIDC.Secret = ""
	for _, w := range []*httptest.ResponseRecorder{s.call("GET", at, ""), s.call("PATCH", at, `{}`), s.call("PATCH", at, `{"description":null}`)} {
		if diff := cmp.Diff(expected, want[app](t, w, http.StatusOK)); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(expected.Inbound.OIDC, want[oidc](t, s.call("GET", at+"/inbound-protocols/oidc", ""), http.StatusOK)); diff != "" {
		t.Error(diff)
	}
	for _, w := range []*httptest.ResponseRecorder{s.call("GET", at, ""), s.call("GET", path, ""), s.call("GET", at+"/inbound-protocols/oidc", "")} {
		if strings.Contains(w.Body.String(), "Secret") || strings.Contains(w.Body.String(), secret) || strings.Contains(w.Body.String(), stored.Client.SecretDigest) {
			t.Errorf("the secret is told again: %s", w.Body)
		}
	}
	if strings.Contains(s.log.String(), secret) {
		t.Error("the secret is in the log")
	}
}

func TestEverySetting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.connect(identity.DefaultTenant, "Main", "GoogleExecutor", true)
	const body = `{"name":"Shop","description":"Where\npeople buy","accessUrl":"https://shop.example.com/#/","authorizedScopes":["internal_user_mgt_view"],
		"inboundProtocolConfiguration":{"oidc":{"clientId":"shop-1","publicClient":true,"grantTypes":["authorization_code"],
			"callbackURLs":["https://shop.example.com/cb","http://127.0.0.1:8080/cb","com.example.shop:/cb"],"logoutRedirectURLs":["https://shop.example.com/bye"],
			"allowedOrigins":["https://shop.example.com","http://localhost:3000"],"pkce":{"mandatory":true,"supportPlainTransformAlgorithm":false},
			"accessToken":{"type":"JWT","userAccessTokenExpiryInSeconds":600,"applicationAccessTokenExpiryInSeconds":600},
			"refreshToken":{"expiryInSeconds":31536000,"renewRefreshToken":true},"idToken":{"expiryInSeconds":60,"idTokenSignedResponseAlg":"ES256"}}},
		"authenticationSequence":{"type":"USER_DEFINED","steps":[{"id":1,"options":[{"idp":"LOCAL","authenticator":"BasicAuthenticator"},{"idp":"Main","authenticator":"GoogleOIDCAuthenticator"}]},
			{"id":2,"options":[{"idp":"LOCAL","authenticator":"email-otp-authenticator"}]}]},
		"advancedConfigurations":{"enableAPIBasedAuthentication":true,"loginPageUrl":"https://shop.example.com/enter?x=1","tokenEndpointIsIssuer":true}}`
	created := s.create(body)
	stored, err := s.store.FindApplication(t.Context(), identity.DefaultTenant, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	expected := &application.Application{
		Tenant: identity.DefaultTenant, ID: created.ID, Name: "Shop", Description: "Where\npeople buy", AccessURL: "https://shop.example.com/#/", Created: s.now, Modified: s.now, Revision: 1,
		Client: application.Client{
			ID: "shop-1", Public: true, RedirectURIs: []string{"https://shop.example.com/cb", "http://127.0.0.1:8080/cb", "com.example.shop:/cb"},
			PostLogoutURIs: []string{"https://shop.example.com/bye"}, Origins: []string{"https://shop.example.com", "http://localhost:3000"},
			Grants: []string{"authorization_code"}, Scopes: []string{"internal_user_mgt_view"}, RequirePKCE: true, Direct: true, LoginPage: "https://shop.example.com/enter?x=1", TokenEndpointIssuer: true, IDTokenAlgorithm: "ES256", JWTAccessToken: true,
			AccessTokenLife: 10 * time.Minute, IDTokenLife: time.Minute, RefreshTokenLife: 365 * 24 * time.Hour,
		},
		Login: []application.Step{
			{Options: []application.Option{{Authenticator: application.Password}, {Authenticator: google, Connection: "Main"}}}, {Options: []application.Option{{Authenticator: emailOTP}}},
		},
	}
	if diff := cmp.Diff(expected, stored); diff != "" {
		t.Error(diff)
	}
	// What a GET shows can be sent back, and changes nothing.
	shown := s.call("GET", path+"/"+created.ID, "")
	s.now = s.now.Add(time.Hour)
	again := s.call("PATCH", path+"/"+created.ID, shown.Body.String())
	want[app](t, again, http.StatusOK)
	if again.Body.String() != shown.Body.String() || again.Header().Get("ETag") != shown.Header().Get("ETag") {
		t.Errorf("%v %s\nwas\n%v %s", again.Header(), again.Body, shown.Header(), shown.Body)
	}
	for _, origin := range []string{"https://shop.example.com", "http://localhost:3000"} {
		if ok, err := s.store.OriginAllowed(t.Context(), origin); !ok || err != nil {
			t.Errorf("%s: %v, %v", origin, ok, err)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := path + "/" + s.create(sample).ID
	for _, c := range []struct{ method, path, scope string }{
		{"GET", path, ScopeView},
		{"POST", path, ScopeCreate},
		{"GET", at, ScopeView},
		{"PATCH", at, ScopeUpdate},
		{"DELETE", at, ScopeDelete},
		{"GET", at + "/inbound-protocols/oidc", ScopeView},
		{"POST", at + "/inbound-protocols/oidc/regenerate-secret", ScopeUpdate},
	} {
		want[any](t, s.callAs("", c.method, c.path, "{}"), http.StatusUnauthorized)
		p := want[httpapi.Problem](t, s.callAs("nobody", c.method, c.path, "{}"), http.StatusForbidden)
		if !strings.Contains(p.Description, c.scope) {
			t.Errorf("%s %s: %s", c.method, c.path, p.Description)
		}
		if !slices.Contains(httpapi.Scopes(), c.scope) {
			t.Errorf("%s is not one of the scopes", c.scope)
		}
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine := s.create(sample)
	w := s.call("POST", "/t/acme"+path, sample)
	theirs := want[app](t, w, http.StatusCreated)
	if location := w.Header().Get("Location"); location != "/t/acme"+path+"/"+theirs.ID {
		t.Errorf("Location %q", location)
	}
	for _, call := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"GET", "/inbound-protocols/oidc"}, {"POST", "/inbound-protocols/oidc/regenerate-secret"}} {
		for _, id := range []string{mine.ID, "unknown", "%2e%2e"} {
			if p := want[httpapi.Problem](t, s.call(call[0], "/t/acme"+path+"/"+id+call[1], "{}"), http.StatusNotFound); p.Code != codeUnknown {
				t.Errorf("%s: %+v", call, p)
			}
		}
	}
	if list := want[page](t, s.call("GET", "/t/acme"+path, ""), http.StatusOK); list.Total != 1 || list.Applications[0].ID != theirs.ID || list.Applications[0].Self != "/t/acme"+path+"/"+theirs.ID {
		t.Errorf("%+v", list)
	}
	want[app](t, s.call("GET", path+"/"+mine.ID, ""), http.StatusOK)
}

func TestTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.create(sample)
	for _, name := range []string{"Shop", "SHOP"} {
		if p := want[httpapi.Problem](t, s.call("POST", path, strings.Replace(sample, "Shop", name, 1)), http.StatusConflict); p.Code != codeTaken || !strings.Contains(p.Description, "name") {
			t.Errorf("%s: %+v", name, p)
		}
	}
	second := s.create(strings.Replace(sample, "Shop", "Second", 1))
	want[any](t, s.call("PATCH", path+"/"+second.ID, `{"name":"shop"}`), http.StatusConflict)
	body := strings.NewReplacer("Shop", "Third", `"callbackURLs"`, `"clientId":"`+first.ClientID+`","callbackURLs"`).Replace(sample)
	if p := want[httpapi.Problem](t, s.call("POST", path, body), http.StatusConflict); p.Code != codeTaken || !strings.Contains(p.Description, "clientId") {
		t.Errorf("%+v", p)
	}
	want[app](t, s.call("POST", "/t/acme"+path, body), http.StatusCreated)
}

func TestRegenerate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	created := s.create(sample)
	at := path + "/" + created.ID + "/inbound-protocols/oidc/regenerate-secret"
	seen := []string{created.Inbound.OIDC.Secret}
	for range 2 {
		s.now = s.now.Add(time.Minute)
		made := want[oidc](t, s.call("POST", at, ""), http.StatusOK)
		stored, err := s.store.FindApplication(t.Context(), identity.DefaultTenant, created.ID)
		if err != nil || !stored.Client.CheckSecret(made.Secret) || slices.ContainsFunc(seen, stored.Client.CheckSecret) || !stored.Modified.Equal(s.now) {
			t.Errorf("%+v, %v", stored, err)
		}
		seen = append(seen, made.Secret)
		made.Secret = ""
		if diff := cmp.Diff(want[app](t, s.call("GET", path+"/"+created.ID, ""), http.StatusOK).Inbound.OIDC, made); diff != "" {
			t.Error(diff)
		}
	}
	want[app](t, s.call("PATCH", path+"/"+created.ID, `{"inboundProtocolConfiguration":{"oidc":{"publicClient":true}}}`), http.StatusOK)
	if p := want[httpapi.Problem](t, s.call("POST", at, ""), http.StatusBadRequest); p.Code != codePublic {
		t.Errorf("%+v", p)
	}
	for _, secret := range seen {
		if strings.Contains(s.log.String(), secret) {
			t.Error("a secret is in the log")
		}
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.call("POST", path, sample)
	at, old := w.Header().Get("Location"), w.Header().Get("ETag")
	if w = s.call("PATCH", at, `{"description":"x"}`, "If-Match", old); w.Code != http.StatusOK || w.Header().Get("ETag") == old {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	tag := w.Header().Get("ETag")
	for _, call := range [][2]string{{"PATCH", ""}, {"DELETE", ""}, {"POST", "/inbound-protocols/oidc/regenerate-secret"}} {
		for _, header := range []string{old, "W/" + tag, `"x", ` + old, "x", ""} {
			if p := want[httpapi.Problem](t, s.call(call[0], at+call[1], `{"description":"y"}`, "If-Match", header), http.StatusPreconditionFailed); p.Code != codeChanged {
				t.Errorf("%s %s: %+v", call, header, p)
			}
		}
	}
	want[oidc](t, s.call("POST", at+"/inbound-protocols/oidc/regenerate-secret", "", "If-Match", tag), http.StatusOK)
	want[any](t, s.call("DELETE", at, "", "If-Match", tag), http.StatusPreconditionFailed)
	want[app](t, s.call("PATCH", at, `{}`, "If-Match", "*"), http.StatusOK)
	want[any](t, s.call("DELETE", at, "", "If-Match", `"9", "3"`), http.StatusNoContent)
	want[any](t, s.call("DELETE", at, "", "If-Match", "*"), http.StatusNotFound)
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := path + "/" + s.create(sample).ID
	want[any](t, s.call("DELETE", at, ""), http.StatusNoContent)
	want[any](t, s.call("DELETE", at, ""), http.StatusNotFound)
	want[any](t, s.call("GET", at, ""), http.StatusNotFound)
	s.create(sample) // its name is free again
}

// away is a store that cannot be reached.
type away struct{ application.Applications }

var errAway = errors.New("the database is away")

func (away) FindApplication(context.Context, string, string) (*application.Application, error) {
	return nil, errAway
}

func (away) ListApplications(context.Context, string, int, int) ([]application.Application, int, error) {
	return nil, 0, errAway
}

func (away) CreateApplication(context.Context, *application.Application) (*application.Application, error) {
	return nil, errAway
}

func (away) UpdateApplication(context.Context, string, string, func(*application.Application) error) (*application.Application, error) {
	return nil, errAway
}
func (away) DeleteApplication(context.Context, string, string) error { return errAway }

func TestFaults(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	s := &site{t: t, routes: httpapi.NewRoutes(nil)}
	(&API{Applications: away{}, Authenticators: authenticators, Now: time.Now, Log: log}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	for _, call := range [][2]string{
		{"GET", path},
		{"GET", path + "?filter=name+eq+x"},
		{"POST", path},
		{"GET", path + "/x"},
		{"PATCH", path + "/x"},
		{"DELETE", path + "/x"},
		{"GET", path + "/x/inbound-protocols/oidc"},
		{"POST", path + "/x/inbound-protocols/oidc/regenerate-secret"},
	} {
		p := want[httpapi.Problem](t, s.call(call[0], call[1], sample), http.StatusInternalServerError)
		if p.Code != codeFault || p.TraceID == "" || strings.Contains(p.Description, "away") {
			t.Errorf("%s: %+v", call, p)
		}
	}
}
