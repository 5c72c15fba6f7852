package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"usher/flow"
	"usher/identity"
	"usher/starter"
)

// starterFlow returns a starter's definition.
func starterFlow(t testing.TB, of flow.Type, name string) string {
	t.Helper()
	for _, one := range starter.Templates(of) {
		if one.Name == name {
			return string(one.Definition)
		}
	}
	t.Fatalf("no template %s", name)
	return ""
}

const goodPassword = "correct horse battery"

func TestRegister(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register?spId=&ui_locales=en")
	if !strings.HasPrefix(u.at, "/accounts/register?at=") {
		t.Fatalf("at %s", u.at)
	}
	u.see("Create your account")
	first := u.at

	// A mistake: the address is kept, the password is not.
	u.fill(map[string]string{"email": "ada@example.com", "password": "short"}, "Continue")
	if u.at != first || u.status != http.StatusOK {
		t.Fatalf("at %s, %d", u.at, u.status)
	}
	u.see("Error: Create your account", "Please check what you entered:")
	if got := attr(u.input("email"), "value"); got != "ada@example.com" {
		t.Errorf("e-mail %q", got)
	}
	if in := u.input("password"); attr(in, "aria-invalid") != "true" || !has(in, "autofocus") || has(in, "value") {
		t.Errorf("password field: %v", in.Attr)
	}
	if strings.Contains(u.text, "short") {
		t.Error("the password is in the page")
	}

	// Reloading, and another tab of the same browser with an execution of its
	// own.
	u.open(first)
	u.see("Please check what you entered:")
	u.open("/accounts/register")
	second := u.at
	if second == first || attr(u.input("email"), "value") != "" {
		t.Errorf("second tab at %s", second)
	}
	u.fill(map[string]string{"email": "bob@example.com", "password": goodPassword}, "Continue")
	u.see("Welcome aboard", "Your account is ready. You can sign in now.")
	u.open(second)
	u.see("Welcome aboard")

	u.open(first)
	form := u.valuesOf(u.find("form", func(*html.Node) bool { return true }))
	u.fill(map[string]string{"password": goodPassword}, "Continue")
	u.see("Welcome aboard")
	for _, name := range []string{"ada@example.com", "bob@example.com"} {
		if _, err := s.store.FindUserByName(t.Context(), "carbon.super", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	// The form of a page that is over, sent once more.
	u.send("POST", "/accounts/register", form, nil)
	u.see("Welcome aboard")
	s.skip(2 * time.Minute)
	u.open(first)
	u.see("This is finished")
	u.noIDs(t)
}

// noIDs checks that no page showed the id of an execution.
func (u *person) noIDs(t *testing.T) {
	t.Helper()
	if strings.Contains(u.text, "flowId") {
		t.Errorf("a flow id in the page:\n%s", u.text)
	}
}

func TestFormSentTwice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register")
	form := u.valuesOf(u.find("form", func(*html.Node) bool { return true }))
	form.Set("email", "ada@example.com")
	form.Set("password", goodPassword)
	form.Set(":press", "submit-registration")
	done := make(chan *person)
	for range 2 { // a double click
		go func() {
			one := *u
			one.send("POST", "/accounts/register", form, nil)
			done <- &one
		}()
	}
	for range 2 {
		one := <-done
		one.t = t
		one.see("Welcome aboard")
	}
}

func TestOtherBrowsers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register")
	at := u.at
	form := u.valuesOf(u.find("form", func(*html.Node) bool { return true }))
	form.Set("email", "eve@example.com")
	form.Set("password", goodPassword)

	other := another(t, u.server)
	other.open(at)
	other.see("This page is not open in this browser")
	if other.status != http.StatusBadRequest {
		t.Errorf("status %d", other.status)
	}
	other.send("POST", "/accounts/register", form, nil)
	other.see("This page is not open in this browser")
	u.send("POST", "/accounts/recover", form, nil) // the handle of another page
	u.see("This page is not open in this browser")
	u.send("POST", "/t/acme/accounts/register", form, nil)
	u.see("This page is not open in this browser")
	u.send("POST", "/accounts/register", form, map[string]string{"Sec-Fetch-Site": "cross-site"})
	u.see("This request came from elsewhere")
	if _, err := s.store.FindUserByName(t.Context(), "carbon.super", "eve@example.com"); err == nil {
		t.Error("a foreign form made a user")
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	address, err := url.Parse(u.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var visited []string
	for range maxVisits + 2 {
		u.open("/accounts/register")
		visited = append(visited, u.at)
	}
	cookies := u.client.Jar.Cookies(address)
	if len(cookies) != maxVisits {
		t.Errorf("%d cookies", len(cookies))
	}
	u.open(visited[0])
	u.see("This page is not open in this browser")
	u.open(visited[len(visited)-1])
	u.see("Create your account")
	for _, c := range cookies {
		if strings.Contains(c.Value, "register") || len(c.Value) > 4000 {
			t.Errorf("cookie %s", c.Value)
		}
	}
	// A cookie moved to another name is none.
	moved := &http.Cookie{Name: "flow-AAAAAAAAAAAAAAAA", Value: cookies[0].Value}
	r := newRequest(t, u.server.URL, moved)
	if s.portal.visit(r, "register", "AAAAAAAAAAAAAAAA") != nil {
		t.Error("a moved cookie was taken")
	}

	w := newRecorder()
	p := &Portal{PublicURL: "https://id.example", Box: s.portal.Box, Now: s.now}
	p.remember(w, r, newVisit(r, "register", s.now()))
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-flow-") || !strings.HasSuffix(got, "Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax") {
		t.Errorf("cookie %s", got)
	}
	big := newVisit(r, "register", s.now())
	big.keep(map[string]string{"a": strings.Repeat("x", 60000), "b": strings.Repeat("\x01", 700), "c": "short", "": strings.Repeat("y", 900)})
	w = newRecorder()
	p.remember(w, r, big)
	if got := w.Header().Get("Set-Cookie"); len(got) > 4096 || big.Typed["c"] != "short" {
		t.Errorf("a cookie of %d bytes", len(got))
	}
}

func newRequest(t *testing.T, address string, cookies ...*http.Cookie) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestExpired(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register")
	s.skip(16 * time.Minute)
	u.fill(map[string]string{"email": "ada@example.com", "password": goodPassword}, "Continue")
	u.see("Your time ran out", "What you have sent is kept, but for passwords and codes.")
	if u.status != http.StatusGone {
		t.Errorf("status %d", u.status)
	}
	u.open(u.at)
	u.see("Your time ran out")
	u.fill(nil, "Start again")
	if got := attr(u.input("email"), "value"); got != "ada@example.com" || strings.Contains(u.text, goodPassword) {
		t.Errorf("e-mail %q", got)
	}
	u.fill(map[string]string{"password": goodPassword}, "Continue")
	u.see("Welcome aboard")

	u.open("/accounts/register")
	s.skip(16 * time.Minute)
	u.open(u.at)
	u.see("Your time ran out")
}

func TestRecoverWithCode(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.PasswordRecovery, "recovery-email-code"))
	s.user("ada@example.com", false)
	u := s.visitor(t)
	u.open("/.well-known/change-password")
	if !strings.HasPrefix(u.at, "/accounts/recover?at=") {
		t.Fatalf("at %s", u.at)
	}
	u.fill(map[string]string{flow.ClaimUsername: "ada@example.com"}, "Send code")
	first := s.lastMail().Params["code"]
	if in := u.input("otp"); attr(in, "autocomplete") != "one-time-code" || attr(in, "maxlength") != "6" {
		t.Errorf("code field: %v", in.Attr)
	}
	u.fill(map[string]string{"otp": "0000"}, "Continue")
	u.see("The code is wrong.")
	if has(u.input("otp"), "value") {
		t.Error("the code is shown again")
	}
	u.fill(nil, "Send another code")
	second := s.lastMail().Params["code"]
	if first == "" || len(s.mail) != 2 {
		t.Fatalf("codes %q, %q of %d", first, second, len(s.mail))
	}
	u.fill(map[string]string{"otp": second}, "Continue")
	u.see("Choose a new password")
	if got := attr(u.input("password"), "autocomplete"); got != "new-password" {
		t.Errorf("autocomplete %q", got)
	}
	u.fill(map[string]string{"password": goodPassword}, "Set password")
	u.see("Password changed")

	// Too many wrong codes end it, and there is a way on.
	u.open("/accounts/recover")
	u.fill(map[string]string{flow.ClaimUsername: "nobody@example.com"}, "Send code")
	for range 3 {
		u.fill(map[string]string{"otp": "1111"}, "Continue")
	}
	u.see("There were too many wrong codes.")
	u.fill(nil, "Start again")
	if u.input(flow.ClaimUsername) == nil {
		t.Fatalf("at %s:\n%s", u.at, u.text)
	}
}

