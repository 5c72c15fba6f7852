package openid

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"usher/executor/executortest"
	"usher/flow"
	"usher/outbound"
)

func TestStateIsBoundAndSingleUse(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.provider.lenient = true
	first := k.provider.consent(k.depart().String())
	second := k.provider.consent(k.depart().String())
	k.wantKey(k.do(first), "federated.state")  // of an attempt that was given up
	k.wantKey(k.do(second), "federated.state") // a wrong answer ends the attempt
	third := k.provider.consent(k.depart().String())
	k.wantDone(k.do(third))
	k.wantKey(k.do(third), "federated.state")
	k.visit = "another visit"
	k.wantKey(k.do(third), "federated.state")
	if n := k.provider.called("/token"); n != 1 {
		t.Errorf("the provider was shown %d codes", n)
	}

	for name, values := range map[string]map[string]string{
		"no state":       {"code": "code-x"},
		"empty state":    {"code": "code-x", "state": ""},
		"foreign state":  {"code": "code-x", "state": strings.Repeat("A", 43)},
		"no code":        {"state": "STATE"},
		"foreign denial": {"error": "access_denied", "state": "foreign"},
	} {
		k := newKit(t, "OpenIDConnectExecutor")
		if state := k.depart().Query().Get("state"); values["state"] == "STATE" {
			values["state"] = state
		}
		k.wantKey(k.do(values), "federated.state")
		if n := k.provider.called("/token"); n != 0 {
			t.Errorf("%s: the provider was asked", name)
		}
	}
	k = newKit(t, "OpenIDConnectExecutor")
	k.wantKey(k.do(map[string]string{"code": "code-x", "state": "never asked"}), "federated.state")
}

func TestReplayedCode(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	spent := k.provider.consent(k.depart().String())
	k.wantDone(k.do(spent))
	k.visit = "2"
	spent["state"] = k.depart().Query().Get("state")
	k.wantKey(k.do(spent), "federated.failed")

	// A code that was given to another attempt: the proof of possession fails.
	other := newKit(t, "OpenIDConnectExecutor")
	stolen := other.provider.consent(other.depart().String())["code"]
	other.visit = "the thief's"
	state := other.depart().Query().Get("state")
	other.wantKey(other.do(map[string]string{"code": stolen, "state": state}), "federated.failed")
}

func TestMixedUpProvider(t *testing.T) {
	t.Parallel()
	answer := func(k *kit, iss string) flow.Result {
		values := k.provider.consent(k.depart().String())
		if iss != "" {
			values["iss"] = iss
		}
		return k.do(values)
	}
	k := newKit(t, "OpenIDConnectExecutor")
	k.wantKey(answer(k, "https://evil.example"), "federated.failed")
	if n := k.provider.called("/token"); n != 0 {
		t.Error("the code of another provider was shown to this one")
	}
	k.wantDone(answer(k, k.provider.URL))

	k = newKit(t, "OpenIDConnectExecutor")
	k.wantDone(answer(k, "")) // clients that forward code and state only
	k.connections.list[0].Settings[settingRequireIssuer] = "true"
	k.visit = "2"
	k.wantKey(answer(k, ""), "federated.failed")
	k.wantDone(answer(k, k.provider.URL))
}

// What binds an answer to one provider's question is of no use to another
// provider, whatever else is the same.
func TestProvidersShareNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.connect("Second", nil)
	seen := map[string]bool{}
	for _, name := range []string{"Main", "Second"} {
		k.stage, k.meta = executortest.Stage{}, flow.Meta{"idpName": name}
		q := k.depart().Query()
		for _, value := range []string{q.Get("state"), q.Get("nonce"), q.Get("code_challenge")} {
			if seen[value] {
				t.Errorf("%s is shown what is for another", name)
			}
			seen[value] = true
		}
	}
}

