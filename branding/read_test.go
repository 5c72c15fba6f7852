package branding_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/branding"
)

// full is a document in the shape of the established implementation, with
// everything that is read and some that is not.
const full = `{
	"configs": {"isBrandingEnabled": true, "removeDefaultBranding": false},
	"organizationDetails": {"displayName": "Acme", "supportEmail": "help@acme.example", "siteTitle": "kept"},
	"urls": {"privacyPolicyURL": "https://acme.example/privacy", "termsOfUseURL": "/terms", "cookiePolicyURL": "https://acme.example/cookies?a=b#c", "selfSignUpURL": ""},
	"images": {"favicon": {"imgURL": "https://cdn.example:8443/favicon.ico"}, "logo": {"imgURL": "/never.svg"}},
	"layout": {"activeLayout": "right-image", "sideImg": {"imgURL": "https://CDN.example/side.jpg", "altText": "A side"}},
	"theme": {
		"activeTheme": "AUTO",
		"LIGHT": {
			"colors": {"primary": {"main": "#7a1fa2", "contrastText": ""}, "text": {"primary": "#000000de", "secondary": "#595959"}, "outlined": {"default": "#eee"}},
			"buttons": {"primary": {"base": {"font": {"color": "#ffffffe6"}, "border": {"borderRadius": "22px"}}}},
			"inputs": {"base": {"border": {"borderRadius": "4px", "borderColor": null}}},
			"loginBox": {"border": {"borderRadius": "0"}},
			"typography": {"font": {"fontFamily": "Gilmer, 'Open Sans', \"Noto Sans\", serif", "importURL": "https://fonts.example/css"}},
			"images": {"logo": {"imgURL": "https://cdn.example/logo.svg", "altText": "Acme’s logo"}}
		},
		"DARK": {"colors": {"background": {"body": {"main": "rgb(0 0 0)"}, "surface": {"main": "hsl(0 0% 10%)"}}}}
	},
	"customCSS": "h1 { letter-spacing: 1px; }",
	"stylesheets": {"accountApp": "https://evil.example/x.css"}
}`

func color(text string) branding.Color {
	c, ok := branding.ParseColor(text)
	if !ok {
		panic(text)
	}
	return c
}

