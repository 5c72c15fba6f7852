package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/security.md says is held by a test, one holds.
func TestSecurityPage(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	must(t, err)
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	there := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		folder, _ := filepath.Rel(root, filepath.Dir(path))
		for _, m := range function.FindAllSubmatch(text, -1) {
			there[filepath.ToSlash(folder)+" "+string(m[1])] = true
		}
		return err
	})
	must(t, err)
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`(?: \\(`([a-z/]+)`\\))?").FindAllSubmatch(page, -1)
	if len(named) < 50 {
		t.Fatalf("the page names %d tests", len(named))
	}
	for _, m := range named {
		folder := string(m[2])
		if folder == "" {
			folder = "cmd/usher"
		}
		if !there[folder+" "+string(m[1])] {
			t.Errorf("there is no test %s in %s", m[1], folder)
		}
	}
}
