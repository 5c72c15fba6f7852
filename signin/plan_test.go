package signin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"usher/application"
	"usher/grant"
	"usher/seal"
)

func box(tb testing.TB) *seal.Box {
	tb.Helper()
	b, err := seal.New(make([]byte, seal.KeySize), "test")
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// proofs reads "method@connection" separated by blanks.
func proofs(text string) []grant.Proof {
	var list []grant.Proof
	for word := range strings.FieldsSeq(text) {
		method, connection, _ := strings.Cut(word, "@")
		list = append(list, grant.Proof{Method: method, Connection: connection, At: noon})
	}
	return list
}

// steps reads options as proofs does, and steps separated by commas.
func steps(text string) []application.Step {
	var list []application.Step
	for part := range strings.SplitSeq(text, ",") {
		var s application.Step
		for _, p := range proofs(part) {
			s.Options = append(s.Options, application.Option{Authenticator: p.Method, Connection: p.Connection})
		}
		list = append(list, s)
	}
	return list
}

func written(list []application.Step) string {
	var parts []string
	for _, s := range list {
		var words []string
		for _, o := range s.Options {
			words = append(words, strings.TrimSuffix(o.Authenticator+"@"+o.Connection, "@"))
		}
		parts = append(parts, strings.Join(words, " "))
	}
	return strings.Join(parts, ",")
}

// What is proved is not asked for again, and what is not is: by the method,
// and by the provider that is asked for.
func TestRemaining(t *testing.T) {
	t.Parallel()
	const pw, mail, key, google = "BasicAuthenticator", "email-otp-authenticator", "FIDOAuthenticator", "GoogleOIDCAuthenticator"
	for _, c := range []struct{ login, acr, proved, want string }{
		{pw, "", "", pw},
		{pw, "", pw, ""},
		{pw, "", mail, pw},
		{pw, "", "basicauthenticator", pw},
		{pw, "", pw + "@corp", ""},
		{pw + "," + mail, "", pw, mail},
		{pw + "," + mail, "", mail, pw},
		{pw + "," + mail, "", mail + " " + pw, ""},
		{pw + " " + key + "," + mail, "", key, mail},
		{google + "@staff", "", google + "@staff", ""},
		{google + "@staff", "", google + "@Staff", ""},
		{google + "@staff", "", google + "@guests", google + "@staff"},
		{google + "@staff", "", google, google + "@staff"},
		{google + "@staff", "", pw, google + "@staff"},
		{pw, acrOne, pw, ""},
		{pw, acrTwo, "", pw}, // first the login, then what is asked for beyond
		{pw, acrTwo, pw, key + " " + mail},
		{pw, acrTwo, pw + " sms-otp-authenticator", ""},
		{mail, acrTwo, mail, pw},
		{key, acrTwo, key, pw}, // one factor, however good
		{mail, acrTwo, mail + " MagicLinkAuthenticator", pw},
		{pw, acrResistant, pw, key},
		{pw, acrResistant, pw + " " + mail, key},
		{pw, acrResistant, pw + " " + key, ""},
		{pw, "unknown", pw, ""},
		{pw, "unknown " + acrResistant, pw, key},
		{pw, acrOne + " " + acrResistant, pw, ""},
	} {
		got := remaining(&application.Application{Login: steps(c.login)}, strings.Fields(c.acr), proofs(c.proved))
		if written(got) != c.want {
			t.Errorf("%s, acr %q, proved %q: %q remain, want %q", c.login, c.acr, c.proved, written(got), c.want)
		}
	}
}

// What is said in ID tokens is no more than was proved.
func TestACRAndAMR(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ proved, asked, acr, amr string }{
		{"BasicAuthenticator", "", acrOne, "BasicAuthenticator pwd"},
		{"BasicAuthenticator", acrTwo, acrOne, "BasicAuthenticator pwd"},
		{"BasicAuthenticator", "phr " + acrTwo, acrOne, "BasicAuthenticator pwd"},
		{"BasicAuthenticator email-otp-authenticator", "", acrTwo, "BasicAuthenticator email-otp-authenticator pwd otp mfa"},
		{"BasicAuthenticator email-otp-authenticator", acrOne, acrOne, "BasicAuthenticator email-otp-authenticator pwd otp mfa"},
		{"email-otp-authenticator sms-otp-authenticator", acrTwo, acrOne, "email-otp-authenticator sms-otp-authenticator otp sms"},
		{"FIDOAuthenticator", "", acrResistant, "FIDOAuthenticator pop"},
		{"FIDOAuthenticator", acrTwo, acrResistant, "FIDOAuthenticator pop"},
		{"GoogleOIDCAuthenticator@a GoogleOIDCAuthenticator@b", "", acrOne, "GoogleOIDCAuthenticator"},
		{"phr mfa unknown", acrResistant, acrOne, "phr mfa unknown"},
	} {
		p := proofs(c.proved)
		if acr, amr := acrOf(p, strings.Fields(c.asked)), strings.Join(amrOf(p), " "); acr != c.acr || amr != c.amr {
			t.Errorf("%q, asked %q: acr %q, amr %q", c.proved, c.asked, acr, amr)
		}
	}
}