func TestRecoverWithLink(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.PasswordRecovery, "recovery-magic-link"))
	s.user("ada@example.com", false)
	u := s.visitor(t)
	u.open("/accounts/recover")
	u.fill(map[string]string{flow.ClaimUsername: "ada@example.com"}, "Send link")
	u.see("Check your e-mail")
	link := s.lastMail().Params["link"]

	other := another(t, u.server)
	other.open(link)
	other.see("Please open the link in the browser where you began.")
	u.open(link)
	u.see("Choose a new password")
	if strings.Contains(u.at, "flowId") || strings.Contains(u.at, "mlt") {
		t.Errorf("at %s", u.at)
	}
	u.fill(map[string]string{"password": goodPassword}, "Set password")
	u.see("Password changed")
	u.open(link)
	u.see("Your time ran out")
}

func TestLinkInAnyBrowser(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(strings.Replace(starterFlow(t, flow.PasswordRecovery, "recovery-magic-link"),
		`"name": "MagicLinkExecutor"`, `"name": "MagicLinkExecutor", "meta": {"sameBrowser": false}`, 1))
	s.user("ada@example.com", false)
	u := s.visitor(t)
	u.open("/accounts/recover")
	u.fill(map[string]string{flow.ClaimUsername: "ada@example.com"}, "Send link")
	link := s.lastMail().Params["link"]
	scanner := another(t, u.server)
	for range 3 {
		scanner.open(link)
		scanner.see("Continue")
	}
	phone := another(t, u.server)
	phone.open(link)
	phone.fill(nil, "Continue")
	phone.see("Choose a new password")
	phone.open(phone.at)
	phone.fill(map[string]string{"password": goodPassword}, "Set password")
	phone.see("Password changed")
	u.open("/accounts/recover?mlt=x")
	u.see("This link does not work")
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.InvitedUserRegistration, "invited-set-password"))
	code := s.user("ada@example.com", true)
	u := s.visitor(t)
	u.open("/accounts/accept?confirmation=" + url.QueryEscape(code))
	u.see("You have been invited.")
	if strings.Contains(u.text+u.at, code) {
		t.Error("the code is in the page")
	}
	if u.find("form", func(n *html.Node) bool { return has(n, "data-auto") }) == nil {
		t.Error("nothing for the script to go on with")
	}
	u.fill(nil, "Continue")
	u.see("Choose a password")
	u.fill(map[string]string{"password": goodPassword}, "Set password")
	u.see("You are in")

	// Without the link the code can be typed; a wrong one ends it.
	u.open("/accounts/accept")
	u.fill(map[string]string{"confirmationCode": "nonsense"}, "Continue")
	u.see("This cannot go on")
	u.fill(nil, "Start again")
	u.see("Code of the invitation")
}

