//go:build unix

// Package cluster runs servers of PostgreSQL for tests, each in a temporary
// folder of its own, from what is installed. A server ends with the process that
// started it, however that ends, and leaves nothing behind.
package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Shutdown is how a server is stopped: a signal of
// https://www.postgresql.org/docs/current/server-shutdown.html.
type Shutdown string

const (
	// Fast ends the connections and then the server in order.
	Fast Shutdown = "INT"
	// Immediate ends the server as a crash of it would: what is committed is
	// recovered at its start, but for the last moments of connections with
	// synchronous_commit=off.
	Immediate Shutdown = "QUIT"
)

// runs obeys one order a line until its standard input is closed, which the
// system does when the process dies that holds it.
const runs = `bin=$1 dir=$2 port=$3 fsync=$4
start() {
	"$bin/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$port" -c fsync="$fsync" -c full_page_writes="$fsync" \
		-c max_connections=300 -c shared_buffers=128MB -c log_min_messages=fatal </dev/null >>"$dir/log" 2>&1 &
	server=$!
}
start
while read -r order; do
	case $order in
	start) start ;;
	*)
		kill -"$order" $server
		wait $server
		echo stopped
		;;
	esac
done
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$dir"`

// Cluster is one server and its databases. Its methods are for one caller at a
// time.
type Cluster struct {
	bin, dir string
	port     int
	orders   io.WriteCloser
	said     *bufio.Reader
	keeper   *exec.Cmd
}

// Start starts a server and returns when it answers. It writes to disk without
// waiting for it, unless USHER_TEST_POSTGRES_FSYNC is "on", as benchmarks want
// it.
func Start() (c *Cluster, err error) {
	c = &Cluster{}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "usher-postgres-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(c.dir))
		}
	}()
	as, err := unprivileged(c.dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(c.Program("initdb"), "-D", filepath.Join(c.dir, "data"), "-U", "usher", "-E", "UTF8",
		"--locale=C", "--auth=trust", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = c.dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := c.keep(as); err != nil {
		return nil, err
	}
	running.Store(c, true)
	return c, c.awaited()
}

// running keeps servers that nobody refers to any more: collecting one would
// close its input, which ends it.
var running sync.Map

// keep starts what keeps the server.
func (c *Cluster) keep(as *syscall.SysProcAttr) error {
	fsync := "off"
	if os.Getenv("USHER_TEST_POSTGRES_FSYNC") == "on" {
		fsync = "on"
	}
	c.keeper = exec.Command("/bin/sh", "-c", runs, "sh", c.bin, c.dir, strconv.Itoa(c.port), fsync)
	c.keeper.Dir, c.keeper.SysProcAttr = c.dir, as
	orders, err := c.keeper.StdinPipe()
	if err != nil {
		return err
	}
	said, err := c.keeper.StdoutPipe()
	if err != nil {
		return err
	}
	c.orders, c.said = orders, bufio.NewReader(said)
	return c.keeper.Start()
}

// Address is that of a database, which need not be there.
func (c *Cluster) Address(database string) string {
	return fmt.Sprintf("postgres://usher@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// Program is the path of one of PostgreSQL's programs, such as pg_dump.
func (c *Cluster) Program(name string) string { return filepath.Join(c.bin, name) }

// Stop stops the server and returns when it has ended.
func (c *Cluster) Stop(how Shutdown) error {
	if _, err := fmt.Fprintln(c.orders, how); err != nil {
		return err
	}
	_, err := c.said.ReadString('\n')
	return err
}

// Resume starts a stopped server and returns when it answers.
func (c *Cluster) Resume() error {
	if _, err := fmt.Fprintln(c.orders, "start"); err != nil {
		return err
	}
	return c.awaited()
}

// Close ends the server and removes its folder.
func (c *Cluster) Close() error {
	running.Delete(c)
	return errors.Join(c.orders.Close(), c.keeper.Wait())
}

// binaries is the folder of PostgreSQL's programs.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", err
		}
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
func (c *Cluster) awaited() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.Address("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("PostgreSQL does not start: %w: %s", err, bytes.TrimSpace(text))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
