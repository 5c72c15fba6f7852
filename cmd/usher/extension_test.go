package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/connection"
	"usher/connection/extension"
	"usher/engine"
	"usher/flow"
	"usher/identity"
	"usher/store"
)

// fakeExtension is a service that does what it is told to, and the connection to
// it.
type fakeExtension struct {
	*httptest.Server
	ID string

	mu     sync.Mutex
	status int
	says   string
	asked  []map[string]any
	keys   []string // Idempotency-Key of each question
}

// newExtension starts one, which may be told and may set what there is.
func newExtension(t *testing.T, st store.Store) *fakeExtension {
	t.Helper()
	x := &fakeExtension{ID: uuid.NewString()}
	x.Server = httptest.NewServer(http.HandlerFunc(x.serve))
	t.Cleanup(x.Close)
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS"}`)
	e := extension.Extension{Endpoint: extension.Endpoint{URI: x.URL, Auth: extension.None, AllowedHeaders: []string{"X-Risk"}}}
	for _, path := range []string{extension.PathUserID, extension.PathFlowType, extension.PathPortalURL, extension.ClaimPath(identity.ClaimEmail), extension.ClaimPath(identity.ClaimGivenName)} {
		e.Expose = append(e.Expose, extension.Path{Path: path})
	}
	for _, path := range []string{extension.ClaimPath(identity.ClaimEmail), extension.ClaimPath(identity.ClaimGivenName), extension.ClaimPath(identity.ClaimUsername), extension.PathPassword} {
		e.Modify = append(e.Modify, extension.Path{Path: path})
	}
	if faults := e.Check(); len(faults) > 0 {
		t.Fatal(faults)
	}
	c := &connection.Connection{Tenant: identity.DefaultTenant, ID: x.ID, Name: "Ask", Enabled: true, Created: time.Now().UTC(), Modified: time.Now().UTC()}
	e.Put(c)
	if _, err := st.CreateConnection(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *fakeExtension) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	x.mu.Lock()
	defer x.mu.Unlock()
	question := map[string]any{"risk": r.Header.Get("X-Risk"), "authorization": r.Header.Get("Authorization")}
	if json.Unmarshal(body, &question) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	x.asked, x.keys = append(x.asked, question), append(x.keys, r.Header.Get("Idempotency-Key"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(x.status)
	io.WriteString(w, x.says)
}

// answer makes the extension answer so from now on.
func (x *fakeExtension) answer(status int, says string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status, x.says = status, says
}

func (x *fakeExtension) times() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.asked)
}

// flow is what the extension was told of the flow when it was asked last.
func (x *fakeExtension) flow() map[string]any {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.asked[len(x.asked)-1]["event"].(map[string]any)["flow"].(map[string]any)
}

func setting(uri, value string) string {
	return `{"op":"replace","path":"` + extension.ClaimPath(uri) + `","value":"` + value + `"}`
}

// extended is a registration that asks the extension after its page, or at its
// button.
func (x *fakeExtension) extended(atButton bool) string {
	ask := `"executor":{"name":"FlowExtensionExecutor","meta":{"actionId":"` + x.ID + `"}},"next":"END"`
	button, step := `"action":{"type":"NEXT","next":"ask"}`, `{"id":"ask","type":"EXECUTION","data":{"action":{"type":"EXECUTOR",`+ask+`}}},`
	if atButton {
		button, step = `"action":{"type":"EXECUTOR",`+ask+`}`, ""
	}
	return `{"flowType":"REGISTRATION","steps":[{"id":"page","type":"VIEW","data":{"components":[{"id":"form","type":"FORM","components":[
		{"id":"mail","type":"INPUT","variant":"EMAIL","config":{"identifier":"http://wso2.org/claims/emailaddress","required":true}},
		{"id":"go","type":"BUTTON","config":{"text":"Go on"},` + button + `}]}]}},` + step + `
		{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`
}

// registers starts the flow and submits its page.
func (j *journey) registers(email string) {
	j.t.Helper()
	j.run("execute", `{"flowType":"REGISTRATION"}`)
	j.flowID(j.answered("200"))
	j.goesOn(email)
}

func (j *journey) goesOn(email string) {
	j.t.Helper()
	j.run("execute", `{"flowId":"$flow","actionId":"go","inputs":{"http://wso2.org/claims/emailaddress":"`+email+`"}}`)
}

func (j *journey) completes() {
	j.t.Helper()
	if answer := j.answered("200"); answer["flowStatus"] != "COMPLETE" {
		j.fatalf("answer %v", answer)
	}
}

