package archtest

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestLibcVersion keeps modernc.org/libc at the version modernc.org/sqlite was
// translated against; with any other it may misbehave without saying so.
func TestLibcVersion(t *testing.T) {
	t.Parallel()
	const libc = "modernc.org/libc"
	ours := strings.TrimSpace(run(t, "list", "-m", "-f", "{{.Version}}", libc))
	goMod := strings.TrimSpace(run(t, "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite"))
	var sqlite struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(run(t, "mod", "edit", "-json", goMod)), &sqlite); err != nil {
		t.Fatal(err)
	}
	for _, r := range sqlite.Require {
		if r.Path == libc {
			if r.Version != ours {
				t.Errorf("go.mod has %s %s, modernc.org/sqlite wants %s: go get %s@%s", libc, ours, r.Version, libc, r.Version)
			}
			return
		}
	}
	t.Fatalf("%s does not require %s", goMod, libc)
}