// providerFlow has a form and a button that leads to a provider.
const providerFlow = `{"flowType":"REGISTRATION","steps":[{"id":"a","type":"VIEW","data":{"components":[
	{"id":"f","category":"BLOCK","type":"FORM","components":[
		{"id":"mail","category":"FIELD","type":"INPUT","variant":"EMAIL","config":{"identifier":"email","label":"Mail","required":true}},
		{"id":"next","category":"ACTION","type":"BUTTON","config":{"text":"Next"},"action":{"type":"NEXT","next":"b"}}]},
	{"id":"g","category":"ACTION","type":"BUTTON","variant":"SOCIAL","config":{"text":"With provider"},"action":{"type":"EXECUTOR","executor":{"name":"OpenIDConnectExecutor"},"next":"b"}}]}},
	{"id":"b","type":"VIEW","data":{"components":[{"id":"h","category":"DISPLAY","type":"TYPOGRAPHY","variant":"H3","config":{"text":"Almost done"}},
	{"id":"f2","category":"BLOCK","type":"FORM","components":[
		{"id":"pw","category":"FIELD","type":"INPUT","variant":"PASSWORD","config":{"identifier":"password","required":true}},
		{"id":"go","category":"ACTION","type":"BUTTON","config":{"text":"Finish"},"action":{"type":"EXECUTOR","executor":{"name":"PasswordProvisioningExecutor"},"next":"END"}}]}]}},
	{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`

