package main

import (
	"context"
	"log/slog"
	"time"

	"usher/config"
	"usher/executor/basic"
	"usher/flow"
	"usher/limit"
	"usher/seal"
	"usher/signin"
	"usher/store"
	"usher/throttle"
)

// limited is what the parts of the server are bounded by.
type limited struct {
	throttle *throttle.Limits // nil where limits are off
	messages limit.Messages
	tests    limit.Tests
	clients  limit.Failures
	codes    limit.Failures
	signIns  signin.Limits
	flow     func(ctx context.Context, tenant string, t flow.Type, start bool) error
	// passwords bounds failures of an authenticator.
	passwords func(basic.Authenticator) basic.Authenticator
}

// unlimited bounds nothing.
func unlimited() *limited {
	return &limited{
		messages: limit.None{}, tests: limit.None{}, clients: limit.None{}, codes: limit.None{},
		passwords: func(a basic.Authenticator) basic.Authenticator { return a },
	}
}

// newLimits returns what bounds the server, or nothing where limits are off.
func newLimits(c *config.Config, st store.Store, box *seal.Box, now func() time.Time, log *slog.Logger, observe func(budget string)) (*limited, error) {
	if c.RateLimits == config.Off {
		return unlimited(), nil
	}
	l, err := throttle.New(throttle.Config{
		Store: st, Secret: box.Secret, Now: now, Log: log, Observe: observe,
		Rates: throttle.Rates{
			Starts: c.LimitStarts, Passwords: c.LimitPasswords, Messages: c.LimitMessages, Guesses: c.LimitGuesses,
			Countries: c.SMSCountries, Texts: c.SMSDailyLimit, TenantTexts: c.SMSTenantDailyLimit,
		},
	})
	if err != nil {
		return nil, err
	}
	return &limited{
		throttle: l, messages: l, tests: l, clients: l.Clients, codes: l.Codes, signIns: l, flow: l.Flow,
		passwords: func(a basic.Authenticator) basic.Authenticator {
			return &throttle.Authenticator{Authenticator: a, Failures: l.Passwords}
		},
	}, nil
}

// load reads what was spent before.
func (l *limited) load(ctx context.Context) error {
	if l.throttle == nil {
		return nil
	}
	return l.throttle.Load(ctx)
}

// run keeps count until ctx ends.
func (l *limited) run(ctx context.Context) error {
	if l.throttle == nil {
		<-ctx.Done()
		return nil
	}
	return l.throttle.Run(ctx)
}
