package archtest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDependencies holds docs/dependencies.md to what go.mod, the tools' go.mod,
// the package.json of console and browser and the scripts name: each has its
// reason there.
func TestDependencies(t *testing.T) {
	t.Parallel()
	reasons := read(t, "../../docs/dependencies.md")
	for _, name := range slices.Concat(modules(t), tools(t), npmPackages(t, "console"), npmPackages(t, "browser"), debianPackages(t)) {
		if !strings.Contains(reasons, "`"+name) {
			t.Errorf("docs/dependencies.md does not say why there is %s", name)
		}
	}
}

// modules are those that go.mod requires of itself, not for another.
func modules(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, r := range readMod(t, "../../go.mod").Require {
		if !r.Indirect {
			list = append(list, r.Path)
		}
	}
	return list
}

// tools are the modules of the programs that tools/go.mod pins.
func tools(t *testing.T) []string {
	t.Helper()
	mod := readMod(t, "../../tools/go.mod")
	var list []string
	for _, r := range mod.Require {
		for _, tool := range mod.Tool {
			if strings.HasPrefix(tool.Path, r.Path+"/") || tool.Path == r.Path {
				list = append(list, r.Path)
			}
		}
	}
	if len(list) != len(mod.Tool) {
		t.Errorf("the tools are of %q, and there are %d", list, len(mod.Tool))
	}
	return list
}

type modFile struct {
	Require []struct {
		Path     string
		Indirect bool
	}
	Tool []struct{ Path string }
}

func readMod(t *testing.T, path string) (mod modFile) {
	t.Helper()
	if err := json.Unmarshal([]byte(run(t, "mod", "edit", "-json", path)), &mod); err != nil {
		t.Fatal(err)
	}
	return mod
}

// npmPackages are those that the folder's package.json names, each with an
// exact version.
func npmPackages(t *testing.T, folder string) []string {
	t.Helper()
	var manifest struct {
		Dependencies    map[string]string
		DevDependencies map[string]string
	}
	if err := json.Unmarshal([]byte(read(t, "../../"+folder+"/package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	maps.Copy(all, manifest.Dependencies)
	maps.Copy(all, manifest.DevDependencies)
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+(-[\w.]+)?$`)
	for name, version := range all {
		if !exact.MatchString(version) {
			t.Errorf("%s/package.json has %s %s, which is no exact version", folder, name, version)
		}
	}
	return slices.Collect(maps.Keys(all))
}

// debianPackages are those that the scripts install.
func debianPackages(t *testing.T) []string {
	t.Helper()
	scripts, err := filepath.Glob("../../scripts/*-setup")
	if err != nil {
		t.Fatal(err)
	}
	install := regexp.MustCompile(`(?m)apt-get install -y -qq --no-install-recommends (\S+)`)
	var list []string
	for _, script := range scripts {
		for _, found := range install.FindAllStringSubmatch(read(t, script), -1) {
			list = append(list, found[1])
		}
	}
	if len(list) < 4 {
		t.Errorf("the scripts install %q: packages are missing here", list)
	}
	return list
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
