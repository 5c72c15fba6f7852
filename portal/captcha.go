package portal

import (
	"net/url"
	"strings"
)

// widget is what a captcha's provider wants on the page.
type widget struct {
	Class   string // how the provider's script finds the place
	SiteKey string
	Script  string
	// Score is set where nothing is drawn and a token is asked for when the
	// form is submitted.
	Score bool
	// Sources are what the page's policy lets through for it.
	Sources []string
}

// newWidget returns nil for a captcha that is switched off or unknown.
func newWidget(kind, siteKey, script string) *widget {
	u, err := url.Parse(script)
	if siteKey == "" || err != nil || u.Scheme != "https" || !validHost(u.Host) {
		return nil
	}
	w := &widget{SiteKey: siteKey, Script: script, Sources: []string{"https://" + u.Host}}
	switch strings.ToUpper(kind) {
	case "RECAPTCHA_V2":
		w.Class, w.Sources = "g-recaptcha", append(w.Sources, "https://www.gstatic.com")
	case "RECAPTCHA_V3":
		w.Class, w.Score, w.Sources = "g-recaptcha-score", true, append(w.Sources, "https://www.gstatic.com")
	case "HCAPTCHA":
		w.Class, w.Sources = "h-captcha", append(w.Sources, "https://hcaptcha.com", "https://*.hcaptcha.com")
	case "TURNSTILE":
		w.Class = "cf-turnstile"
	default:
		return nil
	}
	return w
}
