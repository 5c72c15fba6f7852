//go:build blackbox

package blackbox

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailServer takes letters by SMTP (RFC 5321) as slowly as it is told.
type mailServer struct {
	address string

	mu    sync.Mutex
	slow  map[string]time.Duration // by recipient: what its next RCPT takes
	asked map[string]int           // RCPTs, by recipient
	taken map[string]int           // letters, by recipient
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	m := &mailServer{address: listener.Addr().String(), slow: map[string]time.Duration{}, asked: map[string]int{}, taken: map[string]int{}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go m.talk(conn)
		}
	}()
	return m
}

// talk is one conversation; it ends with the connection.
func (m *mailServer) talk(conn net.Conn) {
	defer conn.Close()
	said := bufio.NewScanner(conn)
	answer := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	answer("220 slow.example ESMTP")
	recipient := ""
	for said.Scan() {
		switch verb, rest, _ := strings.Cut(said.Text(), ":"); {
		case strings.HasPrefix(verb, "RCPT"):
			recipient = strings.Trim(rest, "<> ")
			time.Sleep(m.delay(recipient))
			answer("250 ok")
		case verb == "DATA":
			answer("354 go on")
			for said.Scan() && said.Text() != "." {
				continue
			}
			m.mu.Lock()
			m.taken[recipient]++
			m.mu.Unlock()
			answer("250 taken")
		default:
			answer("250 ok")
		}
	}
}

func (m *mailServer) delay(recipient string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[recipient]++
	slow := m.slow[recipient]
	delete(m.slow, recipient)
	return slow
}

// next has the next letter to the address take so long.
func (m *mailServer) next(recipient string, takes time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow[recipient] = takes
}

// count is how often a letter to the address was begun, and how often taken.
func (m *mailServer) count(recipient string) (asked, taken int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked[recipient], m.taken[recipient]
}

// TestLetterOfADeadNode kills a node in the middle of a letter to a mail server
// that is slow. Another node sends it ten seconds later, once; and one that takes
// longer than that is left to the node that is sending it.
func TestLetterOfADeadNode(t *testing.T) {
	t.Parallel()
	const first, second = "first@example.com", "second@example.com"
	mail := newMailServer(t)
	_, address := database(t)
	list := launchNodes(t, 2, address, "USHER_SMTP_URL=smtp://"+mail.address, "USHER_MAIL_FROM=usher@example.com")
	one, other := list[0], list[1]
	one.publish(t, starterFlow(t, "basic-email-code"))
	other.stop(t)

	mail.next(first, 29*time.Second)
	one.execute(t, detailsSubmission(one.begin(t, "REGISTRATION").FlowID, first)).moved(t)
	eventually(t, 5*time.Second, "the first letter is begun", func() bool {
		asked, _ := mail.count(first)
		return asked == 1
	})
	one.kill()
	killed := time.Now()
	other.start(t)
	other.awaitReady(t)
	eventually(t, 15*time.Second, "another node sends the first letter", func() bool {
		_, taken := mail.count(first)
		return taken == 1
	})
	if took := time.Since(killed); took > 11*time.Second {
		t.Errorf("the letter was sent %v after its node died", took)
	}

	one.start(t)
	one.awaitReady(t)
	mail.next(second, 13*time.Second)
	one.execute(t, detailsSubmission(one.begin(t, "REGISTRATION").FlowID, second)).moved(t)
	eventually(t, 25*time.Second, "the second letter is delivered", func() bool {
		return query(t, address, `SELECT count(*) FROM outbox WHERE done IS NULL`)[0] == "0"
	})
	for _, recipient := range []string{first, second} {
		if asked, taken := mail.count(recipient); taken != 1 || recipient == second && asked != 1 {
			t.Errorf("a letter was begun %d times and taken %d times", asked, taken)
		}
	}
}
