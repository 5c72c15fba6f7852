package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/config"
	"usher/identity"
	"usher/telemetry"
)

// BenchmarkStart is the start of a flow, without a network, with limits and
// without.
func BenchmarkStart(b *testing.B) {
	now := func() time.Time { return time.Now().UTC() }
	for _, limits := range []string{config.Off, config.On} {
		b.Run("limits="+limits, func(b *testing.B) {
			c := &config.Config{
				PublicURL: "https://id.example.com", ExecutionLife: 15 * time.Minute, InvitationLife: 24 * time.Hour, OTPLife: 5 * time.Minute,
				SignInMaxFailures: 5, SignInLockTime: 5 * time.Minute, PasswordMinLength: 8, PasswordMaxLength: 128,
				CaptchaProvider: config.CaptchaNone, PasswordHashMemoryKiB: 8, PasswordHashTime: 1,
			}
			usualLimits(c)
			c.RateLimits, c.LimitStarts = limits, 600_000
			st, _ := openTestStore(b)
			parts, err := wire(c, st, [][]byte{make([]byte, 32)}, slog.New(slog.DiscardHandler), now, eyes{metrics: telemetry.NewMetrics("test")})
			if err != nil {
				b.Fatal(err)
			}
			if err := furnish(b.Context(), st, identity.DefaultTenant, now()); err != nil {
				b.Fatal(err)
			}
			go parts.limits.run(b.Context())
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest(http.MethodPost, executePath, strings.NewReader(`{"flowType":"REGISTRATION"}`))
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					if parts.Handler.ServeHTTP(w, r); w.Code != http.StatusOK {
						b.Errorf("%d %s", w.Code, w.Body)
						return
					}
				}
			})
		})
	}
}
