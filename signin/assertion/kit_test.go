package assertion

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/grant"
	"usher/seal"
	"usher/signin/keys"
)

// memory is a store of keys that nobody else changes.
type memory struct {
	keys  []grant.Key
	fails error
}

func (m *memory) ListKeys(context.Context) ([]grant.Key, error) {
	return slices.Clone(m.keys), m.fails
}

func (m *memory) ReplaceKeys(_ context.Context, _, now []grant.Key) error {
	m.keys = slices.Clone(now)
	return nil
}

// world is an issuer with what it is made of, at a time that the test sets.
type world struct {
	*Issuer
	store *memory
	box   *seal.Box
	now   time.Time
	life  time.Duration
	fails error        // of Life
	log   bytes.Buffer // at debug level
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "signing key")
	must(tb, err)
	w := &world{store: new(memory), box: box, now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.now }
	w.Issuer = &Issuer{
		Ring:   keys.New(w.store, box, keys.Schedule{}, now, slog.New(slog.DiscardHandler)),
		Server: server,
		Life:   func(context.Context, string) (time.Duration, error) { return w.life, w.fails },
		Now:    now,
		Log:    slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	must(tb, w.Ring.Ensure(tb.Context()))
	return w
}

const tenant = "carbon.super"

func server(tenant string) string {
	if tenant == "carbon.super" {
		return "https://id.example.com"
	}
	return "https://id.example.com/t/" + tenant
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func (w *world) issue(tb testing.TB) string {
	tb.Helper()
	token, err := w.Issue(tb.Context(), tenant, "4f5c", []string{"BasicAuthenticator", "email-otp-authenticator"}, "alice")
	must(tb, err)
	return token
}

// verify returns ErrInvalid, which must come without an assertion, or nil.
func (w *world) verify(tb testing.TB, tenant, token string) error {
	tb.Helper()
	a, err := w.Verify(tb.Context(), tenant, token)
	if (a == nil) == (err == nil) || err != nil && !errors.Is(err, ErrInvalid) {
		tb.Fatalf("got %+v, %v", a, err)
	}
	return err
}

// sign signs the claims by RS256 as an assertion is.
func (w *world) sign(tb testing.TB, claims any) string {
	tb.Helper()
	token, err := w.Ring.Sign(tb.Context(), jose.RS256, Type, claims)
	must(tb, err)
	return token
}

// rs returns the RS256 key and its id.
func (w *world) rs(tb testing.TB) (string, *rsa.PrivateKey) {
	tb.Helper()
	i := slices.IndexFunc(w.store.keys, func(k grant.Key) bool { return k.Algorithm == "RS256" })
	kid := w.store.keys[i].ID
	secret, err := w.box.Open(w.store.keys[i].Sealed, "signing key/"+kid)
	must(tb, err)
	private, err := x509.ParsePKCS8PrivateKey(secret)
	must(tb, err)
	return kid, private.(*rsa.PrivateKey)
}

// forge signs any header and payload by RS256 (RFC 7515, 5.1).
func forge(tb testing.TB, private *rsa.PrivateKey, header, payload string) string {
	tb.Helper()
	input := encode(header) + "." + encode(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	must(tb, err)
	return input + "." + encode(string(signature))
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