func TestErrorCallback(t *testing.T) {
	t.Parallel()
	for code, key := range map[string]string{
		"access_denied": "federated.cancelled", "user_cancelled_authorize": "federated.cancelled",
		"temporarily_unavailable": "federated.refused", "<script>\n": "federated.refused", strings.Repeat("x", 9000): "federated.refused",
	} {
		k := newKit(t, "OpenIDConnectExecutor")
		state := k.depart().Query().Get("state")
		result := k.do(map[string]string{"error": code, "error_description": "Call 0900-EVIL", "state": state})
		k.wantKey(result, key)
		message := result.(flow.Ask).Messages[0].Message
		if strings.Contains(message, "EVIL") || strings.Contains(k.log.String(), "EVIL") || strings.Contains(k.log.String(), "<script>") {
			t.Errorf("%.20s: what came through the browser is repeated: %s\n%s", code, message, &k.log)
		}
		// The person can try again.
		k.wantDone(k.signUp())
	}
	k := newKit(t, "OpenIDConnectExecutor")
	k.depart()
	k.wantKey(k.do(map[string]string{"error": "access_denied"}), "federated.cancelled") // some forward no state
}

func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]func(p *fakeProvider, d map[string]any){
		"another issuer's":        func(_ *fakeProvider, d map[string]any) { d["issuer"] = "https://accounts.google.com" },
		"no issuer":               func(_ *fakeProvider, d map[string]any) { delete(d, "issuer") },
		"script to authorize":     func(_ *fakeProvider, d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" },
		"plain http to authorize": func(_ *fakeProvider, d map[string]any) { d["authorization_endpoint"] = "http://id.example.com/" },
		"no token endpoint":       func(_ *fakeProvider, d map[string]any) { delete(d, "token_endpoint") },
		"file for keys":           func(_ *fakeProvider, d map[string]any) { d["jwks_uri"] = "file:///etc/passwd" },
		"no keys":                 func(_ *fakeProvider, d map[string]any) { delete(d, "jwks_uri") },
		"credentials in an endpoint": func(_ *fakeProvider, d map[string]any) {
			d["token_endpoint"] = "https://user:pass@id.example.com/token"
		},
		"only shared secrets to sign with": func(_ *fakeProvider, d map[string]any) {
			d["id_token_signing_alg_values_supported"] = []string{"HS256", "none"}
		},
		"wrong types": func(_ *fakeProvider, d map[string]any) { d["token_endpoint"] = 7 },
	} {
		k := newKit(t, "OpenIDConnectExecutor")
		k.provider.document = func(d map[string]any) { tamper(k.provider, d) }
		result := k.do(nil)
		k.wantKey(result, "federated.failed")
		k.provider.document = nil
		if _, ok := k.do(map[string]string{}).(flow.Redirect); !ok {
			t.Errorf("%s: the person cannot try again", name)
		}
	}
}

// TestGuardedNetworks: a document of a provider that may be reached cannot make
// us call where we may not.
func TestGuardedNetworks(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"token_endpoint", "jwks_uri", "userinfo_endpoint"} {
		k := newKit(t, "OpenIDConnectExecutor")
		delete(k.provider.user, "email")
		k.provider.info = map[string]any{"sub": "24400320"}
		k.provider.document = func(d map[string]any) { d[field] = "https://169.254.169.254/latest/meta-data" }
		k.wantKey(k.signUp(), "federated.failed")
		if !strings.Contains(k.log.String(), outbound.ErrForbidden.Error()) && field != "jwks_uri" {
			t.Errorf("%s: %s", field, &k.log)
		}
	}
	k := newKitIn(t, "OpenIDConnectExecutor", &executortest.World{}, outbound.Config{})
	k.wantKey(k.do(nil), "federated.failed")
	if k.provider.called("/.well-known/openid-configuration") != 0 {
		t.Error("a network was reached that is not allowed")
	}
}

