//go:build blackbox

package blackbox

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPasswordsAsTyped holds that a password arrives as it was typed, whatever
// is in it: through registration, through recovery, and at sign-in.
func TestPasswordsAsTyped(t *testing.T) {
	t.Parallel()
	family := "👩\u200d👩\u200d👧\u200d👦" // seven code points, joined with ZWJ
	emoji := strings.Repeat(family+"🔐", 8)
	if n := utf8.RuneCountInString(emoji); n != 64 {
		t.Fatalf("%d code points", n)
	}
	for name, test := range map[string]struct{ password, near string }{
		"spaces":     {"  two  spaces around  ", "two  spaces around"},
		"quotes":     {`"it's" \"quoted\" \\ back`, `"its" \"quoted\" \\ back`},
		"markup":     {"<b>&amp;</b> & <script>", "<b>&</b> & <script>"},
		"percent":    {"100%25 + 1 %zz ${env} {{x}}", "100% + 1 %zz ${env} {{x}}"},
		"colon":      {":colon:first:and:last:", "colon:first:and:last"},
		"NFC":        {"Zürich-Ångström-é", "Zurich-Angstrom-e"},
		"NFD":        {"Zu\u0308rich-A\u030angstro\u0308m-e\u0301", "Zurich-Angstrom-e"},
		"full width": {"ｐａｓｓｗｏｒｄ１２３４", "password1234"},
		"emoji":      {emoji, strings.TrimSuffix(emoji, "🔐")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := launch(t)
			const who = "kim@example.com"
			s.register(t, who, test.password)
			if !s.signsIn(t, who, test.password) {
				t.Errorf("%q does not sign in after registration", test.password)
			}
			if s.signsIn(t, who, test.near) {
				t.Errorf("%q signs in as well", test.near)
			}
			page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, who)).moved(t)
			page = s.execute(t, page.fill(t, s.awaitLetter(t, who, 1).code(t))).moved(t)
			again := test.password + "!"
			s.execute(t, page.fill(t, again)).ok(t, "COMPLETE")
			if !s.signsIn(t, who, again) || s.signsIn(t, who, test.password) {
				t.Errorf("%q does not sign in after recovery", again)
			}
		})
	}
}

// TestPasswordNormalised holds what the documents say of RFC 8265: the composed
// and the decomposed form of a password are the same password, its case and its
// width are not.
func TestPasswordNormalised(t *testing.T) {
	t.Parallel()
	s := launch(t)
	composed, decomposed := "Zürich-Ångström", "Zu\u0308rich-A\u030angstro\u0308m"
	s.register(t, "kim@example.com", composed)
	if !s.signsIn(t, "kim@example.com", decomposed) {
		t.Error("the decomposed form of a composed password does not sign in")
	}
	s.register(t, "lee@example.com", decomposed)
	if !s.signsIn(t, "lee@example.com", composed) {
		t.Error("the composed form of a decomposed password does not sign in")
	}
	if s.signsIn(t, "kim@example.com", strings.ToLower(composed)) {
		t.Error("case does not matter")
	}
}
