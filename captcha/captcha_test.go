package captcha

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// site is a provider: it passes the responses it is told to, each once.
func site(t *testing.T, answer func(w http.ResponseWriter, response string)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.PostFormValue("secret") != "s3cret" {
			fmt.Fprint(w, `{"success": false, "error-codes": ["invalid-input-secret"]}`)
			return
		}
		answer(w, r.PostFormValue("response"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func says(body string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, _ string) { io.WriteString(w, body) }
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const passed, scored = `{"success": true, "hostname": "id.example.com"}`, `{"success": true, "score": %v, "hostname": "id.example.com"}`
	for name, test := range map[string]struct {
		config Config
		answer func(http.ResponseWriter, string)
		want   error
	}{
		"passed":           {Config{Provider: "hcaptcha", Secret: "s3cret"}, says(passed), nil},
		"failed":           {Config{Provider: "hcaptcha", Secret: "s3cret"}, says(`{"success": false, "error-codes": ["timeout-or-duplicate"]}`), errNotPassed},
		"other host":       {Config{Provider: "turnstile", Secret: "s3cret", Hosts: []string{"other.example.com"}}, says(passed), errNotPassed},
		"right host":       {Config{Provider: "turnstile", Secret: "s3cret", Hosts: []string{"id.example.com"}}, says(passed), nil},
		"score enough":     {Config{Provider: "recaptcha-v3", Secret: "s3cret", Threshold: 0.5}, says(fmt.Sprintf(scored, 0.5)), nil},
		"score too low":    {Config{Provider: "recaptcha-v3", Secret: "s3cret", Threshold: 0.5}, says(fmt.Sprintf(scored, 0.4)), errNotPassed},
		"score missing":    {Config{Provider: "recaptcha-v3", Secret: "s3cret", Threshold: 0.5}, says(passed), errNotPassed},
		"wrong secret":     {Config{Provider: "recaptcha-v2", Secret: "wrong", FailOpen: false}, says(passed), errUnavailable},
		"down, closed":     {Config{Provider: "recaptcha-v2", Secret: "s3cret"}, func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusServiceUnavailable) }, errUnavailable},
		"down, open":       {Config{Provider: "recaptcha-v2", Secret: "s3cret", FailOpen: true}, func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusServiceUnavailable) }, nil},
		"nonsense, closed": {Config{Provider: "recaptcha-v2", Secret: "s3cret"}, says("<html>"), errUnavailable},
		"slow, closed":     {Config{Provider: "recaptcha-v2", Secret: "s3cret"}, func(http.ResponseWriter, string) { time.Sleep(400 * time.Millisecond) }, errUnavailable},
		"failed, open":     {Config{Provider: "recaptcha-v2", Secret: "s3cret", FailOpen: true}, says(`{"success": false}`), errNotPassed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.VerifyURL = site(t, test.answer)
			var log strings.Builder
			c, err := New(test.config, &http.Client{Timeout: 200 * time.Millisecond}, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Verify(t.Context(), "the-response"); !errors.Is(err, test.want) {
				t.Errorf("Verify = %v, want %v", err, test.want)
			}
			for _, secret := range []string{"s3cret", "the-response"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("log holds %q: %s", secret, log.String())
				}
			}
		})
	}
}

func TestComponent(t *testing.T) {
	t.Parallel()
	for _, name := range Providers() {
		c, err := New(Config{Provider: name, SiteKey: "a&b"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		drawn := c.Component()
		if drawn["captchaKey"] != "a&b" || !strings.HasPrefix(drawn["captchaURL"], "https://") || drawn["recaptchaType"] == "" {
			t.Errorf("%s: %v", name, drawn)
		}
		if strings.HasSuffix(drawn["captchaURL"], "=a%26b") != (name == "recaptcha-v3") {
			t.Errorf("%s: script %s", name, drawn["captchaURL"])
		}
	}
	if _, err := New(Config{Provider: "nobody"}, nil, nil); err == nil {
		t.Error("an unknown provider is accepted")
	}
}
