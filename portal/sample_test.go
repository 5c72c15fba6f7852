package portal

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"usher/branding"
)

func drawSample(t *testing.T, page, locale, document string, dark bool, words ...*branding.Text) *branding.Drawn {
	t.Helper()
	brand, problems := branding.Read([]byte(document))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	drawn, err := Samples{}.Draw(&branding.Sample{Page: page, Locale: locale, Brand: brand.For(dark), Words: words})
	if err != nil {
		t.Fatal(err)
	}
	return drawn
}

// TestSamples: every page is drawn in every language, whole, with nothing that
// runs and nowhere to go.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, page := range (Samples{}).Pages() {
		for _, language := range (Samples{}).Languages() {
			drawn := drawSample(t, page, language.Tag, acme, false)
			if strings.Contains(drawn.Page, "<script") || strings.Contains(drawn.Page, secret) || strings.Contains(drawn.Page, "{{") {
				t.Errorf("%s %s: %s", page, language.Tag, drawn.Page)
			}
			for _, part := range []string{`lang="` + language.Tag + `"`, "<h1", "/accounts/assets/" + assets().Style, "https://acme.example/", "</html>", "Acme &lt;&amp; Co&gt;"} {
				if !strings.Contains(drawn.Page, part) {
					t.Errorf("%s %s has no %s", page, language.Tag, part)
				}
			}
			if _, err := html.Parse(strings.NewReader(drawn.Page)); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := (Samples{}).Draw(&branding.Sample{Page: "none", Brand: &branding.Brand{}}); err == nil {
		t.Error("a page that there is not was drawn")
	}
}

// TestSamplesSay: a sample that English components say speaks every language,
// and says what the administrator wants said.
func TestSamplesSay(t *testing.T) {
	t.Parallel()
	for _, page := range (Samples{}).Pages() {
		english := drawSample(t, page, "en", `{}`, false).Page
		for _, says := range []string{"Sign in", "Sign up", "Password", "Send another code", "We have sent", "Please try again", "The code is wrong"} {
			if strings.Contains(english, ">"+says) && strings.Contains(drawSample(t, page, "de", `{}`, false).Page, ">"+says) {
				t.Errorf("%s says %q in German", page, says)
			}
		}
	}
	own := &branding.Text{Says: map[string]string{"login.title": "Come <in>", "login.to": "to {application}"}}
	drawn := drawSample(t, "login", "en-US", `{"organizationDetails":{"displayName":"Acme"}}`, false, own)
	for _, part := range []string{">Come &lt;in&gt;</h1>", "<p>to Acme</p>", "<title>Come &lt;in&gt; – Acme</title>"} {
		if !strings.Contains(drawn.Page, part) {
			t.Errorf("no %s in %s", part, drawn.Page)
		}
	}
}

// TestSamplesScheme: the sample is as light or dark as it is asked for, and as
// the preference lets it be.
func TestSamplesScheme(t *testing.T) {
	t.Parallel()
	const light, dark = `"LIGHT":{"colors":{"primary":{"main":"#7a1fa2"}},"images":{"logo":{"imgURL":"/l.svg"}}}`, `"DARK":{"colors":{"primary":{"main":"#ce93d8"}}}`
	for document, want := range map[string][2]string{
		`{}`:                                     {"light", "dark"},
		`{"theme":{` + light + `,` + dark + `}}`: {"light", "dark"},
		`{"theme":{` + light + `}}`:              {"light", "light"},
		`{"theme":{` + dark + `}}`:               {"dark", "dark"},
		`{"theme":{"activeTheme":"DARK",` + light + `,` + dark + `}}`: {"dark", "dark"},
	} {
		for i, scheme := range want {
			drawn := drawSample(t, "login", "en", document, i == 1)
			if !strings.Contains(drawn.Style, "color-scheme: "+scheme+";") || strings.Contains(drawn.Style, "prefers-color-scheme") {
				t.Errorf("%s %d: %s", document, i, drawn.Style)
			}
			if !strings.Contains(drawn.Page, `<meta name="color-scheme" content="`+scheme+`">`) {
				t.Errorf("%s %d: %s", document, i, drawn.Page)
			}
			if strings.Contains(document, "/l.svg") && !strings.Contains(document, "activeTheme") && !strings.Contains(drawn.Page, `src="/l.svg"`) {
				t.Errorf("%s %d: without its logo", document, i)
			}
		}
	}
}

func TestSampleTexts(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string][2]string{"de-AT": {"de", "Anmelden"}, "en": {"en", "Sign in"}, "xx": {"en", "Sign in"}} {
		tag, says := Samples{}.Texts(locale)
		if tag != want[0] || says["login.title"] != want[1] || says["language.name"] != "" || len(says) < 100 {
			t.Errorf("%s: %s %q of %d", locale, tag, says["login.title"], len(says))
		}
	}
}
