// Package captcha asks a captcha provider whether a page was filled in by a
// person. The providers differ in an address and a few names, so they are data.
package captcha

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Config names the provider and the site's account there.
type Config struct {
	Provider string // one of Providers
	SiteKey  string
	Secret   string
	// Threshold is the least score that counts as a person, 0 to 1; only
	// providers that score use it.
	Threshold float64
	// FailOpen lets people through while the provider cannot be asked.
	FailOpen bool
	// Hosts are the host names whose pages may show the captcha; an answer for
	// another one is refused. None means any.
	Hosts []string
	// VerifyURL overrides the provider's own, for tests and mirrors.
	VerifyURL string
}

// provider is what differs.
type provider struct {
	kind      string // the wire's recaptchaType
	script    string // drawn by clients
	verify    string
	scores    bool
	scriptKey bool // the script's address carries the site key
}

var providers = map[string]provider{
	"recaptcha-v2": {kind: "RECAPTCHA_V2", script: "https://www.google.com/recaptcha/api.js", verify: "https://www.google.com/recaptcha/api/siteverify"},
	"recaptcha-v3": {kind: "RECAPTCHA_V3", script: "https://www.google.com/recaptcha/api.js?render=", verify: "https://www.google.com/recaptcha/api/siteverify", scores: true, scriptKey: true},
	"hcaptcha":     {kind: "HCAPTCHA", script: "https://js.hcaptcha.com/1/api.js", verify: "https://api.hcaptcha.com/siteverify"},
	"turnstile":    {kind: "TURNSTILE", script: "https://challenges.cloudflare.com/turnstile/v0/api.js", verify: "https://challenges.cloudflare.com/turnstile/v0/siteverify"},
}

// Providers are the names Config.Provider may have.
func Providers() []string { return []string{"recaptcha-v2", "recaptcha-v3", "hcaptcha", "turnstile"} }

// Captcha verifies responses of one provider. It is safe for concurrent use.
type Captcha struct {
	Config
	provider provider
	client   *http.Client
	log      *slog.Logger
}

// New returns a captcha. The client bounds how long a person waits for the
// provider. The error is about the provider's name.
func New(c Config, client *http.Client, log *slog.Logger) (*Captcha, error) {
	p, ok := providers[c.Provider]
	if !ok {
		return nil, fmt.Errorf("captcha provider is not one of %s", strings.Join(Providers(), ", "))
	}
	if c.VerifyURL != "" {
		p.verify = c.VerifyURL
	}
	return &Captcha{Config: c, provider: p, client: client, log: log}, nil
}

// Component is what clients need to draw the captcha; it is added to the
// config of CAPTCHA components.
func (c *Captcha) Component() map[string]string {
	script := c.provider.script
	if c.provider.scriptKey {
		script += url.QueryEscape(c.SiteKey)
	}
	return map[string]string{"captchaKey": c.SiteKey, "captchaURL": script, "recaptchaType": c.provider.kind}
}

// RefusedError is the mistake of somebody who did not pass.
type RefusedError struct{ key, text string }

func (e *RefusedError) Error() string { return e.text }

// I18nKey is the translation key of the text.
func (e *RefusedError) I18nKey() string { return e.key }

var (
	errNotPassed   = &RefusedError{"captcha.failed", "We could not confirm that you are a person. Please try again."}
	errUnavailable = &RefusedError{"captcha.unavailable", "We cannot check the captcha at the moment. Please try again shortly."}
)

// Verify asks the provider about a response, which is good for one question.
// The error is a *RefusedError where the person did not pass, and where the
// provider cannot be asked and Config says to keep the door closed then.
func (c *Captcha) Verify(ctx context.Context, response string) error {
	answer, err := c.ask(ctx, response)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.log.WarnContext(ctx, "captcha provider cannot be asked", "provider", c.Provider, "open", c.FailOpen, "error", withoutURL(err))
		if c.FailOpen {
			return nil
		}
		return errUnavailable
	}
	switch {
	case !answer.Success,
		c.provider.scores && answer.Score < c.Threshold,
		len(c.Hosts) > 0 && !slices.Contains(c.Hosts, answer.Hostname):
		return errNotPassed
	}
	return nil
}

// verdict is a provider's answer; all of them use these names.
type verdict struct {
	Success  bool     `json:"success"`
	Score    float64  `json:"score"`
	Hostname string   `json:"hostname"`
	Errors   []string `json:"error-codes"`
}

// ours are the faults that lie with our account, not with the person.
var ours = []string{"missing-input-secret", "invalid-input-secret", "sitekey-secret-mismatch", "internal-error"}

func (c *Captcha) ask(ctx context.Context, response string) (*verdict, error) {
	form := url.Values{"secret": {c.Secret}, "response": {response}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.provider.verify, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered with status %d", resp.StatusCode)
	}
	var v verdict
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		return nil, errors.New("answer is not JSON of bounded size")
	}
	if i := slices.IndexFunc(v.Errors, func(e string) bool { return slices.Contains(ours, e) }); !v.Success && i >= 0 {
		return nil, fmt.Errorf("provider says %s", v.Errors[i])
	}
	return &v, nil
}

// withoutURL takes the address out of a client's error; the rest is for logs.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
