package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestScopes reads the sources of all APIs: the scopes they ask for are those
// of the list, and no others.
func TestScopes(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(scopes) || len(slices.Compact(Scopes())) != len(scopes) {
		t.Error("the list is not in order")
	}
	apis := filepath.Join("..", "httpapi") + string(filepath.Separator)
	asked := map[string]bool{}
	for path, file := range sources(t, "..") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec: // const ScopeView = "…"
				for i, name := range n.Names {
					if strings.HasPrefix(name.Name, "Scope") && i < len(n.Values) && strings.HasPrefix(path, apis) {
						if scope, ok := text(n.Values[i]); ok {
							asked[scope] = true
						}
					}
				}
			case *ast.CallExpr:
				// A scope is asked for by its name, so that it is seen here.
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Require" || f.Sel.Name == "RequireOr") && len(n.Args) > 1 {
					if scope, literal := text(n.Args[0]); literal && scope != "" {
						t.Errorf("%s: Require(%q) without a constant called Scope…", path, scope)
					}
				}
			case *ast.BasicLit:
				if scope, ok := text(n); ok && strings.HasPrefix(scope, "internal_") {
					asked[scope] = true
				}
			}
			return true
		})
	}
	for scope := range asked {
		if !slices.Contains(scopes, scope) {
			t.Errorf("%s is not in the list", scope)
		}
	}
	for _, scope := range scopes {
		if !asked[scope] {
			t.Errorf("nobody asks for %s", scope)
		}
	}
}

// sources parses the module's files but tests and the list itself.
func sources(t *testing.T, root string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "build"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == filepath.Join(root, "httpapi", "scopes.go"):
			return nil
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	return files
}

func text(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(literal.Value)
	return s, err == nil
}
