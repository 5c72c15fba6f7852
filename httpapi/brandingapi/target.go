package brandingapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"usher/branding"
	"usher/httpapi"
)

// Types on the wire.
const (
	ofTenant      = "ORG"
	ofApplication = "APP"
)

// everyLocale is what clients call the locale of what counts where a language
// has nothing of its own.
const everyLocale = "en-US"

// target says what a request is about.
type target struct {
	tenant, application string
	locale              string // canonical, "" where none is given
	screen              string // of texts
}

// named are the members of a body, and the parameters of a query, that name a
// target. A type is ORG where it is left out; the name of an ORG does not
// count, because the path says which tenant it is.
type named struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Locale string `json:"locale"`
}

type body struct {
	named
	Preference jsontext.Value `json:"preference"`
}

type textBody struct {
	named
	Screen     string         `json:"screen"`
	Preference jsontext.Value `json:"preference"`
}

// answer is a document on the wire, in this order; the document follows.
type answer struct {
	Type         string    `json:"type"`
	Name         string    `json:"name"`
	Locale       string    `json:"locale"`
	Screen       string    `json:"screen,omitempty"`
	ResolvedFrom *resolved `json:"resolvedFrom,omitempty"`
}

// resolved says whose the document is.
type resolved struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// target reads the names. The problem is a 400.
func (n named) target(r *http.Request, screen, code string) (target, error) {
	t := target{tenant: httpapi.Tenant(r), screen: screen}
	refuse := func(description string) (target, error) {
		return target{}, &httpapi.Problem{Status: http.StatusBadRequest, Code: code, Message: "The request does not say what it is about.", Description: description}
	}
	switch {
	case n.Type == "" || strings.EqualFold(n.Type, ofTenant):
	case strings.EqualFold(n.Type, ofApplication):
		if n.Name == "" {
			return refuse("With the type APP, name must be the id of an application.")
		}
		t.application = n.Name
	default:
		return refuse("type must be ORG or APP.")
	}
	if n.Locale != "" {
		locale, ok := branding.CanonicalLocale(n.Locale)
		if !ok {
			return refuse("locale must be a language tag, such as en-US (RFC 5646).")
		}
		t.locale = locale
	}
	if t.screen != "" && !branding.CheckScreen(t.screen) {
		return refuse("screen must be common or the first part of a key, such as login.")
	}
	return t, nil
}

// ofPreference is the target of a preference: the one for all languages is
// called everyLocale.
func ofPreference(r *http.Request, n named) (target, error) {
	t, err := n.target(r, "", codeInvalid)
	if t.locale == everyLocale {
		t.locale = ""
	}
	return t, err
}

// ofText is the target of texts: of everyLocale, and common, where it does not
// say.
func ofText(r *http.Request, n named, screen string) (target, error) {
	if screen == "" {
		screen = branding.Common
	}
	t, err := n.target(r, screen, codeInvalidText)
	if t.locale == "" {
		t.locale = everyLocale
	}
	return t, err
}

func preferenceInQuery(r *http.Request) (target, error) {
	return ofPreference(r, inQuery(r.URL.Query()))
}

func textInQuery(r *http.Request) (target, error) {
	q := r.URL.Query()
	return ofText(r, inQuery(q), q.Get("screen"))
}

func inQuery(q url.Values) named { return named{q.Get("type"), q.Get("name"), q.Get("locale")} }

func (t target) answer() answer {
	whose := t.owner(t.application)
	locale := t.locale
	if locale == "" {
		locale = everyLocale
	}
	return answer{Type: whose.Type, Name: whose.Name, Locale: locale, Screen: t.screen}
}

func (t target) owner(application string) resolved {
	if application != "" {
		return resolved{ofApplication, application}
	}
	return resolved{ofTenant, t.tenant}
}

// String is the target as the audit log names it: whose it is, the locale and,
// of texts, the screen.
func (t target) String() string {
	a := t.answer()
	return strings.TrimSpace(a.Name + " " + a.Locale + " " + a.Screen)
}

// recorded is a preference or texts as the audit log has them, member by
// member; nil for none. What there was before is read apart from the change: of
// two changes at the same time, both may be recorded as made to the same.
func recorded[V branding.Preference | branding.Text](v *V) any {
	switch v := any(v).(type) {
	case *branding.Preference:
		if v != nil {
			return json.RawMessage(v.Document)
		}
	case *branding.Text:
		if v != nil {
			return json.RawMessage(v.Document)
		}
	}
	return nil
}
