package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"usher/config"
	"usher/engine"
	"usher/flow"
	"usher/notify/words"
	"usher/sandbox"
	"usher/starter"
)

// What a sandbox costs: the time to make one, a request in it, and the memory
// it keeps, SQLite's included; with the default flow, and with the largest that
// there can be.
func BenchmarkSandbox(b *testing.B) {
	text, err := words.New()
	if err != nil {
		b.Fatal(err)
	}
	c := &config.Config{
		PublicURL: "https://id.example.com", ExecutionLife: 15 * time.Minute, InvitationLife: 24 * time.Hour, OTPLife: 5 * time.Minute, PasswordMinLength: 8, PasswordMaxLength: 128,
	}
	r := newSandboxes(c, text, slog.New(slog.DiscardHandler))
	r.PerTenant, r.Total = 1000, 1000
	plan := func(document []byte) *sandbox.Plan {
		return &sandbox.Plan{Tenant: "carbon.super", Document: document, Users: sandbox.Examples(flow.PasswordRecovery)}
	}
	made := func(b *testing.B, document []byte) *sandbox.Sandbox {
		s, err := r.New(b.Context(), plan(document))
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	small := starter.Default(flow.PasswordRecovery)
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			s := made(b, small)
			b.StopTimer()
			if err := r.Delete(s.Tenant, s.ID); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("request", func(b *testing.B) {
		s := made(b, small)
		n := 0
		for b.Loop() {
			if n++; n%1900 == 0 {
				s = made(b, small)
			}
			if _, _, err := s.Do(b.Context(), engine.Request{Type: flow.PasswordRecovery}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, document := range map[string][]byte{"kept": small, "kept/largest": largest()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() { // once is enough
			}
			const many = 30
			before := resident(b)
			for range many {
				s := made(b, document)
				if _, _, err := s.Do(b.Context(), engine.Request{Type: s.Flow}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((resident(b)-before)/many, "KiB/sandbox")
		})
	}
}

// largest is a definition of almost a megabyte.
func largest() []byte {
	var steps []string
	for i := range 200 {
		next := fmt.Sprintf("s%d", i+1)
		if i == 199 {
			next = "END"
		}
		texts := strings.Repeat(fmt.Sprintf(`{"id":"t%d","type":"TYPOGRAPHY","config":{"text":%q}},`, i, strings.Repeat("x", 200)), 17)
		steps = append(steps, fmt.Sprintf(`{"id":"s%d","type":"VIEW","data":{"components":[%s{"id":"b%d","type":"BUTTON","action":{"type":"NEXT","next":%q}}]}}`, i, unique(texts, i), i, next))
	}
	return fmt.Appendf(nil, `{"flowType":"REGISTRATION","steps":[%s]}`, strings.Join(steps, ","))
}

// unique gives components of one id ids of their own.
func unique(texts string, step int) string {
	parts := strings.Split(texts, fmt.Sprintf(`"id":"t%d"`, step))
	for i := 1; i < len(parts); i++ {
		parts[i] = fmt.Sprintf(`"id":"t%d_%d"`, step, i) + parts[i]
	}
	return strings.Join(parts, "")
}

// resident is the process's memory in KiB.
func resident(b *testing.B) float64 {
	b.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("needs /proc")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