func (j *journey) problem(status, code, message, description string) {
	j.t.Helper()
	p := j.answered(status)
	if p["code"] != code || p["message"] != message || p["description"] != description || p["flowType"] == nil || p["traceId"] == "" {
		j.fatalf("problem %v", p)
	}
}

func TestExtensionInRegistration(t *testing.T) {
	t.Parallel()
	for _, atButton := range []bool{false, true} {
		j := newJourney(t)
		x := newExtension(t, j.users)
		j.run("PUT /api/server/v1/flow", x.extended(atButton))
		j.answer("200", "")

		j.at = "preparing"
		j.run("execute", `{"flowType":"REGISTRATION"}`)
		j.flowID(j.answered("200"))
		if x.times() != 0 {
			t.Fatal("the extension was asked when the page was shown")
		}

		j.at = "refused, and something else entered"
		x.answer(http.StatusOK, `{"actionStatus":"FAILED","failureReason":"Not here","failureDescription":"<b>Use</b> another address."}`)
		j.goesOn("ada@evil.example")
		j.problem("400", "FE-60017", "Not here", "<b>Use</b> another address.")
		j.at = "failed"
		x.answer(http.StatusInternalServerError, `{"actionStatus":"ERROR","errorMessage":"Down","errorDescription":"Until noon."}`)
		j.goesOn("ada@example.com")
		j.problem("500", "FE-65034", "Down", "Until noon.")
		j.at = "answered nothing of use"
		x.answer(http.StatusOK, `{}`)
		j.goesOn("ada@example.com")
		j.problem("500", "FE-65034", "This step could not be done.", "An error occurred while processing the extension. Please try again.")

		j.at = "content"
		x.answer(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+setting(identity.ClaimGivenName, "Ada")+`,`+
			`{"op":"replace","path":"/user/credentials/password","value":"Th3-password-of-hers"},{"op":"replace","path":"/user/id","value":"7d1c"}]}`)
		j.goesOn("ada@example.com")
		j.completes()
		told := x.flow()
		claims := told["user"].(map[string]any)["claims"].([]any)
		if claims[0].(map[string]any)["value"] != "ada@example.com" || told["flowType"] != "REGISTRATION" || told["flowId"] == j.names["flow"] {
			t.Errorf("told %v", told)
		}
		u, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "ada@example.com")
		if err != nil || u.Claims[identity.ClaimGivenName] != "Ada" || u.ID == "7d1c" || u.Claims[identity.ClaimEmailVerified] == "true" {
			t.Fatalf("user %+v, %v", u, err)
		}
		if ok := j.signsIn("ada@example.com", "Th3-password-of-hers"); !ok {
			t.Error("the password that the extension gave does not count")
		}
		if x.keys[1] != x.keys[2] || x.keys[1] != x.keys[3] || x.keys[0] == x.keys[1] {
			t.Errorf("keys %v: the same question again has the same, another one another", x.keys)
		}
	}
}

// signsIn tells whether name and password are a user's: those of the management
// API see that they may not, others that they are nobody.
func (j *journey) signsIn(name, password string) bool {
	j.t.Helper()
	j.run("GET /api/server/v1/flow/configs as "+name+":"+password, "")
	return j.last.Code == http.StatusForbidden
}

