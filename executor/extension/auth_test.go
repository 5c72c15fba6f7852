package extension

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/connection/extension"
	"usher/executor/executortest"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth    extension.AuthType
		secrets map[string]string
		want    http.Header
	}{
		"none":   {extension.None, nil, http.Header{}},
		"bearer": {extension.Bearer, map[string]string{extension.SecretAccessToken: "t0k3n"}, http.Header{"Authorization": {"Bearer t0k3n"}}},
		"key":    {extension.APIKey, map[string]string{extension.SecretHeader: "x-api-key", extension.SecretValue: "k3y"}, http.Header{"X-Api-Key": {"k3y"}}},
		"key in a header of ours": {
			extension.APIKey,
			map[string]string{extension.SecretHeader: "Authorization", extension.SecretValue: "Key k3y"},
			http.Header{"Authorization": {"Key k3y"}},
		},
		"basic": {
			extension.Basic,
			map[string]string{extension.SecretUsername: "usher", extension.SecretPassword: "p:w"},
			http.Header{"Authorization": {"Basic dXNoZXI6cDp3"}},
		},
	} {
		k := newKit(t, &executortest.World{}, loopback)
		k.extension.Endpoint.Auth, k.secrets = c.auth, c.secrets
		k.extension.Endpoint.AllowedHeaders = []string{"X-Api-Key"}
		k.request.Header = map[string]string{"X-Api-Key": "the client's"}
		if c.auth != extension.APIKey {
			c.want.Set("X-Api-Key", "the client's")
		}
		k.goesOn(nil)
		for _, header := range []string{"Authorization", "X-Api-Key"} {
			if name != "key in a header of ours" && strings.Join(k.last().header[header], "|") != strings.Join(c.want[header], "|") {
				t.Errorf("%s: %s is %q, want %q", name, header, k.last().header[header], c.want[header])
			}
		}
		if got := k.last().header.Get("Authorization"); got != c.want.Get("Authorization") {
			t.Errorf("%s: Authorization is %q", name, got)
		}
		for _, secret := range c.secrets {
			k.silent(secret)
		}
	}
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Endpoint.Auth = "DIGEST"
	k.connectUnchecked()
	if _, err := k.try(nil); !strings.Contains(wantError(t, err).Cause.Error(), "not known") || len(k.questions()) != 0 {
		t.Errorf("an unknown way: %v", err)
	}
}

// authority is an authorization server beside the extension, which accepts the
// tokens that it issued last.
type authority struct {
	*kit
	grants []url.Values
	users  []string // who the client says it is
	life   int      // of tokens, in seconds; 0: it does not say
	valid  string
	refuse int // status; 0: it issues
}

func newAuthority(t *testing.T, auth extension.AuthType) *authority {
	a := &authority{kit: newKit(t, &executortest.World{}, loopback), life: 3600}
	a.extension.Endpoint.Auth = auth
	a.secrets = map[string]string{
		extension.SecretClientID: "cl:ient", extension.SecretClientSecret: "s3cr3t", extension.SecretTokenEndpoint: a.server.URL + "/token", extension.SecretScopes: "ask  tell",
	}
	if auth == extension.PasswordCredential {
		a.secrets[extension.SecretUsername], a.secrets[extension.SecretPassword] = "robot", "p4ss"
	}
	a.answers(a.serve)
	return a
}

func (a *authority) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.URL.Path == "/ask" {
		if r.Header.Get("Authorization") != "Bearer "+a.valid {
			replyWith(http.StatusUnauthorized, `{"actionStatus":"ERROR","errorMessage":"Who are you?"}`)(w, r)
			return
		}
		replyWith(http.StatusOK, `{"actionStatus":"SUCCESS"}`)(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		a.t.Error(err)
	}
	id, secret, _ := r.BasicAuth()
	a.grants, a.users = append(a.grants, r.PostForm), append(a.users, id+" "+secret)
	if a.refuse != 0 {
		replyWith(a.refuse, `{"error":"invalid_client","error_description":"s3cr3t is wrong"}`)(w, r)
		return
	}
	a.valid = strings.Repeat("x", len(a.grants))
	body := map[string]any{"access_token": a.valid, "token_type": "Bearer"}
	if a.life != 0 {
		body["expires_in"] = a.life
	}
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Error(err)
	}
	replyWith(http.StatusOK, string(text))(w, r)
}

