package application_test

import (
	"net/url"
	"strings"
	"testing"

	"usher/application"
)

func TestCheckRedirectURI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		uri                  string
		confidential, public bool
	}{
		{"https://app.example.com/callback", true, true},
		{"https://app.example.com", true, true},
		{"https://app.example.com:8443/a/b;c=1?x=1&y=%20z/?", true, true},
		{"https://APP.example.com/Callback", true, true},
		{"https://192.0.2.1/cb", true, true},
		{"https://[2001:db8::1]:8443/cb", true, true},
		{"https://xn--bcher-kva.example/cb", true, true},
		{"https://intranet/cb", true, true},
		{"http://localhost/cb", true, true},
		{"http://localhost:3000", true, true},
		{"http://127.0.0.1:8080/cb", true, true},
		{"http://127.9.9.9/cb", true, true},
		{"http://[::1]:8080/cb", true, true},
		{"com.example.app:/callback", false, true},
		{"com.example.app:/callback?x=1", false, true},
		{"com.example.app://callback", false, true},
		{"com.example.app:///callback", false, true},

		// Schemes that run, read or show something.
		{"javascript:alert(1)", false, false},
		{"javascript://app.example.com/%0aalert(1)", false, false},
		{"JaVaScRiPt:alert(1)", false, false},
		{"java\tscript:alert(1)", false, false},
		{"\x01javascript:alert(1)", false, false},
		{"data:text/html,<script>alert(1)</script>", false, false},
		{"data://app.example.com/x", false, false},
		{"vbscript:msgbox(1)", false, false},
		{"file:///etc/passwd", false, false},
		{"file://app.example.com/x", false, false},
		{"blob:https://app.example.com/9115d58c", false, false},
		{"about:blank", false, false},
		{"about:/blank", false, false},
		{"view-source:https://app.example.com", false, false},
		{"intent://app.example.com/#Intent;end", false, false},
		{"filesystem:https://app.example.com/x", false, false},
		{"ws://app.example.com/", false, false},
		{"ftp://app.example.com/", false, false},
		{"mailto:ada@example.com", false, false},
		{"urn:ietf:wg:oauth:2.0:oob", false, false},
		{"myapp:/callback", false, false},
		{"myapp://callback", false, false},
		{"com.example.app:callback", false, false},
		{"com.example.app:", false, false},
		{"com.example.app://", false, false},
		{"com.example.app:/callback#x", false, false},
		{"com.example.app://user@callback", false, false},

		// http beyond this machine.
		{"http://app.example.com/cb", false, false},
		{"http://localhost.evil.example/cb", false, false},
		{"http://127.0.0.1.evil.example/cb", false, false},
		{"http://127.1/cb", false, false},
		{"http://2130706433/cb", false, false},
		{"http://0x7f000001/cb", false, false},
		{"http://0.0.0.0/cb", false, false},
		{"http://[::]/cb", false, false},
		{"http://[::ffff:127.0.0.1]/cb", false, false},
		{"http://[::1%25lo]/cb", false, false},
		{"http://169.254.169.254/", false, false},

		// Hosts that two readers may see differently.
		{"https://app.example.com@evil.example/cb", false, false},
		{"https://app.example.com:pw@evil.example/cb", false, false},
		{"https://@app.example.com/cb", false, false},
		{"https://app.example.com%40evil.example/cb", false, false},
		{"https://app.example.com%2f@evil.example/cb", false, false},
		{"https://evil.example\\@app.example.com/cb", false, false},
		{"https://evil.example\\.app.example.com/cb", false, false},
		{"https:\\\\app.example.com/cb", false, false},
		{"https://exa%6dple.com/cb", false, false},
		{"https://bücher.example/cb", false, false},
		{"https://app.example。com/cb", false, false},
		{"https://0x7f.1/cb", false, false},
		{"https://1.2.3/cb", false, false},
		{"https://example.0x1/cb", false, false},
		{"https://[127.0.0.1]/cb", false, false},
		{"https://[app.example.com]/cb", false, false},
		{"https://2001:db8::1/cb", false, false},
		{"https://app.example.com:/cb", false, false},
		{"https://app.example.com:0/cb", false, false},
		{"https://app.example.com:08443/cb", false, false},
		{"https://app.example.com:65536/cb", false, false},
		{"https://app.example.com:x/cb", false, false},
		{"https://app..example.com/cb", false, false},
		{"https://.example.com/cb", false, false},
		{"https://-app.example.com/cb", false, false},
		{"https://" + strings.Repeat("a", 64) + ".example/cb", false, false},
		{"https://" + strings.Repeat("abcdefg.", 32) + "example/cb", false, false},

		// Not absolute, or without a host.
		{"", false, false},
		{"/callback", false, false},
		{"//app.example.com/cb", false, false},
		{"app.example.com/cb", false, false},
		{"https:", false, false},
		{"https:/app.example.com/cb", false, false},
		{"https:app.example.com/cb", false, false},
		{"https://", false, false},
		{"https:///cb", false, false},
		{"https://?x", false, false},
		{"https://:8443/cb", false, false},
		{"://app.example.com", false, false},

		// Fragments, patterns and characters that do not belong there.
		{"https://app.example.com/cb#", false, false},
		{"https://app.example.com/cb#x", false, false},
		{"https://*.example.com/cb", false, false},
		{"https://app.example.com/*", false, false},
		{"*", false, false},
		{"regexp=https://app.example.com/(a|b)", false, false},
		{"https://app.example.com/cb ", false, false},
		{" https://app.example.com/cb", false, false},
		{"https://app.example.com/c b", false, false},
		{"https://app.example.com/\r\nSet-Cookie:x", false, false},
		{"https://app.example.com/\x00", false, false},
		{"https://app.example.com/\x7f", false, false},
		{"https://app.example.com/\u202e", false, false},
		{"https://app.example.com/\xff", false, false},
		{"https://app.example.com/\"><script>", false, false},
		{"https://app.example.com/%0d%0aSet-Cookie:x", false, false},
		{"https://app.example.com/?x=%00", false, false},
		{"https://app.example.com/?x=%7F", false, false},
		{"https://app.example.com/%", false, false},
		{"https://app.example.com/?x=%2", false, false},
		{"https://app.example.com/?x=%zz", false, false},
		{"https://app.example.com/" + strings.Repeat("x", application.MaxURI), false, false},
	} {
		for public, want := range map[bool]bool{false: c.confidential, true: c.public} {
			err := application.CheckRedirectURI(c.uri, public)
			if (err == nil) != want {
				t.Errorf("%.80q, public %v: %v", c.uri, public, err)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "must ") || strings.Contains(err.Error(), "evil")) {
				t.Errorf("%.80q: %v", c.uri, err)
			}
		}
	}
}

