package connection

import (
	"bytes"
	"maps"
	"slices"
	"testing"
)

func TestReseal(t *testing.T) {
	t.Parallel()
	c := &Connection{Tenant: "acme", ID: "1"}
	if changed, err := c.Reseal(marked{2}); changed || err != nil || c.Sealed != nil {
		t.Errorf("without secrets: %t, %v", changed, err)
	}
	secrets := map[string]string{"client_secret": "s"}
	c.SetSecrets(marked{1}, secrets)
	if changed, err := c.Reseal(marked{2}); !changed || err != nil || c.Sealed[0] != 2 {
		t.Errorf("%t, %v", changed, err)
	}
	if got, err := c.Secrets(marked{2}); err != nil || !maps.Equal(got, secrets) {
		t.Errorf("%v, %v", got, err)
	}
	was := slices.Clone(c.Sealed)
	if changed, err := c.Reseal(marked{2}); changed || err != nil || !bytes.Equal(c.Sealed, was) {
		t.Errorf("a repetition: %t, %v", changed, err)
	}
	c.Sealed = []byte{1, 'x'}
	if changed, err := c.Reseal(marked{2}); changed || err == nil || !bytes.Equal(c.Sealed, []byte{1, 'x'}) {
		t.Errorf("what cannot be read: %t, %v", changed, err)
	}
}

// marked marks with a number what it seals, and opens what has any.
type marked struct{ with byte }

func (m marked) Seal(plain []byte, _ string) []byte           { return append([]byte{m.with}, plain...) }
func (m marked) Open(sealed []byte, _ string) ([]byte, error) { return sealed[1:], nil }
func (m marked) Newest(sealed []byte) bool                    { return sealed[0] == m.with }
