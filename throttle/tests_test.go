package throttle_test

import (
	"crypto/sha256"
	"errors"
	"log/slog"
	"testing"
	"time"

	"usher/limit"
	"usher/store/sqlite/sqlitetest"
	"usher/throttle"
)

// TestTests: of a template somebody gets one test a minute, and text messages
// are counted as all are.
func TestTests(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l, err := throttle.New(throttle.Config{
		Store:  sqlitetest.Open(t),
		Secret: func(label string) []byte { sum := sha256.Sum256([]byte(label)); return sum[:] },
		Rates:  throttle.Rates{Starts: 9, Passwords: 9, Messages: 9, Guesses: 9, Countries: []string{"AT"}, Texts: 9, TenantTexts: 3},
		Now:    func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mail := func(user string) limit.Send {
		return limit.Send{Person: limit.Person{Tenant: "acme", User: user}, To: "ada@example.com"}
	}
	spent := func(m limit.Send, template string) string {
		err := l.Test(t.Context(), m, template)
		if exceeded, ok := errors.AsType[*limit.ExceededError](err); ok {
			return exceeded.Budget
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	for i, c := range []struct {
		m              limit.Send
		template, want string
	}{{mail("ada"), "a", ""}, {mail("ada"), "a", "tests"}, {mail("ada"), "b", ""}, {mail("bo"), "a", ""}} {
		if got := spent(c.m, c.template); got != c.want {
			t.Errorf("%d: %q is spent, want %q", i, got, c.want)
		}
	}
	now = now.Add(time.Minute)
	if got := spent(mail("ada"), "a"); got != "" {
		t.Errorf("%q is spent after a minute", got)
	}
	text := func(user, to string) limit.Send {
		return limit.Send{Person: limit.Person{Tenant: "acme", User: user}, To: to, Text: true}
	}
	if err := l.Test(t.Context(), text("ada", "+4915123456789"), "sms"); !errors.Is(err, limit.ErrNotServed) {
		t.Errorf("a country that is not served: %v", err)
	}
	if got := spent(text("ada", "+436601234501"), "sms"); got != "" {
		t.Error(got)
	}
	if got := spent(text("bo", "+436601234501"), "sms"); got != "" {
		t.Error(got)
	}
	if got := spent(text("kim", "+436601234501"), "sms"); got != "texts" {
		t.Errorf("%q is spent, want the tenant's texts", got)
	}
}
