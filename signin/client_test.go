package signin

import (
	"strings"
	"testing"

	"usher/application"
)

// FuzzRedirectsTo holds that nothing but a registered URI is one, whatever it
// is made of: but for the port of a loopback address, it is equal to one.
func FuzzRedirectsTo(f *testing.F) {
	registered := []string{"https://app.example.com/callback", "http://127.0.0.1/cb", "http://[::1]/cb?x=1", "http://localhost/cb", "http://192.0.2.1/cb", "com.example.app:/cb"}
	for _, uri := range append(registered, "http://127.0.0.1:8080/cb", "http://[::1]:8080/cb?x=1", "http://127.0.0.1:08080/cb", "http://192.0.2.1:8080/cb", "http://127.0.0.1:8080@evil.example/cb", "http://[::1]:1:2/cb?x=1") {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		for _, public := range []bool{true, false} {
			c := &application.Client{Public: public, RedirectURIs: registered}
			if !redirectsTo(c, uri) {
				continue
			}
			exact := false
			for _, r := range registered {
				exact = exact || r == uri
			}
			if exact {
				continue
			}
			host, path, found := strings.Cut(strings.TrimPrefix(uri, "http://"), "/cb")
			at := strings.LastIndex(host, ":")
			port := host[at+1:]
			if !public || !found || at < 0 || host[:at] != "127.0.0.1" && host[:at] != "[::1]" || strings.Trim(port, "0123456789") != "" || len(port) > 5 || port[0] == '0' ||
				path != map[string]string{"127.0.0.1": "", "[::1]": "?x=1"}[host[:at]] {
				t.Errorf("%q is taken for one of the client's, public %v", uri, public)
			}
		}
	})
}

func TestVerifies(t *testing.T) {
	t.Parallel()
	// RFC 7636, appendix B.
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for _, c := range []struct {
		challenge, verifier string
		want                bool
	}{
		{challenge, verifier, true},
		{"", "", true},
		{challenge, "", false},
		{"", verifier, false},
		{challenge, challenge, false},
		{verifier, verifier, false},
		{challenge, verifier + "x", false},
		{strings.ToLower(challenge), verifier, false},
		{challenge + "=", verifier, false},
	} {
		if got := verifies(c.challenge, c.verifier); got != c.want {
			t.Errorf("%q for %q: %v", c.verifier, c.challenge, got)
		}
	}
}

// FuzzOpen holds that nothing opens but what was sealed, for its purpose and
// tenant, in the one spelling it was given out in.
func FuzzOpen(f *testing.F) {
	p := &Provider{Config: Config{Box: box(f)}}
	// Sealed here once: each of the fuzzer's processes must know the same.
	const sealed = "AWY8zGbWaDNXiqDLsOjEtTuS44z7r5-jTAwEfmYPLJaj-o5hbKgz3VtTZr4j_TM2wA"
	for _, text := range []string{"", "A", "AQ", sealed, sealed + "=", sealed + "\n", "\n" + sealed, sealed[1:], strings.Repeat("A", 5000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tenant := range []string{"acme", "carbon.super", ""} {
			for _, what := range []purpose{forCode, forAccess, forRefresh, forSession, forHandover} {
				var token refreshToken
				opened := p.open(tenant, what, text, &token) == nil
				if opened != (text == sealed && tenant == "acme" && what == forRefresh) {
					t.Errorf("%q as %s of %q opens: %v", text, what, tenant, opened)
				}
			}
		}
	})
}
