//go:build blackbox

package blackbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// usher is the binary under test, built once.
var usher string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "usher-blackbox-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	usher = filepath.Join(dir, "usher")
	build := exec.Command("go", "build", "-o", usher, "usher/cmd/usher")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build usher:", err)
		return 1
	}
	return m.Run()
}
