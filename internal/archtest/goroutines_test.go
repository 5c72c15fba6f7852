package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// startGoroutines are the packages that may: each waits for its own when it is
// closed. A request runs in its one goroutine, executors included, so that none
// is left behind whatever becomes of it.
var startGoroutines = []string{"audit/stream", "cmd/usher", "notify", "store/postgres", "store/sqlite"}

// notInServer are those that no binary of ours is made of.
var notInServer = regexp.MustCompile(`^(bench|blackbox|examples)\b|test\b`)

func TestGoroutines(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if slices.Contains(startGoroutines, name) || notInServer.MatchString(name) {
			continue
		}
		files, err := filepath.Glob("../../" + name + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				checkGoroutines(t, file)
			}
		}
	}
}

func checkGoroutines(t *testing.T, file string) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for n := range ast.Preorder(parsed) {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s starts a goroutine", set.Position(n.Pos()))
		case *ast.CallExpr: // of a sync.WaitGroup
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Go" {
				t.Errorf("%s starts a goroutine", set.Position(n.Pos()))
			}
		}
	}
}
