//go:build unix

package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// runs keeps the server for as long as its standard input is open, and leaves
// nothing behind: when the test process dies, the system closes the pipe.
const runs = `"$1/postgres" -D "$2/data" -k "$2" -h 127.0.0.1 -p "$3" \
	-c fsync=` + `"$4"` + ` -c full_page_writes="$4" -c max_connections=300 -c shared_buffers=128MB -c log_min_messages=fatal </dev/null >"$2/log" 2>&1 &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$2"`

// Start starts a server of this process's own and returns its address. It
// writes to disk without waiting for it, unless USHER_TEST_POSTGRES_FSYNC is
// "on", as benchmarks want it. It is called once.
func Start() (address string, err error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "usher-postgres-")
	if err != nil {
		return "", err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "usher", "-E", "UTF8",
		"--locale=C", "--auth=trust", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	port, err := freePort()
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	fsync := "off"
	if os.Getenv("USHER_TEST_POSTGRES_FSYNC") == "on" {
		fsync = "on"
	}
	run := exec.Command("/bin/sh", "-c", runs, "sh", bin, dir, strconv.Itoa(port), fsync)
	run.Dir, run.SysProcAttr = dir, as
	life, err := run.StdinPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	alive = life
	address = fmt.Sprintf("postgres://usher@127.0.0.1:%d/postgres?sslmode=disable", port)
	return address, awaited(address, filepath.Join(dir, "log"))
}

// alive keeps the pipe from being collected, which would close it.
var alive any

// binaries is the folder of PostgreSQL's programs.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed: scripts/postgres-setup does it, or set USHER_TEST_POSTGRES_URL")
	}
	slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

// unprivileged gives the folder to a user other than root, who the server
// refuses to run as, and returns what a command needs to run as that user.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	// A signal to the group of the test, such as ^C, must not end it earlier.
	as := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return as, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return as, os.Chown(dir, int(uid), int(gid))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// awaited returns when the server answers.
func awaited(address, log string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, address)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(log)
			return fmt.Errorf("PostgreSQL does not start: %w: %s", err, bytes.TrimSpace(text))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
