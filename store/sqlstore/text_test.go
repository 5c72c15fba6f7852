package sqlstore

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSuccessor(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"":                   "",
		"a":                  "b",
		"az":                 "a{",
		"ä":                  "å",
		"a\U0010ffff":        "b",
		"\U0010ffff":         "",
		"a\ud7ff":            "a\ue000", // no surrogates
		"x\U0010ffff\uffff":  "x\U0010ffff\U00010000",
		"\U0010ffff\u007f":   "\U0010ffff\u0080",
		"a\U0010ffff\u0000b": "a\U0010ffff\u0000c",
	} {
		if got := successor(prefix); got != want {
			t.Errorf("successor(%+q) = %+q, want %+q", prefix, got, want)
		}
	}
}

// FuzzSuccessor: what begins with the prefix lies before its successor, what
// does not and is greater lies behind it.
func FuzzSuccessor(f *testing.F) {
	f.Add("a", "b")
	f.Add("a\U0010ffff", "\ud7ff")
	f.Fuzz(func(t *testing.T, prefix, text string) {
		if !utf8.ValidString(prefix) || !utf8.ValidString(text) {
			return
		}
		next := successor(prefix)
		if !utf8.ValidString(next) {
			t.Errorf("%+q is no text", next)
		}
		if next != "" && prefix+text >= next {
			t.Errorf("%+q does not lie before %+q", prefix+text, next)
		}
		if text > prefix && !strings.HasPrefix(text, prefix) && (next == "" || text < next) {
			t.Errorf("%+q lies between %+q and %+q", text, prefix, next)
		}
	})
}

func TestValueKeyIsBounded(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for n := range 4 * maxKey {
		key := valueKey(strings.Repeat("🙂ä", n/3) + strings.Repeat("x", n%3))
		if len(key) > maxKey || !utf8.ValidString(key) {
			t.Fatalf("key of %d bytes for %d", len(key), n)
		}
		if earlier, ok := seen[key]; ok {
			t.Fatalf("one key for %d and %d", earlier, n)
		}
		seen[key] = n
	}
	if long := strings.Repeat("Ä", maxKey); valueKey(long) != valueKey(strings.ToLower(long)) {
		t.Error("long values are compared with regard to case")
	}
}
