package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"golang.org/x/oauth2"

	"usher/identity"
)

// TestEveryDocumentedAnswerIsGiven makes the calls that it takes to see every
// status, and every code of a 4xx, that the documents promise: none of them is
// made up, and each looks as it is said to.
func TestEveryDocumentedAnswerIsGiven(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := &caller{site: s, t: t}
	w.everywhere()
	w.flows()
	w.designs()
	w.executions()
	w.claims()
	w.connections()
	w.extensions()
	w.applications()
	w.signIns()
	w.brandings()
	w.messageTemplates()
	w.invitations()
	w.users()
	w.outbox()
	w.documents()
	w.faults()

	given := map[string]bool{}
	for _, x := range s.seen {
		given[fmt.Sprintf("%s %d", x.name(), x.status)] = true
		given[fmt.Sprintf("%s %d %s", x.name(), x.status, x.code())] = true
	}
	for _, answer := range promised() {
		// A hasher that is busy is for the tests of httpapi; the code of a
		// fault is that of whoever meets the fault first.
		if !given[answer] && !strings.HasSuffix(answer, " 429") && !strings.Contains(answer, " 429 ") && !strings.Contains(answer, " 500 ") {
			t.Errorf("documented, but never given: %s", answer)
		}
	}
}

// promised are the documented answers: "METHOD /path STATUS", and one more for
// each code that it may have.
func promised() []string {
	var all []string
	for name, route := range documented() {
		for status, response := range route.Operation.Responses.Map() {
			all = append(all, name+" "+status)
			if content := response.Value.Content["application/json"]; content != nil {
				for _, code := range codes(content.Schema) {
					all = append(all, fmt.Sprintf("%s %s %s", name, status, code))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// codes are the values that a problem's schema has for its code.
func codes(schema *openapi3.SchemaRef) []any {
	var all []any
	if code := schema.Value.Properties["code"]; code != nil {
		all = code.Value.Enum
		if code.Value.Const != nil {
			all = append(slices.Clone(all), code.Value.Const)
		}
	}
	for _, part := range schema.Value.AllOf { // the reference's and what stands beside it
		all = append(all, codes(part)...)
	}
	return all
}

// caller makes calls as the default tenant's administrator.
type caller struct {
	*site
	t *testing.T
}

// call makes the call "METHOD /path" and returns its answer, which must have
// the status. header are names and values; a blank Authorization is none.
func (c *caller) call(status int, call, body string, header ...string) reply {
	c.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	r := request(c.t, method, c.URL+path, body)
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth("admin", "Adm1n-password")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if r.Header.Get("Authorization") == "" {
		r.Header.Del("Authorization")
	}
	a := c.do(c.t, r)
	if a.status != status {
		c.t.Errorf("%s with %.200s: %d, want %d: %.500s", call, body, a.status, status, a.text)
	}
	return a
}

// sample is the operation's "METHOD /path" with the examples of the document.
func sample(route *routers.Route) string {
	path := route.Path
	for _, p := range route.PathItem.Parameters {
		example, ok := p.Value.Example.(string)
		if !ok {
			example = "nothing"
		}
		path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", example)
	}
	query := url.Values{}
	for _, p := range route.Operation.Parameters {
		if p.Value.In == "query" && p.Value.Required {
			query.Set(p.Value.Name, "REGISTRATION")
		}
	}
	return strings.TrimSuffix(route.Method+" "+path+"?"+query.Encode(), "?")
}

// scope is what the operation asks for; ok tells whether it asks for anything.
func scope(route *routers.Route) (scope string, ok bool) {
	for _, requirement := range *route.Operation.Security {
		if scopes, bearer := requirement["bearer"]; bearer {
			return strings.Join(scopes, " "), true
		}
	}
	return "", false
}

// everywhere makes the mistakes that can be made with every operation.
func (c *caller) everywhere() {
	c.user(identity.DefaultTenant, "nobody", "N0body-password")
	machine := c.application(identity.DefaultTenant, "Machine", `,"grantTypes":["client_credentials"]`)
	c.changeApp(machine, `{"authorizedScopes":["internal_user_mgt_view"]}`)
	token := c.ask(c.t, machine, "/oauth2/token", "grant_type", "client_credentials", "scope", "internal_user_mgt_view").string("access_token")
	for _, route := range documented() {
		call := sample(route)
		method, path, _ := strings.Cut(call, " ")
		c.call(http.StatusNotFound, method+" /t/none"+path, "{}")
		asked, guarded := scope(route)
		if guarded {
			c.call(http.StatusUnauthorized, call, "{}", "Authorization", "")
		}
		if asked != "" {
			r := request(c.t, method, c.URL+path, "")
			r.SetBasicAuth("nobody", "N0body-password")
			if a := c.do(c.t, r); a.status != http.StatusForbidden || !strings.Contains(a.text, "the scope "+asked+",") {
				c.t.Errorf("%s asks not for the scope %s: %d %s", call, asked, a.status, a.text)
			}
		} else if guarded {
			c.call(http.StatusForbidden, call, "{}", "Authorization", "Bearer "+token)
		}
		if body := route.Operation.RequestBody; body == nil || body.Value.Content["application/json"] == nil {
			continue
		}
		c.call(http.StatusUnsupportedMediaType, call, "{}", "Content-Type", "text/plain")
		c.call(http.StatusRequestEntityTooLarge, call, strings.Repeat(" ", 1<<20+1))
	}
}

// faults makes every operation fail that meets the database.
func (c *caller) faults() {
	browser := c.browser()
	shop := c.application(identity.DefaultTenant, "Fails", "")
	at, _ := visit(c.t, browser, c.oauth(shop).AuthCodeURL("x", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	key := url.Values{"sessionDataKey": {at.Query().Get("sessionDataKey")}, "userAssertion": {"none"}}
	elsewhere := c.do(c.t, request(c.t, http.MethodPost, c.URL+"/commonauth", key.Encode())).header.Get("Location")
	native := c.native("Falls")
	if err := c.store.Close(); err != nil {
		c.t.Fatal(err)
	}
	for name, route := range documented() {
		if route.Operation.Responses.Value("500") != nil && !strings.HasSuffix(name, "/commonauth") {
			body := "{}"
			switch name {
			case "POST /api/server/v1/flow/execute":
				body = `{"flowType":"REGISTRATION"}`
			case "POST /oauth2/authn":
				body = fmt.Sprintf(`{"flowId":%q}`, native)
			}
			call := sample(route)
			if strings.HasSuffix(call, "/resolve") {
				call += "?type=APP&name=forgotten" // which is remembered of no other call
			}
			c.call(http.StatusInternalServerError, call, body)
		}
	}
	for _, r := range []*http.Request{
		request(c.t, http.MethodPost, c.URL+"/commonauth", key.Encode()), request(c.t, http.MethodGet, elsewhere, ""),
	} {
		if a := c.do(c.t, r, browser); a.status != http.StatusInternalServerError {
			c.t.Errorf("%s %s without a database: %d %.500s", r.Method, r.URL, a.status, a.text)
		}
	}
}
