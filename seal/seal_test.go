package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

func box(t *testing.T, key byte, purpose string) *Box {
	t.Helper()
	b, err := New(bytes.Repeat([]byte{key}, KeySize), purpose)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	b := box(t, 1, "execution")
	for _, plain := range [][]byte{{}, []byte("x"), bytes.Repeat([]byte("secret"), 1000)} {
		sealed := b.Seal(plain, "place")
		if len(plain) > 5 && bytes.Contains(sealed, plain[:6]) {
			t.Error("the value is readable")
		}
		if got, err := b.Open(sealed, "place"); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("Open = %q, %v", got, err)
		}
		if bytes.Equal(sealed, b.Seal(plain, "place")) {
			t.Error("two seals of one value are equal")
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	b := box(t, 1, "execution")
	sealed := b.Seal([]byte("secret"), "place")
	for name, open := range map[string]func() ([]byte, error){
		"another place":   func() ([]byte, error) { return b.Open(sealed, "elsewhere") },
		"another purpose": func() ([]byte, error) { return box(t, 1, "outbox").Open(sealed, "place") },
		"another key":     func() ([]byte, error) { return box(t, 2, "execution").Open(sealed, "place") },
		"nothing":         func() ([]byte, error) { return b.Open(nil, "place") },
		"its beginning":   func() ([]byte, error) { return b.Open(sealed[:len(sealed)-1], "place") },
		"more":            func() ([]byte, error) { return b.Open(append(bytes.Clone(sealed), 0), "place") },
	} {
		if got, err := open(); !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("%s: %q, %v; want ErrOpen", name, got, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := b.Open(changed, "place"); !errors.Is(err, ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	b := box(t, 1, "execution")
	if s := b.Secret("a"); len(s) != 32 || !bytes.Equal(s, b.Secret("a")) {
		t.Errorf("Secret is not 32 bytes, always the same: %x", s)
	}
	for name, other := range map[string][]byte{
		"label": b.Secret("b"), "purpose": box(t, 1, "outbox").Secret("a"), "key": box(t, 2, "execution").Secret("a"),
	} {
		if bytes.Equal(other, b.Secret("a")) {
			t.Errorf("another %s gives the same secret", name)
		}
	}
}

const (
	firstSealed = "014b3f5fda175d1064355bbfc32aa1a4d0c175002de5f624d3e668e4b8303e4cc1951e69a9ef2ca216deecff"
	firstSecret = "99317ec6b948745c7f3afa25fd906d374507b51e93cdab213380ad8e8fb0e762"
)

// What was sealed and derived before must stay readable: these are values of
// the first release.
func TestFormatStays(t *testing.T) {
	t.Parallel()
	b := box(t, 7, "execution")
	sealed, err := hex.DecodeString(firstSealed)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Open(sealed, "execution/t/1"); err != nil || string(got) != "a sealed value" {
		t.Errorf("an old value opens as %q, %v", got, err)
	}
	if got := hex.EncodeToString(b.Secret("1/email-otp/1")); got != firstSecret {
		t.Errorf("an old secret is now %s", got)
	}
}

func TestNewRefusesOtherSizes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 16, 31, 33, 64} {
		if _, err := New(make([]byte, n), "x"); err == nil {
			t.Errorf("a key of %d bytes is accepted", n)
		}
	}
}
