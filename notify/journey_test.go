package notify_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"usher/notify"
	"usher/notify/file"
	"usher/notify/smtp"
	"usher/notify/words"
	"usher/seal"
)

// What must appear in a message and nowhere else.
const (
	code    = "918273"
	address = "ada.lovelace@example.com"
	number  = "+4915112345678"
	secret  = "t0p-s3cret"
	link    = "https://id.example/x?confirmation=" + secret
	name    = "Ada Lovelace"
)

// office is everything between a queued message and its senders.
type office struct {
	t      *testing.T
	queue  *notify.Queue
	outbox *notify.MemoryOutbox
	log    bytes.Buffer
	logMu  sync.Mutex
	mu     sync.Mutex
	seen   []notify.Outcome
	worker *notify.Worker
}

func (o *office) Write(p []byte) (int, error) {
	o.logMu.Lock()
	defer o.logMu.Unlock()
	return o.log.Write(p)
}

func newOffice(t *testing.T, senders map[notify.Channel]notify.Sender) *office {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "outbox")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, outbox: notify.NewMemoryOutbox(), queue: notify.NewQueue(box, templates, time.Now)}
	o.worker = notify.NewWorker(notify.WorkerConfig{
		Outbox: o.outbox, Box: box, Words: templates, Senders: senders, Now: time.Now,
		Log: slog.New(slog.NewJSONHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Watch: func(ctx context.Context) (context.Context, func(notify.Outcome)) {
			return ctx, func(outcome notify.Outcome) {
				o.mu.Lock()
				defer o.mu.Unlock()
				o.seen = append(o.seen, outcome)
			}
		},
	})
	return o
}

// messages are one of each template, and a decoy.
func messages() []notify.Message {
	params := map[string]string{
		"code": code, "minutes": "5", "hours": "24", "link": link, "host": "id.example", "name": name,
	}
	var all []notify.Message
	for _, template := range []string{
		"email-otp", "recovery-otp", "invitation", "recovery-request", "verify-email", "account-created", "password-changed",
		"invitation-accepted",
	} {
		all = append(all, notify.Message{Channel: notify.Email, To: address, Template: template, Locale: "fr", Params: params})
	}
	return append(all,
		notify.Message{Channel: notify.SMS, To: number, Template: "sms-otp", Params: params},
		notify.Message{Channel: notify.Email, Template: "recovery-otp", Params: params, Decoy: true})
}

// deliver queues the messages and runs the worker until each had an attempt.
func (o *office) deliver(all []notify.Message) {
	o.t.Helper()
	ctx, cancel := context.WithCancel(o.t.Context())
	ended := make(chan error)
	go func() { ended <- o.worker.Run(ctx) }()
	for i, m := range all {
		q, err := o.queue.Queue("carbon.super", fmt.Sprintf("visit-%d/%s", i, address), m)
		if err != nil {
			o.t.Fatal(err)
		}
		if err := o.outbox.Enqueue(ctx, q); err != nil {
			o.t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(10 * time.Second); o.outcomes() < len(all); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("%d of %d messages had an attempt", o.outcomes(), len(all))
		}
	}
	cancel()
	if err := <-ended; err != nil {
		o.t.Error(err)
	}
}

func (o *office) outcomes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.seen)
}

func wantDiscreet(t *testing.T, where, text string) {
	t.Helper()
	for _, private := range []string{code, "lovelace", "Lovelace", number[1:], secret, "example.com"} {
		if strings.Contains(text, private) {
			t.Errorf("%s holds %q:\n%s", where, private, text)
		}
	}
}

func TestDeliveredFilesAndLogAreDiscreet(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "outbox")
	files := file.New(dir)
	o := newOffice(t, map[notify.Channel]notify.Sender{notify.Email: files, notify.SMS: files})
	all := messages()
	o.deliver(all)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(all)-1 {
		t.Errorf("%d files for %d messages and a decoy", len(entries), len(all)-1)
	}
	codes := 0
	for _, e := range entries {
		wantDiscreet(t, "a file's name", e.Name())
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(code)) {
			codes++
		}
	}
	if codes != 3 {
		t.Errorf("%d files hold the code, want 3", codes)
	}
	if !strings.Contains(o.log.String(), "withheld") {
		t.Errorf("log:\n%s", o.log.String())
	}
	wantDiscreet(t, "the log", o.log.String())
}

// gossip is a mail server that refuses every recipient and repeats all it was
// told.
func gossip(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				fmt.Fprint(conn, "220 mail.example\r\n")
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if line := lines.Text(); strings.HasPrefix(line, "RCPT") {
						fmt.Fprintf(conn, "550 5.1.1 no to %s\r\n", line)
					} else {
						fmt.Fprintf(conn, "250 yes to %s\r\n", line)
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		served.Wait()
	})
	return listener.Addr().String()
}

func TestRefusalsAreLoggedDiscreetly(t *testing.T) {
	t.Parallel()
	sender, err := smtp.New("smtp://"+gossip(t), "no-reply@id.example")
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	o := newOffice(t, map[notify.Channel]notify.Sender{notify.Email: sender})
	o.deliver(messages())
	if n := strings.Count(o.log.String(), "RCPT answered 550 5.1.1"); n != 8 {
		t.Errorf("%d refusals in the log:\n%s", n, o.log.String())
	}
	if !strings.Contains(o.log.String(), "no sender for channel sms") {
		t.Errorf("log:\n%s", o.log.String())
	}
	wantDiscreet(t, "the log", o.log.String())
}
