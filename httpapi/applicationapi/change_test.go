package applicationapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/application"
	"usher/httpapi"
	"usher/identity"
)

// with returns a body with these members of the client.
func with(members string) string {
	return `{"inboundProtocolConfiguration":{"oidc":{` + members + `}}}`
}

func TestPatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	created := s.create(sample)
	at := path + "/" + created.ID
	now := want[app](t, s.call("GET", at, ""), http.StatusOK)
	c := &now.Inbound.OIDC
	one, two := int64(1), int64(2)
	basic := step{&one, []option{{"LOCAL", "BasicAuthenticator"}}}
	for _, change := range []struct {
		body string
		make func()
	}{
		{`{}`, func() {}},
		{`{"name":"New","description":"d","accessUrl":"http://shop.example.com"}`, func() { now.Name, now.Description, now.AccessURL = "New", "d", "http://shop.example.com" }},
		{`{"description":null,"accessUrl":null}`, func() { now.Description, now.AccessURL = "", "" }},
		{`{"id":"` + created.ID + `","clientId":"` + created.ClientID + `"}`, func() {}},
		{with(`"clientId":"` + created.ClientID + `"`), func() {}},
		{`{"id":null,"inboundProtocolConfiguration":{"oidc":{"clientId":null}}}`, func() {}},
		{with(`"callbackURLs":["https://a.example/","https://b.example/"]`), func() { c.CallbackURLs = []string{"https://a.example/", "https://b.example/"} }},
		{with(`"callbackURLs":["https://c.example/"],"allowedOrigins":["https://c.example"],"logoutRedirectURLs":["https://c.example/bye"]`), func() {
			c.CallbackURLs, c.Origins, c.LogoutURLs = []string{"https://c.example/"}, []string{"https://c.example"}, []string{"https://c.example/bye"}
		}},
		{with(`"allowedOrigins":[],"logoutRedirectURLs":null`), func() { c.Origins, c.LogoutURLs = []string{}, []string{} }},
		{with(`"accessToken":{"userAccessTokenExpiryInSeconds":60}`), func() { c.AccessToken.UserLife, c.AccessToken.ApplicationLife = 60, 60 }},
		{with(`"accessToken":{"applicationAccessTokenExpiryInSeconds":86400,"type":"JWT"}`), func() { c.AccessToken = accessToken{"JWT", 86400, 86400} }},
		{with(`"accessToken":{"applicationAccessTokenExpiryInSeconds":null}`), func() { c.AccessToken = accessToken{"JWT", 3600, 3600} }},
		{with(`"accessToken":{"type":"Default"},"idToken":{"expiryInSeconds":90,"idTokenSignedResponseAlg":"ES256"},"refreshToken":{"expiryInSeconds":120}`), func() {
			c.AccessToken.Type, c.IDToken, c.RefreshToken.Life = "Default", idToken{90, "ES256"}, 120
		}},
		{with(`"pkce":{"mandatory":false}`), func() { c.PKCE.Mandatory = false }},
		{with(`"pkce":null,"accessToken":null,"idToken":null,"refreshToken":{"expiryInSeconds":null,"renewRefreshToken":null}`), func() {
			c.PKCE.Mandatory, c.AccessToken, c.IDToken, c.RefreshToken.Life = true, accessToken{"Default", 3600, 3600}, idToken{3600, "RS256"}, 86400
		}},
		{with(`"grantTypes":["client_credentials"],"callbackURLs":null`), func() { c.Grants, c.CallbackURLs = []string{"client_credentials"}, []string{} }},
		{with(`"grantTypes":null,"callbackURLs":["https://a.example/"]`), func() {
			c.Grants, c.CallbackURLs = []string{"authorization_code", "refresh_token"}, []string{"https://a.example/"}
		}},
		{`{"authorizedScopes":["internal_idp_view","internal_user_mgt_list"],"advancedConfigurations":{"enableAPIBasedAuthentication":true}}`, func() {
			now.Scopes, now.Advanced.Direct = []string{"internal_idp_view", "internal_user_mgt_list"}, true
		}},
		{`{"authorizedScopes":null,"advancedConfigurations":null}`, func() { now.Scopes, now.Advanced.Direct = []string{}, false }},
		{`{"authenticationSequence":{"steps":[{"options":[{"idp":"LOCAL","authenticator":"BasicAuthenticator"}]},{"options":[{"authenticator":"email-otp-authenticator"}]}]}}`, func() {
			now.Sequence = sequence{"USER_DEFINED", []step{basic, {&two, []option{{"LOCAL", emailOTP}}}}}
		}},
		{`{"authenticationSequence":{}}`, func() {}},
		{`{"authenticationSequence":{"type":"DEFAULT"}}`, func() { now.Sequence = sequence{"DEFAULT", []step{basic}} }},
		{`{"authenticationSequence":{"type":"USER_DEFINED","steps":[{"options":[{"authenticator":"FIDOAuthenticator"}]}]}}`, func() {
			now.Sequence = sequence{"USER_DEFINED", []step{{&one, []option{{"LOCAL", fido}}}}}
		}},
		{`{"authenticationSequence":null}`, func() { now.Sequence = sequence{"DEFAULT", []step{basic}} }},
	} {
		change.make()
		if diff := cmp.Diff(now, want[app](t, s.call("PATCH", at, change.body), http.StatusOK)); diff != "" {
			t.Errorf("%s: %s", change.body, diff)
		}
		if diff := cmp.Diff(now, want[app](t, s.call("GET", at, ""), http.StatusOK)); diff != "" {
			t.Errorf("%s, read again: %s", change.body, diff)
		}
	}
}

func TestPublicAndBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	created := s.create(sample)
	at := path + "/" + created.ID
	digest := func() string {
		stored, err := s.store.FindApplication(t.Context(), identity.DefaultTenant, created.ID)
		if err != nil {
			t.Fatal(err)
		}
		return stored.Client.SecretDigest
	}
	want[app](t, s.call("PATCH", at, with(`"pkce":{"mandatory":false}`)), http.StatusOK)
	public := want[app](t, s.call("PATCH", at, with(`"publicClient":true`)), http.StatusOK)
	if !public.Inbound.OIDC.Public || !public.Inbound.OIDC.PKCE.Mandatory || public.Inbound.OIDC.Secret != "" || digest() != "" {
		t.Errorf("%+v", public)
	}
	refused(t, s.call("PATCH", at, with(`"pkce":{"mandatory":false}`)), codeInvalid, atOIDC+".pkce.mandatory must be true")
	refused(t, s.call("PATCH", at, with(`"grantTypes":["client_credentials"]`)), codeInvalid, atOIDC+".grantTypes[0] must not be used by a public client")

	back := want[app](t, s.call("PATCH", at, with(`"publicClient":false`)), http.StatusOK)
	secret := back.Inbound.OIDC.Secret
	if client := (application.Client{SecretDigest: digest()}); !client.CheckSecret(secret) || secret == created.Inbound.OIDC.Secret {
		t.Errorf("%+v", back)
	}
	if again := want[app](t, s.call("PATCH", at, with(`"publicClient":false`)), http.StatusOK); again.Inbound.OIDC.Secret != "" {
		t.Error("the secret is told twice")
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	refused(t, s.call("POST", path, `{}`), codeInvalid, "name must", atOIDC+".callbackURLs must hold at least one")
	refused(t, s.call("POST", path, `null`), codeInvalid, "name must", atOIDC+".callbackURLs must hold at least one")
	refused(t, s.call("POST", path, `{"id":"evil","clientId":"evil","name":" ","description":"\u0000","accessUrl":"javascript:evil()","authorizedScopes":["internal_evil"],
		"inboundProtocolConfiguration":{"oidc":{"clientId":"evil evil","grantTypes":["password"],"callbackURLs":["https://a.example","javascript:evil()"],"logoutRedirectURLs":["data:,evil"],"allowedOrigins":["null","*"],
			"pkce":{"mandatory":false,"supportPlainTransformAlgorithm":true},"accessToken":{"type":"evil","userAccessTokenExpiryInSeconds":1,"applicationAccessTokenExpiryInSeconds":2},
			"refreshToken":{"expiryInSeconds":9223372036854775807,"renewRefreshToken":false},"idToken":{"expiryInSeconds":-9223372036854775808,"idTokenSignedResponseAlg":"none"}}},
		"authenticationSequence":{"type":"DEFAULT","steps":[{"id":7,"options":[{"idp":"evil","authenticator":"email-otp-authenticator"}]},{"options":[{"authenticator":"evil"}]}]}}`), codeInvalid,
		"id is given", "clientId is given", atOIDC+".pkce.supportPlain", atAccessToken+".type must be Default or JWT", atAccessToken+".applicationAccessTokenExpiryInSeconds must be user",
		atRefreshToken+".renewRefreshToken must be true", "authenticationSequence.steps[0].id must be 1", "authenticationSequence.type must be USER_DEFINED",
		"name must", "description must", "accessUrl must", atOIDC+".clientId must", atOIDC+".callbackURLs[1] must", atOIDC+".logoutRedirectURLs[0] must",
		atOIDC+".allowedOrigins[0] must", atOIDC+".allowedOrigins[1] must", "authorizedScopes[0] must be a scope", atOIDC+".grantTypes[0] must be one of",
		atOIDC+".idToken.idTokenSignedResponseAlg must", atOIDC+".idToken.expiryInSeconds must be 60 to 86400 seconds", atRefreshToken+".expiryInSeconds must be 60 to 31536000 seconds",
		"authenticationSequence.steps[0].options[0].idp must not name", "authenticationSequence.steps[0].options must have one that can come first",
		"authenticationSequence.steps[1].options[0].authenticator must be one of BasicAuthenticator",
	)
	refused(t, s.call("POST", path, strings.Replace(sample, `"callbackURLs"`, `"accessToken":{"userAccessTokenExpiryInSeconds":59},"callbackURLs"`, 1)), codeInvalid,
		atAccessToken+".userAccessTokenExpiryInSeconds must be 60 to 86400 seconds")
	if list := want[page](t, s.call("GET", path, ""), http.StatusOK); list.Total != 0 {
		t.Errorf("something was stored: %+v", list)
	}
}

