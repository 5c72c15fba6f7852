package assertion

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// fields are the claims of a good assertion, changed by name and JSON value;
// "" leaves a claim out.
func (w *world) fields(changes ...string) json.RawMessage {
	now := w.now.Unix()
	members := [][2]string{
		{"iss", `"https://id.example.com"`},
		{"aud", `"https://id.example.com"`},
		{"sub", `"4f5c"`},
		{"jti", `"J"`},
		{"amr", `["BasicAuthenticator"]`},
		{"iat", fmt.Sprint(now)},
		{"nbf", fmt.Sprint(now)},
		{"exp", fmt.Sprint(now + 2)},
	}
	var list []string
	for _, m := range members {
		for i := 0; i+1 < len(changes); i += 2 {
			if changes[i] == m[0] {
				m[1] = changes[i+1]
			}
		}
		if m[1] != "" {
			list = append(list, fmt.Sprintf("%q:%s", m[0], m[1]))
		}
	}
	return json.RawMessage("{" + strings.Join(list, ",") + "}")
}

// Each is signed by the right key, and would be good but for one thing.
func TestClaimsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.verify(t, tenant, w.sign(t, w.fields())))
	second := func(n int64) string { return fmt.Sprint(w.now.Unix() + n) }
	duplicate := func(member string) json.RawMessage {
		return json.RawMessage(strings.Replace(string(w.fields()), "{", "{"+member+",", 1))
	}
	must(t, w.verify(t, tenant, w.sign(t, duplicate(`"x":1`)))) // a newer version may say more

	for name, claims := range map[string]json.RawMessage{
		"another issuer":        w.fields("iss", `"https://id.example.com.evil"`),
		"issuer with a slash":   w.fields("iss", `"https://id.example.com/"`),
		"issuer's case":         w.fields("iss", `"https://ID.example.com"`),
		"no issuer":             w.fields("iss", ""),
		"another audience":      w.fields("aud", `"https://app.example.com"`),
		"many audiences":        w.fields("aud", `["https://id.example.com","https://app.example.com"]`),
		"audience in a list":    w.fields("aud", `["https://id.example.com"]`),
		"no audience":           w.fields("aud", ""),
		"no sub":                w.fields("sub", ""),
		"empty sub":             w.fields("sub", `""`),
		"sub is a number":       w.fields("sub", "1"),
		"no jti":                w.fields("jti", ""),
		"empty jti":             w.fields("jti", `""`),
		"no amr":                w.fields("amr", ""),
		"amr null":              w.fields("amr", "null"),
		"amr a string":          w.fields("amr", `"BasicAuthenticator"`),
		"amr of numbers":        w.fields("amr", "[1]"),
		"amr of empty strings":  w.fields("amr", `[""]`),
		"amr of null":           w.fields("amr", `[null]`),
		"no iat":                w.fields("iat", ""),
		"no exp":                w.fields("exp", ""),
		"iat in the future":     w.fields("iat", second(1)),
		"iat long ago":          w.fields("iat", second(-100)),
		"iat before the origin": w.fields("iat", "-9223372036854775808"),
		"nbf in the future":     w.fields("nbf", second(1)),
		"exp now":               w.fields("exp", second(0)),
		"exp in the past":       w.fields("exp", second(-1)),
		"exp far away":          w.fields("exp", second(100)),
		"exp at the end":        w.fields("exp", "9223372036854775807"),
		"exp beyond the end":    w.fields("exp", "9223372036854775808"),
		"exp 0":                 w.fields("exp", "0"),
		"exp fraction":          w.fields("exp", second(2)+".5"),
		"exp in text":           w.fields("exp", `"`+second(2)+`"`),
		"exp with an exponent":  w.fields("exp", "2e9"),
		"lives too long":        w.fields("iat", second(-2), "exp", second(2)),
		"duplicate exp":         duplicate(`"exp":` + second(2)),
		"duplicate sub":         duplicate(`"sub":"root"`),
		"duplicate amr":         duplicate(`"amr":["FIDOAuthenticator"]`),
		"not an object":         json.RawMessage(`["iss"]`),
		"null":                  json.RawMessage(`null`),
		"a number":              json.RawMessage(`1`),
		"nothing":               json.RawMessage(`{}`),
	} {
		if w.verify(t, tenant, w.sign(t, claims)) == nil {
			t.Errorf("%s: %s verifies", name, claims)
		}
	}
}

func TestAnotherTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.issue(t)
	other, err := w.Issue(t.Context(), "acme", "4f5c", []string{"BasicAuthenticator"}, "alice")
	must(t, err)
	must(t, w.verify(t, tenant, token))
	must(t, w.verify(t, "acme", other))
	if w.verify(t, "acme", token) == nil || w.verify(t, tenant, other) == nil {
		t.Error("an assertion is good for another tenant")
	}
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kid, private := w.rs(t)
	claims := string(w.fields())
	head := func(alg, kid, typ string) string { return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, kid, typ) }
	good := forge(t, private, head("RS256", kid, Type), claims)
	must(t, w.verify(t, tenant, good))
	parts := strings.Split(good, ".")
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	must(t, err)
	mac := func(secret []byte) string {
		input := encode(head("HS256", kid, Type)) + "." + encode(claims)
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(input))
		return input + "." + encode(string(h.Sum(nil)))
	}
	typed := func(alg jose.SignatureAlgorithm, typ string) string {
		token, err := w.Ring.Sign(t.Context(), alg, typ, json.RawMessage(claims))
		must(t, err)
		return token
	}
	signed, err := jose.ParseSignedCompact(good, []jose.SignatureAlgorithm{jose.RS256})
	must(t, err)
	strangersKid, stranger := newWorld(t).rs(t)

	for name, token := range map[string]string{
		"alg none":               encode(head("none", kid, Type)) + "." + encode(claims) + ".",
		"alg none, signature":    encode(head("none", kid, Type)) + "." + parts[1] + "." + parts[2],
		"no signature":           parts[0] + "." + parts[1] + ".",
		"HS256, public key PEM":  mac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256, public key DER":  mac(der),
		"HS256, modulus":         mac(private.N.Bytes()),
		"the ES256 key":          typed(jose.ES256, Type),
		"another key, same kid":  forge(t, stranger, head("RS256", kid, Type), claims),
		"another key":            forge(t, stranger, head("RS256", strangersKid, Type), claims),
		"an ID token":            typed(jose.RS256, "JWT"),
		"an ID token by ES256":   typed(jose.ES256, "JWT"),
		"an access token":        typed(jose.RS256, "at+jwt"),
		"a logout token":         typed(jose.RS256, "logout+jwt"),
		"typ in lower case":      typed(jose.RS256, "jwt+ua"),
		"no typ":                 forge(t, private, `{"alg":"RS256","kid":"`+kid+`"}`, claims),
		"no kid":                 forge(t, private, `{"alg":"RS256","typ":"JWT+UA"}`, claims),
		"crit":                   forge(t, private, `{"alg":"RS256","kid":"`+kid+`","typ":"JWT+UA","crit":["exp"],"exp":1}`, claims),
		"duplicate typ":          forge(t, private, `{"typ":"JWT","alg":"RS256","kid":"`+kid+`","typ":"JWT+UA"}`, claims),
		"nested":                 forge(t, private, head("RS256", kid, Type), good),
		"JSON serialization":     signed.FullSerialize(),
		"claims of another":      parts[0] + "." + encode(strings.Replace(claims, "4f5c", "root", 1)) + "." + parts[2],
		"huge":                   forge(t, private, head("RS256", kid, Type), strings.Replace(claims, "{", "{"+strings.Repeat(" ", maxSize), 1)),
		"huge, of dots":          strings.Repeat(".", 1<<20),
		"empty":                  "",
		"invalid UTF-8 in claim": forge(t, private, head("RS256", kid, Type), strings.Replace(claims, "4f5c", "4f\xff5c", 1)),
		"two values":             forge(t, private, head("RS256", kid, Type), claims+claims),
	} {
		if w.verify(t, tenant, token) == nil {
			t.Errorf("%s: verifies", name)
		}
	}
}

// No bit of an assertion can be changed.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.issue(t)
	for i := range len(token) {
		for bit := range 8 {
			changed := []byte(token)
			changed[i] ^= 1 << bit
			if w.verify(t, tenant, string(changed)) == nil {
				t.Fatalf("bit %d of byte %d can be changed", bit, i)
			}
		}
	}
}

// The log says why, and repeats nothing of the token.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.issue(t)
	if w.verify(t, "acme", token) == nil || w.verify(t, tenant, token+"x") == nil {
		t.Fatal("verifies")
	}
	log := w.log.String()
	if !strings.Contains(log, "it is of another server or tenant") || !strings.Contains(log, "it is no compact JWS") || strings.Count(log, "level=DEBUG") != 2 {
		t.Errorf("logged %q", log)
	}
	for part := range strings.SplitSeq(token, ".") {
		if strings.Contains(log, part[:16]) {
			t.Errorf("the log repeats the token: %q", log)
		}
	}
}
