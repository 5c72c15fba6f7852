package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"usher/identity"
)

// readsOn is the page that comes of the first form with the input filled in.
func (p *page) readsOn(t *testing.T, browser *http.Client, email string) *page {
	t.Helper()
	if len(p.forms) == 0 {
		t.Fatalf("no form in\n%s", p.text)
	}
	f := p.forms[0]
	for name := range f.fields {
		if strings.Contains(name, "emailaddress") {
			f.fields.Set(name, email)
		}
	}
	f.fields.Set(f.buttons[0][0], f.buttons[0][1])
	target, err := url.Parse(p.address)
	if err == nil {
		target, err = target.Parse(f.action)
	}
	if err != nil {
		t.Fatal(err)
	}
	resp, err := browser.PostForm(target.String(), f.fields)
	if err != nil {
		t.Fatal(err)
	}
	return readPage(t, resp)
}

var tryAgain = regexp.MustCompile(`<a href="([^"]+)">Try again</a>`)

// again is the page that the link to try again leads to.
func (s *site) again(t *testing.T, browser *http.Client, p *page) *page {
	t.Helper()
	link := tryAgain.FindStringSubmatch(p.text)
	if link == nil {
		t.Fatalf("no way to try again in\n%s", p.text)
	}
	return s.page(t, browser, s.URL+strings.ReplaceAll(link[1], "&amp;", "&"))
}

// On the hosted pages the extension's words are text, and there is a way back.
func TestExtensionOnPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := newExtension(t, s.store)
	s.call(http.MethodPut, "/api/server/v1/flow", x.extended(true), http.StatusOK)
	browser := s.browser()
	first := s.page(t, browser, s.URL+"/accounts/register")

	x.answer(http.StatusOK, `{"actionStatus":"FAILED","failureReason":"<script>alert(1)</script>","failureDescription":"{{page.fault.title}}"}`)
	refused := first.readsOn(t, browser, "ada@evil.example")
	if refused.status != http.StatusBadRequest || !strings.Contains(refused.text, "&lt;script&gt;alert(1)") || strings.Contains(refused.text, "<script>alert") ||
		!strings.Contains(refused.text, "Something went wrong on our side") {
		t.Fatalf("status %d:\n%s", refused.status, refused.text)
	}
	x.answer(http.StatusOK, `{"actionStatus":"FAILED","failureReason":"{{no.such.text}}"}`)
	if nameless := s.again(t, browser, refused).readsOn(t, browser, "ada@evil.example"); !strings.Contains(nameless.text, "<h1 class=\"h3\">This was refused.</h1>") {
		t.Errorf("a refusal without a text:\n%s", nameless.text)
	}
	x.answer(http.StatusBadRequest, `{"actionStatus":"ERROR","errorMessage":"Down until noon."}`)
	down := s.again(t, browser, refused).readsOn(t, browser, "ada@example.com")
	if down.status != http.StatusInternalServerError || !strings.Contains(down.text, "Down until noon.") || !strings.Contains(down.text, "tell us this number") {
		t.Fatalf("status %d:\n%s", down.status, down.text)
	}
	page := s.again(t, browser, down)
	if !strings.Contains(page.text, "ada@example.com") {
		t.Errorf("what was entered is lost:\n%s", page.text)
	}

	x.answer(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://check.example.com/start"}]}`)
	away := page.readsOn(t, browser, "ada@example.com")
	if away.status != http.StatusOK || !strings.HasSuffix(away.refresh, "url=https://check.example.com/start") {
		t.Fatalf("status %d, on to %q", away.status, away.refresh)
	}
	back := x.flow()["portalUrl"].(string)
	asked := x.times()
	if other := s.page(t, s.browser(), back+"&client_id=an-application"); !strings.Contains(other.address, "at=") || len(other.forms) == 0 || x.times() != asked {
		t.Errorf("another browser does not begin anew:\n%s", other.text)
	}
	x.answer(http.StatusOK, `{"actionStatus":"FAILED","failureReason":"Not checked"}`)
	unchecked := s.page(t, browser, back)
	if !strings.Contains(unchecked.text, "Not checked") {
		t.Fatalf("came back to\n%s", unchecked.text)
	}
	if waiting := s.again(t, browser, unchecked); !strings.Contains(waiting.text, "https://check.example.com/start") {
		t.Errorf("tries again at\n%s", waiting.text)
	}
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS"}`)
	s.page(t, browser, back)
	if u, err := s.store.FindUserByName(t.Context(), identity.DefaultTenant, "ada@example.com"); err != nil || u == nil {
		t.Errorf("nobody was registered: %v", err)
	}
}

