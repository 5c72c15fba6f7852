//go:build blackbox

package blackbox

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNoSecretInClear makes every journey at the most talkative log level and
// then looks for what was typed and sent in everything the server keeps and
// says. The letters themselves are the delivery and may hold codes.
func TestNoSecretInClear(t *testing.T) {
	t.Parallel()
	s := launch(t)
	secrets := map[string]string{"administrator's password": adminPassword}
	typed := func(what, value string) string {
		secrets[what] = value
		return value
	}

	const kim, lee = "kim.secretive@example.com", "lee.secretive@example.com"
	s.register(t, kim, typed("registered password", "Walnut-Harbour-71"))
	first := s.begin(t, "REGISTRATION")
	s.execute(t, submission(first.FlowID, "other@example.com", typed("refused password", "Qx#7Lw")))
	waiting := s.begin(t, "REGISTRATION")
	s.execute(t, object{"flowId": waiting.FlowID, "actionId": "submit-registration", "inputs": object{
		"email": "not an address", "password": typed("password beside a wrong address", "Meadow-Lantern-42"),
	}})

	page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, kim)).moved(t)
	codes := []string{s.awaitLetter(t, kim, 1).code(t)}
	s.execute(t, page.resend(t)).moved(t)
	codes = append(codes, s.awaitLetter(t, kim, 2).code(t))
	page = s.execute(t, page.fill(t, codes[1])).moved(t)
	s.execute(t, page.fill(t, typed("recovered password", "Copper-Thistle-93"))).ok(t, "COMPLETE")

	s.createUser(t, lee, object{
		"emails":               []object{{"value": lee, "primary": true}},
		"urn:scim:wso2:schema": object{"askPassword": true},
	})
	invitation := typed("invitation", s.awaitLetter(t, lee, 1).confirmation(t))
	page = s.execute(t, object{"flowType": "INVITED_USER_REGISTRATION", "inputs": object{"confirmationCode": invitation}}).moved(t)
	s.execute(t, page.fill(t, typed("invited user's password", "Juniper-Anvil-58"))).ok(t, "COMPLETE")

	for _, user := range []string{kim, lee} {
		s.signsIn(t, user, typed("password of a failed sign-in", "Marble-Otter-16"))
	}
	s.signsIn(t, kim, secrets["recovered password"])
	// What clients put where it does not belong must not be kept either.
	s.execute(t, object{"flowId": typed("password as flowId", "Velvet-Engine-27")})
	s.execute(t, object{"flowType": "REGISTRATION", "actionId": typed("password as action", "Silver-Cactus-38")})
	s.createUser(t, "mia@example.com", object{"password": typed("provisioned password", "Saffron-Bridge-64")})
	a := s.admin(t, http.MethodGet, "/scim2/Users", nil)
	for what, value := range secrets {
		if bytes.Contains(a.raw, []byte(value)) {
			t.Errorf("%s is in the users' list", what)
		}
	}

	s.search(t, secrets, codes, []string{kim, lee})
	s.kill() // what is left on disk as it lies
	s.search(t, secrets, codes, []string{kim, lee})
	s.start(t)
	s.awaitReady(t)
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.search(t, secrets, codes, []string{kim, lee})
}

// search looks at every file in the server's folder: names for all, content but
// for letters. Addresses are only looked for in the log.
func (s *server) search(tb testing.TB, secrets map[string]string, codes, addresses []string) {
	tb.Helper()
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(s.dir, path)
		content := []byte(name)
		if entry.Type().IsRegular() && filepath.Ext(path) != ".eml" {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = append(content, data...)
		}
		for what, value := range secrets {
			for _, form := range forms(value) {
				if bytes.Contains(bytes.ToLower(content), []byte(strings.ToLower(form))) {
					tb.Errorf("%s: holds the %s as %q", name, what, form)
				}
			}
		}
		for _, code := range codes {
			if regexp.MustCompile(`(^|[^0-9.])` + code + `([^0-9]|$)`).Match(content) {
				tb.Errorf("%s: holds the code %s", name, code)
			}
		}
		for _, address := range addresses {
			if (path == s.logFile() || entry.IsDir() || filepath.Ext(path) == ".eml") && bytes.Contains(content, []byte(address)) {
				tb.Errorf("%s: holds the address %s", name, address)
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// forms are ways in which a careless program writes a value.
func forms(value string) []string {
	return []string{
		value,
		url.QueryEscape(value),
		hex.EncodeToString([]byte(value)),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(value)), "="),
		strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(value)), "="),
		strings.Trim(fmt.Sprintf("%d", []byte(value)), "[]"),
	}
}

// TestSearchFinds holds that the search above can find something.
func TestSearchFinds(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"x Walnut-Harbour-71 y", hex.EncodeToString([]byte("Walnut-Harbour-71")), `{"code":"482913"}`, `{"to":"kim@example.com"}`,
	} {
		s, probe := &server{dir: t.TempDir()}, new(recorder)
		if err := os.WriteFile(s.logFile(), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s.search(probe, map[string]string{"password": "Walnut-Harbour-71"}, []string{"482913"}, []string{"kim@example.com"})
		if probe.faults == 0 {
			t.Errorf("nothing found in %q", content)
		}
	}
}

// recorder counts the faults a check would report.
type recorder struct {
	testing.TB
	faults int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.faults++ }
