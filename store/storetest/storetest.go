// Package storetest is the suite that every store passes: one test for each
// guarantee that the contracts' comments give.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/store"
)

// Open returns a new, empty store that is closed at the end of the test.
type Open func(t testing.TB) store.Store

// Run runs the suite, each test on a store of its own.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, store.Store)
	}{
		{"Executions", executions},
		{"Definitions", definitions},
		{"Drafts", drafts},
		{"Versions", versions},
		{"Users", users},
		{"Admins", admins},
		{"Along", alongs},
		{"Credentials", credentials},
		{"List", lists},
		{"Claims", claims},
		{"Connections", connections},
		{"Applications", applications},
		{"Branding", brandings},
		{"Requests", requests},
		{"Sessions", sessions},
		{"Grants", grants},
		{"SignOuts", signOuts},
		{"SigningKeys", signingKeys},
		{"SignInSettings", signInSettings},
		{"Outbox", outbox},
		{"Wordings", wordings},
		{"Desk", desk},
		{"Audit", audits},
		{"Limits", limits},
		{"Store", wholes},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for name, test := range group.tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, open(t))
				})
			}
		})
	}
}

const (
	tenant = "acme.example"
	other  = "other.example" // a tenant that must not see acme's
)

// start is the present of the tests. Stores keep microseconds.
var start = time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
}

// together calls f on n goroutines at one moment and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-gate
			errs[i] = f(i)
		})
	}
	close(gate)
	wg.Wait()
	return errs
}

// split counts the calls that succeeded and checks that all others failed as
// expected.
func split(t testing.TB, errs []error, expected func(error) bool) (succeeded int) {
	t.Helper()
	for i, err := range errs {
		switch {
		case err == nil:
			succeeded++
		case !expected(err):
			t.Errorf("call %d: %v", i, err)
		}
	}
	return succeeded
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// cancelled returns a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func numbered(prefix string, i int) string { return fmt.Sprintf("%s-%03d", prefix, i) }
