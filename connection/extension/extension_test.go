package extension

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/connection"
)

const (
	email = "/user/claims[uri=http://wso2.org/claims/emailaddress]"
	state = "/user/claims[uri=http://wso2.org/claims/identity/accountState]"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func sample() *Extension {
	return &Extension{
		IconURL:  "https://risk.example/icon.svg",
		Endpoint: Endpoint{URI: "https://risk.example/check", Auth: Bearer, AllowedHeaders: []string{"X-Request-Id"}},
		Expose:   []Path{{Path: email}, {Path: PathUserID, Encrypted: true}, {Path: PathFlowType}},
		Modify:   []Path{{Path: email}},
	}
}

func TestKeptAsConnection(t *testing.T) {
	t.Parallel()
	c := &connection.Connection{ID: "1", Name: "Risk", Enabled: true, Settings: map[string]string{"old": "x"}}
	sample().Put(c)
	if c.Kind != Executor || len(c.Settings) != 1 {
		t.Errorf("%+v", c)
	}
	e, err := Of(c)
	if diff := cmp.Diff(sample(), e); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := Of(&connection.Connection{Kind: "GoogleExecutor", Settings: c.Settings}); err == nil {
		t.Error("an identity provider is an extension")
	}
	if _, err := Of(&connection.Connection{Kind: Executor}); err == nil {
		t.Error("nothing is an extension")
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	list := []connection.Connection{
		{ID: "1", Name: "Risk", Kind: Executor, Enabled: true},
		{ID: "2", Name: "1", Kind: "GoogleExecutor", Enabled: true},
		{ID: "3", Name: "Off", Kind: Executor},
	}
	for _, tc := range []struct{ executor, name, id string }{
		{Executor, "1", "1"},
		{Executor, "Risk", ""},
		{Executor, "", ""},
		{Executor, "2", ""},
		{Executor, "3", ""},
		{"GoogleExecutor", "1", "2"},
		{"GoogleExecutor", "", "2"},
		{"GoogleExecutor", "2", ""},
	} {
		c, err := Choose(list, tc.executor, tc.name)
		none := connection.ErrNone
		if tc.executor == Executor {
			none = ErrNone
		}
		if tc.id == "" && !errors.Is(err, none) || tc.id != "" && (err != nil || c.ID != tc.id) {
			t.Errorf("%s %q: %+v, %v", tc.executor, tc.name, c, err)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	e := sample()
	for path, want := range map[string][2]bool{
		email: {false, true}, PathUserID: {true, true}, PathUsername: {}, "/user": {}, "/user/claims": {}, strings.ToUpper(email): {}, "": {},
	} {
		if encrypted, ok := e.Exposes(path); [2]bool{encrypted, ok} != want {
			t.Errorf("exposes %q: %v, %v", path, encrypted, ok)
		}
	}
	if encrypted, ok := e.Modifies(email); encrypted || !ok {
		t.Error("not modified")
	}
	if _, ok := e.Modifies(PathUserID); ok {
		t.Error("modified, and was only exposed")
	}
	const uri = "http://wso2.org/claims/emailaddress"
	if got, ok := Claim(email); got != uri || !ok || ClaimPath(uri) != email {
		t.Errorf("%q, %v", got, ok)
	}
	for _, path := range []string{"", "/user/claims/" + uri, "/user/claims[uri=" + uri, uri + "]", "/user/claims[uri=emailaddress]", email + "{[string]}", "/user/claims[uri=]"} {
		if got, ok := Claim(path); ok || got != "" {
			t.Errorf("%s is the claim %q", path, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := sample()
	good.Certificate = certificate(t, rsaKey(t, 2048))
	if faults := good.Check(); faults != nil {
		t.Errorf("%q", faults)
	}
	many := make([]Path, MaxExpose+1)
	for i := range many {
		many[i].Path = ClaimPath("http://wso2.org/claims/" + strconv.Itoa(i))
	}
	for want, change := range map[string]func(*Extension){
		"iconUrl must be an https URL.":                                           func(e *Extension) { e.IconURL = "http://risk.example/a.png" },
		"endpoint.uri must be an https URL.":                                      func(e *Extension) { e.Endpoint.URI = "http://risk.example/" },
		"endpoint.uri is longer than 2048 bytes.":                                 func(e *Extension) { e.Endpoint.URI += strings.Repeat("x", 2048) },
		"endpoint.authentication.type must be one of":                             func(e *Extension) { e.Endpoint.Auth = "DIGEST" },
		"endpoint.allowedHeaders[0] is no name":                                   func(e *Extension) { e.Endpoint.AllowedHeaders = []string{"X Y"} },
		"endpoint.allowedHeaders[1] is there before.":                             func(e *Extension) { e.Endpoint.AllowedHeaders = []string{"X-A", "x-a"} },
		"endpoint.allowedHeaders has more":                                        func(e *Extension) { e.Endpoint.AllowedHeaders = make([]string, 21) },
		"accessConfig.expose[0].path is none":                                     func(e *Extension) { e.Expose[0].Path = "/user" },
		"accessConfig.expose[0].path is none that":                                func(e *Extension) { e.Expose[0].Path = PathPassword },
		"accessConfig.expose[0].path is none that may":                            func(e *Extension) { e.Expose[0].Path = state },
		"accessConfig.modify[0].encrypted must be":                                func(e *Extension) { e.Modify[0].Encrypted = true },
		"accessConfig.expose[2].path is there before.":                            func(e *Extension) { e.Expose[2].Path = email },
		"accessConfig.expose has more than 50":                                    func(e *Extension) { e.Expose = many },
		"accessConfig.modify has more than 50":                                    func(e *Extension) { e.Modify = many },
		"accessConfig.modify[0].path is none":                                     func(e *Extension) { e.Modify[0].Path = state },
		"accessConfig.modify[0].path is none that":                                func(e *Extension) { e.Modify[0].Path = PathUserID },
		"accessConfig.modify[0].path is none that may":                            func(e *Extension) { e.Modify[0].Path = ClaimPath("http://wso2.org/claims/roles") },
		"encryption.certificate is required":                                      func(e *Extension) { e.Certificate = "" },
		"encryption.certificate must be one certificate in PEM.":                  func(e *Extension) { e.Certificate += e.Certificate },
		"encryption.certificate is too long.":                                     func(e *Extension) { e.Certificate += strings.Repeat("\n", maxCertificate) },
		"encryption.certificate must be an X.509 certificate.":                    func(e *Extension) { e.Certificate = block([]byte("s3cr3t")) },
		"encryption.certificate must be that of an RSA key":                       func(e *Extension) { e.Certificate = certificate(t, ecKey(t)) },
		"encryption.certificate must be that of an RSA key of 2048 to 8192 bits.": func(e *Extension) { e.Certificate = certificate(t, rsaKey(t, 1024)) },
	} {
		e := sample()
		e.Certificate = good.Certificate
		change(e)
		if faults := e.Check(); len(faults) < 1 || !strings.HasPrefix(faults[0], want) {
			t.Errorf("%q, want %q", faults, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, passed := range map[string]bool{
		"X-Request-Id": true, "User-Agent": true, "Accept-Language": true, "Referer": true, "X-Forwardedly": true,
		"Authorization": false, "COOKIE": false, "Host": false, "Content-Type": false, "content-length": false, "Connection": false, "Keep-Alive": false, "TE": false,
		"Transfer-Encoding": false, "Upgrade": false, "Forwarded": false, "X-Forwarded-For": false, "x-forwarded-host": false, "Proxy-Authorization": false, "Expect": false,
	} {
		if Forwards(name) != passed {
			t.Errorf("%s is passed on: %v", name, !passed)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	full := map[string]string{
		SecretAccessToken: "t", SecretHeader: "X-Key", SecretValue: "v", SecretUsername: "u", SecretPassword: "p:w",
		SecretClientID: "c", SecretClientSecret: "s", SecretTokenEndpoint: "https://id.example/token", SecretScopes: "a b",
	}
	take := func(names []string) map[string]string {
		m := map[string]string{}
		for _, name := range names {
			m[name] = full[name]
		}
		return m
	}
	for _, a := range AuthTypes() {
		if err := a.CheckSecrets(take(a.Secrets())); err != nil {
			t.Errorf("%s: %v", a, err)
		}
		for _, name := range a.Secrets() {
			secrets := take(a.Secrets())
			secrets[name] = " "
			if err := a.CheckSecrets(secrets); !errors.Is(err, ErrSecretEmpty) || !strings.HasPrefix(err.Error(), name) {
				t.Errorf("%s without a %s: %v", a, name, err)
			}
			secrets[name] = "s3cr3t\r\nX-Evil: 1"
			if err := a.CheckSecrets(secrets); err == nil || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%s with two lines of %s: %v", a, name, err)
			}
			delete(secrets, name)
			if err := a.CheckSecrets(secrets); errors.Is(err, ErrSecretMissing) != (name != SecretScopes) {
				t.Errorf("%s with no %s: %v", a, name, err)
			}
		}
		if err := a.CheckSecrets(full); err == nil {
			t.Errorf("%s takes everything", a)
		}
	}
	if AuthType("").CheckSecrets(nil) == nil {
		t.Error("no type is a type")
	}
	for name, values := range map[string][]string{
		SecretHeader: {"X Key", "Host", "content-length", "X-Kéy"}, SecretUsername: {"a:b"}, SecretTokenEndpoint: {"http://id.example/token", "s3cr3t"}, SecretPassword: {strings.Repeat("x", connection.MaxValue+1)},
	} {
		a := AuthTypes()[slices.IndexFunc(AuthTypes(), func(a AuthType) bool { return slices.Contains(a.Secrets(), name) })]
		for _, value := range values {
			secrets := take(a.Secrets())
			secrets[name] = value
			if err := a.CheckSecrets(secrets); err == nil || strings.Contains(err.Error(), value) {
				t.Errorf("%s %.20s: %v", name, value, err)
			}
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	e := sample()
	if _, err := e.Key(now); !errors.Is(err, ErrNoCertificate) {
		t.Error(err)
	}
	private := rsaKey(t, 2048)
	e.Certificate = certificate(t, private)
	if key, err := e.Key(now); err != nil || !key.Equal(private.Public()) {
		t.Error(key, err)
	}
	for _, at := range []time.Time{now.AddDate(0, 0, -2), now.AddDate(0, 0, 2)} {
		if _, err := e.Key(at); !errors.Is(err, ErrDate) {
			t.Error(at, err)
		}
	}
	e.Certificate = "x"
	if _, err := e.Key(now); err == nil {
		t.Error("a key of nothing")
	}
}

// certificate is one of the key, in date from a day before now until one after.
func certificate(t *testing.T, key crypto.Signer) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(0, 0, 1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return block(der)
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func block(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
