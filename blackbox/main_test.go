//go:build blackbox

package blackbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// usher is the binary under test, built once; under the race detector where the
// tests are told so.
var (
	usher  string
	racing = os.Getenv("USHER_TEST_RACE") != ""
)

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
	if racing {
		build.Args = append(build.Args[:2], "-race", "-o", usher, "usher/cmd/usher")
		build.Env = append(os.Environ(), "CGO_ENABLED=1")
	}
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build usher:", err)
		return 1
	}
	return m.Run()
}
