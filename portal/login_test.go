package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"usher/engine"
	"usher/flow"
)

const loginK1 = "/accounts/login?sessionDataKey=K1"

func TestSignIn(t *testing.T) {
	t.Parallel()
	d := &desk{answer: passwordLogin(), waiting: Waiting{Application: "Shop & Co", ApplicationID: "A1", Hint: "ada@example.com"}}
	u := newPerson(t, &Portal{SignIns: d})
	u.open(loginK1)
	u.see("Sign in to continue to Shop & Co", "Forgot your password?", "Create an account")
	if in := u.input("password"); attr(in, "autocomplete") != "current-password" || attr(in, "type") != "password" || !has(in, "required") {
		t.Errorf("password field: %v", in.Attr)
	}
	name := u.input(flow.ClaimUsername)
	if attr(name, "autocomplete") != "username" || attr(name, "value") != "ada@example.com" {
		t.Errorf("name field: %v", name.Attr)
	}

	// A mistake is shown at once and after a reload, with the name and without
	// the password.
	wrong := passwordLogin()
	wrong.Messages = []flow.Message{{Type: flow.Error, I18nKey: "login.failed", Message: "Wrong user name or password."}}
	d.submit = wrong
	u.fill(map[string]string{flow.ClaimUsername: "bob", "password": "Hunter-2-secret"}, "Sign in")
	if d.got.Action != "go" || d.got.Inputs["password"] != "Hunter-2-secret" || d.got.Inputs[flow.ClaimUsername] != "bob" || d.got.IdempotencyKey == "" {
		t.Fatalf("submitted %+v", d.got)
	}
	if u.at != loginK1 || u.status != http.StatusOK {
		t.Errorf("after a mistake at %s with %d", u.at, u.status)
	}
	u.see("Wrong user name or password.")
	u.open(loginK1)
	u.see("Wrong user name or password.")
	if got := attr(u.input(flow.ClaimUsername), "value"); got != "bob" {
		t.Errorf("name %q after a mistake", got)
	}
	if strings.Contains(u.text, "Hunter") {
		t.Error("the password is in the page")
	}
	if u.find("div", func(n *html.Node) bool { return attr(n, "role") == "alert" && has(n, "autofocus") }) == nil {
		t.Errorf("nothing has the focus:\n%s", u.text)
	}

	// Done: where the page does not know where it leads, the browser goes on
	// by itself, from a page rather than by a redirect, which the policy on
	// forms would stop.
	d.submit = &engine.Response{Complete: true, Kind: engine.Redirection, URL: "/oauth2/authorize/resume?sessionDataKey=K1"}
	u.fill(map[string]string{"password": "right"}, "Sign in")
	if got := u.header.Get("Refresh"); got != "0; url=/oauth2/authorize/resume?sessionDataKey=K1" || u.status != http.StatusOK {
		t.Errorf("done: %d, Refresh %q", u.status, got)
	}

	// Where it does know, its forms may lead there.
	d.answer, d.submit, d.waiting.Target = passwordLogin(), nil, "https://shop.example"
	u.open(loginK1)
	if got := u.header.Get("Content-Security-Policy"); !strings.Contains(got, "; form-action 'self' https://shop.example; ") {
		t.Errorf("policy %q", got)
	}
	d.submit = &engine.Response{Complete: true, Kind: engine.Redirection, URL: "https://shop.example/callback"}
	u.fill(map[string]string{"password": "right"}, "Sign in")
	if got := u.header.Get("Location"); got != "https://shop.example/callback" || u.status != http.StatusSeeOther {
		t.Errorf("done: %d, Location %q", u.status, got)
	}
}