// A flow that begins with an extension, which refuses, has no page to show.
func TestExtensionAtTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := newExtension(t, s.store)
	s.call(http.MethodPut, "/api/server/v1/flow", `{"flowType":"REGISTRATION","steps":[
		{"id":"ask","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"FlowExtensionExecutor","meta":{"actionId":"`+x.ID+`"}},"next":"page"}}},
		{"id":"page","type":"VIEW","data":{"components":[{"id":"form","type":"FORM","components":[
			{"id":"mail","type":"INPUT","variant":"EMAIL","config":{"identifier":"http://wso2.org/claims/emailaddress","required":true}},
			{"id":"go","type":"BUTTON","config":{"text":"Go on"},"action":{"type":"NEXT","next":"END"}}]}]}},
		{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}}}}]}`, http.StatusOK)
	x.answer(http.StatusOK, `{"actionStatus":"FAILED","failureReason":"Closed"}`)
	if problem := s.call(http.MethodPost, "/api/server/v1/flow/execute", `{"flowType":"REGISTRATION"}`, http.StatusBadRequest); problem["message"] != "Closed" || problem["flowType"] != "REGISTRATION" {
		t.Errorf("problem %v", problem)
	}
	browser := s.browser()
	closed := s.page(t, browser, s.URL+"/accounts/register?ui_locales=en")
	if !strings.Contains(closed.text, "Closed") {
		t.Fatalf("the page is\n%s", closed.text)
	}
	x.answer(http.StatusOK, `{"actionStatus":"SUCCESS"}`)
	if open := s.again(t, browser, closed); len(open.forms) == 0 || !strings.Contains(open.address, "at=") {
		t.Errorf("tried again at %s:\n%s", open.address, open.text)
	}
}

var example = regexp.MustCompile("(?s)```json ?(\\w*)\n(.*?)```")

// TestExtensionsPage holds docs/extensions.md to what is asked, and to what
// comes of the answers there.
func TestExtensionsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/extensions.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]string{}
	for _, found := range example.FindAllStringSubmatch(string(page), -1) {
		examples[found[1]] = found[2]
	}
	j := newJourney(t)
	x := newExtension(t, j.users)
	j.run("PUT /api/server/v1/flow", x.extended(true))
	j.answer("200", "")
	for name, want := range map[string]struct {
		status  int // of the extension's
		code    string
		message string
	}{
		"failed": {http.StatusOK, "400", "Not this address"}, "error": {http.StatusInternalServerError, "500", "Not now"},
		"redirect": {http.StatusOK, "200", ""}, "success": {http.StatusOK, "200", ""},
	} {
		x.answer(want.status, examples[name])
		j.at = name
		j.registers("ada-" + name + "@example.com")
		if answer := j.answered(want.code); want.message != "" && answer["message"] != want.message ||
			name == "redirect" && answer["type"] != "REDIRECTION" || name == "success" && answer["flowStatus"] != "COMPLETE" {
			t.Errorf("%s: %v", name, answer)
		}
	}
	u, err := j.users.FindUserByName(t.Context(), identity.DefaultTenant, "ada-success@example.com")
	if err != nil || u.Claims[identity.ClaimGivenName] != "Ada" {
		t.Errorf("user %+v, %v", u, err)
	}
	var asked map[string]any
	if err := json.Unmarshal([]byte(examples[""]), &asked); err != nil {
		t.Fatal(err)
	}
	delete(x.asked[0], "risk")
	delete(x.asked[0], "authorization")
	within(t, "the question", x.asked[0], asked)
}

// within fails where got has a member that the documented one has not.
func within(t *testing.T, at string, got, documented any) {
	t.Helper()
	switch got := got.(type) {
	case map[string]any:
		there, _ := documented.(map[string]any)
		for name, value := range got {
			if _, ok := there[name]; !ok {
				t.Errorf("%s has %s, and the page does not say so", at, name)
				continue
			}
			within(t, at+"."+name, value, there[name])
		}
	case []any:
		there, _ := documented.([]any)
		for i := range min(len(got), len(there)) {
			within(t, at+"[]", got[i], there[i])
		}
	default:
		if documented == nil {
			t.Errorf("%s: %v, and the page has nothing", at, got)
		}
	}
}
