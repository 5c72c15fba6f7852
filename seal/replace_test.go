package seal

import (
	"bytes"
	"errors"
	"testing"
)

// TestReplacedKey goes through the ways in which two servers are given two keys
// while one replaces the other.
func TestReplacedKey(t *testing.T) {
	t.Parallel()
	former, next := bytes.Repeat([]byte{1}, KeySize), bytes.Repeat([]byte{2}, KeySize)
	with := func(key []byte, others ...[]byte) *Box {
		t.Helper()
		b, err := New(key, "execution", others...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	prepared, replaced, after := with(former, next), with(next, former), with(next)

	for name, b := range map[string]*Box{"prepared": prepared, "replaced": replaced} {
		for _, of := range []*Box{with(former), after, prepared, replaced} {
			if got, err := b.Open(of.Seal([]byte("x"), "place"), "place"); err != nil || string(got) != "x" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	old := prepared.Seal([]byte("x"), "place")
	if replaced.Newest(old) || !replaced.Newest(replaced.Seal(nil, "")) || replaced.Newest(nil) {
		t.Error("what the key sealed cannot be told from what the former one did")
	}
	if _, err := after.Open(old, "place"); !errors.Is(err, ErrOpen) {
		t.Errorf("the former key still counts: %v", err)
	}
	if _, err := replaced.Open(old, "elsewhere"); !errors.Is(err, ErrOpen) {
		t.Errorf("a value was moved: %v", err)
	}

	epoch, secret := prepared.Epoch(), prepared.Secret("code")
	if bytes.Equal(replaced.Secret("code"), secret) {
		t.Error("the new key makes the secrets of the former one")
	}
	if !bytes.Equal(replaced.SecretOf(epoch, "code"), secret) {
		t.Error("what was made before is made otherwise now")
	}
	for _, unknown := range []string{"", "zz", epoch + "00", with(bytes.Repeat([]byte{3}, KeySize)).Epoch()} {
		if !bytes.Equal(replaced.SecretOf(unknown, "code"), replaced.Secret("code")) {
			t.Errorf("epoch %q is not taken for now", unknown)
		}
	}
}

func TestKeysBesideEachOther(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{1}, KeySize)
	alike := bytes.Repeat([]byte{1}, KeySize)
	for i := 0; bytes.Equal(alike, key) || keyID(alike) != keyID(key); i++ {
		alike[0], alike[1] = byte(i), byte(i>>8)
	}
	for name, other := range map[string][]byte{"the same": key, "one of the same id": alike, "a short one": key[:31]} {
		if _, err := New(key, "x", other); err == nil {
			t.Errorf("%s is accepted beside a key", name)
		}
	}
}
