package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// soaking says how long a server is put under which load.
type soaking struct {
	length time.Duration
	rate   float64 // journeys per second
	on     string  // kind of database
}

// What a server in a soak forgets early, so that a purge has to do within
// minutes what it has within days.
var shortLives = []string{
	"USHER_EXECUTION_LIFE=45s", "USHER_OTP_LIFE=45s", "USHER_INVITATION_LIFE=1m", "USHER_AUDIT_RETENTION=24h",
	"USHER_RATE_LIMITS=on", "USHER_LIMIT_STARTS=600000", "USHER_LIMIT_PASSWORDS=600000", "USHER_LIMIT_MESSAGES=600000", "USHER_LIMIT_GUESSES=600000",
}

// soak is a run of mixed journeys against one server, and what is seen of it.
type soak struct {
	soaking
	server  *site
	beside  *database
	walker  *walker
	done    atomic.Int64
	faults  atomic.Int64
	seen    []vitals
	printed int
}

// soakFor runs journeys against the binary for the time and prints the vitals
// once a minute. It returns an error where a journey failed, or where one of
// the vitals grew after the first third of the time, as trend.flat has it:
// Theil and Sen's slope over those minutes is more than the vital may grow, and
// Mann and Kendall's test says that this is no chance (one side, one in a
// hundred).
func soakFor(ctx context.Context, how soaking, binary string) error {
	dir, binary, err := builtOr(ctx, binary)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := startSite(ctx, binary, how.on, shortLives...)
	if err != nil {
		return err
	}
	s := &soak{soaking: how, server: server}
	return server.close(s.run(ctx, binary))
}

func (s *soak) run(ctx context.Context, binary string) (err error) {
	if s.beside, err = beside(s.server.process); err != nil {
		return err
	}
	defer s.beside.Close()
	if err := s.furnish(ctx, binary); err != nil {
		return err
	}
	every := max(min(time.Minute, s.length/30), 2*time.Second)
	fmt.Printf("soak of %v on %s, %.1f journeys a second, %s\n", s.length, s.on, s.rate, machine())
	ctx, cancel := context.WithTimeout(ctx, s.length+every/2)
	defer cancel()
	var walking sync.WaitGroup
	defer walking.Wait()
	walking.Go(func() { s.walk(ctx) })
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for begun := time.Now(); time.Since(begun) < s.length-every/2; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.server.ended:
			return fmt.Errorf("the server ended:\n%s", s.server.output)
		case <-ticker.C:
		}
		if err := s.age(ctx); err != nil {
			return err
		}
		v, err := look(ctx, s.server.process, s.beside)
		if err != nil {
			return err
		}
		s.seen = append(s.seen, v)
		s.print(time.Since(begun))
	}
	cancel()
	return s.judge()
}

// furnish gives the server what the journeys need.
func (s *soak) furnish(ctx context.Context, binary string) error {
	add := exec.CommandContext(ctx, binary, "tenant", "add", linked)
	add.Dir, add.Env = s.server.dir, s.server.cmd.Env
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("tenant: %w: %s", err, out)
	}
	admin := exec.CommandContext(ctx, binary, "user", "add", "--tenant", linked, "--role", "admin", "admin")
	admin.Dir, admin.Env, admin.Stdin = s.server.dir, s.server.cmd.Env, strings.NewReader(adminPassword+"\n")
	if out, err := admin.CombinedOutput(); err != nil {
		return fmt.Errorf("administrator: %w: %s", err, out)
	}
	if err := useTemplate(ctx, s.server.process, linked, "REGISTRATION", "basic-email-code"); err != nil {
		return err
	}
	if err := useTemplate(ctx, s.server.process, linked, "PASSWORD_RECOVERY", "recovery-magic-link"); err != nil {
		return err
	}
	if err := signInAtTheEnd(ctx, s.server.process); err != nil {
		return err
	}
	_, err := manage(ctx, s.server.process, http.MethodPatch, "/api/server/v1/sign-in/config", `{"sessionLifetimeSeconds":60,"sessionIdleSeconds":60}`)
	if err != nil {
		return err
	}
	shop, err := newClient(ctx, s.server.process, "shop", `,"accessToken":{"userAccessTokenExpiryInSeconds":60},"refreshToken":{"expiryInSeconds":60}`)
	s.walker = &walker{server: s.server.process, client: &http.Client{Timeout: patience}, mail: newMailbox(s.server.process), shop: shop}
	return err
}

