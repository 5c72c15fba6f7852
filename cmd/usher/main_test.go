package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"usher": main})
}

// TestCommands runs the scripts of testdata/cli against the real main, each in
// an empty folder and environment with addresses that are free. Beside
// testscript's own commands there are:
//
//	code N usher ARGUMENTS   the exit code, with stdout and stderr to look at
//	ready                    waits until the server on $OPS is ready
//	mode FILE 0600           the permissions of a file
func TestCommands(t *testing.T) {
	t.Parallel()
	testscript.Run(t, commandParams("testdata/cli"))
}

func commandParams(dir string) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"ADDR", "OPS"} {
				addr, err := freeAddr()
				if err != nil {
					return err
				}
				env.Setenv(name, addr)
			}
			// Hashing at its cheapest: nothing here is about passwords' strength.
			env.Setenv("USHER_PASSWORD_HASH_MEMORY_KIB", "8")
			env.Setenv("USHER_PASSWORD_HASH_TIME", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": exitCode, "ready": awaitReady, "mode": checkMode,
		},
	}
}

// freeAddr returns an address that nobody uses. On Linux it is one of the many
// of the loopback network, so that no client's connection takes its port before
// the server does.
func freeAddr() (string, error) {
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARGUMENTS")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func awaitReady(ts *testscript.TestScript, _ bool, _ []string) {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		response, err := http.Get("http://" + ts.Getenv("OPS") + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("the server is not ready after 10 s")
}

func checkMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}
