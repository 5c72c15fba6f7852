//go:build blackbox

package blackbox

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// result is how a command ended.
type result struct {
	code        int
	stdout, err string
}

// run runs a command in the server's folder, with stdin as its standard input.
func (s *server) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return finish(t, s.command(args...), stdin)
}

func finish(t *testing.T, cmd *exec.Cmd, stdin string) result {
	t.Helper()
	var out, err bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &err
	fault := cmd.Run()
	if exit := (*exec.ExitError)(nil); fault != nil && !errors.As(fault, &exit) {
		t.Fatal(fault)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}

// exits fails the test unless the command ended with the code.
func (r result) exits(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", r.code, code, r.stdout, r.err)
	}
	return r
}

// TestHealthcheck holds that the command tells a server that is ready from none.
func TestHealthcheck(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	if r := s.run(t, "", "healthcheck").exits(t, 1); r.err == "" {
		t.Error("no reason given")
	}
	s.start(t)
	s.awaitReady(t)
	s.run(t, "", "healthcheck").exits(t, 0)
	if code := s.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	s.run(t, "", "healthcheck").exits(t, 1)
}

// TestOneServerPerFolder holds that a second server on the same data is refused
// and harms nothing.
func TestOneServerPerFolder(t *testing.T) {
	t.Parallel()
	s := launch(t)
	second := s.command("serve")
	second.Env = append(second.Env, "USHER_LISTEN_ADDR="+freeAddr(t), "USHER_OPS_ADDR="+freeAddr(t))
	if r := finish(t, second, "").exits(t, 1); r.err == "" {
		t.Error("no reason given")
	}
	s.register(t, "kim@example.com", "MyP@ssw0rd!")
}

// TestFlowCommands takes a flow out, changes it, puts it back, all beside a
// running server.
func TestFlowCommands(t *testing.T) {
	t.Parallel()
	s := launch(t)
	waiting := s.begin(t, "REGISTRATION")
	exported := s.run(t, "", "flow", "export", "REGISTRATION").exits(t, 0).stdout
	s.run(t, exported, "flow", "lint", "-").exits(t, 0)

	changed := strings.ReplaceAll(exported, `"submit-registration"`, `"sign-up-now"`)
	if changed == exported {
		t.Fatalf("no submit-registration in\n%s", exported)
	}
	file := filepath.Join(s.dir, "registration.json")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "", "flow", "import", file).exits(t, 0)
	if again := s.run(t, "", "flow", "export", "REGISTRATION").exits(t, 0).stdout; again != changed {
		t.Errorf("exported after import:\n%s\nwant\n%s", again, changed)
	}
	if action := s.begin(t, "REGISTRATION").button(t); action != "sign-up-now" {
		t.Errorf("the running server still begins with %s", action)
	}
	s.execute(t, submission(waiting.FlowID, "kim@example.com", "MyP@ssw0rd!")).ok(t, "COMPLETE")

	broken := strings.ReplaceAll(strings.ReplaceAll(changed, "PasswordProvisioningExecutor", "NoSuchExecutor"), `"VIEW"`, `"RULE"`)
	for _, command := range []string{"lint", "import"} {
		r := s.run(t, broken, "flow", command, "-").exits(t, 1)
		if !strings.Contains(r.stdout+r.err, "RFM-60001") {
			t.Errorf("flow %s: no RFM-60001 in %s%s", command, r.stdout, r.err)
		}
	}
	s.run(t, "{", "flow", "import", "-").exits(t, 1)
	s.run(t, "", "flow", "export", "NONE").exits(t, 2)
	if after := s.run(t, "", "flow", "export", "registration").exits(t, 0).stdout; after != changed {
		t.Error("what was refused was published")
	}
}

// TestUserAdd adds people beside a running server.
func TestUserAdd(t *testing.T) {
	t.Parallel()
	s := launch(t)
	r := s.run(t, "Root.Passw0rd\n", "user", "add", "--role", "admin", "--email", "root@example.com", "root@example.com").exits(t, 0)
	if strings.Contains(r.stdout+r.err, "Root.Passw0rd") {
		t.Error("the password is printed")
	}
	if !s.signsIn(t, "root@example.com", "Root.Passw0rd") {
		t.Error("the new user cannot sign in")
	}
	if a := s.call(t, "root@example.com", "Root.Passw0rd", http.MethodGet, "/scim2/Users", nil); a.status != http.StatusOK {
		t.Errorf("the new administrator: %v", a)
	}
	s.run(t, "Other.Passw0rd\n", "user", "add", "root@example.com").exits(t, 1)
	s.run(t, "short\n", "user", "add", "weak@example.com").exits(t, 1)
	s.run(t, "", "user", "add", "none@example.com").exits(t, 1)
	for name, want := range map[string]int{"root@example.com": 1, "weak@example.com": 0, "none@example.com": 0} {
		if n := s.countUsers(t, name); n != want {
			t.Errorf("%s: %d users, want %d", name, n, want)
		}
	}
	if s.signsIn(t, "root@example.com", "Other.Passw0rd") {
		t.Error("adding again changed the password")
	}
	// What was added is a person like any other.
	page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, "root@example.com")).moved(t)
	page = s.execute(t, page.fill(t, s.awaitLetter(t, "root@example.com", 1).code(t))).moved(t)
	s.execute(t, page.fill(t, "Third.Passw0rd")).ok(t, "COMPLETE")
}
