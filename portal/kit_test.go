package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"usher/engine"
	"usher/grant"
	"usher/httpapi"
	"usher/seal"
)

// desk is signing in as the pages see it: one sign-in that waits for a name
// and a password.
type desk struct {
	mu       sync.Mutex
	answer   *engine.Response // what the sign-in waits for
	submit   *engine.Response // what a submission comes to; nil: answer
	fail     error            // of the next submission
	got      *engine.Request
	restarts int
	waiting  Waiting
	redeemed string
	name     string // of who is signed in
	leave    string // where SignOut leads
	outParam []string
}

func (d *desk) Login(_ *http.Request, key string, submit *engine.Request) (*engine.Response, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if key != "K1" {
		return nil, grant.ErrNoRequest
	}
	if submit == nil {
		return d.answer, nil
	}
	d.got = submit
	if err := d.fail; err != nil {
		d.fail = nil
		return nil, err
	}
	if d.submit != nil {
		d.answer = d.submit
	}
	return d.answer, nil
}

func (d *desk) Restart(*http.Request, string) error { d.restarts++; return nil }

func (d *desk) Waiting(_ *http.Request, key string) (Waiting, error) {
	if key != "K1" {
		return Waiting{}, grant.ErrNoRequest
	}
	return d.waiting, nil
}

func (d *desk) Redeem(_ *http.Request, _, assertion string) (string, error) {
	d.redeemed = assertion
	return "https://app.example/cb?code=1", nil
}

func (d *desk) SignOut(_ http.ResponseWriter, _ *http.Request, client, redirect, state string) (string, error) {
	d.name, d.outParam = "", []string{client, redirect, state}
	return d.leave, nil
}

func (d *desk) SignedIn(*http.Request) (string, error) { return d.name, nil }

// person is somebody with a browser, without scripts: it keeps cookies and
// follows redirects within the site.
type person struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
	lang   string
	at     string // the address of the page
	status int
	header http.Header
	page   *html.Node
	text   string // the page's source
}

// newPerson serves the portal to somebody.
func newPerson(t *testing.T, p *Portal) *person {
	t.Helper()
	routes := httpapi.NewRoutes(&oneUser{})
	server := httptest.NewUnstartedServer(routes)
	p.PublicURL = "http://" + server.Listener.Addr().String()
	if p.Box == nil {
		p.Box = testBox(t)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	p.Mount(routes)
	server.Start()
	t.Cleanup(server.Close)
	return another(t, server)
}

// another is somebody else at the same server.
func another(t *testing.T, server *httptest.Server) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u := &person{t: t, server: server}
	u.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != server.Listener.Addr().String() {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return u
}

func testBox(tb testing.TB) *seal.Box {
	tb.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "portal")
	if err != nil {
		tb.Fatal(err)
	}
	return box
}

func (u *person) open(path string) {
	u.t.Helper()
	u.send(http.MethodGet, path, nil, nil)
}

// send makes a request and reads the page that comes of it.
func (u *person) send(method, path string, form url.Values, header map[string]string) {
	u.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = u.server.URL + path
	}
	r, err := http.NewRequestWithContext(u.t.Context(), method, path, strings.NewReader(form.Encode()))
	if err != nil {
		u.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", u.lang)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := u.client.Do(r)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		u.t.Fatal(err)
	}
	u.at, u.status, u.header, u.text = resp.Request.URL.RequestURI(), resp.StatusCode, resp.Header, body.String()
	if u.page, err = html.Parse(&body); err != nil {
		u.t.Fatal(err)
	}
}

// fill types into the page's inputs and presses the button that says so.
func (u *person) fill(typed map[string]string, says string) {
	u.t.Helper()
	press := u.find("button", func(n *html.Node) bool { return strings.TrimSpace(textOf(n)) == says })
	if press == nil {
		u.t.Fatalf("%s: no button says %q:\n%s", u.at, says, u.text)
	}
	form := u.formOf(press)
	values := u.valuesOf(form)
	if name := attr(press, "name"); name != "" {
		values.Set(name, attr(press, "value"))
	}
	for name, value := range typed {
		if u.input(name) == nil {
			u.t.Fatalf("%s: no input %q:\n%s", u.at, name, u.text)
		}
		values.Set(name, value)
	}
	target := attr(form, "action")
	if target == "" {
		target = u.at
	}
	u.send(http.MethodPost, target, values, map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// input returns the one of the name, nil where the page has none.
func (u *person) input(name string) *html.Node {
	return u.find("", func(n *html.Node) bool {
		return (n.Data == "input" || n.Data == "select") && attr(n, "name") == name && attr(n, "type") != "hidden"
	})
}

func (u *person) formOf(n *html.Node) *html.Node {
	u.t.Helper()
	if id := attr(n, "form"); id != "" {
		return u.find("form", func(f *html.Node) bool { return attr(f, "id") == id })
	}
	for n != nil && n.Data != "form" {
		n = n.Parent
	}
	return n
}

// valuesOf is what the form submits as it stands.
func (u *person) valuesOf(form *html.Node) url.Values {
	u.t.Helper()
	values := url.Values{}
	u.each(u.page, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" || u.formOf(n) != form || form == nil {
			return
		}
		switch kind := attr(n, "type"); {
		case n.Data == "input" && (kind == "checkbox" || kind == "radio"):
			if has(n, "checked") {
				values.Add(name, attr(n, "value"))
			}
		case n.Data == "input":
			values.Add(name, attr(n, "value"))
		case n.Data == "select":
			chosen := ""
			u.each(n, func(o *html.Node) {
				if has(o, "selected") {
					chosen = attr(o, "value")
				}
			})
			values.Add(name, chosen)
		}
	})
	return values
}

func (u *person) find(tag string, fits func(*html.Node) bool) (found *html.Node) {
	u.each(u.page, func(n *html.Node) {
		if found == nil && (tag == "" || n.Data == tag) && fits(n) {
			found = n
		}
	})
	return found
}

func (u *person) each(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		u.each(c, do)
	}
}

func (u *person) see(texts ...string) {
	u.t.Helper()
	seen := textOf(u.page)
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			u.t.Fatalf("%s (%d) does not say %q:\n%s", u.at, u.status, text, u.text)
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

var spaces = regexp.MustCompile(`\s+`)

func textOf(n *html.Node) string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			out.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return spaces.ReplaceAllString(out.String(), " ")
}

// passwordLogin is a page that asks for a name and a password.
func passwordLogin() *engine.Response {
	return &engine.Response{Kind: engine.View, Flow: "AUTHENTICATION", Components: json.RawMessage(`[
		{"id":"h","type":"TYPOGRAPHY","variant":"H2","config":{"text":"Sign in"}},
		{"id":"f","type":"FORM","components":[
			{"id":"u","type":"INPUT","variant":"TEXT","config":{"identifier":"http://wso2.org/claims/username","label":"User name","required":true}},
			{"id":"p","type":"INPUT","variant":"PASSWORD","config":{"identifier":"password","label":"Password","required":true}},
			{"id":"b","type":"BUTTON","variant":"PRIMARY","actionId":"go","config":{"text":"Sign in"}}]}]`)}
}

// noFlows are the flows of a server that has none.
type noFlows struct{}

func (noFlows) Do(context.Context, engine.Request) (*engine.Response, error) {
	return nil, &engine.Error{Code: engine.CodeFlowDisabled}
}
