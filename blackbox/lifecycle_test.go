//go:build blackbox

package blackbox

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestFirstStart is what a newcomer does: serve in an empty folder with nothing
// set but addresses that are free.
func TestFirstStart(t *testing.T) {
	s := prepare(t, "USHER_TLS=self-signed")
	s.scheme = "https"
	s.settings = []string{"USHER_LISTEN_ADDR=" + s.addr, "USHER_OPS_ADDR=" + s.ops}
	begun := time.Now()
	s.start(t)
	eventually(t, 10*time.Second, "a first answer", func() bool {
		a, err := s.try(object{"flowType": "REGISTRATION"}, "")
		return err == nil && a.status == http.StatusOK
	})
	took := time.Since(begun)
	t.Logf("first answer after %v", took)
	if took > 3*time.Second { // the promise is 1 s; a busy machine gets three
		t.Errorf("first answer after %v", took)
	}
	if entries, err := os.ReadDir(filepath.Join(s.dir, "data")); err != nil || len(entries) == 0 {
		t.Errorf("data folder: %v, %v", entries, err)
	}
	key, err := os.Stat(filepath.Join(s.dir, "data", "secret.key"))
	if err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("secret.key: %v, %v", key, err)
	}
	if !strings.Contains(s.log(t), "outbox") {
		t.Error("serve does not say that mail goes to the outbox")
	}
	password := printedPassword(t, s.log(t))
	if a := s.call(t, "admin", password, http.MethodGet, "/scim2/Users", nil); a.status != http.StatusOK {
		t.Errorf("the printed password: %v", a)
	}

	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	said := len(s.log(t))
	s.start(t)
	s.awaitReady(t)
	if again := s.log(t)[said:]; strings.Contains(again, password) {
		t.Error("the admin's password is printed at every start")
	}
	if a := s.call(t, "admin", password, http.MethodGet, "/scim2/Users", nil); a.status != http.StatusOK {
		t.Errorf("the printed password after a restart: %v", a)
	}
}

// printedPassword finds the generated password in what serve printed.
func printedPassword(t *testing.T, log string) string {
	t.Helper()
	found := regexp.MustCompile(`(?i)password["':=\s]+([^\s"',}]{12,})`).FindStringSubmatch(log)
	if found == nil {
		t.Fatalf("no password printed:\n%s", log)
	}
	return found[1]
}

// TestWrongSettings holds that every wrong setting is named at once, by flag and
// variable, before anything is made.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	wrong := map[string]string{
		"listen-addr": "nowhere", "tls": "perhaps", "public-url": "not a url", "database-url": "mysql://db/usher",
		"log-level": "loud", "rate-limits": "some", "secret-key": "c2hvcnQ=", "smtp-url": "gopher://mail",
	}
	for flag, value := range wrong {
		s.settings = append(s.settings, variable(flag)+"="+value)
	}
	out, err := s.command("serve").CombinedOutput()
	failed, ok := err.(*exec.ExitError)
	if !ok || failed.ExitCode() <= 0 {
		t.Fatalf("serve: %v\n%s", err, out)
	}
	for flag := range wrong {
		if text := string(out); !strings.Contains(text, "--"+flag) || !strings.Contains(text, variable(flag)) {
			t.Errorf("--%s and %s are not named in:\n%s", flag, variable(flag), out)
		}
	}
	if strings.Contains(string(out), "c2hvcnQ=") {
		t.Error("the secret key is printed")
	}
	if _, err := os.Stat(filepath.Join(s.dir, "data")); !os.IsNotExist(err) {
		t.Errorf("a data folder was made: %v", err)
	}
}

func variable(flag string) string {
	return "USHER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// TestOrderlyStop holds that requests in flight when SIGTERM comes are answered,
// and that the process then ends by itself with 0.
func TestOrderlyStop(t *testing.T) {
	t.Parallel()
	// Hashes this slow keep submissions in flight for long enough.
	s := launch(t, "USHER_PASSWORD_HASH_MEMORY_KIB=19456", "USHER_PASSWORD_HASH_TIME=12", "USHER_PASSWORD_HASH_PARALLEL=1")
	const n = 6
	var answered atomic.Int32
	var all sync.WaitGroup
	for range n {
		first := s.begin(t, "REGISTRATION")
		all.Go(func() {
			a, err := s.try(submission(first.FlowID, first.FlowID+"@example.com", "MyP@ssw0rd!"), "")
			answered.Add(1)
			if err != nil {
				t.Errorf("in flight: %v", err)
			} else if a.status != http.StatusOK || a.FlowStatus != "COMPLETE" {
				t.Errorf("in flight: %v", a)
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	if answered.Load() == n {
		t.Fatal("every submission was answered before the signal; nothing is tested")
	}
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	all.Wait()
}

// TestRestart holds that an execution waiting at a page, and users, are there
// after the process was stopped and after it was killed.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := launch(t)
	first, second := s.begin(t, "REGISTRATION"), s.begin(t, "REGISTRATION")
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.start(t)
	s.awaitReady(t)
	s.execute(t, submission(first.FlowID, "first@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
	s.kill()
	s.start(t)
	s.awaitReady(t)
	s.execute(t, submission(second.FlowID, "second@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")
	for _, name := range []string{"first@example.com", "second@example.com"} {
		if !s.signsIn(t, name, "MyP@ssw0rd!") {
			t.Errorf("%s cannot sign in", name)
		}
	}
}
