package words

import (
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"usher/notify"
)

func newWords(t testing.TB) *Words {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// each calls f for every template in every language.
func each(t *testing.T, f func(t *testing.T, m notify.Message, r notify.Rendered)) {
	w := newWords(t)
	for _, tongue := range w.tongues {
		for name, entry := range catalogue {
			t.Run(tongue.tag.String()+"/"+name, func(t *testing.T) {
				m := notify.Message{
					Channel: entry.channel, To: "ada@example.com", Template: name,
					Locale: tongue.tag.String(), Params: maps.Clone(samples),
				}
				r, err := w.Render(t.Context(), "acme", m)
				if err != nil {
					t.Fatal(err)
				}
				f(t, m, r)
			})
		}
	}
}

func TestEveryTemplateInEveryLanguage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m notify.Message, r notify.Rendered) {
		if r.Locale != m.Locale || r.To != m.To || r.Channel != m.Channel || r.ID != "" {
			t.Errorf("rendered as %+v", r)
		}
		if strings.Contains(r.Text+r.HTML, "<no value>") || strings.Contains(r.Text, "{{") || strings.Contains(r.Text, "\r") {
			t.Errorf("text:\n%s", r.Text)
		}
		if m.Channel == notify.SMS {
			if r.Subject != "" || r.HTML != "" {
				t.Error("a text message has a subject or HTML")
			}
			return
		}
		if r.Subject == "" || strings.ContainsAny(r.Subject, "\r\n") || strings.Contains(r.Subject, samples["code"]) {
			t.Errorf("subject %q", r.Subject)
		}
		lines := strings.Split(r.Text, "\n")
		for _, line := range lines {
			if len([]rune(line)) > 90 {
				t.Errorf("long line: %s", line)
			}
		}
		if !strings.Contains(lines[0], "Ada") {
			t.Errorf("greeting %q", lines[0])
		}
		for _, want := range []string{
			fmt.Sprintf(`<html lang="%s" dir="ltr">`, m.Locale), html.EscapeString(r.Subject), `name="color-scheme"`,
		} {
			if !strings.Contains(r.HTML, want) {
				t.Errorf("HTML lacks %s", want)
			}
		}
		for _, p := range catalogue[m.Template].params {
			if (p == "code" || p == "link") && !slices.Contains(lines, samples[p]) {
				t.Errorf("%s is not on a line of its own:\n%s", p, r.Text)
			}
		}
		if link := catalogue[m.Template].params; slices.Contains(link, "link") {
			if n := strings.Count(r.HTML, `<a class="button" href="`+samples["link"]+`"`); n != 1 {
				t.Errorf("%d buttons with the link:\n%s", n, r.HTML)
			}
			if _, after, _ := strings.Cut(r.HTML, "<a "); strings.Contains(after[:strings.Index(after, "</a>")], ":</a>") {
				t.Error("the button's label ends in a colon")
			}
		}
		if slices.Contains(catalogue[m.Template].params, "code") && !strings.Contains(r.HTML, ">123456</p>") {
			t.Error("the code is not a paragraph of its own")
		}
	})
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ notify.Message, r notify.Rendered) {
		page := html.UnescapeString(r.HTML)
		if r.HTML == "" {
			return
		}
		for paragraph := range strings.SplitSeq(strings.ReplaceAll(r.Text, "\n-- ", "\n"), "\n\n") {
			for line := range strings.SplitSeq(strings.TrimSpace(paragraph), "\n") {
				if !strings.Contains(page, strings.TrimRight(line, ":\u00a0")) {
					t.Errorf("HTML lacks %q", line)
				}
			}
		}
	})
}