// walk begins journeys at the rate, each in its turn, until ctx ends, and waits
// for those under way. What a journey says that fails while ctx has not ended is
// printed, of the first few.
func (s *soak) walk(ctx context.Context) {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / s.rate))
	defer ticker.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		all.Go(func() {
			j := journeys[i%len(journeys)]
			err := j.walk(s.walker, ctx)
			switch {
			case err == nil:
				s.done.Add(1)
			case ctx.Err() == nil && s.faults.Add(1) <= 20:
				note("%s: %v", j.name, err)
			}
		})
	}
}

// age does away with what is kept for longer than a soak and no setting makes
// shorter. It makes deliveries of messages, but for those of the last minute,
// two days older, so that the server purges them; and it deletes the audit log
// up to then, since nobody may change that.
func (s *soak) age(ctx context.Context) error {
	const twoDays = int64(48 * time.Hour / time.Microsecond)
	then, lately := time.Now().Add(-time.Minute).UnixMicro(), time.Now().Add(-time.Hour).UnixMicro()
	tx, err := s.beside.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, one := range []struct {
		query string
		args  []any
	}{
		{`UPDATE outbox SET done = done - $1 WHERE done > $2 AND done < $3`, []any{twoDays, lately, then}},
		{`UPDATE audit_retention SET before = $1 WHERE id = 1`, []any{then}},
		{`DELETE FROM audit_entries WHERE at < $1`, []any{then}},
		{`UPDATE audit_retention SET before = 0 WHERE id = 1`, nil},
	} {
		if _, err := tx.ExecContext(ctx, one.query, one.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *soak) print(after time.Duration) {
	if s.printed == 0 {
		fmt.Printf("%8s %9s %6s", "after", "journeys", "errors")
		for _, w := range watched {
			fmt.Printf(" %14s", strings.TrimSpace(w.name+" "+w.unit))
		}
		fmt.Println()
	}
	s.printed++
	fmt.Printf("%8s %9d %6d", after.Round(time.Second), s.done.Load(), s.faults.Load())
	for _, w := range watched {
		fmt.Printf(" %14.*f", decimals(w), w.of(s.seen[len(s.seen)-1])/w.per1)
	}
	fmt.Println()
}

func decimals(w vital) int {
	if w.per1 > 1 {
		return 2
	}
	return 0
}

// judge prints what became of the vitals after the warm-up.
func (s *soak) judge() error {
	var wrong []error
	if n := s.faults.Load(); n > 0 {
		wrong = append(wrong, fmt.Errorf("%d journeys failed; the server said\n%.4000s", n, s.server.output))
	}
	late := s.seen[len(s.seen)/3:]
	if len(late) < 8 {
		return errors.Join(append(wrong, errors.New("the soak was too short to tell anything"))...)
	}
	fmt.Printf("\nafter the warm-up, %d looks:\n", len(late))
	for _, w := range watched {
		figures := make([]float64, len(late))
		for i, v := range late {
			figures[i] = w.of(v)
		}
		t := trendOf(figures)
		verdict := "flat"
		if !t.flat(w.share, w.slack) {
			verdict = "grows"
			wrong = append(wrong, fmt.Errorf("%s grew by %.2f %s", w.name, t.growth/w.per1, w.unit))
		}
		fmt.Printf("%14s  typically %.2f %s, trend %+.2f, z %+.1f: %s\n", w.name, t.typical/w.per1, w.unit, t.growth/w.per1, t.z, verdict)
	}
	first, last := late[0].tables, late[len(late)-1].tables
	for _, table := range slices.Sorted(maps.Keys(last)) {
		if first[table] != last[table] {
			fmt.Printf("%24s: %d rows, then %d\n", table, first[table], last[table])
		}
	}
	return errors.Join(wrong...)
}
