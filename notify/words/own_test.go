package words

import (
	"context"
	"errors"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"

	"usher/branding"
	"usher/notify"
)

// tenants are those of one tenant, acme.
type tenants struct {
	wordings []*notify.Wording
	brand    *branding.Brand
	err      error
}

func (s *tenants) ListWordings(_ context.Context, tenant string) ([]*notify.Wording, error) {
	if tenant != "acme" {
		return nil, s.err
	}
	return s.wordings, s.err
}

func (s *tenants) ListPreferences(_ context.Context, tenant, _ string) ([]*branding.Preference, error) {
	if tenant != "acme" || s.brand == nil {
		return nil, s.err
	}
	return []*branding.Preference{{Tenant: tenant, Brand: *s.brand}}, s.err
}

func wording(template, locale, subject, body string) *notify.Wording {
	return &notify.Wording{Tenant: "acme", Template: template, Locale: locale, Subject: subject, Body: body}
}

func sample(template, locale string) notify.Message {
	return notify.Message{Channel: catalogue[template].channel, To: "ada@example.com", Template: template, Locale: locale, Params: maps.Clone(samples)}
}

func renderOwn(t *testing.T, s *tenants, tenant string, m notify.Message) notify.Rendered {
	t.Helper()
	r, err := newWords(t).Of(s, "https://id.example/").Render(t.Context(), tenant, m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOwnWords(t *testing.T) {
	t.Parallel()
	s := &tenants{wordings: []*notify.Wording{
		wording("email-otp", "de", "Willkommen, {{name}}", "Ihr Code:\n \n{{code}}\n\nGilt {{valid}} ({{minutes}}).\nAcme <AG>"),
		wording("invitation", "en", "Come in", "It works for {{hours}} hours.\n\nOpen the door:\n{{link}}\n\nOr copy {{link}} yourself."),
	}}
	r := renderOwn(t, s, "acme", sample("email-otp", "de-AT"))
	if r.Subject != "Willkommen, Ada" || r.Locale != "de" {
		t.Errorf("subject %q in %s", r.Subject, r.Locale)
	}
	if want := "Guten Tag Ada,\n\nIhr Code:\n\n123456\n\nGilt 5 Minuten (5).\nAcme <AG>\n\n-- \n"; !strings.HasPrefix(r.Text, want) {
		t.Errorf("text\n%s\nwant\n%s", r.Text, want)
	}
	for _, want := range []string{">123456</p>", "Gilt 5 Minuten (5).<br>Acme &lt;AG&gt;</p>"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("HTML lacks %s:\n%s", want, r.HTML)
		}
	}
	r = renderOwn(t, s, "acme", sample("invitation", ""))
	link := html.EscapeString(samples["link"])
	for _, want := range []string{">It works for 24 hours.</p>", ">Open the door</a>", `Or copy <a class="inline" href="` + link + `"`, "</a> yourself.</p>"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("HTML lacks %s:\n%s", want, r.HTML)
		}
	}
	// Another language, another template and another tenant say what we say.
	plain, other := newWords(t), sample("email-otp", "en")
	for tenant, m := range map[string]notify.Message{"acme": other, "else": sample("invitation", "en")} {
		want, err := plain.Render(t.Context(), tenant, m)
		if got := renderOwn(t, s, tenant, m); err != nil || got != want {
			t.Errorf("%s: %+v, %v", tenant, got, err)
		}
	}
}

// TestOwnTextMessage: whatever a tenant says, the line that browsers look for is
// the last, and no other text is on it.
func TestOwnTextMessage(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{{code}}", "Code {{code}}\n\n", strings.Repeat("x", maxSMS-8) + "{{code}}", "@evil.example #1\n{{code}}\n@evil.example #{{code}}"} {
		w := wording("sms-otp", "en", "", body)
		if mistakes := newWords(t).Mistakes(w); len(mistakes) > 0 {
			t.Errorf("%.40q: %v", body, mistakes)
		}
		r := renderOwn(t, &tenants{wordings: []*notify.Wording{w}}, "acme", sample("sms-otp", "en"))
		lines := strings.Split(r.Text, "\n")
		if n := len(lines); n < 3 || lines[n-1] != "@id.example #123456" || lines[n-2] != "" || r.Subject != "" || r.HTML != "" {
			t.Errorf("%.40q: %q", body, r.Text)
		}
	}
}

