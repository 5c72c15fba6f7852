//go:build postgres

package main

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"usher/store"
	"usher/store/postgres/postgrestest"
)

func openTestStore(t testing.TB) (st store.Store, kept func() []byte) {
	t.Helper()
	address := postgrestest.Database(t)
	return postgrestest.OpenAt(t, address), func() []byte { return postgrestest.Contents(t, address) }
}

// TestPostgresCommands is TestCommands for scripts that need two databases,
// $EMPTY with tables and $BARE without. "key FILE" sets USHER_SECRET_KEY.
func TestPostgresCommands(t *testing.T) {
	t.Parallel()
	p := commandParams("testdata/postgres")
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		withPassword := strings.NewReplacer("usher@", "usher:hunter2@")
		env.Setenv("EMPTY", withPassword.Replace(postgrestest.Database(t)))
		env.Setenv("BARE", withPassword.Replace(postgrestest.Bare(t)))
		return setup(env)
	}
	p.Cmds["key"] = func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Setenv("USHER_SECRET_KEY", strings.TrimSpace(ts.ReadFile(args[0])))
	}
	testscript.Run(t, p)
}
