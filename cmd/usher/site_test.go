package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"usher/config"
	"usher/identity"
	"usher/notify"
	"usher/store"
	"usher/telemetry"
)

// site is a whole server over HTTPS on loopback, as browsers and OpenID
// clients see it. Its clock runs with the world's, ahead by what a test lets pass.
type site struct {
	*httptest.Server
	t     *testing.T
	parts *parts
	store store.Store
	mail  chan notify.Rendered
	kept  func() []byte // what there is in the database
	log   *slog.Logger

	mu    sync.Mutex
	ahead time.Duration
	seen  []*exchange // that documents describe
}

func newSite(t *testing.T, change ...func(*config.Config)) *site {
	t.Helper()
	return newSiteLogging(t, slog.New(slog.NewTextHandler(t.Output(), nil)), change...)
}

// usualLimits are those that a server has by default.
func usualLimits(c *config.Config) {
	c.RateLimits, c.LimitStarts, c.LimitPasswords, c.LimitMessages, c.LimitGuesses = config.On, 600, 300, 30, 20
	c.SMSDailyLimit, c.SMSTenantDailyLimit = 1000, 1000
}

func newSiteLogging(t *testing.T, log *slog.Logger, change ...func(*config.Config)) *site {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	st, kept := openTestStore(t)
	s := &site{t: t, store: st, kept: kept, log: log, Server: httptest.NewUnstartedServer(nil), mail: make(chan notify.Rendered, 100)}
	c := &config.Config{
		PublicURL: "https://" + s.Listener.Addr().String(), ExecutionLife: 15 * time.Minute, InvitationLife: 24 * time.Hour, OTPLife: 5 * time.Minute,
		SignInMaxFailures: 5, SignInLockTime: 5 * time.Minute, PasswordMinLength: 8, PasswordMaxLength: 128,
		CaptchaProvider: config.CaptchaNone, PasswordHashMemoryKiB: 8, PasswordHashTime: 1, OutboundAllow: []string{"127.0.0.0/8"},
	}
	usualLimits(c)
	for _, one := range change {
		one(c)
	}
	var err error
	if s.parts, err = wire(c, st, [][]byte{make([]byte, 32)}, log, s.now, eyes{metrics: telemetry.NewMetrics("test")}); err != nil {
		t.Fatal(err)
	}
	if err := s.parts.Keys.Ensure(ctx); err != nil {
		t.Fatal(err)
	}
	for _, tenant := range []string{identity.DefaultTenant, "acme"} {
		if err := st.CreateTenant(ctx, tenant); err != nil {
			t.Fatal(err)
		}
		if err := furnish(ctx, st, tenant, s.now()); err != nil {
			t.Fatal(err)
		}
		s.user(tenant, "admin", "Adm1n-password", identity.RoleAdmin)
	}
	worker := notify.NewWorker(notify.WorkerConfig{
		Outbox: st, Box: s.parts.Outbox, Words: s.parts.Words, Now: s.now, Log: log,
		Senders: map[notify.Channel]notify.Sender{notify.Email: mailbox(s.mail)},
	})
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	s.Config.Handler = asDocumented(t, s.parts.Handler, s.witness)
	s.StartTLS()
	t.Cleanup(func() {
		s.Close()
		cancel()
		<-done
	})
	return s
}

func (s *site) witness(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, x)
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead).UTC()
}

// later lets time pass on the server.
func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// user creates a user whose e-mail address is NAME@example.com and returns the
// id.
func (s *site) user(tenant, name, password string, roles ...string) string {
	s.t.Helper()
	ctx := context.Background()
	phc, err := s.parts.Hasher.Hash(ctx, password)
	if err != nil {
		s.t.Fatal(err)
	}
	u, err := s.store.CreateUser(ctx, "", &identity.User{
		Tenant: tenant, ID: uuid.NewString(), Username: name, Roles: roles, Created: s.now(), Modified: s.now(),
		Claims: map[string]string{identity.ClaimEmail: name + "@example.com", identity.ClaimGivenName: "Ada", identity.ClaimFamilyName: "Byron"},
	}, identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: phc}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return u.ID
}

// call makes a request of a management API as the tenant's administrator, or
// with another Authorization, and returns the answer.
func (s *site) call(method, path, body string, want int, authorization ...string) map[string]any {
	s.t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth("admin", "Adm1n-password")
	if len(authorization) > 0 {
		r.Header.Set("Authorization", authorization[0])
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	if resp.StatusCode != want {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, want, text)
	}
	return answer
}

