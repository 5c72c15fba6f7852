package branding

import (
	"errors"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of values.
const (
	maxURL   = 2048 // bytes
	maxName  = 100  // characters
	maxAlt   = 250  // characters
	maxMail  = 254  // bytes
	maxFonts = 8
	// MaxCSS bounds custom CSS in bytes.
	MaxCSS = 32 << 10
)

var errURL = errors.New("must be an https URL or a path on this server, in the ASCII form of RFC 3986, without user name and of at most 2048 bytes")

// checkURL tells whether pages may link to the address or show it: an https
// URL with a host, or a path on this server. Only characters of RFC 3986 are
// in it, so that every reader sees the same host.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxURL || strings.ContainsFunc(address, func(r rune) bool { return !isURI(r) }):
		return errURL
	case strings.HasPrefix(address, "/"):
		if u.Host != "" || strings.HasPrefix(address, "//") {
			return errURL
		}
		return nil
	case u.Scheme != "https" || u.User != nil || !isHost(u.Hostname()) || strings.HasSuffix(u.Host, ":"):
		return errURL
	}
	return nil
}

// isURI tells whether RFC 3986 has the character.
func isURI(r rune) bool {
	return isLetter(r) || isDigit(r) || strings.ContainsRune("-._~:/?#@!$&'()*+,;=%", r)
}

// isHost tells whether it is a DNS name or an IPv4 address.
func isHost(host string) bool {
	return host != "" && len(host) <= 253 && !strings.HasPrefix(host, ".") && !strings.Contains(host, "..") &&
		!strings.ContainsFunc(host, func(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' && r != '.' })
}

// originOf returns the origin of an https URL, "" for a path.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return "https://" + strings.ToLower(u.Host)
}

var errMail = errors.New("must be an e-mail address")

// checkMail tells whether the address may stand in a mailto link.
func checkMail(address string) error {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > maxMail || strings.ContainsAny(address, "?&%#\"<> \\") {
		return errMail
	}
	return nil
}

// isLine tells whether the text is a line of at most that many characters.
func isLine(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

var errRadius = errors.New("must be a length of at most 64px, 4rem or 4em, such as 6px or 0.5rem")

// checkRadius tells whether it is a length for corners.
func checkRadius(length string) error {
	digits := strings.TrimRight(length, "pxrem")
	value, percent, ok := number(digits)
	unit := length[len(digits):]
	most := map[string]float64{"px": 64, "rem": 4, "em": 4, "": 0}
	limit, known := most[unit]
	if !ok || percent || !known || value > limit || len(length) > 16 {
		return errRadius
	}
	return nil
}

var errFonts = errors.New("must be at most 8 names of fonts, separated by commas, of letters, digits, spaces and hyphens")

// parseFonts reads a font-family: names with or without quotes.
func parseFonts(family string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(family, ",") {
		name = strings.Trim(name, " ")
		for _, quote := range []string{`"`, `'`} {
			if inner, ok := strings.CutPrefix(name, quote); ok && strings.HasSuffix(inner, quote) {
				name = strings.TrimSuffix(inner, quote)
			}
		}
		if name == "" || !isLine(name, maxName) || strings.ContainsFunc(name, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' && r != '-'
		}) {
			return nil, errFonts
		}
		names = append(names, name)
	}
	if len(names) > maxFonts {
		return nil, errFonts
	}
	return names, nil
}

// unique sorts the list and drops what is there twice.
func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
