package openid

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

func TestDeparture(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	result := k.do(nil)
	away, ok := result.(flow.Redirect)
	if !ok {
		t.Fatalf("%#v", result)
	}
	if diff := cmp.Diff([]string{"code", "state"}, away.Required); diff != "" {
		t.Error(diff)
	}
	u := k.depart()
	q := u.Query()
	for name, want := range map[string]string{
		"client_id": "client", "response_type": "code", "scope": "openid profile email", "code_challenge_method": "S256",
		"redirect_uri": "https://id.example.com/t/example.com/accounts/register",
	} {
		if got := q.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if raw, err := base64.RawURLEncoding.DecodeString(q.Get(name)); err != nil || len(raw) != 32 {
			t.Errorf("%s %q is not 32 bytes in base64url", name, q.Get(name))
		}
	}
	if q.Get("state") == q.Get("nonce") || strings.Contains(away.URL, q.Get("state")) {
		t.Error("values of one attempt are used for another, or for two things")
	}
	for _, secret := range []string{q.Get("state"), q.Get("nonce"), "client-secret"} {
		if strings.Contains(string(k.stage.State), secret) {
			t.Errorf("the state keeps %q", secret)
		}
	}
	if n := k.provider.called("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("the document was fetched %d times", n)
	}
	k.after = documentLife + time.Second
	k.depart()
	if n := k.provider.called("/.well-known/openid-configuration"); n != 2 {
		t.Errorf("the document was fetched %d times after its life", n)
	}
}

