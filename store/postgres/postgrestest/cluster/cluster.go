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

// runs makes a server and obeys one order a line until its standard input is
// closed, which the system does when the process dies that holds it.
const runs = `bin=$1 dir=$2 port=$3 fsync=$4 data=$5 wal=$6
"$bin/initdb" -D "$data" -X "$wal" -U usher -E UTF8 --locale=C --auth=trust --no-sync >"$dir/log" 2>&1 || exit 1
start() {
	"$bin/postgres" -D "$data" -k "$dir" -h 127.0.0.1 -p "$port" -c fsync="$fsync" -c full_page_writes="$fsync" \
		-c max_connections=300 -c shared_buffers=128MB -c log_min_messages=fatal </dev/null >>"$dir/log" 2>&1 &
	server=$!
}
start
echo obeyed
while read -r order; do
	case $order in
	start) start ;;
	fill) dd if=/dev/zero of="$dir/small/ballast" bs=4k 2>/dev/null ;;
	free) rm -f "$dir/small/ballast" ;;
	*)
		kill -"$order" $server 2>/dev/null
		wait $server
		;;
	esac
	echo obeyed
done
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$dir"`

// small runs what follows its first two arguments with a small disk in a folder:
// in namespaces of its own, which need no privilege (user_namespaces(7)), and as
// a user there who is not root, as the server wants it.
const small = `size=$1 dir=$2
shift 2
mount -t tmpfs -o size="$size",mode=777 usher "$dir/small" || exit 1
unshare --user --map-user=1000 --map-group=1000 "$@"
umount "$dir/small"
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

// Part is some of a server's files.
type Part string

const (
	// Tables are all but the log.
	Tables Part = "data"
	// Log is the write-ahead log.
	Log Part = "wal"
)

// Start starts a server and returns when it answers. It writes to disk without
// waiting for it, unless USHER_TEST_POSTGRES_FSYNC is "on", as benchmarks want
// it.
func Start() (*Cluster, error) { return start("", 0) }

// StartSmall is Start with one part of the files on a disk of their own, of so
// many bytes, that Fill fills and Free frees. It needs Linux, with unshare and
// mount of util-linux.
func StartSmall(part Part, size int) (*Cluster, error) { return start(part, size) }

func start(part Part, size int) (c *Cluster, err error) {
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
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := c.keep(part, size); err != nil {
		return nil, err
	}
	running.Store(c, true)
	return c, c.awaited()
}

// running keeps servers that nobody refers to any more: collecting one would
// close its input, which ends it.
var running sync.Map

// keep starts what keeps the server.
func (c *Cluster) keep(part Part, size int) error {
	fsync := "off"
	if os.Getenv("USHER_TEST_POSTGRES_FSYNC") == "on" {
		fsync = "on"
	}
	folder := func(p Part) string {
		if p == part {
			return filepath.Join(c.dir, "small", string(p))
		}
		return filepath.Join(c.dir, string(p))
	}
	command := []string{"/bin/sh", "-c", runs, "sh", c.bin, c.dir, strconv.Itoa(c.port), fsync, folder(Tables), folder(Log)}
	// A signal to the group of the test, such as ^C, must not end it earlier.
	as := &syscall.SysProcAttr{Setpgid: true}
	var err error
	if part == "" {
		err = unprivileged(c.dir, as)
	} else {
		err = os.Mkdir(filepath.Join(c.dir, "small"), 0o700)
		command = append([]string{"unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", small, "sh", strconv.Itoa(size), c.dir}, command...)
	}
	if err != nil {
		return err
	}
	c.keeper = exec.Command(command[0], command[1:]...)
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
	if err := c.keeper.Start(); err != nil {
		return err
	}
	if _, err := c.said.ReadString('\n'); err != nil {
		return fmt.Errorf("PostgreSQL cannot be set up: %s", c.log())
	}
	return nil
}

// log is what the server has said.
func (c *Cluster) log() []byte {
	text, _ := os.ReadFile(filepath.Join(c.dir, "log")) // there may be none
	return bytes.TrimSpace(text)
}

// Address is that of a database, which need not be there.
func (c *Cluster) Address(database string) string {
	return fmt.Sprintf("postgres://usher@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// Program is the path of one of PostgreSQL's programs, such as pg_dump.
func (c *Cluster) Program(name string) string { return filepath.Join(c.bin, name) }

// Stop stops the server, if it has not ended by itself, and returns when it has.
func (c *Cluster) Stop(how Shutdown) error { return c.order(string(how)) }

// Resume starts a stopped server and returns when it answers.
func (c *Cluster) Resume() error {
	if err := c.order("start"); err != nil {
		return err
	}
	return c.awaited()
}

// Fill leaves not a page of room on the small disk.
func (c *Cluster) Fill() error { return c.order("fill") }

// Free makes room again.
func (c *Cluster) Free() error { return c.order("free") }

// order returns when what was ordered is done.
func (c *Cluster) order(what string) error {
	if _, err := fmt.Fprintln(c.orders, what); err != nil {
		return err
	}
	_, err := c.said.ReadString('\n')
	return err
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
// refuses to run as, and has as run a command as that user.
func unprivileged(dir string, as *syscall.SysProcAttr) error {
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return err
	}
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(dir, int(uid), int(gid))
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
			return fmt.Errorf("PostgreSQL does not start: %w: %s", err, c.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
