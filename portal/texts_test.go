package portal

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"usher/flow"
	"usher/starter"
)

// Every language says everything, with the same things put in.
func TestLanguagesAreComplete(t *testing.T) {
	t.Parallel()
	inserts := regexp.MustCompile(`\{\w+\}`)
	all := spoken().languages
	if len(all) < 4 || all[0].Tag != english {
		t.Fatalf("%d languages, %s first", len(all), all[0].Tag)
	}
	for _, other := range all[1:] {
		for key, text := range all[0].by {
			got := slices.Sorted(slices.Values(inserts.FindAllString(other.by[key], -1)))
			want := slices.Sorted(slices.Values(inserts.FindAllString(text, -1)))
			if other.by[key] == "" || !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q", other.Tag, key, other.by[key])
			}
		}
		for key := range all[1].by {
			if !other.has(key) {
				t.Errorf("%s: no %s", other.Tag, key)
			}
		}
	}
	for key := range maps.Keys(all[0].by) {
		if regexp.MustCompile(`\{\{`).MatchString(all[0].by[key]) {
			t.Errorf("%s holds a placeholder, which could go on forever", key)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, other, header, want, locale string }{
		{"", "", "", "en", "en"},
		{"", "", "de-AT,de;q=0.9,en;q=0.8", "de", "de-AT"},
		{"", "", "ja, fr;q=0.5", "fr", "fr"},
		{"es", "de", "fr", "es", "es"},
		{"", "de fr", "fr", "de", "de"},
		{"ja", "", "de", "de", "de"},
		{"xx-not-a-tag!!", "", "fr-CA", "fr", "fr-CA"},
		{"", "", "*", "en", "en"},
		{"de-Latn-CH-1996-u-co-phonebk", "", "", "de", "de-CH"},
		{"", "", "ca, pt, es-419", "es", "es-419"},
	} {
		r := newRequest(t, "http://x.example/?ui_locales="+c.query)
		r.Header.Set("Accept-Language", c.header)
		if got, locale := languageOf(r, c.other); got.Tag != c.want || locale != c.locale {
			t.Errorf("%+v: %s, %s", c, got.Tag, locale)
		}
	}
}

// The starter flows are spoken in every language.
func TestStartersAreTranslated(t *testing.T) {
	t.Parallel()
	german := spoken().speak("de")
	for _, of := range flow.Types() {
		for _, one := range starter.Templates(of) {
			d, err := flow.ParseDefinition(one.Definition)
			if err != nil {
				t.Fatal(err)
			}
			for i := range d.Steps {
				d.Steps[i].Walk(func(c *flow.Component) {
					for _, name := range []string{"text", "label", "hint", "placeholder"} {
						if text := c.Text(name); text != "" && text != "Code" && german.fill(text, nil) == text {
							t.Errorf("%s says %q", one.Name, text)
						}
					}
				})
			}
		}
	}
	if got := german.fill("Continue with Example", nil); got != "Weiter mit Example" {
		t.Errorf("says %q", got)
	}
	if got := german.fill("Our own words", nil); got != "Our own words" {
		t.Errorf("says %q", got)
	}
}

func TestSwitchLanguage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.publish(starterFlow(t, flow.Registration, "email-and-password"))
	u := s.visitor(t)
	u.lang = "de-DE,de"
	u.open("/accounts/register")
	u.see("Konto anlegen")
	at := u.at
	u.open(at + "&ui_locales=fr")
	u.see("Créez votre compte")
	u.fill(map[string]string{"email": "x@example.com", "password": "x"}, "Continuer")
	u.see("Veuillez vérifier votre saisie", "Ce mot de passe ne ")
	u.open(at)
	if got := attr(u.page.FirstChild.NextSibling, "lang"); got != "fr" || u.header.Get("Content-Language") != "fr" || u.status != http.StatusOK {
		t.Errorf("language %q", got)
	}
}