// What a client can do with the name that an extension has for its execution.
func TestExtensionCannotAct(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	x := newExtension(t, j.users)
	j.run("PUT /api/server/v1/flow", x.extended(false))
	j.answer("200", "")
	x.answer(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example/"}]}`)
	j.registers("ada@example.com")
	j.answer("200", "")
	x.mu.Lock()
	names := []string{x.keys[0], x.asked[0]["requestId"].(string)}
	x.mu.Unlock()
	for _, name := range append(names, x.flow()["flowId"].(string), strings.ReplaceAll(x.flow()["portalUrl"].(string), "https://", "")) {
		before := x.times()
		j.run("execute", `{"flowId":"`+name+`"}`)
		if p := j.answered("400"); p["code"] != "FE-60001" || x.times() != before {
			t.Errorf("%q: %v", name, p)
		}
	}
	if strings.Contains(strings.Join(names, " ")+x.flow()["flowId"].(string)+x.flow()["portalUrl"].(string), j.names["flow"]) {
		t.Error("the extension is told the flowId")
	}
}

func TestExtensionSendsElsewhere(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	x := newExtension(t, j.users)
	j.run("PUT /api/server/v1/flow", x.extended(true))
	j.answer("200", "")
	x.answer(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example/check?id=7"}]}`)
	j.registers("ada@example.com")
	away := j.answered("200")
	data := away["data"].(map[string]any)
	if away["type"] != "REDIRECTION" || data["url"] != "https://risk.example/check?id=7" || data["redirectURL"] != data["url"] || data["requiredParams"] != nil {
		t.Fatalf("answer %v", away)
	}
	back, err := url.Parse(x.flow()["portalUrl"].(string))
	if err != nil || back.Path != "/accounts/register" || back.Query().Get("state") != data["additionalData"].(map[string]any)["state"] {
		t.Fatalf("back to %v, %v", back, err)
	}
	j.at = "come back without"
	j.wantMessage(j.resume(back.Query(), "error", "access_denied"), "extension.cancelled")
	j.at = "once more"
	j.goesOn("ada@example.com")
	j.answer("200", "")
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+setting(identity.ClaimGivenName, "Ada")+`]}`)
	if answer := j.resume(back.Query()); answer["flowStatus"] != "COMPLETE" {
		t.Fatalf("answer %v", answer)
	}
	if len(x.keys) != 3 || x.keys[0] == x.keys[1] || x.keys[1] == x.keys[2] {
		t.Errorf("keys %v", x.keys)
	}
}

// The kill between the extension's answer and the commit: the request comes
// again, and the extension is asked the same under the same name.
func TestExtensionAskedAgain(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	x := newExtension(t, j.users)
	j.run("PUT /api/server/v1/flow", x.extended(false))
	j.answer("200", "")
	j.run("execute", `{"flowType":"REGISTRATION"}`)
	j.flowID(j.answered("200"))
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+setting(identity.ClaimGivenName, "Ada")+`]}`)
	st := j.parts.Engine.Store
	j.parts.Engine.Store = &uncommitted{Store: st}
	j.goesOn("ada@example.com")
	if p := j.answered("500"); p["code"] != "FE-65013" {
		t.Fatalf("problem %v", p)
	}
	j.parts.Engine.Store = st
	j.goesOn("ada@example.com")
	j.completes()
	if len(x.keys) != 2 || x.keys[0] != x.keys[1] || x.keys[0] != x.asked[0]["requestId"] {
		t.Errorf("keys %v", x.keys)
	}
	if u, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "ada@example.com"); err != nil || u.Claims[identity.ClaimGivenName] != "Ada" {
		t.Errorf("user %+v, %v", u, err)
	}
}

// uncommitted is a store of which a process dies before it has committed.
type uncommitted struct{ engine.Store }

func (*uncommitted) CommitExecution(context.Context, *flow.Execution, *flow.Answer, bool) error {
	return errors.New("killed")
}

// recovery asks the extension once the code has proved who it is, and before
// the new password.
func (x *fakeExtension) recovery() string {
	return `{"flowType":"PASSWORD_RECOVERY","steps":[
		{"id":"name","type":"VIEW","data":{"components":[{"id":"f1","type":"FORM","components":[
			{"id":"n","type":"INPUT","variant":"TEXT","config":{"identifier":"http://wso2.org/claims/username","required":true}},
			{"id":"find","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"UserResolveExecutor"},"next":"code"}}]}]}},
		{"id":"code","type":"VIEW","data":{"components":[{"id":"f2","type":"FORM","components":[
			{"id":"c","type":"INPUT","variant":"OTP","config":{"identifier":"otp","required":false}},
			{"id":"prove","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"EmailOTPExecutor"},"next":"ask"}}]}]}},
		{"id":"ask","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"FlowExtensionExecutor","meta":{"actionId":"` + x.ID + `"}},"next":"new"}}},
		{"id":"new","type":"VIEW","data":{"components":[{"id":"f3","type":"FORM","components":[
			{"id":"p","type":"INPUT","variant":"PASSWORD","config":{"identifier":"password","required":true}},
			{"id":"set","type":"BUTTON","action":{"type":"EXECUTOR","executor":{"name":"PasswordProvisioningExecutor"},"next":"save"}}]}]}},
		{"id":"save","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"},"next":"END"}}},
		{"id":"END","type":"END","data":{"components":[]}}]}`
}