func TestSignInFails(t *testing.T) {
	t.Parallel()
	d := &desk{answer: passwordLogin(), waiting: Waiting{Known: "ada"}}
	u := newPerson(t, &Portal{SignIns: d})
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{&engine.Error{Code: engine.CodeCannotGoOn, Description: "{{login.max.attempts}}"}, 200, "There were too many attempts."},
		{&engine.Error{Code: engine.CodeUnknownExecution, Description: "gone"}, 200, "You can begin again."},
		{&engine.Error{Code: engine.CodeUnknownAction, Description: "no"}, 200, "This page had moved on."},
		{errors.New("the database is away"), 500, "tell us this number"},
	} {
		u.open(loginK1)
		d.fail = c.err
		u.fill(map[string]string{"password": "x"}, "Sign in")
		if u.status != c.status {
			t.Errorf("%v: status %d", c.err, u.status)
		}
		u.see(c.says)
		if strings.Contains(u.text, "database") {
			t.Error("the page tells what went wrong inside")
		}
	}

	u.open(loginK1)
	u.see("Signed in as ada")
	u.fill(nil, "Use another account")
	if d.restarts != 1 || u.at != loginK1 {
		t.Errorf("%d restarts, at %s", d.restarts, u.at)
	}
	u.open("/accounts/login?sessionDataKey=K2")
	u.see("This sign-in is over")
	u.open("/accounts/login")
	u.see("Open the application that you want to use")
	d.name = "ada"
	u.open("/accounts/login")
	u.see("You are signed in as ada.", "Sign out")
}

func TestSignInWithProvider(t *testing.T) {
	t.Parallel()
	away := func(state string) *engine.Response {
		return &engine.Response{Kind: engine.Redirection, URL: "https://provider.example/auth?state=" + state, Info: map[string]string{"state": state}}
	}
	d := &desk{answer: away("S1")}
	u := newPerson(t, &Portal{SignIns: d})
	u.open(loginK1)
	if got := u.header.Get("Location"); u.status != http.StatusSeeOther || got != "https://provider.example/auth?state=S1" {
		t.Fatalf("%d to %q", u.status, got)
	}
	// Who comes back by themselves is not sent away again.
	u.open(loginK1)
	u.see("Continue to provider.example", "Go back")

	// Another browser's answer, and one to another question, reach nothing.
	other := another(t, u.server)
	other.open("/accounts/login?code=C&state=S1")
	other.see("This answer belongs to nothing")
	u.open("/accounts/login?code=C&state=S2")
	u.see("This answer belongs to nothing")
	if d.got != nil {
		t.Fatalf("submitted %+v", d.got)
	}

	d.submit = &engine.Response{Complete: true, Kind: engine.Redirection, URL: "https://app.example/cb"}
	u.open("/accounts/recover?code=C&state=S1") // not a page of this server: it has no flows
	u.open("/accounts/login?code=C&state=S1&iss=https%3A%2F%2Fprovider.example&session_state=x")
	if d.got == nil || d.got.Inputs["code"] != "C" || d.got.Inputs["iss"] != "https://provider.example" || len(d.got.Inputs) != 3 {
		t.Fatalf("submitted %+v", d.got)
	}
	if u.header.Get("Location") != "https://app.example/cb" {
		t.Errorf("done: %d %v", u.status, u.header)
	}
}

