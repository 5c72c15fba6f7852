package keys

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestSign(t *testing.T) {
	t.Parallel()
	r, _, _ := started(t)
	token, err := r.Sign(t.Context(), jose.RS256, "at+jwt", map[string]any{"sub": "alice", "n": 1})
	must(t, err)
	head, _, _ := strings.Cut(token, ".")
	if got, want := decode(t, head), fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"at+jwt"}`, signs(t, r, jose.RS256)); got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	payload, err := r.Verify(t.Context(), token, []jose.SignatureAlgorithm{jose.RS256}, "at+jwt")
	if err != nil || string(payload) != `{"n":1,"sub":"alice"}` {
		t.Errorf("verified %s, %v", payload, err)
	}
	if _, err := r.Sign(t.Context(), jose.HS256, "JWT", nil); err == nil {
		t.Error("signed by an algorithm there is no key of")
	}
	if _, err := r.Sign(t.Context(), jose.RS256, "JWT", func() {}); err == nil {
		t.Error("signed what is not JSON")
	}
}

// What is published is complete, public, and enough for another library.
func TestPublic(t *testing.T) {
	t.Parallel()
	r, store, _ := started(t)
	set, err := r.Public(t.Context())
	must(t, err)
	document, err := json.Marshal(set)
	must(t, err)
	var published struct{ Keys []map[string]string }
	must(t, json.Unmarshal(document, &published))
	for i, k := range published.Keys {
		stored := store.keys[i]
		if k["kid"] != stored.ID || k["alg"] != stored.Algorithm || k["use"] != "sig" {
			t.Errorf("published %v for %s", k, stored.ID)
		}
		for _, secret := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			if k[secret] != "" {
				t.Errorf("%s of the private key is published", secret)
			}
		}
		var again jose.JSONWebKey
		must(t, json.Unmarshal(stored.Public, &again))
		if own, _ := json.Marshal(set.Keys[i]); string(own) != string(stored.Public) {
			t.Errorf("published %s, stored %s", own, stored.Public)
		}
		switch public := again.Key.(type) {
		case *rsa.PublicKey:
			if public.N.BitLen() != 2048 {
				t.Errorf("RSA of %d bits", public.N.BitLen())
			}
		case *ecdsa.PublicKey:
			if public.Curve.Params().Name != "P-256" {
				t.Errorf("curve %s", public.Curve.Params().Name)
			}
		}
		token := sign(t, r, jose.SignatureAlgorithm(stored.Algorithm))
		signed, err := jose.ParseSignedCompact(token, algorithms)
		must(t, err)
		if _, err := signed.Verify(set); err != nil {
			t.Errorf("%s does not verify with the published set: %v", stored.Algorithm, err)
		}
	}
	if len(published.Keys) != 2 {
		t.Errorf("%d keys are published", len(published.Keys))
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	r, _, _ := started(t)
	rs, es := r.private(t, jose.RS256), r.private(t, jose.ES256)
	stranger, _, _ := started(t)
	foreign := stranger.private(t, jose.RS256)
	const payload = `{"sub":"mallory"}`
	good := forge(t, jose.RS256, rs.private, head("RS256", rs.stored.ID, "JWT"), payload)
	if _, err := r.Verify(t.Context(), good, algorithms, "JWT"); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	parts := strings.Split(good, ".")
	publicPEM, err := x509.MarshalPKIXPublicKey(rs.private.Public())
	must(t, err)
	modulus := rs.private.Public().(*rsa.PublicKey).N.Bytes()
	nested := forge(t, jose.RS256, rs.private, `{"alg":"RS256","kid":"`+rs.stored.ID+`","typ":"JWT","cty":"JWT"}`, good)
	full, err := jose.ParseSignedCompact(good, algorithms)
	must(t, err)
	extra := func(member string) string {
		return forge(t, jose.RS256, rs.private, `{"alg":"RS256","kid":"`+rs.stored.ID+`","typ":"JWT",`+member+`}`, payload)
	}
	raw := func(header string) string { return forge(t, jose.RS256, rs.private, header, payload) }

	for name, token := range map[string]string{
		"nothing":                  "",
		"dots":                     "..",
		"two parts":                parts[0] + "." + parts[1],
		"four parts":               good + ".",
		"a JWE":                    good + "." + parts[1] + "." + parts[2],
		"no signature":             parts[0] + "." + parts[1] + ".",
		"no payload":               parts[0] + ".." + parts[2],
		"alg none":                 encode(head("none", rs.stored.ID, "JWT")) + "." + encode(payload) + ".",
		"alg None, signature kept": encode(head("None", rs.stored.ID, "JWT")) + "." + encode(payload) + "." + parts[2],
		"HS256, public key in DER": mac(head("HS256", rs.stored.ID, "JWT"), payload, publicPEM),
		"HS256, modulus":           mac(head("HS256", rs.stored.ID, "JWT"), payload, modulus),
		"another algorithm":        forge(t, jose.RS512, rs.private, head("RS512", rs.stored.ID, "JWT"), payload),
		"PS256":                    forge(t, jose.PS256, rs.private, head("PS256", rs.stored.ID, "JWT"), payload),
		"alg of the other key":     forge(t, jose.ES256, es.private, head("ES256", rs.stored.ID, "JWT"), payload),
		"kid of the other key":     forge(t, jose.RS256, rs.private, head("RS256", es.stored.ID, "JWT"), payload),
		"another key, same kid":    forge(t, jose.RS256, foreign.private, head("RS256", rs.stored.ID, "JWT"), payload),
		"another key":              forge(t, jose.RS256, foreign.private, head("RS256", foreign.stored.ID, "JWT"), payload),
		"no kid":                   raw(`{"alg":"RS256","typ":"JWT"}`),
		"no typ":                   raw(`{"alg":"RS256","kid":"` + rs.stored.ID + `"}`),
		"no alg":                   raw(`{"kid":"` + rs.stored.ID + `","typ":"JWT"}`),
		"another typ":              raw(head("RS256", rs.stored.ID, "at+jwt")),
		"typ in lower case":        raw(head("RS256", rs.stored.ID, "jwt")),
		"typ with application/":    raw(head("RS256", rs.stored.ID, "application/jwt")),
		"crit":                     extra(`"crit":["exp"],"exp":1`),
		"crit, empty":              extra(`"crit":[]`),
		"b64":                      extra(`"b64":true`),
		"jwk":                      extra(`"jwk":{"kty":"RSA"}`),
		"jku":                      extra(`"jku":"https://keys.example"`),
		"x5u":                      extra(`"x5u":"https://keys.example"`),
		"x5c":                      extra(`"x5c":["MA"]`),
		"unknown member":           extra(`"x":1`),
		"duplicate alg":            extra(`"alg":"RS256"`),
		"duplicate kid":            extra(`"kid":"` + rs.stored.ID + `"`),
		"ALG":                      raw(`{"ALG":"RS256","kid":"` + rs.stored.ID + `","typ":"JWT"}`),
		"header is no object":      raw(`"RS256"`),
		"header of two values":     raw(head("RS256", rs.stored.ID, "JWT") + `{}`),
		"header is no UTF-8":       raw(strings.Replace(head("RS256", rs.stored.ID, "JWT"), "JWT", "JW\xff", 1)),
		"nested":                   nested,
		"JSON serialization":       full.FullSerialize(),
		"leading space":            " " + good,
		"line end":                 good + "\n",
		"line end inside":          parts[0] + "." + parts[1][:4] + "\r\n" + parts[1][4:] + "." + parts[2],
		"padding":                  good + "==",
		"other alphabet":           strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+",
		"huge":                     parts[0] + "." + parts[1] + "." + strings.Repeat("A", maxToken),
		"huge payload, signed":     forge(t, jose.RS256, rs.private, head("RS256", rs.stored.ID, "JWT"), strings.Repeat("x", maxToken)),
	} {
		if got, err := r.Verify(t.Context(), token, algorithms, "JWT"); !errors.Is(err, ErrInvalid) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := r.Verify(t.Context(), good, []jose.SignatureAlgorithm{jose.ES256}, "JWT"); !errors.Is(err, ErrInvalid) {
		t.Errorf("an algorithm that is not accepted: %v", err)
	}
	other := forge(t, jose.RS512, rs.private, head("RS512", rs.stored.ID, "JWT"), payload)
	if _, err := r.Verify(t.Context(), other, []jose.SignatureAlgorithm{jose.RS256, jose.RS512}, "JWT"); !errors.Is(err, ErrInvalid) {
		t.Errorf("an algorithm that is accepted, but not the key's: %v", err)
	}
	if _, err := r.Verify(t.Context(), good, nil, "JWT"); !errors.Is(err, ErrInvalid) {
		t.Errorf("no algorithm accepted: %v", err)
	}
}

// No bit of a token can be changed, not even those that decoders of base64url
// commonly ignore.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	r, _, _ := started(t)
	for _, alg := range algorithms {
		token := sign(t, r, alg)
		must(t, verify(t, r, token))
		for i := range len(token) {
			for bit := range 8 {
				changed := []byte(token)
				changed[i] ^= 1 << bit
				if err := verify(t, r, string(changed)); !errors.Is(err, ErrInvalid) {
					t.Fatalf("%s: bit %d of byte %d changed: %v", alg, bit, i, err)
				}
			}
		}
	}
}

func (r *Ring) private(tb testing.TB, alg jose.SignatureAlgorithm) *key {
	tb.Helper()
	return r.held.Load().keys[signs(tb, r, alg)]
}

func head(alg, kid, typ string) string {
	return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, kid, typ)
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func decode(tb testing.TB, s string) string {
	tb.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	must(tb, err)
	return string(b)
}

// forge signs whatever header and payload as a compact JWS.
func forge(tb testing.TB, alg jose.SignatureAlgorithm, private any, header, payload string) string {
	tb.Helper()
	input := encode(header) + "." + encode(payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(tb, alg, private, input))
}

func mac(header, payload string, secret []byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(encode(header) + "." + encode(payload)))
	return encode(header) + "." + encode(payload) + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
