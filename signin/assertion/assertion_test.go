package assertion

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
)

func TestIssueAndVerify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.issue(t)
	got, err := w.Verify(t.Context(), tenant, token)
	must(t, err)
	if len(got.ID) < 26 { // 130 bits in base32
		t.Errorf("jti %q is short", got.ID)
	}
	want := &Assertion{
		ID: got.ID, User: "4f5c", Methods: []string{"BasicAuthenticator", "email-otp-authenticator"},
		Issued: w.now, Expires: w.now.Add(2 * time.Second),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again, err := w.Verify(t.Context(), tenant, w.issue(t))
	if err != nil || again.ID == got.ID {
		t.Errorf("the next one has the jti %q too, %v", again.ID, err)
	}
	none, err := w.Issue(t.Context(), tenant, "4f5c", nil, "")
	must(t, err)
	if got, err := w.Verify(t.Context(), tenant, none); err != nil || len(got.Methods) != 0 {
		t.Errorf("nothing proved: %+v, %v", got, err)
	}
	if _, err := w.Issue(t.Context(), tenant, "", nil, ""); err == nil {
		t.Error("issued for nobody")
	}
}

// The wire form is CONTRACT 6 to the letter, and other libraries read it.
func TestWireForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kid, private := w.rs(t)
	token := w.issue(t)
	parts := strings.Split(token, ".")
	head, err := base64.RawURLEncoding.DecodeString(parts[0])
	must(t, err)
	if want := `{"alg":"RS256","kid":"` + kid + `","typ":"JWT+UA"}`; string(head) != want {
		t.Errorf("header %s, want %s", head, want)
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	got := regexp.MustCompile(`"jti":"[A-Z2-7]{26}"`).ReplaceAllString(string(body), `"jti":""`)
	want := `{"iss":"https://id.example.com","sub":"4f5c","aud":"https://id.example.com","iat":1795417200,"nbf":1795417200,"exp":1795417202,` +
		`"jti":"","amr":["BasicAuthenticator","email-otp-authenticator"],` +
		`"http://wso2.org/claims/userid":"4f5c","http://wso2.org/claims/username":"alice"}`
	if got != want {
		t.Errorf("claims %s,\nwant %s", got, want)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	must(t, err)
	var c jwt.Claims
	must(t, parsed.Claims(&private.PublicKey, &c))
	must(t, c.ValidateWithLeeway(jwt.Expected{Issuer: server(tenant), AnyAudience: jwt.Audience{server(tenant)}, Time: w.now}, 0))
}

// An assertion is good for its life at least and for less than a second more,
// whenever within a second it was issued.
func TestLife(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{0, time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second, 2001 * time.Millisecond, time.Minute} {
		for _, part := range []time.Duration{0, 1, time.Millisecond, 500 * time.Millisecond, time.Second - 1} {
			w := newWorld(t)
			w.life = life
			w.now = w.now.Add(part)
			want := life
			if want == 0 {
				want = DefaultLife
			}
			issued, token := w.now, w.issue(t)
			for _, at := range []struct {
				after time.Duration
				good  bool
			}{{0, true}, {want - 1, true}, {want + time.Second, false}} {
				w.now = issued.Add(at.after)
				if err := w.verify(t, tenant, token); (err == nil) != at.good {
					t.Errorf("life %s, issued at %s of the second, %s later: %v", life, part, at.after, err)
				}
			}
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, issued := w.issue(t), w.now
	for name, test := range map[string]struct {
		now  time.Time
		good bool
	}{
		"before it is good":    {issued.Add(-time.Millisecond), false},
		"from the beginning":   {issued, true},
		"to the end":           {issued.Add(2*time.Second - time.Millisecond), true},
		"expired":              {issued.Add(2 * time.Second), false},
		"expired by 1 ms":      {issued.Add(2*time.Second + time.Millisecond), false},
		"an hour later":        {issued.Add(time.Hour), false},
		"before times' origin": {time.Unix(-1, 0), false},
	} {
		w.now = test.now
		if err := w.verify(t, tenant, token); (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The tenant's life is read anew: one that was issued for longer than it is
// now allowed is refused.
func TestLifeIsShortened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.life = time.Minute
	token := w.issue(t)
	must(t, w.verify(t, tenant, token))
	w.life = 2 * time.Second
	if w.verify(t, tenant, token) == nil {
		t.Error("an assertion of a minute is good where two seconds are allowed")
	}
}

// A fault of ours is not the assertion's.
func TestFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.issue(t)
	w.fails = errors.New("the database is down")
	if _, err := w.Verify(t.Context(), tenant, token); !errors.Is(err, w.fails) {
		t.Errorf("Verify: %v", err)
	}
	if _, err := w.Issue(t.Context(), tenant, "4f5c", nil, ""); !errors.Is(err, w.fails) {
		t.Errorf("Issue: %v", err)
	}
	w.fails = nil
	w.now = w.now.Add(time.Hour)
	w.store.fails = errors.New("the database is down")
	if _, err := w.Verify(t.Context(), tenant, token); !errors.Is(err, w.store.fails) {
		t.Errorf("Verify without keys: %v", err)
	}
}

func BenchmarkIssue(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Issue(b.Context(), tenant, "4f5c", []string{"BasicAuthenticator"}, "alice"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	token := w.issue(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Verify(b.Context(), tenant, token); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzVerify: nothing but what was issued verifies, whatever it is made of.
func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	token := w.issue(f)
	kid, _ := w.rs(f)
	for _, seed := range []string{
		token, "", "..", token + ".", "{}", token[:len(token)-1],
		encode(`{"alg":"none","kid":"`+kid+`","typ":"JWT+UA"}`) + "." + strings.Split(token, ".")[1] + ".",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, got string) {
		if err := w.verify(t, tenant, got); (err == nil) != (got == token) {
			t.Errorf("%q: %v", got, err)
		}
		w.log.Reset()
	})
}

// FuzzClaims: what is signed by the right key, but is not as assertions are,
// does no harm; what verifies holds what Verify promises.
func FuzzClaims(f *testing.F) {
	w := newWorld(f)
	good, err := base64.RawURLEncoding.DecodeString(strings.Split(w.issue(f), ".")[1])
	must(f, err)
	f.Add(string(good))
	f.Add(strings.Replace(string(good), "1795417202", "9223372036854775807", 1))
	f.Add(strings.Replace(string(good), "1795417200", "-9223372036854775808", 1))
	f.Add("{}")
	f.Fuzz(func(t *testing.T, claims string) {
		if !json.Valid([]byte(claims)) {
			return // encoding/json would not sign it
		}
		a, err := w.Verify(t.Context(), tenant, w.sign(t, json.RawMessage(claims)))
		w.log.Reset()
		if err != nil {
			return
		}
		if a.ID == "" || a.User == "" || !a.Expires.After(w.now) || a.Issued.After(w.now) || a.Expires.Sub(a.Issued) > 3*time.Second {
			t.Errorf("%q verifies as %+v", claims, a)
		}
	})
}
