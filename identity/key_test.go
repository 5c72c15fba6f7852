package identity

import "testing"

// Whoever registers under another spelling of somebody's user name is told
// that it is taken.
func TestUsernameKey(t *testing.T) {
	t.Parallel()
	for key, spellings := range map[string][]string{
		"kim":      {"Kim", "KIM", "ｋｉｍ", "\u212aim" /* Kelvin sign */},
		"k\u00edm": {"ki\u0301m", "KI\u0301M", "K\u00cdM"},
		"strasse":  {"straße", "STRASSE", "Stra\u1e9ee"},
		"fix":      {"\ufb01x", "FIX"},
		"σοφοσ":    {"σοφος", "ΣΟΦΟΣ"},
	} {
		for _, spelling := range append(spellings, key) {
			if got := UsernameKey(spelling); got != key {
				t.Errorf("%q has the key %q, want %q", spelling, got, key)
			}
		}
	}
	for _, other := range []string{"k\u0131m" /* dotless */, "k\u00edm", "kim1", "к\u0456m"} {
		if UsernameKey(other) == UsernameKey("kim") {
			t.Errorf("%q is kim", other)
		}
	}
}
