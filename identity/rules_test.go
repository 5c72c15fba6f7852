package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// long asks for nothing but a length.
var long = PasswordRules(8, 128, 0, 0, 0, 0)

func TestValidationsOnTheWire(t *testing.T) {
	t.Parallel()
	want := `[{"type":"RULE","name":"LengthValidator","conditions":[{"key":"min.length","value":"8"},{"key":"max.length","value":"128"}]}]`
	if got := string(long.Validations()); got != want {
		t.Errorf("Validations = %s\nwant %s", got, want)
	}
	if got := string(RuleSet(nil).Validations()); got != "[]" {
		t.Errorf("Validations of no rules = %s, want []", got)
	}
	rules := PasswordRules(8, 64, 1, 2, 3, 4)
	var read RuleSet
	err := json.Unmarshal(rules.Validations(), &read)
	if diff := cmp.Diff(rules, read); err != nil || diff != "" {
		t.Errorf("clients read other rules: %v\n%s", err, diff)
	}
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	strict := PasswordRules(8, 20, 1, 1, 1, 1)
	for _, test := range []struct {
		name, value, want string
		rules             RuleSet
	}{
		{"long enough", "12345678", "", long},
		{"too short", "1234567", "Use at least 8 characters.", long},
		{"code points count, not bytes", "äöüäöüä", "Use at least 8 characters.", long},
		{"64 code points of emoji", strings.Repeat("\U0001F511", 64), "", long},
		{"longest", strings.Repeat("\U0001F511", 128), "", long},
		{"too long", strings.Repeat("x", 129), "Use at most 128 characters.", long},
		{"all kinds", "Passw0rd!", "", strict},
		{"no digit", "Password!", "Use at least 1 digit.", strict},
		{"no upper", "passw0rd!", "Use at least 1 upper-case letter.", strict},
		{"no lower", "PASSW0RD!", "Use at least 1 lower-case letter.", strict},
		{"no special", "Passw0rds", "Use at least 1 special character.", strict},
		{"two digits", "Password1", "Use at least 2 digits.", PasswordRules(1, 99, 2, 0, 0, 0)},
	} {
		err := test.rules.Check(test.value)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: Check(%q) = %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

func TestUsernameRules(t *testing.T) {
	t.Parallel()
	rules := DefaultUsernameRules()
	for _, good := range []string{
		"bob", "alice@example.com", "Ana Maria", "o'brien", "jürgen", "山田太郎", "a+b@x.org", strings.Repeat("x", 255),
	} {
		if err := rules.Check(good); err != nil {
			t.Errorf("Check(%q) = %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "ab", strings.Repeat("x", 256), " bob", "bob ", "PRIMARY/bob", "bob:secret", "bo\x00b", "bo\nb", "bob\n", "\tbob",
	} {
		var input *InputError
		if err := rules.Check(bad); !errors.As(err, &input) {
			t.Errorf("Check(%q) = %v, want an *InputError", bad, err)
		} else if bad != "" && strings.Contains(input.Text, bad) {
			t.Errorf("Check(%q) repeats the value: %q", bad, input.Text)
		}
	}
}

func TestPatternCacheIsBounded(t *testing.T) {
	for i := range 3 * maxPatterns {
		if _, err := compiled(fmt.Sprintf("a{%d}", i%900) + fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	patterns.RLock()
	defer patterns.RUnlock()
	if n := len(patterns.byText); n > maxPatterns {
		t.Errorf("%d patterns are kept", n)
	}
}