func TestRefusedPatches(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	created := s.create(sample)
	at := path + "/" + created.ID
	for body, fault := range map[string]string{
		`{"name":null}`:                         "name must",
		`{"id":"x"}`:                            "id is given by the server",
		`{"inboundProtocolConfiguration":null}`: atOIDC + ".callbackURLs must hold at least one",
		with(`"clientId":"other"`):              atOIDC + ".clientId cannot be changed",
		with(`"callbackURLs":["regexp=https://(a|b).example"]`):                                                       atOIDC + ".callbackURLs[0] must be one address, not a pattern: list every address",
		with(`"callbackURLs":["https://*.example.com/"]`):                                                             atOIDC + ".callbackURLs[0] must be one address, not a pattern: list every address",
		with(`"callbackURLs":["com.example.app:/cb"]`):                                                                atOIDC + ".callbackURLs[0] must be an https URI",
		with(`"callbackURLs":[null]`):                                                                                 atOIDC + ".callbackURLs[0] must be an absolute URI",
		with(`"refreshToken":{"renewRefreshToken":false}`):                                                            atRefreshToken + ".renewRefreshToken must be true: ",
		with(`"pkce":{"supportPlainTransformAlgorithm":true}`):                                                        atOIDC + ".pkce.supportPlainTransformAlgorithm must be false: ",
		with(`"accessToken":{"type":""}`):                                                                             atAccessToken + ".type must be",
		with(`"accessToken":{"userAccessTokenExpiryInSeconds":0}`):                                                    atAccessToken + ".userAccessTokenExpiryInSeconds must be 60",
		with(`"accessToken":{"userAccessTokenExpiryInSeconds":60,"applicationAccessTokenExpiryInSeconds":null}`):      atAccessToken + ".applicationAccessTokenExpiryInSeconds must be user",
		`{"authenticationSequence":{"type":"default"}}`:                                                               "authenticationSequence.type must be DEFAULT or",
		`{"authenticationSequence":{"type":""}}`:                                                                      "authenticationSequence.type must be DEFAULT or",
		`{"authenticationSequence":{"type":"USER_DEFINED"}}`:                                                          "authenticationSequence.steps must be given",
		`{"authenticationSequence":{"steps":[]}}`:                                                                     "authenticationSequence.steps must be 1 to 5",
		`{"authenticationSequence":{"steps":[null]}}`:                                                                 "authenticationSequence.steps[0].options must be 1 to 10",
		`{"authenticationSequence":{"type":"DEFAULT","steps":[{"options":[{"authenticator":"FIDOAuthenticator"}]}]}}`: "authenticationSequence.type must be USER_DEFINED",
		`{"authenticationSequence":{"steps":[{"id":0,"options":[{"authenticator":"FIDOAuthenticator"}]}]}}`:           "authenticationSequence.steps[0].id must be 1",
	} {
		t.Run(body, func(t *testing.T) { refused(t, s.call("PATCH", at, body), codeInvalid, fault) })
	}
	for _, body := range []string{
		``, `[]`, `{"name":1}`, `{"other":1}`, `{"name":"a","name":"b"}`, with(`"clientSecret":"evil"`), with(`"callbackURLs":"https://a.example"`), with(`"pkce":{"other":true}`),
		with(`"accessToken":{"userAccessTokenExpiryInSeconds":60.5}`), with(`"accessToken":{"userAccessTokenExpiryInSeconds":"60"}`), with(`"accessToken":{"userAccessTokenExpiryInSeconds":1e30}`),
		`{"authenticationSequence":{"script":"evil()"}}`, `{"authenticationSequence":{"steps":[{"options":[{"idp":"LOCAL","authenticator":"x","other":1}]}]}}`, "{\"name\":\"\xff\"}",
	} {
		p := want[httpapi.Problem](t, s.call("PATCH", at, body), http.StatusBadRequest)
		if p.Code != codeBody || strings.Contains(p.Description, "evil") {
			t.Errorf("%s: %+v", body, p)
		}
	}
	want[any](t, s.call("PATCH", at, `{"name":"`+strings.Repeat("x", maxBody)+`"}`), http.StatusRequestEntityTooLarge)
	want[any](t, s.call("POST", path, sample, "Content-Type", "application/x-www-form-urlencoded"), http.StatusUnsupportedMediaType)
	created.Inbound.OIDC.Secret = ""
	if diff := cmp.Diff(created, want[app](t, s.call("GET", at, ""), http.StatusOK)); diff != "" {
		t.Error("something was stored:", diff)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.connect(identity.DefaultTenant, "Main", "GoogleExecutor", true)
	s.connect(identity.DefaultTenant, "Off", "GoogleExecutor", false)
	s.connect(identity.DefaultTenant, "Face", "FacebookExecutor", true)
	s.connect("acme", "Theirs", "GoogleExecutor", true)
	at := path + "/" + s.create(sample).ID
	login := func(idp string) string {
		return fmt.Sprintf(`{"authenticationSequence":{"steps":[{"options":[{"idp":"LOCAL","authenticator":"BasicAuthenticator"},{"idp":%q,"authenticator":"GoogleOIDCAuthenticator"}]}]}}`, idp)
	}
	const idp = "authenticationSequence.steps[0].options[1].idp must "
	for name, fault := range map[string]string{
		"LOCAL": idp + "name a connection", "": idp + "name a connection", "Nobody": idp + "be the name of a connection of the kind GoogleExecutor", "main": idp + "be the name",
		"Face": idp + "be the name", "Theirs": idp + "be the name", "Off": idp + "not be a connection that is switched off",
	} {
		t.Run(name, func(t *testing.T) { refused(t, s.call("PATCH", at, login(name)), codeInvalid, fault) })
	}
	want[app](t, s.call("PATCH", at, login("Main")), http.StatusOK)
	// Once it is used it may go, as any that a login names; the rest of the
	// application can still be changed.
	if err := s.store.DeleteConnection(t.Context(), identity.DefaultTenant, identity.DefaultTenant+"Main"); err != nil {
		t.Fatal(err)
	}
	want[app](t, s.call("PATCH", at, `{"description":"x"}`), http.StatusOK)
	want[app](t, s.call("PATCH", at, login("Main")), http.StatusOK)
	refused(t, s.call("POST", path, strings.Replace(sample, `{"name":"Shop"`, strings.TrimSuffix(login("Main"), "}")+`,"name":"Other"`, 1)), codeInvalid, idp+"be the name")
}

// TestWireNames holds that every field that can be wrong has a name on the
// wire.
func TestWireNames(t *testing.T) {
	t.Parallel()
	shown, err := json.Marshal(wire(&application.Application{Login: application.DefaultLogin()}, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(shown, &document); err != nil {
		t.Fatal(err)
	}
	invalid := application.Application{Description: "\x00", AccessURL: "x", Client: application.Client{
		Public: true, SecretDigest: "x", RedirectURIs: []string{"x"}, PostLogoutURIs: []string{"x"}, Origins: []string{"x"}, Grants: []string{"x"}, Scopes: []string{"x"},
	}}
	logins := [][]application.Step{nil, {{}}, {{Options: []application.Option{{}}}}, {{Options: []application.Option{{Authenticator: google}}}}, {{Options: []application.Option{{Authenticator: emailOTP}}}}}
	seen := map[string]bool{}
	for _, login := range logins {
		invalid.Login = login
		for _, p := range invalid.Check(authenticators, []string{"y"}) {
			name := wireNames.Replace(p.Field)
			seen[name] = true
			if !leads(document, name) {
				t.Errorf("%s is %s, which is not on the wire", p.Field, name)
			}
		}
	}
	if len(seen) < 19 {
		t.Errorf("only %d fields: %v", len(seen), seen)
	}
}

// leads tells whether the path leads somewhere in the document. Every element
// of a list is as good as its first.
func leads(document any, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		name, _, element := strings.Cut(name, "[")
		object, _ := document.(map[string]any)
		inside, ok := object[name]
		if !ok {
			return false
		}
		document = inside
		if list, ok := document.([]any); ok && element && len(list) > 0 {
			document = list[0]
		}
	}
	return true
}
