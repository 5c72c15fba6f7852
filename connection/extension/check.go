package extension

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"usher/connection"
)

// Limits of an extension.
const (
	MaxExpose  = 50   // paths; of Modify as well
	maxHeaders = 20   // of the client's request that are passed on
	maxName    = 64   // bytes of a header's name
	maxURL     = 2048 // bytes
)

// Check returns everything that is wrong with the extension, in sentences that
// repeat no value; its secrets are for AuthType.CheckSecrets. Whether the
// claims exist and the certificate is in date is for the caller (Key).
func (e *Extension) Check() []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	checkURL := func(name, text string) {
		if err := connection.CheckURL(text); err != nil {
			report("%s %v.", name, err)
		} else if len(text) > maxURL {
			report("%s is longer than %d bytes.", name, maxURL)
		}
	}
	if e.IconURL != "" {
		checkURL("iconUrl", e.IconURL)
	}
	checkURL("endpoint.uri", e.Endpoint.URI)
	if !slices.Contains(AuthTypes(), e.Endpoint.Auth) {
		report("endpoint.authentication.type must be one of %v.", AuthTypes())
	}
	faults = append(faults, checkHeaders(e.Endpoint.AllowedHeaders)...)
	faults = append(faults, checkPaths("expose", e.Expose, Exposable)...)
	faults = append(faults, checkPaths("modify", e.Modify, Modifiable)...)
	encrypted := func(p Path) bool { return p.Encrypted }
	if i := slices.IndexFunc(e.Modify, encrypted); i >= 0 {
		report("accessConfig.modify[%d].encrypted must be false: an answer is not encrypted.", i)
	}
	if e.Certificate == "" {
		if slices.ContainsFunc(e.Expose, encrypted) {
			report("encryption.certificate is required for what accessConfig.expose has encrypted.")
		}
	} else if _, err := parseCertificate(e.Certificate); err != nil {
		report("encryption.certificate %v.", err)
	}
	return faults
}

func checkPaths(list string, paths []Path, known func(path string) bool) []string {
	if len(paths) > MaxExpose {
		return []string{fmt.Sprintf("accessConfig.%s has more than %d paths.", list, MaxExpose)}
	}
	var faults []string
	for i, p := range paths {
		if !known(p.Path) {
			faults = append(faults, fmt.Sprintf("accessConfig.%s[%d].path is none that may be there.", list, i))
		} else if slices.ContainsFunc(paths[:i], func(q Path) bool { return q.Path == p.Path }) {
			faults = append(faults, fmt.Sprintf("accessConfig.%s[%d].path is there before.", list, i))
		}
	}
	return faults
}

func checkHeaders(names []string) []string {
	const list = "endpoint.allowedHeaders"
	if len(names) > maxHeaders {
		return []string{fmt.Sprintf("%s has more than %d names.", list, maxHeaders)}
	}
	var faults []string
	for i, name := range names {
		switch {
		case len(name) > maxName || !httpguts.ValidHeaderFieldName(name):
			faults = append(faults, fmt.Sprintf("%s[%d] is no name of a header.", list, i))
		case !Forwards(name):
			faults = append(faults, fmt.Sprintf("%s[%d] is a header that is never passed on.", list, i))
		case slices.ContainsFunc(names[:i], func(other string) bool { return strings.EqualFold(name, other) }):
			faults = append(faults, fmt.Sprintf("%s[%d] is there before.", list, i))
		}
	}
	return faults
}

// Forwards tells whether a header of the client's request with this name may be
// passed on at all: not what carries the client's own rights, or belongs to its
// connection and its body.
func Forwards(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "cookie", "forwarded", "accept-encoding", "expect":
		return false
	}
	return !ofTransport(name) && !hasPrefix(name, "X-Forwarded-")
}

// ofTransport tells whether the HTTP client sets the header itself (RFC 9110,
// 7.6.1 and 8).
func ofTransport(name string) bool {
	switch strings.ToLower(name) {
	case "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	}
	return hasPrefix(name, "Content-") || hasPrefix(name, "Proxy-")
}

func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
