package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/connection"
	"usher/engine"
	"usher/flow"
	"usher/identity"
)

// What cannot run is refused with the engine's reasons, and leaves nothing.
func TestHostileDefinitions(t *testing.T) {
	t.Parallel()
	r := NewRegistry(config(t))
	deep := strings.Repeat(`{"id":"c","type":"FORM","components":[`, 40) + strings.Repeat(`]}`, 40)
	many := strings.TrimSuffix(strings.Repeat(`{"id":"c","type":"DIVIDER"},`, 5000), ",")
	steps := make([]string, 300)
	for i := range steps {
		steps[i] = fmt.Sprintf(`{"id":"s%d","type":"VIEW","data":{"components":[]}}`, i)
	}
	circle := `{"id":"a","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"},"next":"b"}}},` +
		`{"id":"b","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"},"next":"a"}}}`
	for name, document := range map[string][]byte{
		"nothing":          design(""),
		"too many steps":   design(strings.Join(steps, ",")),
		"too deep":         design(`{"id":"a","type":"VIEW","data":{"components":[` + deep + `]}}`),
		"too many parts":   design(`{"id":"a","type":"VIEW","data":{"components":[` + many + `]}}`),
		"a circle":         design(circle),
		"a missing worker": design(`{"id":"a","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"None"},"next":"END"}}}`),
		"another's type":   []byte(`{"flowType":"AUTHENTICATION/x","steps":[{"id":"a","type":"VIEW"}]}`),
	} {
		_, err := r.New(t.Context(), &Plan{Tenant: "a", Document: document})
		if problems, ok := errors.AsType[flow.Problems](err); !ok || len(problems) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.New(t.Context(), &Plan{Tenant: "a", Document: design(`{"id":"` + strings.Repeat("x", maxStored) + `","type":"END"}`)}); err == nil {
		t.Error("more is stored than there may be")
	}
	if r.Len() != 0 {
		t.Errorf("%d are left", r.Len())
	}
}

// Users who cannot be are refused, each with its place and what is wrong.
func TestHostileUsers(t *testing.T) {
	t.Parallel()
	r := NewRegistry(config(t))
	for want, users := range map[string][]User{
		"users[0]: username: ":                       {{}},
		"users[1]: username: ":                       {{Username: "ada"}, {Username: "ADA"}},
		"users[0]: claims.email: ":                   {{Username: "ada", Claims: map[string]string{"email": "no address"}}},
		"users[0]: claims.identity/accountLocked: ":  {{Username: "ada", Claims: map[string]string{"identity/accountLocked": "false"}}},
		"users[0]: claims.http://wso2.org/claims/ro": {{Username: "ada", Claims: map[string]string{"http://wso2.org/claims/roles": "admin"}}},
		"users[0]: claims.username: ":                {{Username: "ada", Claims: map[string]string{"username": "bea"}}},
		"users[0]: claims.none: ":                    {{Username: "ada", Claims: map[string]string{"none": "x"}}},
		"users[0]: password: ":                       {{Username: "ada", Password: "\x00"}},
		"users[0]: invited: ":                        {{Username: "ada", Invited: true}},
		"users[20]: ":                                make([]User, MaxUsers+1),
	} {
		plan := registration("a")
		plan.Users = users
		_, err := r.New(t.Context(), plan)
		if wrong, ok := errors.AsType[*UserError](err); !ok || !strings.HasPrefix(wrong.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// The tenant's claims count in a sandbox.
func TestClaims(t *testing.T) {
	t.Parallel()
	plan := registration("a")
	plan.Claims = []identity.Claim{{URI: identity.ClaimPrefix + "shoeSize", Name: "shoeSize", DisplayName: "Shoe size", Type: identity.TypeInteger}}
	plan.Users = []User{{Username: "ada", Claims: map[string]string{"shoeSize": "38"}}}
	s := mustNew(t, NewRegistry(config(t)), plan)
	state, err := s.State(t.Context())
	if err != nil || len(state.Users) != 1 || state.Users[0].Claims[identity.ClaimPrefix+"shoeSize"] != "38" {
		t.Errorf("%+v, %v", state, err)
	}
}

// No call leaves a sandbox, to wherever it is.
func TestClientCallsNobody(t *testing.T) {
	t.Parallel()
	client := newProviders(time.Now).client()
	for _, address := range []string{
		"https://example.com/", "http://127.0.0.1/", "https://" + providerHost, "https://" + providerHost + ".example.com/x/keys", "https://example.com/" + providerHost + "/keys",
	} {
		resp, err := client.Get(address)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s is called: %d", address, resp.StatusCode)
		}
	}
	for path, want := range map[string]int{
		"/x/keys": http.StatusOK, "/x/userinfo_endpoint": http.StatusUnauthorized, "/x/other": http.StatusUnauthorized, "/x/token_endpoint": http.StatusBadRequest,
	} {
		resp, err := client.Post("https://"+providerHost+path, "", strings.NewReader("code=x"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// A code is good once, and at the provider that gave it.
func TestProviderCodes(t *testing.T) {
	t.Parallel()
	p := newProviders(time.Now)
	redeem := func(connection, code string) (int, string) {
		resp, err := p.client().Post(issuerAt(connection)+"/token_endpoint", "application/x-www-form-urlencoded", strings.NewReader("code="+code))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	agree := func() string {
		back, err := p.agree(issuerAt("c")+"/authorization_endpoint?state=s&nonce=n&client_id=i", Person{Email: "a@example.com"}, false)
		if err != nil || back["state"] != "s" || back["iss"] != issuerAt("c") {
			t.Fatalf("%v, %v", back, err)
		}
		return back["code"]
	}
	code := agree()
	if status, body := redeem("c", code); status != http.StatusOK || !strings.Contains(body, "id_token") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := redeem("c", code); status != http.StatusBadRequest {
		t.Error("a code is good twice")
	}
	if status, _ := redeem("other", agree()); status != http.StatusBadRequest {
		t.Error("a code is good at another provider")
	}
	for _, address := range []string{"https://accounts.google.com/o/oauth2/auth?state=s", "%", ""} {
		if _, err := p.agree(address, Person{}, false); !errors.Is(err, ErrNoConsent) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Stand-ins have nothing of the tenant's connection but what is asked for and
// taken; those that are missing are named, and made up.
func TestConnections(t *testing.T) {
	t.Parallel()
	use := func(id, executor, meta string) string {
		return fmt.Sprintf(`{"id":%q,"type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":%q,"meta":%s},"next":"END"}}}`, id, executor, meta)
	}
	button := func(to string) string {
		return fmt.Sprintf(`{"id":"to_%s","type":"BUTTON","action":{"type":"NEXT","next":%q}}`, to, to)
	}
	document := design(`{"id":"who","type":"VIEW","data":{"components":[` + button("a") + `,` + button("b") + `,` + button("c") + `]}},` +
		use("a", "GoogleExecutor", `{}`) + `,` + use("b", "AppleExecutor", `{"idpName":"Fruit"}`) + `,` + use("c", "GithubExecutor", `{"idpName":"partner"}`) +
		`,{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}},"components":[]}}`)
	s := mustNew(t, NewRegistry(config(t)), &Plan{Tenant: "a", Document: document, Connections: []connection.Connection{
		{ID: "1", Name: "Partner", Kind: "GithubExecutor", Enabled: true, Sealed: []byte("sealed"), Settings: map[string]string{
			"client_id": "theirs", "userinfo_endpoint": "https://api.github.com/user", "claim.email": "mail", "scopes": "read:user",
		}},
		{ID: "2", Name: "Off", Kind: "GoogleExecutor"},
		{ID: "3", Name: "Unknown", Kind: "NoneExecutor", Enabled: true},
	}})
	var places []string
	for _, p := range s.Problems {
		places = append(places, p.Code+" "+p.StepID)
	}
	if got := strings.Join(places, ", "); got != "FM-10007 a, FM-10007 b" {
		t.Errorf("problems %s", got)
	}
	list, err := s.store.ListConnections(t.Context(), "a")
	if err != nil || len(list) != 3 {
		t.Fatalf("%d connections, %v", len(list), err)
	}
	for _, c := range list {
		secrets, err := c.Secrets(s.machine.Connections)
		if err != nil || len(secrets) == 0 {
			t.Errorf("%s: secrets %d, %v", c.Name, len(secrets), err)
		}
		for name, value := range c.Settings {
			foreign := strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, issuerAt(c.ID))
			if foreign || value == "theirs" {
				t.Errorf("%s: %s is %s", c.Name, name, value)
			}
		}
		if c.Name == "Partner" && (c.Settings["claim.email"] != "mail" || c.Settings["scopes"] != "read:user") {
			t.Errorf("settings %v", c.Settings)
		}
	}
}

// A clock goes forward, and not without end.
func TestClock(t *testing.T) {
	t.Parallel()
	var c clock
	for by, want := range map[time.Duration]bool{0: false, -time.Second: false, maxAhead + 1: false, 1<<63 - 1: false} {
		if c.advance(by) != want {
			t.Errorf("%s: %v", by, !want)
		}
	}
	if !c.advance(maxAhead-time.Hour) || !c.advance(time.Hour) || c.advance(1) {
		t.Error("it goes not as far as it may, or further")
	}
	if ahead := time.Until(c.now()); ahead < maxAhead-time.Minute || ahead > maxAhead {
		t.Errorf("it is %s ahead", ahead)
	}
}

func BenchmarkSandbox(b *testing.B) {
	r := NewRegistry(config(b))
	for b.Loop() {
		s := mustNew(b, r, registration("a"))
		if _, _, err := s.Do(context.Background(), engine.Request{Type: flow.Registration}); err != nil {
			b.Fatal(err)
		}
	}
}
