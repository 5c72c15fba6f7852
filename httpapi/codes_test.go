package httpapi

import (
	"bytes"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCodes reads the sources of all APIs: the first two digits of a code say
// which one it is of, so that a code means one thing. Those with 10 are
// everybody's.
func TestCodes(t *testing.T) {
	t.Parallel()
	codes := regexp.MustCompile(`^UE-(\d{2})\d{3}$`)
	owner, own := map[string]string{}, map[string]string{}
	for path, file := range sources(t, "..") {
		folder := filepath.Dir(path)
		ast.Inspect(file, func(n ast.Node) bool {
			literal, _ := n.(ast.Expr)
			code, ok := text(literal)
			digits := codes.FindStringSubmatch(code)
			switch {
			case !ok || digits == nil || digits[1] == "10":
			case owner[digits[1]] != "" && owner[digits[1]] != folder:
				t.Errorf("%s is of %s, and %s has it too", code, owner[digits[1]], folder)
			case own[folder] != "" && own[folder] != digits[1]:
				t.Errorf("%s: codes with %s and with %s", folder, own[folder], digits[1])
			default:
				owner[digits[1]], own[folder] = folder, digits[1]
			}
			return true
		})
	}
	if len(owner) < 12 {
		t.Errorf("seen: %v", owner)
	}
}

// TestKinds reads what is written to the audit log: a thing, a part of it where
// it is about one, and what was done to it.
func TestKinds(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*(\.[a-z]+)?\.[a-z]+(-[a-z]+)*$`)
	told, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for path, file := range sources(t, "..") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !strings.EqualFold(f.Sel.Name, "along") {
				return true
			}
			if kind, ok := text(call.Args[1]); ok {
				seen++
				if !form.MatchString(kind) {
					t.Errorf("%s: %q is not of the form thing.part.done", path, kind)
				}
				if !bytes.Contains(told, []byte("`"+kind+"`")) {
					t.Errorf("%s: docs/operations.md does not tell of %q", path, kind)
				}
			}
			return true
		})
	}
	if seen < 20 {
		t.Errorf("%d kinds seen", seen)
	}
}
