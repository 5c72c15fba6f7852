package openid

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/identity"
)

func TestGithub(t *testing.T) {
	t.Parallel()
	address := func(email string, primary, verified bool) map[string]any {
		return map[string]any{"email": email, "primary": primary, "verified": verified, "visibility": nil}
	}
	for name, c := range map[string]struct {
		emails   any
		email    string
		verified bool
	}{
		"primary and verified": {[]any{address("a@example.com", false, true), address("b@example.com", true, true)}, "b@example.com", true},
		"primary, unverified":  {[]any{address("a@example.com", false, true), address("b@example.com", true, false)}, "b@example.com", false},
		"none primary":         {[]any{address("a@example.com", false, true)}, "", false},
		"none":                 {[]any{}, "", false},
	} {
		k := newKit(t, "GithubExecutor")
		furnishFor(k.provider, "GithubExecutor")
		k.provider.emails = c.emails
		k.provider.info["email"], k.provider.info["email_verified"] = "public@example.com", true
		k.wantDone(k.signUp())
		s := k.stage.Subject
		if s.Collected[identity.ClaimEmail] != c.email || s.HasVerified(identity.ClaimEmail) != c.verified || s.Collected[identity.ClaimDisplayName] != "Mona Lisa" {
			t.Errorf("%s: claims %v, verified %v", name, s.Collected, s.Verified)
		}
		if len(s.Credentials) != 1 || s.Credentials[0].ID != "id-Main/583231" {
			t.Errorf("%s: links %+v", name, s.Credentials)
		}
	}
	for name, damage := range map[string]func(*fakeProvider){
		"addresses refused":   func(p *fakeProvider) { p.instead["/emails"] = http.NotFound },
		"addresses malformed": func(p *fakeProvider) { p.emails = map[string]any{"message": "no"} },
		"profile refused":     func(p *fakeProvider) { p.instead["/userinfo"] = http.NotFound },
		"nobody":              func(p *fakeProvider) { delete(p.info, "id") },
		"id 0":                func(p *fakeProvider) { p.info["id"] = 0 },
	} {
		k := newKit(t, "GithubExecutor")
		furnishFor(k.provider, "GithubExecutor")
		damage(k.provider)
		k.wantKey(k.signUp(), "federated.failed")
		if len(k.stage.Subject.Credentials) > 0 {
			t.Errorf("%s: linked", name)
		}
	}
}

func TestGithubErrorWithStatus200(t *testing.T) {
	t.Parallel()
	k := newKit(t, "GithubExecutor")
	furnishFor(k.provider, "GithubExecutor")
	k.provider.instead["/token"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
		_, _ = w.Write([]byte("error=bad_verification_code&error_description=The+code+passed+is+incorrect"))
	}
	k.wantKey(k.signUp(), "federated.failed")
	if !strings.Contains(k.log.String(), "bad_verification_code") {
		t.Errorf("the log does not say why: %s", &k.log)
	}
}

func TestFacebookProof(t *testing.T) {
	t.Parallel()
	k := newKit(t, "FacebookExecutor")
	furnishFor(k.provider, "FacebookExecutor")
	info := k.provider.info
	k.provider.instead["/userinfo"] = func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Query().Get("appsecret_proof")) != 64 || r.URL.Query().Has("access_token") || !strings.Contains(r.URL.Query().Get("fields"), "email") {
			t.Errorf("profile asked with %v", r.URL.Query())
		}
		writeJSON(w, info)
	}
	k.wantDone(k.signUp())
	if s := k.stage.Subject; s.HasVerified(identity.ClaimEmail) || s.Collected[identity.ClaimEmail] == "" {
		t.Errorf("claims %v, verified %v", s.Collected, s.Verified)
	}
}