// counts fails where not so many tokens and questions were asked for.
func (a *authority) counts(what string, tokens, questions int) {
	a.t.Helper()
	if n := len(a.questions()); len(a.grants) != tokens || n != questions {
		a.t.Errorf("%s: %d tokens and %d questions, want %d and %d", what, len(a.grants), n, tokens, questions)
	}
	a.silent("s3cr3t", "p4ss", "xx")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for auth, want := range map[extension.AuthType]url.Values{
		extension.ClientCredential:   {"grant_type": {"client_credentials"}, "scope": {"ask tell"}},
		extension.PasswordCredential: {"grant_type": {"password"}, "scope": {"ask tell"}, "username": {"robot"}, "password": {"p4ss"}},
	} {
		a := newAuthority(t, auth)
		a.goesOn(nil)
		if got := a.grants[0].Encode(); got != want.Encode() || a.users[0] != "cl%3Aient s3cr3t" {
			t.Errorf("%s: asked for a token with %s, as %q", auth, got, a.users[0])
		}
		a.goesOn(nil)
		a.counts("kept", 1, 2)
		a.valid = "revoked"
		a.goesOn(nil)
		a.counts("refused and fetched again", 2, 4)
		a.connections.list[0].Revision++
		a.goesOn(nil)
		a.counts("another revision", 3, 5)
		a.life = 5
		a.valid = "revoked"
		a.goesOn(nil)
		a.counts("fetched again, nearly over", 4, 7)
		a.goesOn(nil)
		a.counts("over", 5, 8)
	}
}

// Whoever is refused with a token that is fresh is refused.
func TestTokensRefused(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, extension.ClientCredential)
	a.answers(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ask" {
			replyWith(http.StatusUnauthorized, `{"actionStatus":"ERROR","errorMessage":"Who are you?"}`)(w, r)
			return
		}
		a.serve(w, r)
	})
	_, err := a.try(nil)
	if said := wantError(t, err); said.Message != "Who are you?" {
		t.Errorf("%+v", said)
	}
	a.counts("refused", 2, 2)
}

func TestTokenEndpointFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"refuses":          {replyWith(http.StatusUnauthorized, `{"error":"invalid_client","error_description":"s3cr3t"}`), "token endpoint answered 401"},
		"no JSON":          {replyWith(http.StatusOK, `s3cr3t`), "its answer cannot be read"},
		"no token":         {replyWith(http.StatusOK, `{"token_type":"Bearer"}`), "its answer cannot be read"},
		"a token of lines": {replyWith(http.StatusOK, `{"access_token":"a\r\nX-Evil: 1"}`), "invalid header"},
		"sends elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "token endpoint answered 307"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthority(t, extension.ClientCredential)
			a.answers(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/token" {
					t.Errorf("%s was called", r.URL.Path)
				}
				c.answer(w, r)
			})
			_, err := a.try(nil)
			if said := wantError(t, err); said.Refused || said.Message != failed || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%+v, %v", said, err)
			}
			a.silent("s3cr3t")
		})
	}
}

// The person waits for token and answer together.
func TestTokenEndpointIsSlow(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, extension.ClientCredential)
	a.answers(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(exchangeTime * 2 / 3):
			a.serve(w, r)
		case <-r.Context().Done():
		}
	})
	start := time.Now()
	_, err := a.try(nil)
	if wantError(t, err); time.Since(start) > exchangeTime+time.Second {
		t.Errorf("it took %v", time.Since(start))
	}
}

// Tokens are kept of many extensions, not of any number.
func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, extension.ClientCredential)
	a.connect()
	var k tokens
	c := a.connections.list[0]
	for i := range maxTokens + 5 {
		c.ID = strings.Repeat("i", i+1)
		if i > 0 { // as if fetched
			k.kept[place(&c)] = k.kept[c.Tenant+"/i"]
			continue
		}
		if _, err := k.get(t.Context(), a.server.Client(), &c, extension.ClientCredential, a.secrets); err != nil {
			t.Fatal(err)
		}
	}
	c.ID = "new"
	if _, err := k.get(t.Context(), a.server.Client(), &c, extension.ClientCredential, a.secrets); err != nil || len(k.kept) != maxTokens {
		t.Errorf("%d are kept, %v", len(k.kept), err)
	}
}