func TestRedirectURI(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.flow = flow.InvitedUserRegistration
	if got := k.depart().Query().Get("redirect_uri"); got != "https://id.example.com/t/example.com/accounts/recover" {
		t.Errorf("of an invitation: %q", got)
	}
	k.connections.list = nil
	k.connect("Own", map[string]string{settingRedirectURI: "https://app.example.com/cb", settingScopes: "email"})
	q := k.depart().Query()
	if q.Get("redirect_uri") != "https://app.example.com/cb" || q.Get("scope") != "openid email" {
		t.Errorf("of a connection with its own: %v", q)
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.stage.Subject.Collect(identity.ClaimEmail, "typed@example.com")
	result := k.signUp()
	if diff := cmp.Diff(flow.Result(flow.Continue{Proved: []flow.Method{"OpenIDConnectAuthenticator"}}), result); diff != "" {
		t.Fatalf("%s\n%s", diff, &k.log)
	}
	want := flow.Subject{
		Collected: map[string]string{
			identity.ClaimEmail: "jane@example.com", identity.ClaimGivenName: "Jane", identity.ClaimFamilyName: "Doe", identity.ClaimLocale: "en-GB",
		},
		Verified: map[string]string{identity.ClaimEmail: "jane@example.com"},
		Credentials: []flow.Credential{{
			Kind: "federated", ID: "id-Main/24400320", Data: `{"name":"Main","subject":"24400320","at":"2026-11-23T12:00:00Z"}`,
		}},
	}
	if diff := cmp.Diff(want, k.stage.Subject); diff != "" {
		t.Error(diff)
	}
	for _, secret := range []string{"access-", "code-", "client-secret", "jane@"} {
		if strings.Contains(k.log.String(), secret) || strings.Contains(string(k.stage.State), secret) {
			t.Errorf("%q was logged or kept", secret)
		}
	}
}

func TestUnverifiedEmail(t *testing.T) {
	t.Parallel()
	for _, verified := range []any{false, "false", nil, 0, "yes", []any{true}} {
		k := newKit(t, "OpenIDConnectExecutor")
		k.provider.user["email_verified"] = verified
		k.wantDone(k.signUp())
		if s := k.stage.Subject; s.HasVerified(identity.ClaimEmail) || s.Collected[identity.ClaimEmail] != "jane@example.com" {
			t.Errorf("email_verified %v: %+v", verified, s)
		}
	}
	for _, verified := range []any{true, "true", "True", 1} {
		k := newKit(t, "OpenIDConnectExecutor")
		k.provider.user["email_verified"] = verified
		k.wantDone(k.signUp())
		if !k.stage.Subject.HasVerified(identity.ClaimEmail) {
			t.Errorf("email_verified %v is not believed", verified)
		}
	}
}

func TestClaimMapping(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.connections.list = nil
	k.connect("Own", map[string]string{
		"claim.username": "preferred_username", "claim.department": "dept", "claim.country": "missing", "claim.givenName": "",
		"claim.http://wso2.org/claims/title": "rank", "claim.locale": "groups", "claim.nickName": "address",
	})
	k.provider.user["preferred_username"], k.provider.user["dept"], k.provider.user["rank"] = "jane", true, 7
	k.provider.user["groups"], k.provider.user["address"] = []any{"not", "a locale"}, map[string]any{"street": "x"}
	k.wantDone(k.signUp())
	want := map[string]string{
		identity.ClaimUsername: "jane", identity.ClaimPrefix + "department": "true", identity.ClaimPrefix + "title": "7",
		identity.ClaimEmail: "jane@example.com", identity.ClaimFamilyName: "Doe",
	}
	if diff := cmp.Diff(want, k.stage.Subject.Collected); diff != "" {
		t.Error(diff)
	}
}

// What a provider says may be no value of ours: it is left out, not taken as
// it is.
func TestHostileClaims(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.provider.user["email"], k.provider.user["given_name"] = "jane@example.com\r\nBcc: all@example.com", strings.Repeat("x", 5000)
	k.provider.user["family_name"] = "Doe\x00"
	k.wantDone(k.signUp())
	if diff := cmp.Diff(map[string]string{identity.ClaimLocale: "en-GB"}, k.stage.Subject.Collected); diff != "" {
		t.Error(diff)
	}
	if len(k.stage.Subject.Verified) > 0 {
		t.Errorf("verified %v", k.stage.Subject.Verified)
	}
}

func TestUserinfo(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	for _, name := range []string{"email", "email_verified", "given_name"} {
		delete(k.provider.user, name)
	}
	k.provider.info = map[string]any{
		"sub": "24400320", "email": "jane@example.com", "email_verified": true, "given_name": "Janet", "family_name": "Other", "iss": "https://evil.example",
	}
	k.wantDone(k.signUp())
	want := map[string]string{
		identity.ClaimEmail: "jane@example.com", identity.ClaimGivenName: "Janet", identity.ClaimFamilyName: "Doe", identity.ClaimLocale: "en-GB",
	}
	if diff := cmp.Diff(want, k.stage.Subject.Collected); diff != "" {
		t.Error(diff)
	}
	if !k.stage.Subject.HasVerified(identity.ClaimEmail) {
		t.Error("the address is not verified")
	}

	k = newKit(t, "OpenIDConnectExecutor")
	k.provider.info = map[string]any{"sub": "24400320"}
	k.wantDone(k.signUp())
	if n := k.provider.called("/userinfo"); n != 0 {
		t.Errorf("userinfo was asked %d times though the ID token says everything", n)
	}
}

// A flag that stands beside no address says nothing of another source's.
func TestVerifiedBelongsToItsAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, info map[string]any
		want        bool
	}{
		"flag without address":    {map[string]any{"email_verified": true}, map[string]any{"email": "j@example.com"}, false},
		"flag of another address": {map[string]any{"email": "j@example.com"}, map[string]any{"email": "k@example.com", "email_verified": true}, false},
		"flag of the same":        {map[string]any{"email": "j@example.com"}, map[string]any{"email": "j@example.com", "email_verified": true}, true},
		"denied and affirmed":     {map[string]any{"email": "j@example.com", "email_verified": false}, map[string]any{"email": "j@example.com", "email_verified": true}, false},
	} {
		k := newKit(t, "OpenIDConnectExecutor")
		k.provider.user = map[string]any{"sub": "1"}
		maps.Copy(k.provider.user, c.token)
		k.provider.info = c.info
		k.provider.info["sub"] = "1"
		k.wantDone(k.signUp())
		if got := k.stage.Subject.HasVerified(identity.ClaimEmail); got != c.want {
			t.Errorf("%s: verified %v", name, got)
		}
	}
}