func TestRead(t *testing.T) {
	t.Parallel()
	got, problems := branding.Read([]byte(full))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	favicon := branding.Image{URL: "https://cdn.example:8443/favicon.ico"}
	want := branding.Brand{
		Enabled: true, Name: "Acme", SupportMail: "help@acme.example",
		PrivacyPolicy: "https://acme.example/privacy", TermsOfUse: "/terms", CookiePolicy: "https://acme.example/cookies?a=b#c",
		Scheme: branding.Auto, Layout: branding.RightImage, Side: branding.Image{URL: "https://CDN.example/side.jpg", Alt: "A side"},
		Light: &branding.Theme{
			Colors: map[branding.Role]branding.Color{
				branding.Action: color("#7a1fa2"), branding.OnAction: color("#ffffffe6"), branding.Body: color("#000000de"), branding.Soft: color("#595959"),
			},
			ButtonRadius: "22px", InputRadius: "4px", CardRadius: "0",
			Fonts: []string{"Gilmer", "Open Sans", "Noto Sans", "serif"},
			Logo:  branding.Image{URL: "https://cdn.example/logo.svg", Alt: "Acme’s logo"}, Favicon: favicon,
		},
		Dark: &branding.Theme{
			Colors: map[branding.Role]branding.Color{branding.Back: color("#000"), branding.Card: color("#1a1a1a")},
			Logo:   branding.Image{URL: "/never.svg"}, Favicon: favicon,
		},
		CSS: "h1 { letter-spacing: 1px; }",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := got.ImageOrigins(); !slices.Equal(got, []string{"https://cdn.example", "https://cdn.example:8443"}) {
		t.Error(got)
	}
	for _, document := range []string{`{}`, `{"theme":null,"configs":{"isBrandingEnabled":null},"urls":{"privacyPolicyURL":""},"layout":{"activeLayout":"custom"}}`} {
		got, problems := branding.Read([]byte(document))
		if len(problems) > 0 || !got.Enabled || got.Light != nil || got.Dark != nil || got.Style() != "" {
			t.Errorf("%s: %+v %v", document, got, problems)
		}
	}
}

// TestProblems: everything that is wrong is said at once, and none of it is
// used.
func TestProblems(t *testing.T) {
	t.Parallel()
	for document, want := range map[string][]string{
		``: {" must be an object"}, `[]`: {" must be an object"}, `null`: {" must be an object"}, `{`: {" must be an object"},
		`{"theme":[],"urls":"x","configs":{"isBrandingEnabled":"yes"}}`: {
			"configs.isBrandingEnabled must be true or false", "urls must be an object", "theme must be an object",
		},
		`{"organizationDetails":{"displayName":"a\nb","supportEmail":"a@b?bcc=c@d"}}`:             {"organizationDetails.displayName must be a line", "organizationDetails.supportEmail must be"},
		`{"organizationDetails":{"displayName":5,"supportEmail":"Ann <a@b.example>"}}`:            {"organizationDetails.displayName must be text", "organizationDetails.supportEmail must be"},
		`{"organizationDetails":{"displayName":"` + strings.Repeat("x", 101) + `"}}`:              {"organizationDetails.displayName must be a line"},
		`{"layout":{"activeLayout":"top","sideImg":{"imgURL":"data:image/png;base64,AA=="}}}`:     {"layout.activeLayout must be one of", "layout.sideImg.imgURL must be an https"},
		`{"theme":{"activeTheme":"light","LIGHT":5}}`:                                             {"theme.activeTheme must be one of AUTO, LIGHT, DARK", "theme.LIGHT must be an object"},
		`{"theme":{"LIGHT":{"colors":{"primary":{"main":"red"}}}}}`:                               {"theme.LIGHT.colors.primary.main must be a colour"},
		`{"theme":{"LIGHT":{"colors":{"primary":"#fff"}}}}`:                                       {"theme.LIGHT.colors.primary must be an object"},
		`{"theme":{"LIGHT":{"inputs":{"base":{"border":{"borderRadius":"4px;x:y"}}}}}}`:           {"theme.LIGHT.inputs.base.border.borderRadius must be a length"},
		`{"theme":{"LIGHT":{"typography":{"font":{"fontFamily":"a\"; } * { x: y"}}}}}`:            {"theme.LIGHT.typography.font.fontFamily must be"},
		`{"theme":{"LIGHT":{"typography":{"font":{"fontFamily":"a,,b"}}}}}`:                       {"theme.LIGHT.typography.font.fontFamily must be"},
		`{"theme":{"DARK":{"images":{"logo":{"imgURL":"//evil.example/x","altText":"\u202e"}}}}}`: {"theme.DARK.images.logo.imgURL must be an https", "theme.DARK.images.logo.altText must be a line"},
		`{"customCSS":"` + strings.Repeat("x", branding.MaxCSS+1) + `"}`:                          {"customCSS must be at most 32768 bytes"},
	} {
		b, problems := branding.Read([]byte(document))
		var got []string
		for _, p := range problems {
			got = append(got, p.Path+" "+p.Text)
		}
		if len(got) != len(want) {
			t.Errorf("%s: %q", document, got)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], want[i]) || strings.Contains(got[i], "evil") {
				t.Errorf("%s: %q, want %q", document, got[i], want[i])
			}
		}
		if s := b.Style(); strings.Contains(s, "x: y") || strings.Contains(s, "evil") || len(b.Images()) > 0 {
			t.Errorf("%s: %s", document, s)
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	document := func(address string) []byte {
		return []byte(`{"urls":{"termsOfUseURL":"` + address + `"}}`)
	}
	for _, address := range []string{"https://a.example", "https://a.example:8443/x?y=z#f", "https://10.0.0.1/x", "/", "/terms", "/t/acme/x?y=/z", "https://xn--bcher-kva.example/%C3%BC"} {
		if b, problems := branding.Read(document(address)); len(problems) > 0 || b.TermsOfUse != address {
			t.Error(address, problems)
		}
	}
	for _, address := range []string{
		"http://a.example", "//evil.example", `/\\evil.example`, "javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "ftp://a", "terms", "?x", "#x",
		"https://", "https:///x", "https://a.example:", "https://user@a.example", "https://u:p@a.example/", "https://a b.example", "https://a.example/ü", "https://bücher.example",
		"https://a.example/\\u0000", "https://a.example/x\\ny", "https://a_b.example", "https://[::1]/", "https://.example", "https://a..example", "mailto:a@b", `https://a.example/\"x`,
		"https://a.example;script-src", "https://a.example/%zz", "https://a.example\\u2028", " https://a.example", "https://*.example", "https:a.example",
		"https://a.example/" + strings.Repeat("x", 2048),
	} {
		if b, problems := branding.Read(document(address)); len(problems) != 1 || b.TermsOfUse != "" {
			t.Errorf("%s: %q %v", address, b.TermsOfUse, problems)
		}
	}
}

// FuzzRead: no document makes a style sheet with anything in it that is not
// ours, whatever is wrong with it.
func FuzzRead(f *testing.F) {
	f.Add(full)
	f.Add(`{"theme":{"LIGHT":{"colors":{"primary":{"main":"#fff;}"}}}}`)
	f.Fuzz(func(t *testing.T, document string) {
		b, _ := branding.Read([]byte(document))
		b.CSS = ""
		style := b.Style()
		if strings.Count(style, "{") != strings.Count(style, "}") || strings.ContainsAny(style, "<>\\") || strings.Contains(style, "/*") && b.Side.URL == "" {
			t.Errorf("%s", style)
		}
		if again, _ := branding.Read([]byte(document)); again.Style() != b.Style()+again.CSS && b.CSS == again.CSS {
			t.Error("another style sheet for the same document")
		}
	})
}
