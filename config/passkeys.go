package config

import (
	"net/netip"
	"net/url"
	"strings"
)

// Passkeys returns the domain that passkeys are bound to (the RP ID of Web
// Authentication Level 3, section 4) and the origins whose pages may create
// and use them. There are none where nobody configured any and the server is
// known by an IP address, which browsers do not accept.
func (c *Config) Passkeys() (rpID string, origins []string) {
	rpID = c.WebAuthnRPID
	if rpID == "" {
		rpID = hostOf(c.PublicURL)
	}
	if len(c.WebAuthnOrigins) > 0 {
		return rpID, c.WebAuthnOrigins
	}
	for _, origin := range append([]string{c.PublicURL}, c.CORSOrigins...) {
		if mayUsePasskeys(origin, rpID) {
			origins = append(origins, origin)
		}
	}
	return rpID, origins
}

func (c *Config) checkPasskeys(p *Problems) {
	if c.WebAuthnRPID != "" && !isDomain(c.WebAuthnRPID) {
		p.add("webauthn-rp-id", "%q is not a domain such as example.com, in lower case", c.WebAuthnRPID)
		return
	}
	rpID, origins := c.Passkeys()
	for _, origin := range origins {
		if !isOrigin(origin) || !mayUsePasskeys(origin, rpID) {
			p.add("webauthn-origins", "%q is not an origin of the domain %q, such as https://%[2]s", origin, rpID)
		}
	}
	if c.WebAuthnRPID != "" && len(origins) == 0 {
		p.add("webauthn-rp-id", "neither --public-url nor --cors-origins is within %q: set --webauthn-origins", rpID)
	}
}

// mayUsePasskeys tells whether browsers let pages of the origin use passkeys of
// the RP ID: the host is that domain or below it, and the connection cannot be
// listened to.
func mayUsePasskeys(origin, rpID string) bool {
	host := hostOf(origin)
	secure := strings.HasPrefix(origin, "https://") || host == "localhost" || strings.HasSuffix(host, ".localhost")
	return secure && isDomain(rpID) && (host == rpID || strings.HasSuffix(host, "."+rpID))
}

// isDomain tells whether the text is a name that can be an RP ID: dot-separated
// labels in lower case, no IP address, and no top-level domain but localhost.
func isDomain(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil || len(text) > 253 || !strings.Contains(text, ".") && text != "localhost" {
		return false
	}
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
