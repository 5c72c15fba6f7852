//go:build blackbox

package blackbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSecretKeyIsReplaced replaces the secret key of two nodes one after the
// other, as docs/operations.md says: either node takes codes that were sent at
// any time, the same keys sign, connections keep their secrets, and at the end
// the former key opens nothing.
func TestSecretKeyIsReplaced(t *testing.T) {
	t.Parallel()
	_, address := database(t)
	list := launchNodes(t, 2, address)
	a, b := list[0], list[1]
	former, next := a.setting("USHER_SECRET_KEY"), newKey()
	give := func(s *server, key, others string) {
		t.Helper()
		s.stop(t)
		s.settings = append(s.settings, "USHER_SECRET_KEY="+key, "USHER_OTHER_SECRET_KEYS="+others)
		s.start(t)
		s.awaitReady(t)
	}
	var created struct{ ID string }
	provider := a.admin(t, http.MethodPost, "/api/server/v1/identity-providers", object{
		"name": "Google", "kind": "GoogleExecutor", "settings": object{"client_id": "1"}, "secrets": object{"client_secret": "not told"},
	})
	if provider.status != http.StatusCreated {
		t.Fatal(provider)
	}
	decode(t, provider.raw, &created)
	published := a.signingKeys(t)
	// asked recovers somebody's password as far as the code, which it returns as
	// the submission.
	asked := func(s *server, email string) object {
		t.Helper()
		a.register(t, email, "MyP@ssw0rd!")
		at := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, email)).moved(t)
		var mails []letter
		eventually(t, 15*time.Second, "the code is mailed", func() bool {
			mails = append(a.letters(t, email), b.letters(t, email)...)
			return len(mails) > 0
		})
		return at.fill(t, mails[0].code(t))
	}

	first := asked(a, "first@example.com")
	give(a, former, next) // b knows nothing of the new key yet
	give(b, former, next)
	second := asked(b, "second@example.com")
	give(a, next, former) // b seals under the former key still
	b.execute(t, asked(a, "third@example.com")).moved(t)
	a.execute(t, asked(b, "fourth@example.com")).moved(t)
	give(b, next, former)
	a.execute(t, first).moved(t)
	b.execute(t, second).moved(t)

	outcome := a.run(t, "", "keys", "reseal").exits(t, 0)
	if want := "sealed anew: 2 signing keys, 1 connections"; !strings.Contains(outcome.stdout, want) {
		t.Errorf("%q does not say %q", outcome.stdout, want)
	}
	outcome = b.run(t, "", "keys", "reseal").exits(t, 0)
	if want := "sealed anew: 0 signing keys, 0 connections"; !strings.Contains(outcome.stdout, want) {
		t.Errorf("%q does not say %q", outcome.stdout, want)
	}
	for _, kind := range []string{"keys.resealed", "connection.resealed"} {
		if log := a.admin(t, http.MethodGet, "/api/server/v1/audit-log?kind="+kind, nil); strings.Count(string(log.raw), `"`+kind+`"`) != 1 {
			t.Errorf("the audit log says of %s: %s", kind, log)
		}
	}
	last := asked(a, "last@example.com")
	give(a, next, "")
	give(b, next, "")
	b.execute(t, last).moved(t)
	if now := b.signingKeys(t); now != published {
		t.Errorf("the keys %v sign, and not %v", now, published)
	}
	kept := b.admin(t, http.MethodGet, "/api/server/v1/identity-providers/"+created.ID, nil)
	if !strings.Contains(string(kept.raw), `"secretsSet":["client_secret"]`) {
		t.Errorf("the connection is %s", kept)
	}

	// The former key opens nothing any more.
	a.stop(t)
	a.settings = append(a.settings, "USHER_SECRET_KEY="+former)
	if outcome := a.run(t, "", "keys", "reseal").exits(t, 1); !strings.Contains(outcome.err, "was not sealed with this secret key") {
		t.Errorf("the former key: %s", outcome.err)
	}
}

// signingKeys returns the keys that tokens are verified with, as published.
func (s *server) signingKeys(t *testing.T) string {
	t.Helper()
	return string(s.call(t, "", "", http.MethodGet, "/oauth2/jwks", nil).raw)
}
