package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/flow"
	"usher/identity"
	"usher/starter"
	"usher/store/sqlite"
	"usher/store/sqlstore"
)

// TestCommandsAreAudited: what an operator changes by commands is in the audit
// log, once and without secrets; what changes nothing is not.
func TestCommandsAreAudited(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *sqlstore.Store {
		st, err := sqlite.Open(t.Context(), filepath.Join(dir, "usher.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	p := &process{stdin: strings.NewReader(""), stdout: t.Output(), stderr: t.Output(), now: func() time.Time { return time.Now().UTC() }}
	st := open()
	if err := addTenant(t.Context(), st, identity.DefaultTenant, p); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	document := bytes.Replace(starter.Default(flow.Registration), []byte("{"), []byte(`{"mine":true,`), 1)
	file := filepath.Join(dir, "registration.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for _, command := range [][]string{
		{"tenant", "add", "acme"},
		{"tenant", "add", "acme"},
		{"user", "add", "--tenant", "acme", "--role", "editor", "--email", "grace@example.com", "grace"},
		{"flow", "import", "--tenant", "acme", file},
		{"flow", "import", "--tenant", "acme", file},
		{"flow", "life", "--tenant", "acme", "REGISTRATION", "1h"},
		{"flow", "life", "--tenant", "acme", "REGISTRATION", "1h"},
		{"flow", "life", "--tenant", "acme", "REGISTRATION"},
		{"keys", "rotate", "--secret-key", key},
		{"keys", "rotate", "--revoke", "--secret-key", key},
	} {
		p.stdin = strings.NewReader("Gr8-password\n")
		if code := p.run(append(command, "--data-dir", dir, "--password-hash-memory-kib=8", "--password-hash-time=1")); code != 0 {
			t.Fatalf("%v: exit code %d", command, code)
		}
	}
	st = open()
	defer st.Close()
	for tenant, want := range map[string][]string{
		identity.DefaultTenant: {"tenant.created acme", "keys.rotated signing keys", "keys.revoked signing keys"},
		"acme":                 {"user.created", "flow.published REGISTRATION", "flow.configured REGISTRATION"},
	} {
		list, err := st.ListEntries(t.Context(), audit.Query{Tenant: tenant, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(list)
		var got []string
		for _, e := range list {
			did := e.Kind + " " + e.Target
			if e.Kind == "user.created" {
				did = e.Kind
			}
			got = append(got, did)
			if !strings.HasPrefix(e.Actor.Name, "command line") || e.Actor.ID != "" {
				t.Errorf("%s was by %+v", did, e.Actor)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tenant, diff)
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Gr8-password", "grace", key} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is in the log: %s", secret, text)
			}
		}
	}
}
