package portal

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSubmissionOf(t *testing.T) {
	t.Parallel()
	got := submissionOf(url.Values{
		":at": {"H"}, ":once": {"1"}, ":press": {"go"}, ":keep": {"email", "mobile", "news", ":at", "absent"},
		"email": {"ada@example.com"}, "password": {"secret"}, "news": {"false", "true"}, "terms": {"false"}, "note": {"a\r\nb"},
		"mobile": {"0171 2345678"}, ":dial:mobile": {"DE"},
		"fax": {"+49 171 2345678"}, ":dial:fax": {"US"}, "odd": {"12"}, ":dial:odd": {"DE"},
		":offer:consent": {"p1", "p2"}, ":accept:consent": {"p2"}, "g-recaptcha-response": {"token"},
	})
	want := submission{
		Press: "go",
		Inputs: map[string]string{
			"email": "ada@example.com", "password": "secret", "news": "true", "terms": "false", "note": "a\nb",
			"mobile": "+491712345678", "fax": "+49 171 2345678", "odd": "+4912", "captchaResponse": "token",
			"consent": `{"Policy":{"purposes":[{"id":"p1","accepted":false,"attributes":[]},{"id":"p2","accepted":true,"attributes":[]}]}}`,
		},
		Typed: map[string]string{
			"email": "ada@example.com", "mobile": "0171 2345678", "news": "true",
			":dial:mobile": "DE", ":dial:fax": "US", ":dial:odd": "DE", ":accept:consent": "p2",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		fits bool
	}{
		"plain":       {"a=1&b=2", true},
		"not UTF-8":   {"a=%ff", false},
		"NUL":         {"a=%00", false},
		"NUL in name": {"a%00=1", false},
		"too large":   {"a=" + strings.Repeat("x", maxForm), false},
		"too many":    {strings.Repeat("&", 10) + many(maxInputs+1), false},
		"cut off":     {"a=%f", false},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if _, err := readForm(httptest.NewRecorder(), r); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(n int) string {
	form := url.Values{}
	for i := range n {
		form.Set(strings.Repeat("x", i+1), "1")
	}
	return form.Encode()
}

// The key of a form is the same for the same form only, and tells nothing.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	p := &Portal{Box: testBox(t)}
	v := &visit{Handle: "H", Tenant: "t"}
	form := url.Values{"password": {"hunter2"}, ":once": {"1"}}
	key := p.idempotencyKey(v, form)
	again := p.idempotencyKey(v, url.Values{":once": {"1"}, "password": {"hunter2"}})
	other := p.idempotencyKey(v, url.Values{":once": {"2"}, "password": {"hunter2"}})
	elsewhere := p.idempotencyKey(&visit{Handle: "I", Tenant: "t"}, form)
	if key != again || key == other || key == elsewhere || strings.Contains(key, "hunter2") || len(key) != 43 {
		t.Errorf("keys %s %s %s %s", key, again, other, elsewhere)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ components, want, without string }{
		{`[{"type":"TYPOGRAPHY"}]`, "script-src 'self'; img-src 'self'; form-action", "https:"},
		{
			`[{"type":"IMAGE","config":{"src":"https://b.example/x"}},{"type":"IMAGE","config":{"src":"https://a.example:8443/y"}},{"type":"IMAGE","config":{"src":"https://b.example/z"}}]`,
			"img-src 'self' https://a.example:8443 https://b.example;", "script-src 'self' https",
		},
		{`[{"type":"IMAGE","config":{"src":"https://a.example;script-src *"}}]`, "img-src 'self';", "*"},
		{`[{"type":"IMAGE","config":{"src":"/logo.png"}}]`, "img-src 'self';", "https:"},
		{
			`[{"type":"CAPTCHA","config":{"captchaKey":"k","captchaURL":"https://challenges.example/api.js","recaptchaType":"TURNSTILE"}}]`,
			"script-src 'self' https://challenges.example; frame-src https://challenges.example;", "unsafe",
		},
		{`[{"type":"CAPTCHA","config":{"captchaKey":"k","captchaURL":"http://challenges.example/api.js","recaptchaType":"TURNSTILE"}}]`, "script-src 'self';", "challenges"},
		{`[{"type":"CAPTCHA","config":{"recaptchaType":"RECAPTCHA_V2"}}]`, "script-src 'self';", "google"},
	} {
		read, err := parse([]byte(c.components))
		if err != nil {
			t.Fatal(err)
		}
		got := (&page{look: plain(), images: read.Images, Captcha: read.Captcha}).policy()
		if !strings.Contains(got, c.want) || strings.Contains(got, c.without) || !strings.Contains(got, "frame-ancestors 'none'; base-uri 'none'") {
			t.Errorf("%s\n%s", c.components, got)
		}
	}
}