// Apple answers by a POST from its site, with which no Lax cookie comes.
func TestFormPost(t *testing.T) {
	t.Parallel()
	d := &desk{answer: &engine.Response{Kind: engine.Redirection, URL: "https://appleid.example/auth", Info: map[string]string{"state": "S1"}}}
	u := newPerson(t, &Portal{SignIns: d})
	u.open(loginK1)
	jar := u.client.Jar
	u.client.Jar = nil
	u.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	u.send("POST", "/accounts/login", url.Values{"code": {"C"}, "state": {"S1"}, "user": {`{"name":{"firstName":"Ada"}}`}},
		map[string]string{"Sec-Fetch-Site": "cross-site"})
	next := u.header.Get("Location")
	if u.status != http.StatusSeeOther || !strings.HasPrefix(next, "/accounts/login?answer=") || strings.Contains(next, "Ada") {
		t.Fatalf("%d to %q", u.status, next)
	}
	u.client.Jar = jar
	d.submit = &engine.Response{Complete: true, Kind: engine.Redirection, URL: "https://app.example/cb"}
	u.open(next)
	if d.got == nil || d.got.Inputs["user"] != `{"name":{"firstName":"Ada"}}` || u.header.Get("Location") != "https://app.example/cb" {
		t.Fatalf("submitted %+v, then %d %v", d.got, u.status, u.header)
	}
	d.got = nil
	u.open("/accounts/login?answer=" + strings.Repeat("A", 80))
	if d.got != nil || u.status != http.StatusBadRequest {
		t.Errorf("made-up answer: %d, %+v", u.status, d.got)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	d := &desk{name: "ada"}
	u := newPerson(t, &Portal{SignIns: d})
	u.open("/accounts/logout?client_id=C1&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=x")
	u.see("Sign out?", "You are signed in as ada.")
	if d.name == "" {
		t.Fatal("opening the page signed out")
	}
	// A form of another site has no handle, and says where it comes from.
	u.send("POST", "/accounts/logout", url.Values{}, nil)
	if u.status != http.StatusForbidden || d.name == "" {
		t.Fatalf("forged: %d", u.status)
	}
	u.open("/accounts/logout?client_id=C1&state=x")
	u.fill(nil, "Sign out")
	u.see("You are signed out")
	if strings.Join(d.outParam, " ") != "C1  x" {
		t.Errorf("parameters %q", d.outParam)
	}
	d.name, d.leave = "ada", "https://app.example/bye"
	u.open("/accounts/logout")
	u.fill(nil, "Sign out")
	if !strings.Contains(u.header.Get("Refresh"), "https://app.example/bye") {
		t.Errorf("no way on: %v", u.header)
	}
}

func TestForeignForms(t *testing.T) {
	t.Parallel()
	d := &desk{answer: passwordLogin()}
	u := newPerson(t, &Portal{SignIns: d})
	for _, site := range []string{"cross-site", "same-site"} {
		u.send("POST", "/accounts/login", url.Values{":key": {"K1"}, "password": {"x"}}, map[string]string{"Sec-Fetch-Site": site})
		if u.status != http.StatusForbidden || d.got != nil {
			t.Errorf("%s: %d, %+v", site, u.status, d.got)
		}
	}
	u.send("POST", "/accounts/login", url.Values{":key": {"K1"}, "x": {"a\x00b"}}, nil)
	if u.status != http.StatusForbidden || d.got != nil {
		t.Errorf("NUL: %d", u.status)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	u := newPerson(t, &Portal{SignIns: &desk{answer: passwordLogin()}})
	u.open(loginK1)
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Language": "en",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	} {
		if got := u.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for tag, attribute := range map[string]string{"link": "href", "script": "src"} {
		address := attr(u.find(tag, func(*html.Node) bool { return true }), attribute)
		u.open(address)
		if u.status != http.StatusOK || !strings.Contains(u.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", address, u.status, u.header)
		}
		u.open(loginK1)
	}
	u.open("/accounts/assets/other.js")
	if u.status != http.StatusNotFound {
		t.Errorf("an asset that does not exist: %d", u.status)
	}
	u.open("/t/acme/accounts/login?sessionDataKey=K1")
	if form := u.find("form", func(n *html.Node) bool { return strings.HasPrefix(attr(n, "action"), "/t/acme/accounts/login") }); form == nil {
		t.Errorf("forms leave the tenant:\n%s", u.text)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	p := &Portal{SignIns: &desk{}}
	u := newPerson(t, p)
	w := newRecorder()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Refuse(w, r, http.StatusBadRequest, "Not <b>so</b>", "{{login.over.text}}")
	if body := w.Body.String(); w.Code != 400 || !strings.Contains(body, "Not &lt;b&gt;so") || !strings.Contains(body, "Go back to the application") {
		t.Errorf("%d %s", w.Code, body)
	}
}