// app is an application as its OAuth client knows itself.
type app struct {
	id, clientID, secret string
	tenant               string
}

// redirectURI is where the applications of the tests take codes. Nobody is
// there: browsers stop before they go.
const redirectURI = "https://app.example.com/callback"

// application creates one. settings are members of its oidc configuration, login
// the options of each step.
func (s *site) application(tenant, name, settings string, login ...string) *app {
	s.t.Helper()
	steps := make([]string, len(login))
	for i, options := range login {
		var list []string
		for o := range strings.FieldsSeq(options) {
			list = append(list, fmt.Sprintf(`{"idp":"LOCAL","authenticator":%q}`, o))
		}
		steps[i] = fmt.Sprintf(`{"id":%d,"options":[%s]}`, i+1, strings.Join(list, ","))
	}
	body := fmt.Sprintf(`{"name":%q,"accessUrl":"https://app.example.com/","inboundProtocolConfiguration":{"oidc":{
		"callbackURLs":[%q],"logoutRedirectURLs":["https://app.example.com/bye"]%s}}`, name, redirectURI, settings)
	if len(login) > 0 {
		body += fmt.Sprintf(`,"authenticationSequence":{"type":"USER_DEFINED","steps":[%s]}`, strings.Join(steps, ","))
	}
	path := "/api/server/v1/applications"
	if tenant != identity.DefaultTenant {
		path = "/t/" + tenant + path
	}
	made := s.call(http.MethodPost, path, body+"}", http.StatusCreated)
	oidc, _ := made["inboundProtocolConfiguration"].(map[string]any)["oidc"].(map[string]any)
	a := &app{tenant: tenant, id: made["id"].(string), clientID: oidc["clientId"].(string)}
	a.secret, _ = oidc["clientSecret"].(string)
	return a
}

// browser returns a client with cookies that follows redirects within the
// server and stops before it leaves it.
func (s *site) browser() *http.Client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, Transport: s.Client().Transport, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), s.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// issuer is the tenant's.
func (s *site) issuer(tenant string) string {
	if tenant == identity.DefaultTenant {
		return s.URL
	}
	return s.URL + "/t/" + tenant
}

// oauth is the application's OAuth client.
func (s *site) oauth(a *app, scopes ...string) *oauth2.Config {
	base := s.issuer(a.tenant)
	return &oauth2.Config{
		ClientID: a.clientID, ClientSecret: a.secret, RedirectURL: redirectURI, Scopes: append([]string{"openid"}, scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: base + "/oauth2/authorize", TokenURL: base + "/oauth2/token"},
	}
}

// visit opens an address in the browser and returns where it ends: the URL it
// was sent to, or the last page.
func visit(t *testing.T, browser *http.Client, address string) (*url.URL, *http.Response) {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	return arrived(t, resp)
}

// post sends a form from a page of the server.
func post(t *testing.T, browser *http.Client, address string, form url.Values) (*url.URL, *http.Response) {
	t.Helper()
	resp, err := browser.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	return arrived(t, resp)
}

func arrived(t *testing.T, resp *http.Response) (*url.URL, *http.Response) {
	t.Helper()
	resp.Body.Close()
	if location, err := resp.Location(); err == nil {
		return location, resp
	}
	return resp.Request.URL, resp
}

// signUp registers somebody over the API, in a flow that signs them in, and
// returns what it ends with.
func (s *site) signUp(tenant, application, email, password string) map[string]any {
	s.t.Helper()
	prefix := strings.TrimPrefix(s.issuer(tenant), s.URL)
	path := prefix + "/api/server/v1/flow/execute"
	s.call(http.MethodPatch, prefix+"/api/server/v1/flow/config",
		`{"flowType":"REGISTRATION","isEnabled":true,"flowCompletionConfigs":{"isAutoLoginEnabled":"true"}}`, http.StatusOK)
	first := s.call(http.MethodPost, path, fmt.Sprintf(`{"flowType":"REGISTRATION","applicationId":%q}`, application), http.StatusOK)
	last := s.call(http.MethodPost, path, fmt.Sprintf(`{"flowId":%q,"actionId":"submit-registration","inputs":{"email":%q,"password":%q}}`,
		first["flowId"], email, password), http.StatusOK)
	if last["flowStatus"] != "COMPLETE" {
		s.t.Fatalf("the registration ends with %v", last)
	}
	return last["data"].(map[string]any)
}