func TestProvider(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(providerFlow)
	u := s.visitor(t)
	u.open("/accounts/register")
	at := u.at
	u.fill(nil, "With provider")
	_, address, _ := strings.Cut(u.header.Get("Refresh"), "url=")
	away, err := url.Parse(address)
	if err != nil || away.Host != "provider.example" {
		t.Fatalf("left for %q", address)
	}
	// Coming back by oneself is no dead end.
	u.open(at)
	u.see("Continue to provider.example")
	u.fill(nil, "Go back")
	u.see("You did not sign in.")
	u.fill(nil, "With provider")
	_, address, _ = strings.Cut(u.header.Get("Refresh"), "url=")
	if away, err = url.Parse(address); err != nil {
		t.Fatal(err)
	}
	state := url.QueryEscape(away.Query().Get("state"))
	// The answer may come to another page than the one that asked.
	other := another(t, u.server)
	other.open("/accounts/recover?code=good&state=" + state)
	other.see("This answer belongs to nothing")
	u.open("/accounts/recover?code=good&state=" + state)
	u.see("Almost done")
	if u.at != at {
		t.Errorf("at %s", u.at)
	}
	u.open("/accounts/register?code=good&state=" + state)
	u.see("This answer belongs to nothing")
	u.open(at)
	u.fill(map[string]string{"password": goodPassword}, "Finish")
	u.see("Welcome aboard")
}

func TestStaleForm(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(providerFlow)
	u := s.visitor(t)
	u.open("/accounts/register")
	old := *u
	u.fill(map[string]string{"email": "ada@example.com"}, "Next")
	u.see("Almost done")
	old.fill(map[string]string{"email": "bob@example.com"}, "Next") // back, and again
	old.see("Almost done", "This page had moved on.")
	old.open(old.at)
	if strings.Contains(old.text, "This page had moved on.") {
		t.Error("the notice is shown twice")
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.assert = "the-assertion"
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register?sessionDataKey=K1&spId=A1")
	u.fill(map[string]string{"email": "ada@example.com", "password": goodPassword}, "Continue")
	if s.desk.redeemed != "the-assertion" || u.header.Get("Refresh") != "0; url=https://app.example/cb?code=1" {
		t.Errorf("redeemed %q, on to %q", s.desk.redeemed, u.header.Get("Refresh"))
	}
	// The sign-in is gone: to the application itself.
	s.desk.redeemed = ""
	u.open("/accounts/register?sessionDataKey=K9&client_id=A1")
	u.fill(map[string]string{"email": "bob@example.com", "password": goodPassword}, "Continue")
	if s.desk.redeemed != "" || u.header.Get("Refresh") != "0; url=https://app.example/welcome" {
		t.Errorf("redeemed %q, on to %q", s.desk.redeemed, u.header.Get("Refresh"))
	}
	// Without an assertion the sign-in goes on by itself.
	s.assert = ""
	u.open("/accounts/register?sessionDataKey=K1")
	s.desk.answer = passwordLogin()
	u.fill(map[string]string{"email": "cid@example.com", "password": goodPassword}, "Continue")
	if u.header.Get("Refresh") != "0; url=/accounts/login?sessionDataKey=K1" {
		t.Errorf("on to %q", u.header.Get("Refresh"))
	}
}

func TestPasskeyPage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "basic-passkey"))
	u := s.visitor(t)
	u.open("/accounts/register")
	u.fill(map[string]string{identity.ClaimEmail: "ada@example.com"}, "Continue with a passkey")
	u.see("Passkeys cannot be used on this site.") // whose origin is not one of them
	s.portal.PublicURL = "http://other.example"
	u.open("/accounts/register")
	u.fill(map[string]string{identity.ClaimEmail: "ada@example.com"}, "Continue with a passkey")
	u.see("Create a passkey", `"challenge":`)
	data := u.find("script", func(n *html.Node) bool { return attr(n, "type") == "application/json" })
	if data == nil || !strings.HasPrefix(textOf(data), `{"rp":{`) {
		t.Errorf("no options:\n%s", u.text)
	}
	u.fill(nil, "Go back")
	u.see("The passkey was not used. Try again.")
}

func TestNotEnabled(t *testing.T) {
	t.Parallel()
	u := newPerson(t, &Portal{Flows: noFlows{}})
	u.open("/accounts/register")
	if u.status != http.StatusNotFound {
		t.Errorf("status %d", u.status)
	}
	u.see("Not available")
	u.send(http.MethodHead, "/accounts/register", nil, nil)
	if u.status != http.StatusOK {
		t.Errorf("HEAD: %d", u.status)
	}
}
