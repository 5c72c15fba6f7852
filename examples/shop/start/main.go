// Command start runs the example shop beside an Usher of its own, for `make
// example`: both on the loopback interface, with all data in one folder. It
// makes the shop known to Usher at the first start, and ends both in order.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	var e example
	flag.StringVar(&e.folder, "data", "data/example", "folder of all data")
	flag.StringVar(&e.binaries, "bin", "build", "folder of the binaries usher and shop")
	flag.StringVar(&e.usherPort, "usher-port", "9543", "port of Usher")
	flag.StringVar(&e.shopPort, "shop-port", "9544", "port of the shop")
	flag.StringVar(&e.opsPort, "ops-port", "9545", "port of Usher's operations endpoints")
	flag.Parse()
	if err := e.run(); err != nil {
		fmt.Fprintln(os.Stderr, "example:", err)
		os.Exit(1)
	}
}

// example is both processes.
type example struct {
	folder, binaries             string
	usherPort, shopPort, opsPort string
}

func (e *example) usherURL() string { return "http://localhost:" + e.usherPort }
func (e *example) shopURL() string  { return "http://localhost:" + e.shopPort }

// run starts both, and ends them when it is told to: the shop first, whose last
// requests still find Usher.
func (e *example) run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := os.MkdirAll(e.folder, 0o700); err != nil {
		return err
	}
	for _, port := range []string{e.usherPort, e.shopPort, e.opsPort} {
		if err := free(ctx, port); err != nil {
			return err
		}
	}
	password, err := e.adminPassword()
	if err != nil {
		return err
	}
	usher, err := e.start("usher", []string{"serve"}, "usher.log",
		"USHER_LISTEN_ADDR=127.0.0.1:"+e.usherPort, "USHER_OPS_ADDR=127.0.0.1:"+e.opsPort, "USHER_PUBLIC_URL="+e.usherURL(), "USHER_TLS=off",
		"USHER_ADMIN_PASSWORD="+password)
	if err != nil {
		return err
	}
	defer usher.stop()
	if err := usher.ready(ctx, "http://127.0.0.1:"+e.opsPort+"/readyz"); err != nil {
		return ended(ctx, err)
	}
	client, err := e.register(ctx, password)
	if err != nil {
		return ended(ctx, err)
	}
	shop, err := e.start("shop", nil, "shop.log",
		"SHOP_LISTEN_ADDR=127.0.0.1:"+e.shopPort, "SHOP_URL="+e.shopURL(), "SHOP_ISSUER="+e.usherURL(),
		"SHOP_APPLICATION_ID="+client.ID, "SHOP_CLIENT_ID="+client.ClientID, "SHOP_CLIENT_SECRET="+client.Secret)
	if err != nil {
		return err
	}
	defer shop.stop()
	if err := shop.ready(ctx, e.shopURL()); err != nil {
		return ended(ctx, err)
	}
	fmt.Printf("\nThe shop is at %s\nUsher is at %s, its administrator is admin, password in %s\nCtrl-C ends both.\n",
		e.shopURL(), e.usherURL(), filepath.Join(e.folder, adminFile))
	select {
	case <-ctx.Done():
		return nil
	case <-usher.done:
		return fmt.Errorf("usher ended; see %s", usher.log)
	case <-shop.done:
		return fmt.Errorf("the shop ended; see %s", shop.log)
	}
}

// ended leaves out an error that comes of being told to end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func free(ctx context.Context, port string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:"+port)
	if err != nil {
		return fmt.Errorf("port %s is taken; start --help says how to choose others", port)
	}
	return l.Close()
}

// process is a child in a process group of its own, so that Ctrl-C reaches only
// whom it is told by.
type process struct {
	command *exec.Cmd
	log     string
	done    chan struct{}
}

func (e *example) start(name string, args []string, log string, env ...string) (*process, error) {
	binary, err := filepath.Abs(filepath.Join(e.binaries, name))
	if err != nil {
		return nil, err
	}
	p := &process{
		command: exec.CommandContext(context.Background(), binary, args...), //nolint:gosec // G204: what runs is for whoever starts the example to say
		log:     filepath.Join(e.folder, log), done: make(chan struct{}),
	}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.command.Dir, p.command.Stdout, p.command.Stderr = e.folder, out, out
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.command.Wait() //nolint:errcheck // how it ended is in its log
		close(p.done)
	}()
	return p, nil
}

// stop asks the process to end, and waits until it has.
func (p *process) stop() {
	p.command.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	select {
	case <-p.done:
	case <-time.After(25 * time.Second):
		p.command.Process.Kill() //nolint:errcheck // the same
		<-p.done
	}
}

// ready waits until the address answers.
func (p *process) ready(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		if req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody); err != nil {
			return err
		} else if resp, err := http.DefaultClient.Do(req); err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			if err = cmp.Or(err, resp.Body.Close()); err == nil && resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
			continue
		}
		return errors.New(p.command.Path + " does not serve; see " + p.log)
	}
}