func TestWhatToDoInsteadOfAPattern(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"regexp=(https://a.example/cb|https://b.example/cb)", "https://*.example.com/cb"} {
		if err := application.CheckRedirectURI(uri, false); err == nil || !strings.Contains(err.Error(), "list every address") {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestCheckAccessURL(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]bool{
		"https://app.example.com": true, "http://app.example.com/start?x=1": true, "https://app.example.com/#/home": true, "http://192.0.2.1:8080/": true,
		"": false, "app.example.com": false, "javascript:alert(1)": false, "data:text/html,x": false, "com.example.app:/x": false, "ftp://app.example.com": false,
		"https://user:pw@app.example.com": false, "https://app.example.com\\@evil.example": false, "https://": false, "https:///x": false, "https://app.example.com/ x": false,
		"https://app.example.com/\n": false, "https://app.example.com/'\"": false,
	} {
		if err := application.CheckAccessURL(uri); (err == nil) != want {
			t.Errorf("%q: %v", uri, err)
		}
	}
}

func TestCheckOrigin(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]bool{
		"https://app.example.com": true, "https://app.example.com:8443": true, "http://localhost:3000": true, "http://localhost": true, "http://127.0.0.1:5173": true,
		"http://[::1]:3000": true, "https://[2001:db8::1]": true, "https://192.0.2.1": true, "https://intranet": true, "https://xn--bcher-kva.example": true,
		"": false, "*": false, "null": false, "https://*.example.com": false, "https://*": false, "app.example.com": false, "//app.example.com": false,
		"https://app.example.com/": false, "https://app.example.com/x": false, "https://app.example.com?x": false, "https://app.example.com#x": false,
		"https://APP.example.com": false, "HTTPS://app.example.com": false, "https://app.example.com:443": false, "http://localhost:80": false,
		"https://app.example.com:08443": false, "https://app.example.com:": false, "https://user@app.example.com": false, "https://@app.example.com": false,
		"http://app.example.com": false, "http://localhost.evil.example": false, "https://[2001:DB8::1]": false, "https://[2001:db8:0::1]": false, "https://127.1": false,
		"file://": false, "file:///x": false, "javascript:alert(1)": false, "com.example.app://x": false, "chrome-extension://abc": false, "data:": false, "about:blank": false,
		"https://app.example.com\r\n": false, "https://app.example.com https://evil.example": false, "https://app.example.com,https://evil.example": false,
		"https://bücher.example": false, "https://app.example.com\\": false, "https://" + strings.Repeat("a.", 2000) + "example": false,
	} {
		if err := application.CheckOrigin(origin); (err == nil) != want {
			t.Errorf("%.80q: %v", origin, err)
		}
	}
}

