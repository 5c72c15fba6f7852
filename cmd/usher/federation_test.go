package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"usher/identity"
)

// newProvider starts an OpenID provider from another codebase on loopback.
func newProvider(t *testing.T) *httptest.Server {
	t.Helper()
	storage.RegisterClients(storage.WebClient("usher", "the-client-secret", "https://id.example.com/accounts/register"))
	s := httptest.NewUnstartedServer(nil)
	issuer := "http://" + s.Listener.Addr().String()
	provider := storage.NewStorage(storage.NewUserStore(issuer))
	s.Config.Handler = exampleop.SetupServer(issuer, provider, slog.New(slog.DiscardHandler), false)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes to the address as a browser does, signs in at the provider, and
// returns what is sent back to the page at id.example.com.
func signIn(t *testing.T, provider *httptest.Server, address string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back *url.URL
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "id.example.com" {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(page.Body)
	page.Body.Close()
	found := hiddenID.FindSubmatch(body)
	if err != nil || found == nil {
		t.Fatalf("no sign-in page, %v:\n%s", err, body)
	}
	done, err := browser.PostForm(provider.URL+"/login/username", url.Values{
		"id": {string(found[1])}, "username": {"test-user@127.0.0.1"}, "password": {"verysecure"},
	})
	if err != nil {
		t.Fatal(err)
	}
	done.Body.Close()
	if back == nil || back.Path != "/accounts/register" {
		t.Fatalf("the browser ends at %v, status %d", back, done.StatusCode)
	}
	return back.Query()
}

const federatedFlow = `{"flowType":"REGISTRATION","steps":[
	{"id":"page","type":"VIEW","data":{"components":[
		{"id":"social","category":"ACTION","type":"BUTTON","variant":"SOCIAL","config":{"text":"Company account"},"action":{"type":"NEXT","next":"company"}},
		{"id":"form","category":"BLOCK","type":"FORM","components":[
			{"id":"mail","category":"FIELD","type":"INPUT","variant":"EMAIL","config":{"identifier":"http://wso2.org/claims/emailaddress","required":true}},
			{"id":"go","category":"ACTION","type":"BUTTON","config":{"text":"Go on"},"action":{"type":"NEXT","next":"END"}}]}]}},
	{"id":"company","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"OpenIDConnectExecutor","meta":{"idpName":"Company"}},"next":"END"}}},
	{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`

// depart starts the flow, presses the button and returns where the browser is
// sent.
func (j *journey) depart() string {
	j.t.Helper()
	j.run("execute", `{"flowType":"REGISTRATION"}`)
	j.flowID(j.answered("200"))
	j.run("execute", `{"flowId":"$flow","actionId":"social"}`)
	data := j.answered("200")["data"].(map[string]any)
	if data["url"] != data["redirectURL"] || data["additionalData"].(map[string]any)["state"] == "" {
		j.fatalf("redirection is %v", data)
	}
	return data["url"].(string)
}

// answered returns the last answer's body.
func (j *journey) answered(status string) map[string]any {
	j.t.Helper()
	j.answer(status, "")
	var body map[string]any
	if err := json.Unmarshal(j.last.Body.Bytes(), &body); err != nil {
		j.fatalf("%v in %s", err, j.last.Body)
	}
	return body
}

func (j *journey) flowID(answer map[string]any) { j.names["flow"], _ = answer["flowId"].(string) }

// resume submits what the provider sent back, and more.
func (j *journey) resume(back url.Values, more ...string) map[string]any {
	j.t.Helper()
	inputs := map[string]string{}
	for name := range back {
		inputs[name] = back.Get(name)
	}
	for i := 0; i < len(more); i += 2 {
		inputs[more[i]] = more[i+1]
	}
	body, err := json.Marshal(map[string]any{"flowId": j.names["flow"], "actionId": "", "inputs": inputs})
	if err != nil {
		j.fatalf("%v", err)
	}
	j.run("execute", string(body))
	return j.answered("200")
}

func TestFederatedSignUp(t *testing.T) {
	t.Parallel()
	provider := newProvider(t)
	j := newJourney(t)
	j.setClock(time.Now().UTC()) // the provider's clock cannot be set
	j.names["issuer"] = provider.URL

	j.at = "connection"
	j.run("PUT /api/server/v1/flow", federatedFlow)
	if problem := j.answered("400"); problem["code"] != "FM-10007" {
		t.Fatalf("a flow without its connection: %v", problem)
	}
	j.run("POST /api/server/v1/identity-providers", `{"name":"Company","kind":"OpenIDConnectExecutor","settings":{"issuer":"$issuer","client_id":"usher"},"secrets":{"client_secret":"the-client-secret"}}`)
	created := j.answered("201")
	j.names["id"], _ = created["id"].(string)
	j.run("PUT /api/server/v1/flow", federatedFlow)
	j.answer("200", "")
	j.run("GET /api/server/v1/flow/meta?flowType=REGISTRATION", "")
	if body := j.last.Body.String(); !strings.Contains(body, `{"executorName":"OpenIDConnectExecutor","connections":["Company"]}`) ||
		!strings.Contains(body, `{"executorName":"GithubExecutor","connections":[]}`) {
		t.Errorf("meta: %s", body)
	}
	j.run("DELETE /api/server/v1/identity-providers/"+j.names["id"], "")
	j.answer("409", "")

	j.at = "cancelled"
	away, err := url.Parse(j.depart())
	if err != nil {
		t.Fatal(err)
	}
	answer := j.resume(url.Values{"state": {away.Query().Get("state")}}, "error", "access_denied", "error_description", "no")
	j.wantMessage(answer, "federated.cancelled")

	j.at = "foreign state"
	j.depart()
	j.wantMessage(j.resume(url.Values{"state": {away.Query().Get("state")}, "code": {"x"}}), "federated.state")

	j.at = "sign-up"
	back := signIn(t, provider, j.depart())
	if answer := j.resume(back); answer["flowStatus"] != "COMPLETE" {
		t.Fatalf("answer %v", answer)
	}
	u, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "test-user@zitadel.ch")
	if err != nil {
		t.Fatal(err)
	}
	if u.Claims[identity.ClaimGivenName] != "Test" || u.Claims[identity.ClaimFamilyName] != "User" || u.Claims[identity.ClaimEmailVerified] != "true" {
		t.Errorf("claims %v", u.Claims)
	}
	owner, err := j.users.(identity.Credentials).FindCredentialOwner(t.Context(), u.Tenant, identity.CredentialFederated, j.names["id"]+"/id1")
	if err != nil || owner.ID != u.ID {
		t.Errorf("the link belongs to %v, %v", owner, err)
	}

	j.at = "again"
	j.wantMessage(j.resume(signIn(t, provider, j.depart())), "federated.exists")

	j.at = "same address, other account"
	j.run("execute", `{"flowType":"REGISTRATION"}`)
	j.flowID(j.answered("200"))
	j.run("execute", `{"flowId":"$flow","actionId":"go","inputs":{"http://wso2.org/claims/emailaddress":"TEST-user@zitadel.ch"}}`)
	j.wantMessage(j.answered("200"), "username.taken")
}

// A flow may begin at the provider, where there is no page to go back to: the
// next request goes there again.
func TestFederatedFlowWithoutPage(t *testing.T) {
	t.Parallel()
	provider := newProvider(t)
	j := newJourney(t)
	j.setClock(time.Now().UTC())
	j.names["issuer"] = provider.URL
	j.run("POST /api/server/v1/identity-providers", `{"name":"Only","kind":"OpenIDConnectExecutor","settings":{"issuer":"$issuer","client_id":"usher"},"secrets":{"client_secret":"the-client-secret"}}`)
	j.answer("201", "")
	j.run("PUT /api/server/v1/flow", `{"flowType":"REGISTRATION","steps":[
		{"id":"company","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"OpenIDConnectExecutor"},"next":"END"}}},
		{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`)
	j.answer("200", "")
	j.run("execute", `{"flowType":"REGISTRATION"}`)
	j.flowID(j.answered("200"))
	if answer := j.resume(nil, "error", "access_denied"); answer["type"] != "VIEW" || answer["flowStatus"] != "INCOMPLETE" {
		t.Fatalf("answer %v", answer)
	}
	again := j.resume(nil)
	if again["type"] != "REDIRECTION" {
		t.Fatalf("answer %v", again)
	}
	back := signIn(t, provider, again["data"].(map[string]any)["url"].(string))
	if answer := j.resume(back); answer["flowStatus"] != "COMPLETE" {
		t.Fatalf("answer %v", answer)
	}
}

// wantMessage checks that the answer is the page again, with the message.
func (j *journey) wantMessage(answer map[string]any, key string) {
	j.t.Helper()
	data, _ := answer["data"].(map[string]any)
	if components, _ := data["components"].([]any); answer["type"] != "VIEW" || len(components) == 0 || !strings.Contains(j.last.Body.String(), `"i18nKey":"{{`+key+`}}"`) {
		j.fatalf("answer %s, want the page with %s", j.last.Body, key)
	}
}