func TestExtensionInRecovery(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	x := newExtension(t, j.users)
	j.user(`{"username":"ada","password":"0ld-password","claims":{"emailaddress":"ada@example.com","identity/emailVerified":"true"}}`)
	j.run("PUT /api/server/v1/flow", strings.Replace(x.recovery(), `"name":"EmailOTPExecutor"},"next":"ask"`, `"name":"EmailOTPExecutor"},"next":"new"`, 1))
	j.answer("400", "") // a step that nothing leads to
	j.run("PUT /api/server/v1/flow", strings.Replace(x.recovery(), `"executor":{"name":"UserResolveExecutor"},"next":"code"`, `"executor":{"name":"UserResolveExecutor"},"next":"ask"`, 1))
	if p := j.answered("400"); !strings.Contains(j.last.Body.String(), "FM-10013") {
		t.Fatalf("an extension before anybody has proved who they are: %v", p)
	}
	j.run("PUT /api/server/v1/flow", x.recovery())
	j.answer("200", "")

	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+setting(identity.ClaimUsername, "eve")+`,`+setting(identity.ClaimEmail, "eve@example.com")+`,`+
		setting(identity.ClaimGivenName, "Ada")+`,{"op":"replace","path":"/user/credentials/password","value":"Th3-password-of-eve"}]}`)
	begin := func(name string) {
		j.run("execute", `{"flowType":"PASSWORD_RECOVERY"}`)
		j.flowID(j.answered("200"))
		j.run("execute", `{"flowId":"$flow","inputs":{"username":"`+name+`"}}`)
		j.answer("200", "")
	}
	begin("nobody")
	j.run("execute", `{"flowId":"$flow","actionId":"prove","inputs":{"otp":"000000"}}`)
	j.answer("200", "")
	begin("ada")
	j.run("mail", "to ada@example.com")
	if x.times() != 0 {
		t.Fatal("the extension was asked before anybody has proved who they are")
	}
	j.run("execute", `{"flowId":"$flow","actionId":"prove","inputs":{"otp":"$code"}}`)
	j.answer("200", "")
	u, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "ada")
	if err != nil || x.flow()["user"].(map[string]any)["id"] != u.ID {
		t.Fatalf("told %v of %+v, %v", x.flow(), u, err)
	}
	j.run("execute", `{"flowId":"$flow","inputs":{"password":"N3w-password"}}`)
	j.completes()
	after, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "ada")
	if err != nil || after.ID != u.ID || after.Claims[identity.ClaimGivenName] != "Ada" || after.Claims[identity.ClaimEmail] != "eve@example.com" || after.Claims[identity.ClaimEmailVerified] == "true" {
		t.Errorf("user %+v, %v", after, err)
	}
	if !j.signsIn("ada", "N3w-password") || j.signsIn("ada", "Th3-password-of-eve") || j.signsIn("eve", "N3w-password") {
		t.Error("the password is not the one that was chosen")
	}
	if x.times() != 1 {
		t.Errorf("asked %d times", x.times())
	}
}

// An extension that is made over the API is called as it says there.
func TestExtensionMadeByAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := newExtension(t, s.store)
	made := s.call(http.MethodPost, "/api/server/v1/flow/extension", `{"name":"Checks","endpoint":{"uri":"`+x.URL+`","allowedHeaders":["x-risk"],
		"authentication":{"type":"BASIC","properties":{"username":"usher","password":"s3cr3t"}}},
		"accessConfig":{"expose":[{"path":"`+extension.ClaimPath(identity.ClaimEmail)+`"}],"modify":[{"path":"`+extension.ClaimPath(identity.ClaimGivenName)+`"}]}}`, http.StatusCreated)
	x.ID, _ = made["id"].(string)
	s.call(http.MethodPut, "/api/server/v1/flow", x.extended(true), http.StatusOK)
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+setting(identity.ClaimGivenName, "Ada")+`,`+setting(identity.ClaimFamilyName, "Byron")+`]}`)
	resp := s.execute(t, `{"flowType":"REGISTRATION","actionId":"go","inputs":{"email":"ada@example.com"}}`, "X-Risk", "low", "Cookie", "a=b")
	if resp.body["flowStatus"] != "COMPLETE" {
		t.Fatalf("answer %v", resp.body)
	}
	if q := x.asked[0]; q["risk"] != "low" || q["authorization"] != "Basic dXNoZXI6czNjcjN0" || x.flow()["flowType"] != nil || x.flow()["portalUrl"] != nil {
		t.Errorf("asked %v", q)
	}
	u, err := s.store.FindUserByName(t.Context(), identity.DefaultTenant, "ada@example.com")
	if err != nil || u.Claims[identity.ClaimGivenName] != "Ada" || u.Claims[identity.ClaimFamilyName] != "" {
		t.Errorf("user %+v, %v", u, err)
	}
	s.call(http.MethodDelete, "/api/server/v1/flow/extension/"+x.ID, "", http.StatusConflict)
}
