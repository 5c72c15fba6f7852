package connection

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Kind declares what a connection for one executor consists of. Executors
// publish theirs; the management API checks connections against it.
type Kind struct {
	// Executor is the executor's name, and the Kind of its connections.
	Executor string `json:"kind"`
	// Label is what people call the provider.
	Label    string    `json:"label"`
	Settings []Setting `json:"settings"`
}

// Setting is one thing to know of a connection.
type Setting struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Default     string `json:"default,omitempty"`
	Required    bool   `json:"required,omitempty"`
	// Secret settings go into the sealed part and are never given back.
	Secret bool `json:"secret,omitempty"`
	// Fixed settings cannot be changed once the connection exists, because
	// they give a meaning to what is stored under it.
	Fixed bool `json:"fixed,omitempty"`
	// URL settings hold an address as CheckURL wants it.
	URL bool `json:"url,omitempty"`
	// Claim settings are prefixes: "claim." stands for one setting for each
	// local claim.
	Claim bool `json:"claim,omitempty"`
	// Options are the only values, when given.
	Options []string `json:"options,omitempty"`
	// Check, when there is one, says what else is wrong with a value that is
	// not empty: "is …" or "must …", without repeating it.
	Check func(value string) error `json:"-"`
}

// MaxValue bounds a setting or secret in bytes.
const MaxValue = 8 << 10

// ClaimPrefix begins the settings that map claims: "claim.NAME" is the name of
// the provider's claim whose value the local claim NAME takes, "" for none.
const ClaimPrefix = "claim."

// Find returns the declaration of the setting.
func (k *Kind) Find(name string) (Setting, bool) {
	i := slices.IndexFunc(k.Settings, func(s Setting) bool {
		if s.Claim {
			return strings.HasPrefix(name, s.Name) && len(name) > len(s.Name)
		}
		return s.Name == name
	})
	if i < 0 {
		return Setting{}, false
	}
	return k.Settings[i], true
}

// Check returns everything that is wrong with the settings and secrets, in
// sentences that repeat no value: unknown and missing ones, and values that
// cannot be. Whether claims exist is for the caller.
func (k *Kind) Check(settings, secrets map[string]string) []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, part := range []struct {
		values map[string]string
		secret bool
		what   string
	}{{settings, false, "settings"}, {secrets, true, "secrets"}} {
		for name, value := range part.values {
			s, known := k.Find(name)
			if !known || s.Secret != part.secret {
				report("%s.%.64s is not one of this kind's %s.", part.what, name, part.what)
				continue
			}
			if fault := s.check(value); fault != "" {
				report("%s.%.64s %s.", part.what, name, fault)
			}
		}
	}
	for _, s := range k.Settings {
		values, what := settings, "settings"
		if s.Secret {
			values, what = secrets, "secrets"
		}
		if s.Required && values[s.Name] == "" {
			report("%s.%s is required.", what, s.Name)
		}
	}
	slices.Sort(faults)
	return faults
}

// check says what is wrong with a value, "" when nothing is.
func (s Setting) check(value string) string {
	switch {
	case len(value) > MaxValue:
		return fmt.Sprintf("is longer than %d bytes", MaxValue)
	case !s.Secret && strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "contains control characters"
	case value == "":
		return ""
	case s.URL && CheckURL(value) != nil:
		return CheckURL(value).Error()
	case len(s.Options) > 0 && !slices.Contains(s.Options, value):
		return "must be one of " + strings.Join(s.Options, ", ")
	}
	if s.Check != nil {
		if err := s.Check(value); err != nil {
			return err.Error()
		}
	}
	return ""
}

// CheckURL tells whether an address may be talked to, or a browser sent there,
// as far as its text says: an https URL with a host, without credentials and
// fragment. http is accepted for this machine's own addresses, for tests.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return fmt.Errorf("must be a URL such as https://id.example.com")
	case u.User != nil || strings.Contains(text, "#"):
		return fmt.Errorf("must have neither credentials nor a fragment")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("must be an https URL")
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
