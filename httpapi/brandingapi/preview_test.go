package brandingapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"usher/branding"
	"usher/identity"
)

// fakePages draw what they are told to draw.
type fakePages struct{ known branding.Known }

func (fakePages) Pages() []string { return []string{"error", "login"} }

func (fakePages) Languages() []branding.Language {
	return []branding.Language{{Tag: "en", Name: "English"}}
}

func (p fakePages) Texts(string) (tag string, says map[string]string) {
	title, _ := p.known("login.title")
	return "en", map[string]string{"login.title": title}
}

func (fakePages) Draw(of *branding.Sample) (*branding.Drawn, error) {
	if of.Page == "error" {
		return nil, errors.New("secret of the fault")
	}
	title, _ := of.Words.Say("login.title")
	to, _ := of.Words.Say("login.to")
	return &branding.Drawn{Page: strings.Join([]string{of.Page, of.Locale, of.Brand.Name, title, to}, "|"), Style: of.Brand.Style()}, nil
}

type preview struct {
	Page, Style string
	Themes      map[string]struct {
		Colors    map[string]string
		Contrasts []branding.Pair
	}
}

func (s *site) preview(body string) preview {
	s.t.Helper()
	var p preview
	if err := json.Unmarshal([]byte(s.call(http.StatusOK, "POST", path+"/preview", body)), &p); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// TestPreview: what is not saved is drawn with what is, and nothing is saved.
func TestPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call(http.StatusCreated, "POST", path, `{"preference":{"organizationDetails":{"displayName":"Acme"}}}`)
	s.call(http.StatusCreated, "POST", path, `{"type":"APP","name":"shop","preference":{"organizationDetails":{"displayName":"Shop"}}}`)
	s.call(http.StatusCreated, "POST", path+"/text", `{"screen":"login","preference":{"login.title":"Hello","login.to":"to {application}"}}`)
	for body, want := range map[string]string{
		`{"page":"login"}`: "login|en-US|Acme|Hello|to {application}",
		`{"page":"login","type":"APP","name":"shop"}`: "login|en-US|Shop|Hello|to {application}",
		`{"page":"login","preference":{"organizationDetails":{"displayName":"New"},"configs":{"isBrandingEnabled":false}}}`: "login|en-US|New|Hello|to {application}",
		`{"page":"login","preference":null,"screen":"login","text":{"text":{"login.title":"Hi"}}}`:                          "login|en-US|Acme|Hi|",
		`{"page":"login","screen":"common","text":{"login.title":"weaker","page.retry":"x"}}`:                               "login|en-US|Acme|Hello|to {application}",
		`{"page":"login","type":"APP","name":"shop","text":{"login.title":"of the shop"}}`:                                  "login|en-US|Shop|of the shop|to {application}",
		`{"page":"login","locale":"de","screen":"login","text":{"login.title":"Hallo"}}`:                                    "login|de|Acme|Hallo|",
	} {
		if got := s.preview(body).Page; got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	const purple = `"preference":{"theme":{"LIGHT":{"colors":{"primary":{"main":"#7a1fa2"}}},"DARK":{}}}`
	light, dark := s.preview(`{"page":"login",`+purple+`}`), s.preview(`{"page":"login","scheme":"dark",`+purple+`}`)
	if !strings.Contains(light.Style, "color-scheme: light; --brand: #7a1fa2;") || !strings.Contains(dark.Style, "color-scheme: dark; --brand: #8ab4ff;") {
		t.Errorf("%s\n%s", light.Style, dark.Style)
	}
	for _, p := range []preview{light, dark} {
		if p.Themes["LIGHT"].Colors["brand"] != "#7a1fa2" || p.Themes["DARK"].Colors["brand"] != "#8ab4ff" || len(p.Themes["DARK"].Colors) != 14 {
			t.Errorf("%v", p.Themes)
		}
		for _, pair := range p.Themes["LIGHT"].Contrasts {
			if pair.Ratio < pair.Least || pair.On == "" {
				t.Errorf("%+v", pair)
			}
		}
	}
	if got := s.call(http.StatusOK, "GET", path, ""); !strings.Contains(got, `"Acme"`) {
		t.Error(got)
	}
	if w := s.callAs(identity.RoleAdmin, "POST", path+"/preview", `{"page":"login"}`); w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Error(w.Header()) // no browser takes it for a page
	}
	if got := s.call(http.StatusInternalServerError, "POST", path+"/preview", `{"page":"error"}`); strings.Contains(got, "secret") {
		t.Error(got)
	}
	if got := s.call(http.StatusOK, "GET", path+"/meta?locale=fr", ""); got != `{"pages":["error","login"],"languages":[{"tag":"en","name":"English"}],"locale":"en","text":{"login.title":"Sign in"}}` {
		t.Error(got)
	}
}

