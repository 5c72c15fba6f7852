package postgres

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText: every text comes back as it was, can be stored, and no two are
// stored as one; those that are valid keep their order.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "ada", "\x00", "\x01", "\x01\x02", "\x01\x03ff", "a\xffb", "\xf0\x9f", "ä\x00🙂", "\x02"} {
		f.Add(text, "a\x00")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := escape(a), escape(b)
		if unescape(x) != a {
			t.Errorf("%q becomes %q becomes %q", a, x, unescape(x))
		}
		if strings.Contains(x, "\x00") || !utf8.ValidString(x) {
			t.Errorf("%q becomes %q, which cannot be stored", a, x)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && strings.Compare(a, b) != strings.Compare(x, y) {
			t.Errorf("%q and %q are in another order than %q and %q", x, y, a, b)
		}
	})
}

func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "ada", "Ångström 🙂", "\x02\x7f\n"} {
		if got := escape(text); got != text {
			t.Errorf("%q is stored as %q", text, got)
		}
	}
}
