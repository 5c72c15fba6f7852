package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"usher/config"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
)

// TestFirstStartsAtOnce is that of several nodes: each gets up, and one password
// is shown, which is the administrator's.
func TestFirstStartsAtOnce(t *testing.T) {
	t.Parallel()
	st := sqlitetest.Open(t)
	c := &config.Config{AdminUsername: "admin", PasswordMinLength: 8, PasswordMaxLength: 128, PasswordHashMemoryKiB: 8, PasswordHashTime: 1}
	if err := addTenant(t.Context(), st, identity.DefaultTenant, &process{now: time.Now}); err != nil {
		t.Fatal(err)
	}
	usernames, passwords := inputRules(c)
	var nodes sync.WaitGroup
	shown := make([]bytes.Buffer, 8)
	for i := range shown {
		nodes.Go(func() {
			p := &process{stdout: &shown[i], now: time.Now}
			d := &people{store: st, profiles: identity.NewProfiles(st, usernames, passwords), hasher: newHasher(c), process: p}
			if err := d.firstStart(t.Context(), c); err != nil {
				t.Errorf("node %d: %v", i, err)
			}
		})
	}
	nodes.Wait()
	count := 0
	for i := range shown {
		count += strings.Count(shown[i].String(), "user name: admin")
	}
	if count != 1 {
		t.Errorf("%d passwords are shown", count)
	}
}

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