func TestTextMessageCanBeFilledIn(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	for _, tongue := range w.tongues {
		r, err := w.Render(t.Context(), "acme", notify.Message{
			Channel: notify.SMS, Template: "sms-otp", Locale: tongue.tag.String(),
			Params: map[string]string{"code": "482913", "minutes": "5", "host": "id.example.com"},
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(r.Text, "\n")
		if lines[len(lines)-1] != "@id.example.com #482913" || len(lines) < 2 {
			t.Errorf("%s: %q", tongue.tag, r.Text)
		}
	}
}

func TestLanguageIsMatched(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	for locale, want := range map[string]string{
		"":                               "en",
		"de":                             "de",
		"de-CH":                          "de",
		"de_AT":                          "de",
		"fr-CA,fr;q=0.9,en;q=0.5":        "fr",
		"es-419":                         "es",
		"pt-BR,es;q=0.8":                 "es",
		"en;q=0.3, fr;q=0.8":             "fr",
		"ja":                             "en",
		"ja, de;q=0.1":                   "de",
		"*":                              "en",
		"not a language":                 "en",
		"\x00\xff":                       "en",
		"de" + strings.Repeat(",de", 99): "en", // longer than anybody's list
		strings.Repeat("-", 256):         "en",
	} {
		if got := w.match(locale).tag.String(); got != want {
			t.Errorf("%.40q matched %s, want %s", locale, got, want)
		}
	}
}

func TestSpansAreSaidInTheirLargestUnit(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	for _, test := range []struct {
		locale  string
		minutes int
		want    string
	}{
		{"en", 1, "1 minute"},
		{"en", 5, "5 minutes"},
		{"en", 60, "1 hour"},
		{"en", 90, "90 minutes"},
		{"en", 24 * 60, "24 hours"},
		{"en", 36 * 60, "36 hours"},
		{"en", 7 * 24 * 60, "7 days"},
		{"de", 1, "1 Minute"},
		{"de", 2 * 24 * 60, "2 Tage"},
		{"fr", 60, "1 heure"},
		{"fr", 120, "2 heures"},
		{"es", 3 * 24 * 60, "3 días"},
	} {
		if got, err := w.match(test.locale).span(test.minutes); err != nil || got != test.want {
			t.Errorf("%s, %d minutes: %q, %v; want %q", test.locale, test.minutes, got, err, test.want)
		}
	}
}

func TestCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	otp := func(code, minutes string) notify.Message {
		return notify.Message{Channel: notify.Email, Template: "email-otp", Params: map[string]string{"code": code, "minutes": minutes}}
	}
	invitation := func(link string) notify.Message {
		return notify.Message{Channel: notify.Email, Template: "invitation", Params: map[string]string{"link": link, "hours": "24"}}
	}
	sms := func(host string) notify.Message {
		return notify.Message{Channel: notify.SMS, Template: "sms-otp", Params: map[string]string{"code": "1", "minutes": "5", "host": host}}
	}
	bad := map[string]notify.Message{
		"unknown template": {Channel: notify.Email, Template: "poem"},
		"wrong channel":    {Channel: notify.SMS, Template: "email-otp", Params: samples},
		"no parameters":    {Channel: notify.Email, Template: "email-otp"},
		"empty code":       otp("", "5"),
		"code of lines":    otp("1\n2", "5"),
		"code of words":    otp("1 2", "5"),
		"long code":        otp(strings.Repeat("1", 65), "5"),
		"no minutes":       otp("1", "0"),
		"half minutes":     otp("1", "0.5"),
		"javascript":       invitation("javascript:alert(1)"),
		"relative link":    invitation("/accountrecovery"),
		"link of lines":    invitation("https://id.example/\nX"),
		"link of markup":   invitation(`https://id.example/"><script>`),
		"no link":          invitation(""),
		"long link":        invitation("https://id.example/" + strings.Repeat("x", 2000)),
		"host with port":   sms("id.example:9443"),
		"host with path":   sms("id.example/x"),
		"host of lines":    sms("id.example\n"),
		"no host":          sms(""),
	}
	for name, m := range bad {
		err := w.Check(m)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		for p, v := range m.Params {
			if len(v) > 3 && strings.Contains(err.Error(), v) {
				t.Errorf("%s: the error repeats %s", name, p)
			}
		}
		if _, err := w.Render(t.Context(), "acme", m); err == nil {
			t.Errorf("%s: rendered", name)
		}
	}
	more := otp("123456", "5")
	more.Params["colour"] = "red"
	for name, m := range map[string]notify.Message{"code": otp("ABC-123", "5"), "link": invitation(samples["link"]), "more": more} {
		if err := w.Check(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNamesThatAreMoreThanNamesAreLeftOut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Ada", "Ada Lovelace", "J.R.R. Tolkien", "O'Brien", "Anne-Marie d’Arc", "Søren Ærø", "山田 太郎", "محمد علي",
		"می\u200cخواهم", "Smith, John Jr.", "ada_1815", "Martí·l", strings.Repeat("ä", 64), "",
	} {
		if safeName(name) != name {
			t.Errorf("%q was left out", name)
		}
	}
	for _, name := range []string{
		"https://evil.example", "evil.example", "www.evil.example", "see t.co now", "evil\u200c.\u200cexample", "a.\u200dco",
		"10.0.0.1", "ada@example.com", "Ada\nYour code", "Ada\r\nBcc: x", "Ada\x00", "<b>Ada</b>", "Ada & Bob", `"Ada"`,
		"{{.code}}", "\u202eadA", "Ada\u2028x", "call 0900 5551234", strings.Repeat("ä", 65), "\xff", " Ada", "Ada ",
		"evil．example", "evil。example", "evil:80", "evil/x", "#1", "evil․example",
	} {
		if got := safeName(name); got != "" {
			t.Errorf("%q was kept", name)
		}
	}
}

func TestHostileNamesReachNobody(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	for _, name := range []string{`<script>alert(1)</script>`, "Ada\n\nhttps://evil.example/x", "evil.example", "x\r\nBcc: eve@evil.example"} {
		for template, entry := range catalogue {
			params := maps.Clone(samples)
			params["name"] = name
			r, err := w.Render(t.Context(), "acme", notify.Message{Channel: entry.channel, Template: template, Params: params})
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{r.Subject, r.Text, r.HTML} {
				if strings.Contains(part, "evil") || strings.Contains(part, "script") || strings.Contains(part, "Bcc") {
					t.Errorf("%s: name %q reached\n%s", template, name, part)
				}
			}
		}
	}
}

// What the page is given is text, whatever it looks like.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	link := "https://id.example/x?a=1&b='2'"
	got, err := page(newWords(t).tongues[0], letter{subject: `<i>&`, body: "a <b> & c\n\nGo:\n" + link, footer: `"footer"<`, data: map[string]string{"link": link}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"&lt;i&gt;&amp;</title>", "a &lt;b&gt; &amp; c</p>", `href="https://id.example/x?a=1&amp;b=%272%27"`, ">Go</a>", "footer&#34;&lt;</p>"} {
		if !strings.Contains(got, want) {
			t.Errorf("page lacks %s:\n%s", want, got)
		}
	}
}

func TestRightToLeftLanguage(t *testing.T) {
	t.Parallel()
	text, err := fs.ReadFile(languages, "languages/en.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	w, err := read(fstest.MapFS{"languages/en.tmpl": {Data: text}, "languages/ar.tmpl": {Data: text}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Render(t.Context(), "acme", notify.Message{Channel: notify.Email, Template: "email-otp", Locale: "ar-EG", Params: samples})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.HTML, `<html lang="ar" dir="rtl">`) || r.Locale != "ar" {
		t.Errorf("rendered in %s:\n%s", r.Locale, r.HTML)
	}
}

func TestPluralFollowsTheLanguage(t *testing.T) {
	t.Parallel()
	text, err := fs.ReadFile(languages, "languages/en.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	polish := strings.ReplaceAll(string(text), `"one" "minute" "other" "minutes"`, `"one" "minutę" "few" "minuty" "other" "minut"`)
	w, err := read(fstest.MapFS{"languages/en.tmpl": {Data: text}, "languages/pl.tmpl": {Data: []byte(polish)}})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "1 minutę", 2: "2 minuty", 5: "5 minut", 22: "22 minuty"} {
		if got, err := w.match("pl").span(n); err != nil || got != want {
			t.Errorf("%d: %q, %v; want %q", n, got, err, want)
		}
	}
}

func TestIncompleteLanguagesAreRefused(t *testing.T) {
	t.Parallel()
	raw, err := fs.ReadFile(languages, "languages/en.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	english := string(raw)
	for name, files := range map[string]map[string]string{
		"no English":        {"de": english},
		"not a tag":         {"en": english, "de!": english},
		"syntax":            {"en": english, "de": english + "{{"},
		"missing template":  {"en": english, "de": strings.Replace(english, `"email-otp/body"`, `"email-otp/text"`, 1)},
		"missing subject":   {"en": english, "de": strings.Replace(english, `"invitation/subject"`, `"x"`, 1)},
		"missing unit":      {"en": english, "de": strings.Replace(english, `"days"`, `"weeks"`, 1)},
		"unknown parameter": {"en": english, "de": strings.Replace(english, `{{.valid}}`, `{{.validity}}`, 1)},
		"wrong form":        {"en": english, "de": strings.Replace(english, `"other" "days"`, `"others" "days"`, 1)},
		"no other form":     {"en": english, "de": strings.Replace(english, `"other" "days"`, `"few" "days"`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for tag, text := range files {
				fsys["languages/"+tag+".tmpl"] = &fstest.MapFile{Data: []byte(text)}
			}
			if _, err := read(fsys); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func FuzzName(f *testing.F) {
	w := newWords(f)
	f.Add("Ada")
	f.Add("Ada\r\n\r\nhttps://evil.example")
	f.Add("evil.example")
	f.Fuzz(func(t *testing.T, name string) {
		params := maps.Clone(samples)
		params["name"] = name
		r, err := w.Render(t.Context(), "acme", notify.Message{Channel: notify.Email, Template: "invitation", Params: params})
		if err != nil {
			t.Fatal(err)
		}
		greeting, rest, _ := strings.Cut(r.Text, "\n")
		if len([]rune(greeting)) > maxName+len("Hello ,") || !strings.HasPrefix(rest, "\nAn account") {
			t.Errorf("name %q changed the message:\n%s", name, r.Text)
		}
		if strings.ContainsAny(greeting, ":/@<>&") {
			t.Errorf("greeting %q", greeting)
		}
		for word := range strings.FieldsSeq(greeting) {
			if u, err := url.Parse("https://" + word); err == nil && strings.Contains(u.Host, ".co") {
				t.Errorf("greeting holds a host: %q", greeting)
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	w := newWords(b)
	m := notify.Message{Channel: notify.Email, Template: "email-otp", Locale: "fr-CA,fr;q=0.9,en;q=0.5", Params: samples}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Render(b.Context(), "acme", m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	w := newWords(b)
	for b.Loop() {
		w.match("fr-CA,fr;q=0.9,en;q=0.5")
	}
}
