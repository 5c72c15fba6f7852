package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/application"
	"usher/flow"
	"usher/grant"
	"usher/identity"
	"usher/notify"
	"usher/store/sqlite"
	"usher/store/sqlstore"
)

// victim is the variable under which this test binary runs itself as the
// process to be killed; its value is the path of the database.
const victim = "USHER_TEST_SQLITE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever writes with many goroutines and prints a line for each write
// that was acknowledged.
func writeForever(path string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{Exclusive: true})
	if err != nil {
		return err
	}
	var mu sync.Mutex // a line at a time
	acknowledge := func(kind, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(kind, id)
	}
	if err := openShop(s); err != nil {
		return err
	}
	failed := make(chan error)
	for range 16 {
		go func() {
			for {
				if err := errors.Join(writeSome(s, acknowledge), signIn(s, acknowledge)); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// writeSome creates and finishes an execution, and creates a user with what
// goes along.
func writeSome(s *sqlstore.Store, acknowledge func(kind, id string)) error {
	ctx, now := context.Background(), time.Now()
	id := fmt.Sprintf("%016x", rand.Uint64())
	x := &flow.Execution{Tenant: "t", ID: id, Flow: flow.Registration, Expires: now.Add(time.Hour), State: []byte("one")}
	if err := s.CreateExecution(ctx, x, nil, false); err != nil {
		return err
	}
	acknowledge("created", id)
	x, err := s.LeaseExecution(ctx, "t", id, now, now.Add(time.Minute))
	if err != nil {
		return err
	}
	u := &identity.User{Tenant: "t", ID: id, Username: id, Claims: map[string]string{identity.ClaimEmail: id}}
	_, err = s.CreateUser(ctx, id, u, identity.Along{
		Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: id}},
		Messages:    []notify.Queued{{Tenant: "t", Key: id, Due: now}},
	})
	if err != nil {
		return err
	}
	acknowledge("user", id)
	x.Ended, x.State = true, []byte("two")
	if err := s.CommitExecution(ctx, x, &flow.Answer{Key: "k", Body: []byte(id)}, true); err != nil {
		return err
	}
	acknowledge("ended", id)
	return nil
}

// openShop makes the application and the user of the sign-ins, unless an
// earlier victim has.
func openShop(s *sqlstore.Store) error {
	ctx := context.Background()
	_, err := s.CreateUser(ctx, "once", &identity.User{Tenant: "signin", ID: "u", Username: "u"}, identity.Along{})
	if err != nil {
		return err
	}
	_, err = s.CreateApplication(ctx, &application.Application{Tenant: "signin", ID: "a", Name: "a", Client: application.Client{ID: "c"}})
	if errors.Is(err, application.ErrNameTaken) {
		return nil
	}
	return err
}

// signIn creates a request, redeems an assertion for it and finishes it.
func signIn(s *sqlstore.Store, acknowledge func(kind, id string)) error {
	ctx, now := context.Background(), time.Now()
	id := fmt.Sprintf("%016x", rand.Uint64())
	later := now.Add(time.Hour)
	if err := s.CreateRequest(ctx, &grant.Request{Tenant: "signin", ID: id, Application: "a", Expires: later}); err != nil {
		return err
	}
	acknowledge("asked", id)
	r, err := s.UpdateRequest(ctx, "signin", id, now, func(r *grant.Request) error {
		r.User = "u"
		return nil
	}, &grant.Assertion{ID: id, Expires: later})
	if err != nil {
		return err
	}
	acknowledge("spent", id)
	session := &grant.Session{Tenant: "signin", ID: id, User: "u", Expires: later}
	g := &grant.Grant{Tenant: "signin", ID: id, Application: "a", User: "u", Session: id, Expires: later}
	if err := s.FinishRequest(ctx, r, now, session, g); err != nil {
		return err
	}
	acknowledge("finished", id)
	return nil
}

// TestKill: whatever was acknowledged is there after the process was killed,
// what was not is there whole or not at all, and the file is sound.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "usher.db")
	acknowledged := map[string][]string{}
	for round := range 5 {
		for line := range strings.Lines(killed(t, path, time.Duration(100+100*round)*time.Millisecond)) {
			if kind, id, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && strings.HasSuffix(line, "\n") {
				acknowledged[kind] = append(acknowledged[kind], id)
			}
		}
		s := openAt(t, path, true)
		checkAcknowledged(t, s, acknowledged)
		checkWhole(t, s)
		checkSignIns(t, s, acknowledged)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		checkSound(t, path)
	}
	t.Logf("%d executions, %d users and %d ends survived", len(acknowledged["created"]), len(acknowledged["user"]), len(acknowledged["ended"]))
	t.Logf("%d requests, %d redeemed assertions and %d grants survived", len(acknowledged["asked"]), len(acknowledged["spent"]), len(acknowledged["finished"]))
}