// TestBuiltInIsAWording: what we say can be saved as what a tenant says, and
// then says the same.
func TestBuiltInIsAWording(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	if got := w.Languages(); !slices.Equal(got, []string{"en", "de", "es", "fr"}) {
		t.Error(got)
	}
	each(t, func(t *testing.T, m notify.Message, r notify.Rendered) {
		subject, body, ok := w.BuiltIn(m.Template, m.Locale)
		own := wording(m.Template, m.Locale, subject, body)
		if mistakes := w.Mistakes(own); !ok || len(mistakes) > 0 {
			t.Fatalf("%v in\n%s", mistakes, body)
		}
		got := renderOwn(t, &tenants{wordings: []*notify.Wording{own}}, "acme", m)
		if got.Subject != r.Subject || strings.Join(strings.Fields(got.Text), " ") != strings.Join(strings.Fields(r.Text), " ") {
			t.Errorf("own\n%s\nours\n%s", got.Text, r.Text)
		}
		if strings.Count(got.HTML, "class=\"button\"") != strings.Count(r.HTML, "class=\"button\"") {
			t.Errorf("HTML\n%s", got.HTML)
		}
	})
	for _, none := range [][2]string{{"poem", "en"}, {"email-otp", "xx"}, {"email-otp", "de-AT"}} {
		if _, _, ok := w.BuiltIn(none[0], none[1]); ok {
			t.Errorf("there is a built-in %s", none)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	for _, c := range []struct {
		template, subject, body string
		want                    []string
	}{
		{"email-otp", "Code", "{{code}}", nil},
		{"email-otp", "Hello {{name}}", "{{code}} { } {x} {{{code}}", []string{"body must have no placeholders other than {{code}}, {{valid}}, {{minutes}}, {{name}}"}},
		{"email-otp", "Code", "{{code}", []string{"body must have no placeholders", "body must have {{code}}"}},
		{"email-otp", "Code", "{{ code }}", []string{"body must have no placeholders", "body must have {{code}}"}},
		{"email-otp", "Code", "{{.code}} {{range .}}{{end}}", []string{"body must have no placeholders", "body must have {{code}}"}},
		{"email-otp", "Code", "{{code}} }}", []string{"body must have no placeholders"}},
		{"email-otp", "Code", "{{code}} {{link}}", []string{"body must have no placeholders"}},
		{"email-otp", "Your {{code}}", "{{code}}", []string{"subject must not have {{code}}: subjects are shown"}},
		{"email-otp", "{{name}}", "{{code}}", []string{"subject must say something"}},
		{"email-otp", " ", "\n \n", []string{"subject must not be empty", "body must not be empty", "body must have {{code}}"}},
		{"email-otp", "Code\r\nBcc: eve@evil.example", "{{code}}", []string{"subject must be one line"}},
		{"email-otp", "Code\u2028", "{{code}}\r\n", []string{"subject must be one line", "body must have no control characters"}},
		{"email-otp", "Code", "\u202e{{code}}", []string{"body must have no control characters"}},
		{"email-otp", "Code", "{{code}}\x00", []string{"body must have no control characters"}},
		{"email-otp", "\xff", "{{code}}", []string{"subject must have at most"}},
		{"email-otp", strings.Repeat("ü", maxSubject), strings.Repeat("ü", maxBody-8) + "{{code}}", nil},
		{"email-otp", strings.Repeat("x", maxSubject+1), strings.Repeat("ü", maxBody) + "{{code}}", []string{"subject must have at most 150", "body must have at most 8000"}},
		{"magic-link", "Link", "Come", []string{"body must have {{link}}"}},
		{"account-created", "Hello", "You are in.", nil},
		{"sms-otp", "Code", "{{code}}", []string{"subject must be empty"}},
		{"sms-otp", "", "{{code}} for {{host}}", nil},
		{"sms-otp", "", strings.Repeat("x", maxSMS-7) + "{{code}}", []string{"body must have at most 480"}},
	} {
		var got []string
		for _, m := range w.Mistakes(wording(c.template, "en", c.subject, c.body)) {
			got = append(got, m.Field+" "+m.Text)
		}
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%.30q %.30q: %q, want %q", c.subject, c.body, got, c.want)
		}
	}
}

// TestNoWordsWithoutStore: what cannot be read is not replaced by something
// else, and a mistake of ours is told apart from it.
func TestNoWordsWithoutStore(t *testing.T) {
	t.Parallel()
	s := &tenants{err: errors.New("database is away")}
	w := newWords(t).Of(s, "")
	if _, err := w.Render(t.Context(), "acme", sample("email-otp", "en")); !errors.Is(err, s.err) || notify.Permanent(err) {
		t.Error(err)
	}
	if _, err := w.Preview(t.Context(), wording("email-otp", "en", "x", "{{code}}")); !errors.Is(err, s.err) {
		t.Error(err)
	}
	if _, err := w.Render(t.Context(), "acme", notify.Message{Template: "poem"}); !notify.Permanent(err) {
		t.Error(err)
	}
	// What is stored and not well formed any more is not said.
	s.err, s.wordings = nil, []*notify.Wording{wording("email-otp", "en", "x", "no code")}
	if r := renderOwn(t, s, "acme", sample("email-otp", "en")); !strings.Contains(r.Text, "123456") {
		t.Error(r.Text)
	}
}

func TestPreviewShowsMistakes(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	r, err := w.Preview(t.Context(), wording("email-otp", "fr", "{{what}} {{name}}", "{{code}} {{"))
	if err != nil || r.Subject != "{{what}} Ada" || !strings.Contains(r.Text, "123456 {{") || r.Locale != "fr" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := w.Preview(t.Context(), wording("sms-otp", "en", "", "")); err != nil || !strings.HasSuffix(r.Text, "#123456") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestBranding(t *testing.T) {
	t.Parallel()
	color, _ := branding.ParseColor("#7a1fa2")
	theme := &branding.Theme{Colors: map[branding.Role]branding.Color{branding.Action: color}, Logo: branding.Image{URL: "/logo.png", Alt: `A"cme`}}
	s := &tenants{brand: &branding.Brand{Enabled: true, Name: "<Acme>", Light: theme}}
	r := renderOwn(t, s, "acme", sample("invitation", "en"))
	for _, want := range []string{`src="https://id.example/logo.png" alt="A&#34;cme"`, "background-color:#7a1fa2;color:#ffffff;"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("HTML lacks %s:\n%s", want, r.HTML)
		}
	}
	dark := *theme
	dark.Logo.URL = "https://cdn.example/dark.png?a=1&b=2"
	s.brand.Dark = &dark
	r = renderOwn(t, s, "acme", sample("invitation", "en"))
	for _, want := range []string{`<img class="light" src="https://id.example/logo.png"`, `<img class="dark" src="https://cdn.example/dark.png?a=1&amp;b=2"`, ".dark { display"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("HTML lacks %s:\n%s", want, r.HTML)
		}
	}
	s.brand.Light, s.brand.Dark = nil, nil
	if r = renderOwn(t, s, "acme", sample("invitation", "en")); !strings.Contains(r.HTML, "&lt;Acme&gt;</p>") || !strings.Contains(r.HTML, "background-color:#1d4ed8") {
		t.Error(r.HTML)
	}
	s.brand.Enabled = false
	want, err := newWords(t).Render(t.Context(), "acme", sample("invitation", "en"))
	if got := renderOwn(t, s, "acme", sample("invitation", "en")); err != nil || got != want {
		t.Error(got.HTML)
	}
	if strings.Contains(want.HTML+r.HTML, "ZgotmplZ") {
		t.Error("the layout refuses a value")
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	all := newWords(t).Templates()
	if len(all) != len(catalogue) || all[len(all)-1].Name != "sms-otp" || all[0].Name != "account-created" {
		t.Errorf("%+v", all)
	}
	for _, one := range all {
		if !strings.HasSuffix(one.Purpose, ".") {
			t.Errorf("%s: purpose %q", one.Name, one.Purpose)
		}
		for _, p := range one.Placeholders {
			if p.Required != (p.Name == "code" || p.Name == "link") {
				t.Errorf("%s: %+v", one.Name, p)
			}
		}
	}
}

// FuzzWording: whatever an author writes, what passes renders to a message of
// the shape that ours have.
func FuzzWording(f *testing.F) {
	w := newWords(f)
	f.Add("Hello {{name}}", "Your code\n\n{{code}}\n\n{{valid}}")
	f.Add("{{", "}}{{{{code}}}}")
	f.Fuzz(func(t *testing.T, subject, body string) {
		own := wording("email-otp", "en", subject, body)
		if len(w.Mistakes(own)) > 0 {
			return
		}
		r, err := w.Preview(t.Context(), own)
		if err != nil {
			t.Fatal(err)
		}
		if r.Subject == "" || strings.ContainsAny(r.Subject, "\r\n\x00") || !strings.Contains(r.Text, "123456") {
			t.Errorf("%q\n%s", r.Subject, r.Text)
		}
		if strings.Count(r.HTML, "<html") != 1 || strings.Contains(r.HTML, "<script") || strings.Contains(r.HTML, "ZgotmplZ") {
			t.Error(r.HTML)
		}
	})
}

// TestTrial: a trial says its draft and nothing else, and a mail that it is one.
func TestTrial(t *testing.T) {
	t.Parallel()
	s := &tenants{wordings: []*notify.Wording{wording("email-otp", "de", "Gespeichert", "{{code}}")}}
	w := newWords(t).Of(s, "https://id.example")
	m := w.Trial(wording("email-otp", "de", "Entwurf für {{name}}", "Neu:\n\n{{code}}"), "ada@example.com")
	r := renderOwn(t, s, "acme", m)
	if r.Subject != "[Test] Entwurf für Ada" || !strings.Contains(r.Text, "Neu:\n\n123456") || r.To != "ada@example.com" || r.Locale != "de" {
		t.Errorf("%+v", r)
	}
	text := renderOwn(t, s, "acme", w.Trial(wording("sms-otp", "en", "", "Draft {{code}}"), "+436601234501"))
	if text.Text != "Draft 123456\n\n@id.example #123456" || text.Subject != "" || text.Channel != notify.SMS {
		t.Errorf("%+v", text)
	}
	if err := w.Check(w.Trial(wording("email-otp", "de", "Entwurf", "ohne"), "ada@example.com")); err == nil {
		t.Error("a draft without its code can be queued")
	}
}
