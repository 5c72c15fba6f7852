package portal

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"usher/application"
	"usher/branding"
	"usher/engine"
	"usher/flow"
	"usher/identity"
)

const (
	acme = `{
		"organizationDetails": {"displayName": "Acme <& Co>", "supportEmail": "help@acme.example"},
		"urls": {"privacyPolicyURL": "https://acme.example/privacy?a=1&b=2", "termsOfUseURL": "/terms", "cookiePolicyURL": ""},
		"theme": {
			"LIGHT": {"colors": {"primary": {"main": "#7a1fa2"}}, "images": {"logo": {"imgURL": "https://cdn.example/logo.svg", "altText": "Acme"}, "favicon": {"imgURL": "https://icons.example:8443/i.ico"}}},
			"DARK": {"images": {"logo": {"imgURL": "/dark.svg"}}}
		},
		"customCSS": "h1 { letter-spacing: 1px; }"}`
	shopBrand = `{"organizationDetails": {"displayName": "The Shop"}, "theme": {"activeTheme": "DARK", "LIGHT": {}, "DARK": {}}}`
)

// brand gives the default tenant, or one of its applications, a preference.
func (s *shop) brand(of, document string) {
	s.t.Helper()
	if _, problems := branding.Read([]byte(document)); len(problems) > 0 {
		s.t.Fatal(problems)
	}
	s.portal.Branding = s.store
	p := &branding.Preference{Tenant: identity.DefaultTenant, Application: of, Document: []byte(document), Modified: s.now()}
	_, err := s.store.ReplacePreference(s.t.Context(), p, branding.Seen{})
	if err != nil {
		_, err = s.store.CreatePreference(s.t.Context(), p)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// say replaces texts of the default tenant, or of one of its applications.
func (s *shop) say(of, locale, screen, document string) {
	s.t.Helper()
	if _, problems := branding.ReadTexts([]byte(document), screen, Known); len(problems) > 0 {
		s.t.Fatal(problems)
	}
	s.portal.Branding = s.store
	text := &branding.Text{Tenant: identity.DefaultTenant, Application: of, Locale: locale, Screen: screen, Document: []byte(document), Modified: s.now()}
	_, err := s.store.ReplaceText(s.t.Context(), text, branding.Seen{})
	if err != nil {
		_, err = s.store.CreateText(s.t.Context(), text)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// sell registers an application, whose client id is not its id.
func (s *shop) sell(id string) {
	s.t.Helper()
	s.portal.Clients = s.store
	a := &application.Application{
		Tenant: identity.DefaultTenant, ID: id, Name: id, Client: application.DefaultClient(), Login: application.DefaultLogin(), Created: s.now(), Modified: s.now(),
	}
	a.Client.ID = "client-of-" + id
	if _, err := s.store.CreateApplication(s.t.Context(), a); err != nil {
		s.t.Fatal(err)
	}
}

func (u *person) title() string {
	return textOf(u.find("title", func(*html.Node) bool { return true }))
}

// sheets are the addresses of the page's style sheets.
func (u *person) sheets() (list []string) {
	u.each(u.page, func(n *html.Node) {
		if n.Data == "link" && attr(n, "rel") == "stylesheet" {
			list = append(list, attr(n, "href"))
		}
	})
	return list
}

func TestBrandedPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	s.desk.answer, s.desk.name = passwordLogin(), "ada"
	s.brand("", acme)
	u := s.visitor(t)
	u.lang = "de"
	for path, title := range map[string]string{
		"/accounts/register": "Konto anlegen", loginK1: "Anmelden", "/accounts/login": "Anmelden", "/accounts/logout": "Abmelden?",
		"/accounts/verify": "Dieser Link funktioniert nicht", "/accounts/register?at=AAAA": "Diese Seite ist in diesem Browser nicht offen",
		"/accounts/login?sessionDataKey=none": "Diese Anmeldung ist vorbei",
	} {
		u.open(path)
		if got := strings.TrimSpace(u.title()); !strings.HasPrefix(got, title) || !strings.HasSuffix(got, " – Acme <& Co>") {
			t.Errorf("%s: title %q", path, got)
		}
		for _, want := range []string{
			`<meta name="color-scheme" content="light dark">`,
			`<p class="logo"><picture><source srcset="/dark.svg" media="(prefers-color-scheme: dark)"><img src="https://cdn.example/logo.svg" alt="Acme"></picture></p>`,
			`<link rel="icon" href="https://icons.example:8443/i.ico">`,
			`<a href="https://acme.example/privacy?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Datenschutz</a>`,
			`<a href="/terms" target="_blank" rel="noopener noreferrer">Nutzungsbedingungen</a> <a href="mailto:help@acme.example">Hilfe</a>`,
		} {
			if !strings.Contains(u.text, want) {
				t.Errorf("%s: no %s in\n%s", path, want, u.text)
			}
		}
		if got := u.header.Get("Content-Security-Policy"); !strings.Contains(got, "; img-src 'self' https://cdn.example https://icons.example:8443; ") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: policy %q", path, got)
		}
		sheets := u.sheets()
		if len(sheets) != 2 || !strings.HasPrefix(sheets[0], "/accounts/assets/") || !strings.HasPrefix(sheets[1], "/accounts/brand/-/-/") {
			t.Errorf("%s: sheets %q", path, sheets)
		}
	}
}

func TestBrandOfAnApplication(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	s.sell("shop")
	s.brand("", acme)
	s.brand("shop", shopBrand)
	s.desk.answer, s.desk.waiting = passwordLogin(), Waiting{ApplicationID: "shop"}
	u := s.visitor(t)
	for path, want := range map[string]string{
		"/accounts/register?spId=shop": "The Shop", "/accounts/register?applicationId=shop": "The Shop", "/accounts/register?client_id=client-of-shop": "The Shop",
		"/accounts/register?client_id=shop": "Acme", "/accounts/register?spId=other": "Acme", "/accounts/register": "Acme", loginK1: "The Shop", "/accounts/login": "Acme",
		"/accounts/verify?client_id=client-of-shop": "The Shop",
	} {
		u.open(path)
		if got := u.title(); !strings.Contains(got, "– "+want) {
			t.Errorf("%s: %q", path, got)
		}
		u.open(u.at) // as the browser remembers it
		if got := u.title(); !strings.Contains(got, "– "+want) {
			t.Errorf("%s, again: %q", path, got)
		}
	}
	u.open(loginK1)
	for _, want := range []string{`<meta name="color-scheme" content="dark">`, `<p class="logo">The Shop</p>`, `<link rel="icon" href="/accounts/assets/`} {
		if !strings.Contains(u.text, want) {
			t.Errorf("no %s in\n%s", want, u.text)
		}
	}
}

// Whichever process drew a page, any finds its style sheet.
func TestSheet(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	s.sell("shop")
	s.brand("shop", acme)
	u := s.visitor(t)
	u.open("/accounts/register?spId=shop")
	first := u.sheets()[1]
	fresh := newPerson(t, &Portal{Branding: s.store})
	for _, who := range []*person{u, fresh} {
		who.open(first)
		if who.status != http.StatusOK || !strings.Contains(who.text, "--brand: #7a1fa2;") || !strings.HasSuffix(who.text, "h1 { letter-spacing: 1px; }\n") {
			t.Fatalf("%d %s", who.status, who.text)
		}
		if who.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || who.header.Get("Content-Type") != cssType || who.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%v", who.header)
		}
	}

	// A change shows at once. A page from before it gets the present sheet,
	// which must not be kept under the old name.
	s.brand("shop", strings.ReplaceAll(acme, "#7a1fa2", "#1f7a33"))
	u.open("/accounts/register?spId=shop")
	if second := u.sheets()[1]; second == first {
		t.Error("another sheet has the same name")
	}
	u.open(first)
	if u.status != http.StatusOK || !strings.Contains(u.text, "--brand: #1f7a33;") || u.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %s", u.status, u.header, u.text)
	}

	// Drafts are not for everybody, and nothing else is there.
	s.brand("shop", `{"configs": {"isBrandingEnabled": false}, "organizationDetails": {"displayName": "Secret"}, "customCSS": "h1 { color: red; }"}`)
	for _, path := range []string{first, "/accounts/brand/-/-/x.css", "/accounts/brand/shop/de/x.css", "/t/acme" + first} {
		if u.open(path); u.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, u.status, u.text)
		}
	}
	u.open("/accounts/register?spId=shop")
	if strings.Contains(u.text, "Secret") || len(u.sheets()) != 1 {
		t.Errorf("a draft is shown:\n%s", u.text)
	}
}