func TestRedirectingEndpoints(t *testing.T) {
	t.Parallel()
	var caught []string
	thief := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { caught = append(caught, r.URL.Path) })
	for _, path := range []string{"/token", "/userinfo", "/keys", "/.well-known/openid-configuration"} {
		for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			k := newKit(t, "OpenIDConnectExecutor")
			delete(k.provider.user, "email")
			k.provider.info = map[string]any{"sub": "24400320"}
			k.provider.instead["/thief"] = thief
			k.provider.instead[path] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/thief", status) }
			if path == "/.well-known/openid-configuration" {
				k.wantKey(k.do(nil), "federated.failed")
			} else {
				k.wantKey(k.signUp(), "federated.failed")
			}
		}
	}
	if len(caught) > 0 {
		t.Errorf("followed: %v", caught)
	}
}

func TestSlowAndHugeAnswers(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]http.HandlerFunc{
		"never answers": func(_ http.ResponseWriter, r *http.Request) { untilGone(r) },
		"never ends": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"issuer":"`))
			w.(http.Flusher).Flush()
			untilGone(r)
		},
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"issuer":"` + strings.Repeat("x", 2<<20) + `"}`))
		},
		"deep":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat(`[`, 1<<19))) },
		"not JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) },
		"fault":       func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", http.StatusInternalServerError) },
		"hangs up":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"empty":       func(http.ResponseWriter, *http.Request) {},
		"JSON null":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`null`)) },
		"JSON string": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`"x"`)) },
	} {
		for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys", "/userinfo"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				k := newKitIn(t, "OpenIDConnectExecutor", &executortest.World{}, outbound.Config{Allow: loopback, Timeout: 500 * time.Millisecond})
				delete(k.provider.user, "email")
				k.provider.info = map[string]any{"sub": "24400320"}
				k.provider.instead[path] = serve
				if path == "/.well-known/openid-configuration" {
					k.wantKey(k.do(nil), "federated.failed")
					return
				}
				k.wantKey(k.signUp(), "federated.failed")
			})
		}
	}
}

// untilGone waits until the client gives up, which the server only notices
// once it has read the request.
func untilGone(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// TestPatience: however many endpoints are slow, a person waits five seconds
// at most.
func TestPatience(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	delete(k.provider.user, "email")
	k.provider.info = map[string]any{"sub": "24400320"}
	values := k.provider.consent(k.depart().String())
	for _, path := range []string{"/token", "/keys"} {
		k.provider.instead[path] = func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			select {
			case <-r.Context().Done():
			case <-time.After(3 * time.Second):
			}
			k.provider.mu.Lock()
			k.provider.instead[path] = nil
			k.provider.mu.Unlock()
			k.provider.Config.Handler.ServeHTTP(w, r)
		}
	}
	start := time.Now()
	k.wantKey(k.do(values), "federated.failed")
	if took := time.Since(start); took > 5*time.Second || took < 3*time.Second {
		t.Errorf("waited %s", took)
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.connect("Second", nil)
	k.wantKey(k.do(nil), "federated.unavailable") // which one?
	k.meta = flow.Meta{"idpName": "SECOND"}
	k.depart()
	k.meta = flow.Meta{"idpName": "third"}
	k.wantKey(k.do(nil), "federated.unavailable")
	k.meta = nil
	k.connections.list[1].Enabled = false
	values := k.provider.consent(k.depart().String())
	k.connections.list[0].Enabled = false // while the person was away
	k.wantKey(k.do(values), "federated.unavailable")
	k.wantKey(k.do(map[string]string{}), "federated.unavailable")
	k.connections.list = k.connections.list[:0]
	k.wantKey(k.do(map[string]string{}), "federated.unavailable")
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	for range maxAttempts {
		k.depart()
	}
	if _, stopped := k.do(map[string]string{}).(flow.Stop); !stopped {
		t.Error("it goes on for ever")
	}
}

// TestUnopenableSecrets: what was moved from another connection is no secret of
// this one, and a fault of ours.
func TestUnopenableSecrets(t *testing.T) {
	t.Parallel()
	k := newKit(t, "OpenIDConnectExecutor")
	k.connections.list[0].ID = "moved"
	_, _, err := executortest.Do(t.Context(), executortest.MustBind(t, k.executor, nil), k.stage, executortest.Request{Flow: k.flow})
	if err == nil || strings.Contains(err.Error(), "client-secret") {
		t.Errorf("error %v", err)
	}
}
