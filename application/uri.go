package application

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxURI bounds the length of a URI and of an origin in bytes.
const MaxURI = 2048

var (
	errURI      = errors.New("must be an absolute URI in ASCII (RFC 3986), without spaces, quotes, backslashes and control characters")
	errLong     = errors.New("must be at most 2048 bytes long")
	errHost     = errors.New("must name a host, as a DNS name in its ASCII form or an IP address, with at most a port after it")
	errUser     = errors.New("must not hold a user name or password")
	errFragment = errors.New("must not have a fragment")
	errPattern  = errors.New("must be one address, not a pattern: list every address of its own, and keep what varies in the state parameter")
	errRedirect = errors.New("must be an https URI, or http on localhost, 127.0.0.1 or [::1]")
	errNative   = errors.New("must be an https URI, http on localhost, 127.0.0.1 or [::1], or have a private-use scheme with a dot and a path, " +
		"such as com.example.app:/callback (RFC 8252, 7.1)")
	errAccess = errors.New("must be an http or https URI")
	errOrigin = errors.New("must be an origin as browsers send it, such as https://app.example.com: https, or http on localhost, 127.0.0.1 or [::1]; " +
		"in lower case, without a path, without the scheme's own port, and never null or *")
)

// CheckRedirectURI tells whether a browser may be sent to the URI with a code,
// or after a logout (RFC 9700, 4.1.3): an https URI, or http to this machine
// itself (RFC 8252, 7.3); for public clients also a private-use scheme that
// contains a dot (RFC 8252, 7.1). It has a host, and neither user info nor a
// fragment. Only characters of RFC 3986 are in it, so that every reader sees
// the same host. The error says "must …" and does not repeat the URI.
func CheckRedirectURI(uri string, public bool) error {
	if strings.ContainsRune(uri, '*') || strings.HasPrefix(uri, "regexp=") {
		return errPattern
	}
	u, err := parse(uri)
	switch {
	case err != nil:
		return err
	case strings.ContainsRune(uri, '#'):
		return errFragment
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return checkHost(u)
	case !public:
		return errRedirect
	case !strings.ContainsRune(u.Scheme, '.') || u.Host == "" && !strings.HasPrefix(u.Path, "/"):
		return errNative
	case u.Host != "":
		return checkHost(u)
	}
	return nil
}

// CheckAccessURL tells whether people may be sent to the URL: http or https,
// with a host and without user info. The error is as CheckRedirectURI's.
func CheckAccessURL(uri string) error {
	u, err := parse(uri)
	switch {
	case err != nil:
		return err
	case u.Scheme != "https" && u.Scheme != "http":
		return errAccess
	}
	return checkHost(u)
}

// CheckOrigin tells whether a browser could send the origin of a page
// (RFC 6454, 6.2) that may be trusted: https, or http of this machine itself.
// The error is as CheckRedirectURI's.
func CheckOrigin(origin string) error {
	u, err := parse(origin)
	if err != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) || checkHost(u) != nil {
		return errOrigin
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	}
	if strings.ContainsRune(host, ':') {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + port
	}
	if origin != u.Scheme+"://"+host {
		return errOrigin
	}
	return nil
}

// parse reads an absolute URI strictly. Its authority is what the text says,
// with nothing decoded.
func parse(uri string) (*url.URL, error) {
	if len(uri) > MaxURI {
		return nil, errLong
	}
	if strings.ContainsFunc(uri, func(r rune) bool { return !isURI(r) }) || !wellEscaped(uri) {
		return nil, errURI
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme == "" {
		return nil, errURI
	}
	_, rest, _ := strings.Cut(uri, ":")
	rest, hasAuthority := strings.CutPrefix(rest, "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	switch {
	case u.User != nil || hasAuthority && strings.ContainsRune(rest, '@'):
		return nil, errUser
	case hasAuthority && rest != u.Host, !hasAuthority && u.Host != "":
		return nil, errHost
	}
	return u, nil
}

// isURI tells whether RFC 3986 (2.2, 2.3) knows the character, or it is the %.
func isURI(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~:/?#[]@!$&'()*+,;=%", r)
}

// wellEscaped tells whether every % begins the code of a character that is not
// a control character.
func wellEscaped(uri string) bool {
	for {
		_, after, found := strings.Cut(uri, "%")
		if !found {
			return true
		}
		if len(after) < 2 {
			return false
		}
		b, err := strconv.ParseUint(after[:2], 16, 8)
		if err != nil || b < ' ' || b == 0x7f {
			return false
		}
		uri = after[2:]
	}
}

// checkHost tells whether the host is an IP address or a DNS name, in a form
// that no browser takes for another one, and the port one that there is.
func checkHost(u *url.URL) error {
	host := u.Hostname()
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return errHost
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return errHost
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Is4() == strings.HasPrefix(u.Host, "[") || ip.Is4In6() || ip.Zone() != "" {
			return errHost
		}
		return nil
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	// Browsers take what ends in a number for an IPv4 address.
	if len(host) > 253 || strings.HasPrefix(u.Host, "[") || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(strings.ToLower(last), "0x") {
		return errHost
	}
	for _, label := range labels {
		if !isLabel(label) {
			return errHost
		}
	}
	return nil
}

func isLabel(label string) bool {
	return label != "" && len(label) <= 63 && label[0] != '-' && label[len(label)-1] != '-' &&
		!strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
		})
}

// loopback tells whether the host is this machine itself, by a name that the
// network cannot give another meaning.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && !ip.Is4In6() && ip.IsLoopback()
}