func TestReplacedTexts(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	s.sell("shop")
	s.desk.answer, s.desk.waiting = passwordLogin(), Waiting{Application: "Shop", ApplicationID: "shop"}
	s.brand("", `{}`)
	u := s.visitor(t)
	u.lang = "en-GB"
	u.open("/accounts/register")
	u.see("Create your account", "Email", "Continue") // drawn once, and kept

	s.say("", "en-US", branding.Common, `{"login.to":"Enter {application} <now>","register.title":"Join us","word.email":"Work e-mail","page.reveal":"Let me see"}`)
	for range 2 {
		u.open("/accounts/register")
		u.see("Join us", "Work e-mail", "Let me see")
	}
	u.open(loginK1)
	u.see("Enter Shop <now>", "Sign in")

	// The application's win, and the language's region; others see neither.
	s.say("shop", "en-GB", "login", `{"login.title":"Log on","login.forgot":"Lost it?"}`)
	u.open(loginK1)
	u.see("Log on", "Lost it?", "Enter Shop <now>")
	u.lang = "en-AU"
	s.say("shop", "en-AU", "login", `{"login.forgot":"Forgot, mate?"}`)
	u.open(loginK1)
	u.see("Forgot, mate?")
	u.open("/accounts/login")
	u.see("Sign in")
	u.lang = "fr"
	u.open("/accounts/register")
	u.see("Créez votre compte")

	// Gone, they are our own again.
	u.lang = "en-GB"
	if err := s.store.DeleteText(t.Context(), identity.DefaultTenant, "", "en-US", branding.Common, branding.Seen{}); err != nil {
		t.Fatal(err)
	}
	u.open("/accounts/register")
	u.see("Create your account", "Email", "Show")
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{"login.title": true, "foot.privacy": true, "language.name": false, "language.dir": false, "login": false, "": false} {
		if text, ok := Known(key); ok != want || ok && text == "" {
			t.Errorf("%s: %q %v", key, text, ok)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.open("/accounts/register")
	u.see("Time left to finish: 14 min")
	at := u.at
	s.skip(13 * time.Minute)
	u.open(at)
	u.see("Time left to finish: 1 min")
	s.skip(3 * time.Minute)
	u.open(at)
	u.see("Your time ran out")
	if strings.Contains(u.text, "data-left") {
		t.Errorf("time is left:\n%s", u.text)
	}

	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	p := &Portal{Now: func() time.Time { return now }}
	for _, c := range []struct {
		flow, signIn time.Duration // 0 for none
		says, soon   string
	}{
		{0, 0, "", ""},
		{-time.Second, 0, "", ""},
		{40 * time.Second, 0, "Time left to finish: 40 s", "Only 20 s left."},
		{15 * time.Minute, 10 * time.Minute, "Time left to finish: 10 min", "Only 2 min left."},
		{10 * time.Minute, 15 * time.Minute, "Time left to finish: 10 min", "Only 2 min left."},
		{0, 3 * time.Hour, "Time left to finish: 3 hours", "Only 2 min left."},
		{72 * time.Hour, 0, "Time left to finish: 3 days", "Only 2 min left."},
	} {
		end := func(in time.Duration) time.Time {
			if in == 0 {
				return time.Time{}
			}
			return now.Add(in)
		}
		content := &page{texts: spoken().speak()}
		p.limited(content, &visit{waiting: Waiting{Expires: end(c.signIn)}}, &engine.Response{Expires: end(c.flow)})
		if content.Limit == nil {
			content.Limit = &deadline{}
		}
		if content.Limit.Says != c.says || !strings.HasPrefix(content.Limit.Soon, c.soon) {
			t.Errorf("%v, %v: %+v", c.flow, c.signIn, content.Limit)
		}
	}
}

func TestLinksOfLogin(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.portal.Live = s.store
	s.desk.answer = passwordLogin()
	u := s.visitor(t)
	u.open(loginK1)
	if strings.Contains(u.text, "/accounts/register") || strings.Contains(u.text, "/accounts/recover") {
		t.Errorf("links to flows that are not there:\n%s", u.text)
	}
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u.open(loginK1)
	u.see("Create an account")
	if strings.Contains(u.text, "/accounts/recover") {
		t.Error("a link to recover")
	}
	if _, err := s.store.UpdateConfig(t.Context(), identity.DefaultTenant, flow.Registration, func(c *flow.Config) { c.Enabled = false }); err != nil {
		t.Fatal(err)
	}
	if u.open(loginK1); strings.Contains(u.text, "/accounts/register") {
		t.Error("a link to a flow that is disabled")
	}
}