// killed runs the victim, kills it some time after its first acknowledgement
// and returns what it printed.
func killed(t *testing.T, path string, after time.Duration) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), victim+"="+path)
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the victim died: %v %s", err, stderr.String())
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it says that it was killed
	if stderr.Len() > 0 {
		t.Fatalf("the victim failed: %s", stderr.String())
	}
	return first + string(rest)
}

func checkAcknowledged(t *testing.T, s *sqlstore.Store, acknowledged map[string][]string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	for _, id := range acknowledged["user"] {
		if _, err := s.FindUser(ctx, "t", id); err != nil {
			t.Errorf("user %s: %v", id, err)
		}
	}
	ended := map[string]bool{}
	for _, id := range acknowledged["ended"] {
		ended[id] = true
		if body, err := s.FindAnswer(ctx, "t", id, "k", now); string(body) != id || err != nil {
			t.Errorf("answer of %s: %q, %v", id, body, err)
		}
		if _, err := s.LeaseExecution(ctx, "t", id, now, now); err == nil {
			t.Errorf("execution %s is no longer ended", id)
		}
	}
	for _, id := range acknowledged["created"] {
		if ended[id] {
			continue
		}
		// It may have ended without the news of it, but then with its answer.
		if _, err := s.LeaseExecution(ctx, "t", id, now, now); err != nil {
			if body, err := s.FindAnswer(ctx, "t", id, "k", now); string(body) != id || err != nil {
				t.Errorf("execution %s is lost", id)
			}
		}
	}
}

// checkWhole checks that no user is there without what was written along.
func checkWhole(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	page, total, err := s.ListUsers(t.Context(), identity.Query{Tenant: "t", Limit: 1_000_000})
	if err != nil || len(page) != total {
		t.Fatalf("%d of %d users listed: %v", len(page), total, err)
	}
	for _, u := range page {
		if c, err := s.FindCredential(t.Context(), "t", u.ID, identity.CredentialPassword); c.Data != u.ID || err != nil {
			t.Errorf("user %s has no password: %v", u.ID, err)
		}
		if taken, err := s.ValueTaken(t.Context(), "t", identity.ClaimEmail, u.ID, ""); !taken || err != nil {
			t.Errorf("user %s has no value: %v", u.ID, err)
		}
	}
	now := time.Now()
	messages, err := s.ClaimDue(t.Context(), now, now, 1_000_000)
	if err != nil || len(messages) != total {
		t.Errorf("%d messages for %d users: %v", len(messages), total, err)
	}
}

// checkSignIns checks that a request is there with what was proved, or that it
// is gone and its session and grant are there; and that no assertion can be
// redeemed again.
func checkSignIns(t *testing.T, s *sqlstore.Store, acknowledged map[string][]string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	spent, finished := map[string]bool{}, map[string]bool{}
	for _, id := range acknowledged["spent"] {
		spent[id] = true
	}
	for _, id := range acknowledged["finished"] {
		finished[id] = true
	}
	for _, id := range acknowledged["asked"] {
		r, requestErr := s.FindRequest(ctx, "signin", id, now)
		_, sessionErr := s.FindSession(ctx, "signin", id, now)
		_, grantErr := s.FindGrant(ctx, "signin", id, now)
		waits := requestErr == nil && errors.Is(sessionErr, grant.ErrNoSession) && errors.Is(grantErr, grant.ErrNoGrant)
		ended := errors.Is(requestErr, grant.ErrNoRequest) && sessionErr == nil && grantErr == nil
		if !waits && !ended || finished[id] && !ended || waits && spent[id] && r.User != "u" {
			t.Errorf("request %s: %v, session: %v, grant: %v", id, requestErr, sessionErr, grantErr)
		}
	}
	replay := "replays " + now.String()
	if err := s.CreateRequest(ctx, &grant.Request{Tenant: "signin", ID: replay, Application: "a", Expires: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for id := range spent {
		_, err := s.UpdateRequest(ctx, "signin", replay, now, func(*grant.Request) error { return nil }, &grant.Assertion{ID: id, Expires: now})
		if !errors.Is(err, grant.ErrSpent) {
			t.Errorf("assertion %s was redeemed again: %v", id, err)
		}
	}
}

func checkSound(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, check := range []string{"PRAGMA integrity_check", "SELECT count(*) || '' FROM pragma_foreign_key_check"} {
		var result string
		if err := db.QueryRowContext(t.Context(), check).Scan(&result); err != nil {
			t.Fatal(err)
		}
		if result != "ok" && result != "0" {
			t.Errorf("%s: %s", check, result)
		}
	}
}