func TestExistingAccount(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.users.owners["id-Main/24400320"] = "somebody"
	k.wantKey(k.signUp(), "federated.exists")
	if s := k.stage.Subject; s.UserID != "" || len(s.Credentials)+len(s.Collected)+len(s.Verified) > 0 {
		t.Errorf("the subject became %+v", s)
	}

	k = newKit(t, "OpenIDConnectExecutor")
	k.claims.taken = "jane@example.com"
	k.wantKey(k.signUp(), "federated.email.taken")
	if len(k.stage.Subject.Credentials) > 0 {
		t.Error("the link waits for a user all the same")
	}

	// Who does not own the address is not told.
	k = newKit(t, "OpenIDConnectExecutor")
	k.claims.taken = "jane@example.com"
	k.provider.user["email_verified"] = false
	k.wantDone(k.signUp())
}

func TestInvited(t *testing.T) {
	t.Parallel()
	invited := func() *kit {
		k := newKit(t, "OpenIDConnectExecutor")
		k.flow = flow.InvitedUserRegistration
		k.users.user = identity.User{ID: "invited", Locked: true, LockReason: identity.LockedPendingInvitation, Claims: map[string]string{identity.ClaimEmail: "jane@example.com"}}
		k.stage.Subject = flow.Subject{UserID: "invited", Stored: map[string]string{identity.ClaimEmail: "jane@example.com", identity.ClaimGivenName: "J."}, Identified: true}
		return k
	}
	k := invited()
	k.wantDone(k.signUp())
	if got := k.users.along.Credentials; len(got) != 1 || got[0].ID != "id-Main/24400320" || got[0].Kind != identity.CredentialFederated {
		t.Errorf("stored %+v", got)
	}
	if k.users.user.Locked || k.users.user.Claims[identity.ClaimEmailVerified] != "true" {
		t.Errorf("the user is %+v", k.users.user)
	}
	if diff := cmp.Diff(map[string]string{identity.ClaimFamilyName: "Doe", identity.ClaimLocale: "en-GB"}, k.stage.Subject.Collected); diff != "" {
		t.Errorf("claims that were stored are replaced:\n%s", diff)
	}

	k = invited()
	k.users.owners["id-Main/24400320"] = "invited" // linked before
	k.wantDone(k.signUp())

	k = invited()
	k.users.owners["id-Main/24400320"] = "somebody"
	k.wantKey(k.signUp(), "federated.exists")

	k = invited()
	k.stage.Subject.Unreachable = true
	_, _, err := executortest.Do(t.Context(), executortest.MustBind(t, k.executor, nil), k.stage, executortest.Request{
		Flow: k.flow, Submitted: true, Values: k.provider.consent(k.depart().String()),
	})
	if err == nil {
		t.Error("somebody who is not there was linked")
	}
}

// A second attempt with another account leaves nothing of the first.
func TestAnotherAccount(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.wantDone(k.signUp())
	k.visit = "again"
	k.provider.user = map[string]any{"sub": "other", "email": "other@example.com"}
	k.wantDone(k.signUp())
	s := k.stage.Subject
	if len(s.Credentials) != 1 || s.Credentials[0].ID != "id-Main/other" {
		t.Errorf("links %+v", s.Credentials)
	}
	if s.HasVerified(identity.ClaimEmail) || s.Collected[identity.ClaimEmail] != "other@example.com" {
		t.Errorf("claims %+v, verified %+v", s.Collected, s.Verified)
	}
}

func TestPublicClient(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.connections.list[0].Sealed = nil
	k.provider.secret = func(id, secret string) bool { return id == "client" && secret == "" }
	k.wantDone(k.signUp())
}

func TestClientAuthentication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		methods []string
		setting string
		inBody  bool
	}{
		"not said":           {nil, "", false},
		"basic":              {[]string{"client_secret_post", "client_secret_basic"}, "", false},
		"post":               {[]string{"client_secret_post"}, "", true},
		"configured":         {[]string{"client_secret_basic"}, "client_secret_post", true},
		"configured as said": {[]string{"client_secret_post"}, "client_secret_basic", false},
	} {
		k := newKit(t, "OpenIDConnectExecutor")
		k.provider.document = func(d map[string]any) {
			if c.methods != nil {
				d["token_endpoint_auth_methods_supported"] = c.methods
			}
		}
		k.connections.list[0].Settings[settingTokenAuth] = c.setting
		k.wantDone(k.signUp())
		if got := k.provider.tokens[0].Has("client_secret"); got != c.inBody {
			t.Errorf("%s: secret in the body: %v", name, got)
		}
	}
}