// FuzzCheckRedirectURI holds what a browser and the rest of this server rely
// on, by means that the check does not use.
func FuzzCheckRedirectURI(f *testing.F) {
	for _, uri := range []string{
		"https://app.example.com/cb?x=%20", "http://127.0.0.1:8080/cb", "http://[::1]/", "com.example.app:/cb", "com.example.app://x/cb", "javascript:alert(1)", "https://a@b/",
		"https://a\\b", "https://[::1%25x]/", "https://a/%0d", "regexp=x", "https://a:1/#", "data:,x", "https:/a", "http://0177.1/",
	} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		if application.CheckOrigin(uri) == nil && (application.CheckRedirectURI(uri, false) != nil || uri != strings.ToLower(uri) || strings.Count(uri, "/") != 2) {
			t.Fatalf("%q is an origin", uri)
		}
		public := application.CheckRedirectURI(uri, true) == nil
		confidential := application.CheckRedirectURI(uri, false) == nil
		if confidential && !public {
			t.Fatalf("%q is for confidential clients only", uri)
		}
		if !public {
			return
		}
		for _, b := range []byte(uri) {
			if b <= ' ' || b >= 0x7f || strings.IndexByte("\\\"<>^`{|}#*", b) >= 0 {
				t.Fatalf("%q holds %q", uri, b)
			}
		}
		scheme, rest, _ := strings.Cut(uri, ":")
		scheme = strings.ToLower(scheme)
		if confidential != (scheme == "http" || scheme == "https") || !confidential && !strings.Contains(scheme, ".") {
			t.Fatalf("%q has the scheme %q", uri, scheme)
		}
		if decoded, err := url.PathUnescape(uri); err != nil || strings.ContainsAny(decoded, "\r\n\x00\x7f") {
			t.Fatalf("%q is %q, %v", uri, decoded, err)
		}
		if !confidential {
			return
		}
		authority := rest[2:]
		if i := strings.IndexAny(authority, "/?"); i >= 0 {
			authority = authority[:i]
		}
		if rest[:2] != "//" || authority == "" || strings.ContainsAny(authority, "@%") {
			t.Fatalf("%q has the authority %q", uri, authority)
		}
		if scheme == "http" {
			host := strings.TrimRight(strings.TrimRight(authority, "0123456789"), ":")
			if i := strings.LastIndex(authority, ":"); i < 0 || strings.HasSuffix(authority, "]") {
				host = authority
			}
			// Every way to write ::1 ends in one.
			if host != "localhost" && !strings.HasPrefix(host, "127.") && (!strings.HasPrefix(host, "[") || !strings.HasSuffix(host, "1]") || strings.Trim(host, "[]0:1") != "") {
				t.Fatalf("%q is at %q without TLS", uri, host)
			}
		}
	})
}
