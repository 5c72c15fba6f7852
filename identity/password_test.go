package identity

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestNormalizePassword(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"ASCII as typed", ` pass "word" & <x> `, ` pass "word" & <x> `},
		// RFC 8265, 4.3, table 2.
		{"spaces", "correct horse battery staple", "correct horse battery staple"},
		{"case is kept", "Correct Horse Battery Staple", "Correct Horse Battery Staple"},
		{"non-ASCII letters", "\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"},
		{"symbol", "Jack of \u2666s", "Jack of \u2666s"},
		{"ogham space", "foo\u1680bar", "foo bar"},
		{"other spaces", "a\u00a0b\u2003c\u3000d", "a b c d"},
		{"decomposed", "A\u030angstro\u0308m", "\u00c5ngstr\u00f6m"},
		{"compatibility forms are kept", "\uff21\u2460\ufb01", "\uff21\u2460\ufb01"},
		{"emoji family", "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"},
		{"emoji variation and tone", "\u2764\ufe0f\U0001F44D\U0001F3FD", "\u2764\ufe0f\U0001F44D\U0001F3FD"},
		{"joiner", "\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},
		{"private use", "\ue000", "\ue000"},
	} {
		got, err := NormalizePassword(test.in)
		if err != nil || got != test.want {
			t.Errorf("%s: NormalizePassword(%q) = %q, %v; want %q", test.name, test.in, got, err, test.want)
		}
	}
}

func TestNormalizePasswordRefuses(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"nothing": "", "NUL": "pass\x00word", "tab": "pass\tword", "line": "pass\nword", "delete": "pass\x7fword",
		"C1 control": "pass\u0085word", "invalid UTF-8": "pass\xffword", "surrogate": "pass\xed\xa0\x80word",
		"too long": strings.Repeat("x", 4097),
	} {
		_, err := NormalizePassword(in)
		var input *InputError
		if !errors.As(err, &input) || input.I18nKey() == "" || input.Text == "" {
			t.Errorf("%s: error = %v; want an *InputError", name, err)
		}
	}
}

func FuzzNormalizePassword(f *testing.F) {
	f.Add("A\u030a\u3000\U0001F468\u200D\U0001F469")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, password string) {
		once, err := NormalizePassword(password)
		if err != nil {
			return
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Errorf("NormalizePassword(%q) = %q is not in NFC", password, once)
		}
		if len(once) > maxPasswordBytes { // NFC may expand
			return
		}
		if twice, err := NormalizePassword(once); err != nil || twice != once {
			t.Errorf("normalising %q again gives %q, %v", once, twice, err)
		}
	})
}
