package archtest

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDependencies holds docs/dependencies.md to what go.mod and the package.json
// of console and browser name: each has its reason there.
func TestDependencies(t *testing.T) {
	t.Parallel()
	reasons := read(t, "../../docs/dependencies.md")
	for _, name := range slices.Concat(modules(t), npmPackages(t, "console"), npmPackages(t, "browser")) {
		if !strings.Contains(reasons, "`"+name) {
			t.Errorf("docs/dependencies.md does not say why there is %s", name)
		}
	}
}

// modules are those that go.mod requires of itself, not for another.
func modules(t *testing.T) []string {
	t.Helper()
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal([]byte(run(t, "mod", "edit", "-json")), &mod); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range mod.Require {
		if !r.Indirect {
			list = append(list, r.Path)
		}
	}
	return list
}

func npmPackages(t *testing.T, folder string) []string {
	t.Helper()
	var manifest struct {
		Dependencies    map[string]string
		DevDependencies map[string]string
	}
	if err := json.Unmarshal([]byte(read(t, "../../"+folder+"/package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	return slices.AppendSeq(slices.Collect(maps.Keys(manifest.Dependencies)), maps.Keys(manifest.DevDependencies))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
