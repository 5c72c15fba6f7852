package main

import (
	"testing"
	"unicode/utf8"

	"usher/config"
)

func TestGeneratedPasswordKeepsTheRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*config.Config{
		"default":       {PasswordMinLength: 8, PasswordMaxLength: 128},
		"every class":   {PasswordMinLength: 8, PasswordMaxLength: 128, PasswordMinDigits: 1, PasswordMinUpper: 2, PasswordMinLower: 3, PasswordMinSpecial: 4},
		"short":         {PasswordMinLength: 4, PasswordMaxLength: 6, PasswordMinDigits: 6},
		"long":          {PasswordMinLength: 100, PasswordMaxLength: 100},
		"one character": {PasswordMinLength: 1, PasswordMaxLength: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, rules := inputRules(c)
			seen := map[string]bool{}
			for range 50 {
				password := generatePassword(c)
				if err := rules.Check(password); err != nil {
					t.Fatalf("%q: %v", password, err)
				}
				if utf8.RuneCountInString(password) > 12 && seen[password] {
					t.Fatalf("%q came twice", password)
				}
				seen[password] = true
			}
		})
	}
}