// TestPreviewRefused: what could not be saved is not drawn either.
func TestPreviewRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const at = path + "/preview"
	for _, body := range []string{
		``, `[]`, `{}`, `{"page":"none"}`, `{"page":"login","scheme":"PINK"}`, `{"page":"login","extra":1}`, `{"page":"login","preference":{},"preference":{}}`,
		`{"page":"login","preference":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	} {
		s.refused(http.StatusBadRequest, "BPM-60001", "POST", at, body)
	}
	for _, body := range []string{`{"page":"login","locale":"../x"}`, `{"page":"login","screen":"<"}`, `{"page":"login","type":"APP"}`} {
		s.refused(http.StatusBadRequest, "BPM-60005", "POST", at, body)
	}
	s.refused(http.StatusRequestEntityTooLarge, "BPM-60001", "POST", at, strings.Repeat(" ", maxBody+1))
	for preference, want := range map[string]string{
		`{"theme":{"LIGHT":{"colors":{"primary":{"main":"red;}body{background:url(https://evil.example)}"}}}}}`:  "preference.theme.LIGHT.colors.primary.main must be a colour",
		`{"theme":{"LIGHT":{"colors":{"primary":{"main":"url(https://evil.example)"}}}}}`:                        "preference.theme.LIGHT.colors.primary.main must be a colour",
		`{"theme":{"DARK":{"colors":{"primary":{"main":"` + strings.Repeat("#", 100_000) + `"}}}}}`:              "preference.theme.DARK.colors.primary.main must be a colour",
		`{"theme":{"LIGHT":{"typography":{"font":{"fontFamily":"x\";}@import url(https://evil.example);"}}}}}`:   "preference.theme.LIGHT.typography.font.fontFamily must be",
		`{"theme":{"LIGHT":{"typography":{"font":{"fontFamily":"` + strings.Repeat("a,", 50_000) + `"}}}}}`:      "preference.theme.LIGHT.typography.font.fontFamily must be",
		`{"theme":{"LIGHT":{"buttons":{"primary":{"base":{"border":{"borderRadius":"4px;--x:evil"}}}}}}}`:        "preference.theme.LIGHT.buttons.primary.base.border.borderRadius must be",
		`{"theme":{"LIGHT":{"images":{"logo":{"imgURL":"javascript:alert(1)//evil"}}}}}`:                         "preference.theme.LIGHT.images.logo.imgURL must be",
		`{"theme":{"LIGHT":{"images":{"favicon":{"imgURL":"data:image/svg+xml,<svg onload=evil>"}}}}}`:           "preference.theme.LIGHT.images.favicon.imgURL must be",
		`{"theme":{"LIGHT":{"images":{"logo":{"imgURL":"//evil.example/x.png"}}}}}`:                              "preference.theme.LIGHT.images.logo.imgURL must be",
		`{"layout":{"activeLayout":"left-image","sideImg":{"imgURL":"https://x\");}body{background:url(evil"}}}`: "preference.layout.sideImg.imgURL must be",
		`{"urls":{"privacyPolicyURL":" javascript:evil"}}`:                                                       "preference.urls.privacyPolicyURL must be",
		`{"organizationDetails":{"supportEmail":"a@b.c?bcc=evil@evil.example"}}`:                                 "preference.organizationDetails.supportEmail must be",
		`{"organizationDetails":{"displayName":"` + strings.Repeat("n", 200_000) + `"}}`:                         "preference.organizationDetails.displayName must be",
		`{"customCSS":"input[value^=a]{background:red}"}`:                                                        "preference.customCSS must not select",
		`{"customCSS":"body{background:url(https://evil.example/)}"}`:                                            "preference.customCSS must have in url()",
		`{"customCSS":"` + strings.Repeat("a", 40_000) + `"}`:                                                    "preference.customCSS must be at most",
		`{"theme":{"LIGHT":{"colors":{"text":{"secondary":"#999"}}}}}`:                                           "preference.theme.LIGHT.colors.text.secondary must have a contrast",
		`"evil"`: "preference must be an object",
	} {
		s.refused(http.StatusBadRequest, "BPM-60001", "POST", at, `{"page":"login","preference":`+preference+`}`, want)
	}
	for text, want := range map[string]string{
		`{"page.retry":"x"}`:                                     "preference.page.retry is no text of this screen",
		`{"login.title":"{name}"}`:                               "preference.login.title must have no {placeholder}",
		`{"login.title":"` + strings.Repeat("t", 200_000) + `"}`: "preference.login.title must be plain text",
		`{"login.title":"evil \u202e"}`:                          "preference.login.title must be plain text",
	} {
		s.refused(http.StatusBadRequest, "BPM-60005", "POST", at, `{"page":"login","screen":"login","text":`+text+`}`, want)
	}
}

// TestIfMatch: who has not seen the last change does not undo it.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for at, changed := range map[string]string{path: "BPM-60412", path + "/text": "BPM-60413"} {
		first := s.callAs(identity.RoleAdmin, "POST", at, `{"preference":{}}`).Header().Get("ETag")
		if got := s.callAs(identity.RoleAdmin, "GET", at, "").Header().Get("ETag"); got != first || first == "" {
			t.Fatalf("%s: %s and %s", at, first, got)
		}
		second := s.callAs(identity.RoleAdmin, "PUT", at, `{"preference":{}}`, "If-Match", first).Header().Get("ETag")
		if second == first || second == "" {
			t.Fatalf("%s: %s after %s", at, second, first)
		}
		for _, tag := range []string{first, `"0"`, `"99"`, `"x-y"`, `W/` + second, strings.Trim(second, `"`), first + ", " + second, `"`, ""} {
			for _, method := range []string{"PUT", "DELETE"} {
				w := s.callAs(identity.RoleAdmin, method, at+"?locale=en-US", `{"preference":{}}`, "If-Match", tag)
				if w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), changed) {
					t.Errorf("%s %s with %s: %d %s", method, at, tag, w.Code, w.Body)
				}
			}
		}
		third := s.callAs(identity.RoleAdmin, "PUT", at, `{"preference":{}}`, "If-Match", "*").Header().Get("ETag")
		if w := s.callAs(identity.RoleAdmin, "DELETE", at+"?locale=en-US", "", "If-Match", third); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", at, w.Code, w.Body)
		}
	}
}
