package connection

import (
	"errors"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	list := []Connection{
		{ID: "1", Name: "Main", Kind: "A", Enabled: true},
		{ID: "2", Name: "Second", Kind: "A", Enabled: true},
		{ID: "3", Name: "Off", Kind: "A"},
		{ID: "4", Name: "Other", Kind: "B", Enabled: true},
	}
	for _, tc := range []struct {
		kind, name, id string
		err            error
	}{
		{"A", "main", "1", nil},
		{"A", "SECOND", "2", nil},
		{"A", "1", "", ErrNone}, // an ID
		{"A", "", "", ErrSeveral},
		{"A", "Off", "", ErrNone},
		{"A", "Other", "", ErrNone},
		{"B", "", "4", nil},
		{"C", "", "", ErrNone},
	} {
		c, err := Choose(list, tc.kind, tc.name)
		if !errors.Is(err, tc.err) || err == nil && c.ID != tc.id {
			t.Errorf("%s %q: %+v, %v; want %s, %v", tc.kind, tc.name, c, err, tc.id, tc.err)
		}
	}
}