func TestMicrosoftTenants(t *testing.T) {
	t.Parallel()
	k := newKit(t, "Office365Executor")
	furnishFor(k.provider, "Office365Executor")
	k.wantDone(k.signUp())
	s := k.stage.Subject
	if len(s.Credentials) != 1 || s.Credentials[0].ID != "id-Main/9188040d-6c67-4c5b-b112-36a304b66dad/24400320" {
		t.Errorf("links %+v", s.Credentials)
	}
	if s.HasVerified(identity.ClaimEmail) {
		t.Error("an address that anybody's administrator may have typed is believed")
	}
	k.provider.user["xms_edov"] = true
	k.visit = "again"
	k.wantDone(k.signUp())
	if !k.stage.Subject.HasVerified(identity.ClaimEmail) {
		t.Error("an address whose domain was verified is not believed")
	}
	for name, tamper := range map[string]func(map[string]any){
		"another tenant's issuer": func(c map[string]any) { c["iss"] = k.provider.URL + "/0b5c0b5c-6c67-4c5b-b112-36a304b66dad/v2.0" },
		"no tenant":               func(c map[string]any) { delete(c, "tid") },
		"a path for a tenant":     func(c map[string]any) { c["tid"], c["iss"] = "../x", k.provider.URL+"/../x/v2.0" },
		"the template":            func(c map[string]any) { c["tid"], c["iss"] = "{tenantid}", k.provider.URL+"/{tenantid}/v2.0" },
	} {
		furnishFor(k.provider, "Office365Executor")
		proper := k.provider.claims
		k.provider.claims = func(c map[string]any) { proper(c); tamper(c) }
		k.visit = name
		k.wantKey(k.signUp(), "federated.failed")
	}
}

func TestAppleSecret(t *testing.T) {
	t.Parallel()
	k := newKit(t, "AppleExecutor")
	furnishFor(k.provider, "AppleExecutor")
	if q := k.depart().Query(); q.Get("response_mode") != "form_post" || q.Get("scope") != "openid name email" {
		t.Errorf("asked with %v", q)
	}
	k.wantDone(k.signUp())
	sent := k.provider.tokens[0]
	token, err := jwt.ParseSigned(sent.Get("client_secret"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || token.Headers[0].KeyID != "KEY" {
		t.Fatalf("client secret %q: %v", sent.Get("client_secret"), err)
	}
	var got jwt.Claims
	if err := token.Claims(&ecKey().PublicKey, &got); err != nil {
		t.Fatal(err)
	}
	want := jwt.Claims{
		Issuer: "TEAM", Subject: "client", Audience: jwt.Audience{k.provider.URL},
		IssuedAt: jwt.NewNumericDate(executortest.Now), Expiry: jwt.NewNumericDate(executortest.Now.Add(5 * time.Minute)),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Apple tells the name through the browser, once; nobody signs it.
func TestAppleName(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]map[string]string{
		`{"name":{"firstName":"Ann","lastName":"Smith"},"email":"evil@example.com"}`: {identity.ClaimGivenName: "Ann", identity.ClaimFamilyName: "Smith", identity.ClaimEmail: "jane@example.com"},
		`{"email":"evil@example.com","email_verified":true}`:                         {identity.ClaimEmail: "jane@example.com"},
		`not JSON`: {identity.ClaimEmail: "jane@example.com"},
	} {
		k := newKit(t, "AppleExecutor")
		furnishFor(k.provider, "AppleExecutor")
		k.provider.user = map[string]any{"sub": "001.ab", "email": "jane@example.com", "email_verified": "true"}
		values := k.provider.consent(k.depart().String())
		values["user"] = user
		k.wantDone(k.do(values))
		if diff := cmp.Diff(want, k.stage.Subject.Collected); diff != "" {
			t.Errorf("%s\n%s", user, diff)
		}
		if !k.stage.Subject.HasVerified(identity.ClaimEmail) {
			t.Errorf("%s: the address is not verified", user)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	kinds := Kinds()
	if len(kinds) != 6 {
		t.Fatalf("%d kinds", len(kinds))
	}
	for _, k := range kinds {
		seen := map[string]bool{}
		for _, s := range k.Settings {
			if seen[s.Name] || s.Name == "" || !strings.HasSuffix(s.Description, ".") {
				t.Errorf("%s: setting %q is listed twice or not described", k.Executor, s.Name)
			}
			seen[s.Name] = true
			if s.Default != "" {
				if faults := k.Check(map[string]string{s.Name: s.Default}, nil); strings.Contains(strings.Join(faults, " "), "settings."+s.Name+" ") {
					t.Errorf("%s: default of %s: %v", k.Executor, s.Name, faults)
				}
			}
		}
		if _, err := json.Marshal(k); err != nil {
			t.Error(err)
		}
	}
}