// A request is one user's: who has proved something, and whom the application
// expects.
func TestProving(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	for name, c := range map[string]struct {
		request grant.Request
		user    string
		err     error
		want    string
	}{
		"nobody yet":                {grant.Request{}, "ada", nil, "a b"},
		"the same again":            {grant.Request{User: "ada", Proofs: proofs("a")}, "ada", nil, "a b"},
		"another user":              {grant.Request{User: "ada", Proofs: proofs("a")}, "eve", grant.ErrOtherUser, ""},
		"another, of old":           {grant.Request{User: "ada", Proofs: proofs("c"), Params: grant.Params{NotBefore: later}}, "eve", nil, "a b"},
		"the one expected":          {grant.Request{Params: grant.Params{Subject: "ada"}}, "ada", nil, "a b"},
		"one who is not expected":   {grant.Request{Params: grant.Params{Subject: "ada"}}, "eve", grant.ErrOtherUser, ""},
		"one not expected, of old":  {grant.Request{User: "eve", Proofs: proofs("a"), Params: grant.Params{NotBefore: later, Subject: "ada"}}, "eve", grant.ErrOtherUser, ""},
		"a user without any proofs": {grant.Request{User: "ada"}, "eve", nil, "a b"},
	} {
		r := c.request
		r.Execution = "x"
		err := proving(c.user, proofs("a b"))(&r)
		var methods []string
		for _, p := range r.Proofs {
			methods = append(methods, p.Method)
		}
		if err != c.err || err == nil && (strings.Join(methods, " ") != c.want || r.User != c.user || r.Execution != "") {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
}

// Of two proofs of one method the newer counts, and somebody signed in when the
// oldest was made.
func TestMerge(t *testing.T) {
	t.Parallel()
	at := func(method string, after time.Duration) grant.Proof {
		return grant.Proof{Method: method, At: noon.Add(after)}
	}
	merged := merge([]grant.Proof{at("a", 0), at("b", 2)}, []grant.Proof{at("a", 1), at("b", 1), at("c", 3)})
	if want := []grant.Proof{at("a", 1), at("b", 2), at("c", 3)}; !slices.Equal(merged, want) {
		t.Errorf("merged to %v", merged)
	}
	if got := authTime(merged); !got.Equal(noon.Add(1)) {
		t.Errorf("signed in at %v", got)
	}
	if got := fresh(merged, noon.Add(2)); len(got) != 2 {
		t.Errorf("fresh: %v", got)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"https://app.example.com/callback?x=1": "https://app.example.com",
		"http://127.0.0.1:8080/cb":             "http://127.0.0.1:8080",
		"http://[::1]:8080/cb":                 "http://[::1]:8080",
		"com.example.app:/callback":            "com.example.app:",
		"com.example.app://callback":           "com.example.app:",
		"":                                     "",
	} {
		if got := target(uri); got != want {
			t.Errorf("target(%q) = %q, want %q", uri, got, want)
		}
	}
}
