//go:build blackbox

package blackbox

import (
	"bytes"
	"net/http"
	"sync"
	"testing"
	"time"
)

// together sends the same request n times at the same moment and returns the
// answers. key is the Idempotency-Key of them all, "" for none.
func (s *server) together(t *testing.T, n int, body object, key string) []*answer {
	t.Helper()
	answers := make([]*answer, n)
	var ready, all sync.WaitGroup
	ready.Add(n)
	for i := range n {
		all.Go(func() {
			ready.Done()
			ready.Wait()
			a, err := s.try(body, key)
			if err != nil {
				t.Errorf("request %d: %v", i, err)
				return
			}
			answers[i] = a
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return answers
}

// busy tells whether the answer says that another request runs on the execution.
func (a *answer) busy(t *testing.T) bool {
	t.Helper()
	if a.status != http.StatusConflict {
		return false
	}
	a.refused(t, http.StatusConflict, "FE-60201")
	if a.header.Get("Retry-After") == "" {
		t.Errorf("409 without Retry-After: %v", a)
	}
	return true
}

// TestParallelWrongCodes holds that a limit of three attempts is three however
// many guesses arrive at once.
func TestParallelWrongCodes(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.register(t, "kim@example.com", "First.Passw0rd")
	page := s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")).moved(t)
	right := s.awaitLetter(t, "kim@example.com", 1).code(t)
	wrong := "000000"
	if right == wrong {
		wrong = "111111"
	}
	judged, ended := 0, false
	for range 10 {
		for _, a := range s.together(t, 40, page.fill(t, wrong), "") {
			switch {
			case a.busy(t):
			case a.status == http.StatusOK && a.FlowStatus == "INCOMPLETE" && len(a.Data.Messages) > 0:
				judged++
			case a.Code == "FE-60006":
				judged, ended = judged+1, true
			default:
				a.refused(t, http.StatusBadRequest, "FE-60001")
			}
		}
		if ended {
			break
		}
	}
	if judged != 3 || !ended {
		t.Errorf("%d guesses were judged, ended %t; want 3, true", judged, ended)
	}
	s.execute(t, page.fill(t, right)).refused(t, http.StatusBadRequest, "FE-60001")
}

// TestEqualSubmissions holds that the last step, submitted 24 times at once,
// completes once.
func TestEqualSubmissions(t *testing.T) {
	t.Parallel()
	s := launch(t)
	for _, name := range []string{"one@example.com", "two@example.com", "three@example.com"} {
		first := s.begin(t, "REGISTRATION")
		body, complete := submission(first.FlowID, name, "MyP@ssw0rd!"), 0
		for _, a := range s.together(t, 24, body, "") {
			switch {
			case a.busy(t):
			case a.status == http.StatusOK && a.FlowStatus == "COMPLETE":
				complete++
			default:
				a.refused(t, http.StatusBadRequest, "FE-60001")
			}
		}
		if complete != 1 {
			t.Errorf("%s: %d COMPLETE, want 1", name, complete)
		}
		s.execute(t, body).refused(t, http.StatusBadRequest, "FE-60001")
		if n := s.countUsers(t, name); n != 1 {
			t.Errorf("%s: %d users", name, n)
		}
	}
}

// TestEqualNames holds that 24 executions at once for one user name make one user.
func TestEqualNames(t *testing.T) {
	t.Parallel()
	s := launch(t)
	const n = 24
	complete := make(chan bool, n)
	var all sync.WaitGroup
	for range n {
		first := s.begin(t, "REGISTRATION")
		all.Go(func() {
			a, err := s.try(submission(first.FlowID, "same@example.com", "MyP@ssw0rd!"), "")
			switch {
			case err != nil:
				t.Error(err)
			case a.status != http.StatusOK:
				t.Errorf("got %v", a)
			default:
				complete <- a.FlowStatus == "COMPLETE"
			}
		})
	}
	all.Wait()
	close(complete)
	count := 0
	for yes := range complete {
		if yes {
			count++
		}
	}
	if users := s.countUsers(t, "same@example.com"); users != 1 || count != 1 {
		t.Errorf("%d users, %d COMPLETE; want one of each", users, count)
	}
}

// TestIdempotencyKey holds that equal submissions under one key all get the one
// answer, byte for byte, and run once.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := launch(t)
	first := s.begin(t, "REGISTRATION")
	body, key := submission(first.FlowID, "kim@example.com", "MyP@ssw0rd!"), "5a8f4a0e-7a7a-4b63-a9a2-5d1f2f2d8d11"
	answers := s.together(t, 24, body, key)
	var stored []byte
	for _, a := range answers {
		for deadline := time.Now().Add(10 * time.Second); a.busy(t) && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond)
			var err error
			if a, err = s.try(body, key); err != nil {
				t.Fatal(err)
			}
		}
		a.ok(t, "COMPLETE")
		if stored == nil {
			stored = a.raw
		}
		if !bytes.Equal(a.raw, stored) {
			t.Errorf("answers differ:\n%s\n%s", stored, a.raw)
		}
	}
	if n := s.countUsers(t, "kim@example.com"); n != 1 {
		t.Errorf("%d users", n)
	}
	// Another key is another request, on an execution that has ended.
	a, err := s.try(body, "another")
	if err != nil {
		t.Fatal(err)
	}
	a.refused(t, http.StatusBadRequest, "FE-60001")
	// The key outlives the process.
	s.kill()
	s.start(t)
	s.awaitReady(t)
	if a, err = s.try(body, key); err != nil || !bytes.Equal(a.raw, stored) {
		t.Errorf("after a restart: %v %v, want %s", a, err, stored)
	}
}

// TestIdempotencyKeyOfMail holds that a repeated submission under one key sends
// no second code.
func TestIdempotencyKeyOfMail(t *testing.T) {
	t.Parallel()
	s := launch(t)
	s.register(t, "kim@example.com", "First.Passw0rd")
	before := len(s.letters(t, "kim@example.com"))
	body := s.begin(t, "PASSWORD_RECOVERY").fill(t, "kim@example.com")
	var first *answer
	for range 5 {
		a, err := s.try(body, "once")
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = a.moved(t)
		}
		if !bytes.Equal(a.raw, first.raw) {
			t.Errorf("got %v, want %v", a, first)
		}
	}
	code := s.awaitLetter(t, "kim@example.com", before+1).code(t)
	s.execute(t, first.fill(t, code)).moved(t)
	s.quiet(t)
	if n := len(s.letters(t, "kim@example.com")) - before; n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

// quiet waits until no letter has been added for a while.
func (s *server) quiet(t *testing.T) {
	t.Helper()
	last, since := -1, time.Now()
	eventually(t, 20*time.Second, "the outbox rests", func() bool {
		if n := len(s.letterFiles(t)); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
}
