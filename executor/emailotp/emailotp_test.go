package emailotp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/otp"
)

// talk is one execution that waits at the step.
type talk struct {
	*testing.T
	run   flow.Bound
	world *executortest.World
	queue *executortest.Queue
	stage executortest.Stage
	executortest.Request
}

// meet prepares the step for the subject.
func meet(t *testing.T, kind flow.Type, subject flow.Subject) *talk {
	t.Helper()
	w, q := &executortest.World{}, newQueue(t)
	c := &talk{
		T: t, run: executortest.MustBind(t, New(otp.DefaultLimits, limit.None{}, q, executortest.Outbox{World: w}), nil), world: w, queue: q,
		stage: executortest.Stage{Subject: subject}, Request: executortest.Request{Flow: kind},
	}
	c.asks(c.do())
	return c
}

func (c *talk) do() flow.Result {
	c.Helper()
	after, result, err := executortest.Do(c.Context(), c.run, c.stage, c.Request)
	if err != nil {
		c.Fatal(err)
	}
	c.stage = after
	return result
}

// send submits pairs of input and value.
func (c *talk) send(pairs ...string) flow.Result {
	c.Helper()
	c.Submitted, c.Values = true, map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		c.Values[pairs[i]] = pairs[i+1]
	}
	return c.do()
}

// sent is the code that was queued last.
func (c *talk) sent() string { return c.queue.Last.Params["code"] }

// asks expects the result that follows a code that was sent.
func (c *talk) asks(got flow.Result) {
	c.Helper()
	c.expect(got, flow.Ask{Required: []string{code}, Info: map[string]string{"otpLength": "6"}})
}

func (c *talk) expect(got, want flow.Result) {
	c.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("result (-want +got):\n%s", diff)
	}
}

func (c *talk) expectMails(n int) {
	c.Helper()
	if got := c.world.Effects(); len(got) != n {
		c.Errorf("%d mails %v, want %d", len(got), got, n)
	}
}

var (
	proved  = flow.Continue{Proved: []flow.Method{flow.MethodEmailOTP}}
	isWrong = again("otp.error.message", "The code is wrong.")
	isBlank = again("input.required", "Enter the code that we sent you.")
)

func TestRightCodeProvesTheAddress(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	c.expect(c.send(code, c.sent()), proved)
	if got := c.stage.Subject.Verified[identity.ClaimEmail]; got != address {
		t.Errorf("verified address %q, want %q", got, address)
	}
	c.expectMails(1)
}

// again is the page once more, which asks for the code as it did at first.
func again(key, text string) flow.Ask {
	ask := flow.Retry(code, key, text)
	ask.Required = []string{code}
	return ask
}

func TestMessage(t *testing.T) {
	t.Parallel()
	for kind, want := range map[flow.Type]string{
		flow.Registration: "email-otp", flow.InvitedUserRegistration: "email-otp", flow.PasswordRecovery: "recovery-otp",
		flow.Authentication: "email-otp",
	} {
		subject := somebody
		if kind == flow.Registration {
			subject = newcomer
		}
		c := meet(t, kind, subject)
		diff := cmp.Diff(notify.Message{
			Channel: notify.Email, To: address, Template: want, Locale: "de, en;q=0.8",
			Params:  map[string]string{"code": c.sent(), "minutes": "5"},
			Expires: executortest.Now.Add(otp.DefaultLimits.Life),
		}, c.queue.Last)
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestWrongCodesEndTheExecution(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	c.expect(c.send(code, "wrong1"), isWrong)
	c.expect(c.send(), isBlank)
	c.expect(c.send(code, ""), isBlank)
	c.expect(c.send(code, c.sent()+"0"), isWrong)
	c.expect(c.send(code, " "+c.sent()), otp.TooManyAttempts)
}

func TestAttemptsOutliveResends(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	c.expect(c.send(code, "wrong1"), isWrong)
	c.asks(c.send(resend, "true"))
	c.expect(c.send(code, "wrong2"), isWrong)
	c.asks(c.send(resend, "true"))
	c.expect(c.send(code, "wrong3"), otp.TooManyAttempts)
}

func TestResend(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	first := c.sent()
	c.asks(c.send(resend, "true", code, first))
	if c.sent() == first {
		t.Error("the code that was sent again is the same one")
	}
	c.expect(c.send(code, first), isWrong)
	c.expect(c.send(resend, "false", code, c.sent()), proved)
	c.expectMails(2)
}

func TestResendsEndTheExecution(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	for range otp.DefaultLimits.Resends {
		c.asks(c.send(resend, "true"))
	}
	c.expect(c.send(resend, "true"), otp.TooManyResends)
	c.expectMails(1 + otp.DefaultLimits.Resends)
}

func TestExpiredCodeIsSentAnew(t *testing.T) {
	t.Parallel()
	expired := flow.Retry(code, "otp.expired", "The code has expired. We have sent you a new one.")
	expired.Required, expired.Info = []string{code}, map[string]string{"otpLength": "6"}

	c := meet(t, flow.PasswordRecovery, somebody)
	first := c.sent()
	c.After = otp.DefaultLimits.Life - time.Second
	c.expect(c.send(code, "wrong1"), isWrong)
	c.After = otp.DefaultLimits.Life
	c.expect(c.send(code, first), expired)
	c.expectMails(2)
	c.expect(c.send(code, first), isWrong)
	c.expect(c.send(code, c.sent()), proved)

	c = meet(t, flow.PasswordRecovery, somebody)
	for range otp.DefaultLimits.Resends {
		c.After += otp.DefaultLimits.Life
		c.expect(c.send(code, "wrong1"), expired)
	}
	c.After += otp.DefaultLimits.Life
	c.expect(c.send(code, c.sent()), otp.TooManyResends)
}

func TestNewVisitSendsAnew(t *testing.T) {
	t.Parallel()
	c := meet(t, flow.PasswordRecovery, somebody)
	first := c.sent()
	c.expect(c.send(code, "wrong1"), isWrong)
	c.Visit, c.Submitted, c.Values = "2", false, nil
	c.asks(c.do())
	c.expectMails(2)
	if c.sent() == first {
		t.Error("both visits have the same code")
	}
	c.expect(c.send(code, first), isWrong)
	c.expect(c.send(code, "wrong3"), otp.TooManyAttempts) // visits share the attempts
}

func TestNobodyGetsThrough(t *testing.T) {
	t.Parallel()
	typed := map[string]string{identity.ClaimEmail: address}
	for name, who := range map[string]struct {
		flow    flow.Type
		subject flow.Subject
	}{
		"unknown user":                {flow.PasswordRecovery, flow.Subject{Unreachable: true}},
		"locked user":                 {flow.PasswordRecovery, flow.Subject{UserID: "7d1c", Unreachable: true, Stored: typed}},
		"no address":                  {flow.PasswordRecovery, flow.Subject{UserID: "7d1c"}},
		"nobody is told":              {flow.PasswordRecovery, flow.Subject{Unreachable: true, Collected: typed}},
		"unknown user who signs in":   {flow.Authentication, flow.Subject{Unreachable: true}},
		"locked user who signs in":    {flow.Authentication, flow.Subject{UserID: "7d1c", Unreachable: true, Stored: typed}},
		"sign-in without an address":  {flow.Authentication, flow.Subject{UserID: "7d1c", Collected: typed}},
		"sign-in by what was entered": {flow.Authentication, flow.Subject{Collected: typed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := meet(t, who.flow, who.subject)
			if !c.queue.Last.Decoy {
				t.Error("what was queued is no decoy")
			}
			c.expect(c.send(code, c.sent()), isWrong)
			c.asks(c.send(resend, "true"))
			if !c.queue.Last.Decoy {
				t.Error("what was queued again is no decoy")
			}
			c.expect(c.send(code, c.sent()), isWrong)
			c.expect(c.send(code, c.sent()), otp.TooManyAttempts)
			c.expectMails(2) // as for somebody
			if len(c.stage.Subject.Verified) > 0 {
				t.Errorf("verified %v", c.stage.Subject.Verified)
			}
		})
	}
}

func TestAddressOfAnExistingUserIsTheStoredOne(t *testing.T) {
	t.Parallel()
	for _, kind := range []flow.Type{flow.PasswordRecovery, flow.Authentication} {
		c := meet(t, kind, flow.Subject{
			UserID: "7d1c", Stored: map[string]string{identity.ClaimEmail: address},
			Collected: map[string]string{identity.ClaimEmail: "mallory@example.com"},
		})
		if c.queue.Last.To != address {
			t.Errorf("%s: the code went to %q", kind, c.queue.Last.To)
		}
		c.expect(c.send(code, c.sent()), proved)
		if c.stage.Subject.HasVerified(identity.ClaimEmail) {
			t.Errorf("%s: the address that was entered counts as verified", kind)
		}
	}
}

func TestRegistrationSkipsAnAddressProvedBefore(t *testing.T) {
	t.Parallel()
	verified := flow.Subject{
		Collected: map[string]string{identity.ClaimEmail: address},
		Verified:  map[string]string{identity.ClaimEmail: address},
	}
	run := func(kind flow.Type, s flow.Subject) flow.Result {
		w := &executortest.World{}
		_, result, err := executortest.Do(t.Context(), executortest.MustBind(t, New(otp.DefaultLimits, limit.None{}, newQueue(t), executortest.Outbox{World: w}), nil),
			executortest.Stage{Subject: s}, executortest.Request{Flow: kind})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	if diff := cmp.Diff(flow.Result(flow.Continue{}), run(flow.Registration, verified)); diff != "" {
		t.Errorf("same address (-want +got):\n%s", diff)
	}
	other := verified
	other.Collected = map[string]string{identity.ClaimEmail: "ada@example.org"}
	if _, asked := run(flow.Registration, other).(flow.Ask); !asked {
		t.Error("another address was not proved")
	}
	if _, asked := run(flow.PasswordRecovery, flow.Subject{
		UserID: "7d1c", Stored: verified.Collected, Verified: verified.Verified,
	}).(flow.Ask); !asked {
		t.Error("a recovery took an old proof for a new one")
	}
}

func TestCodesAreDigits(t *testing.T) {
	t.Parallel()
	for length := 4; length <= 10; length++ {
		const n = 2000
		limits := otp.DefaultLimits
		limits.Length = length
		q := newQueue(t)
		run := executortest.MustBind(t, New(limits, limit.None{}, q, executortest.Outbox{World: &executortest.World{}}), nil)
		var digits [10]int
		seen, leading := map[string]bool{}, 0
		for i := range n {
			r := executortest.Request{Flow: flow.Registration, Visit: fmt.Sprint(i)}
			if _, _, err := executortest.Do(t.Context(), run, executortest.Stage{Subject: newcomer}, r); err != nil {
				t.Fatal(err)
			}
			sent := q.Last.Params["code"]
			if len(sent) != length || strings.Trim(sent, "0123456789") != "" {
				t.Fatalf("code %q has not %d digits", sent, length)
			}
			for _, d := range sent {
				digits[d-'0']++
			}
			if sent[0] == '0' {
				leading++
			}
			seen[sent] = true
		}
		// Each digit a tenth of all, give or take 5 standard deviations or more.
		for d, count := range digits {
			if want := n * length / 10; count < want*8/10 || count > want*12/10 {
				t.Errorf("length %d: digit %d came %d times, expected about %d", length, d, count, want)
			}
		}
		if leading < n/20 || leading > n/5 {
			t.Errorf("length %d: %d of %d codes begin with 0", length, leading, n)
		}
		if length > 5 && len(seen) < n*99/100 {
			t.Errorf("length %d: %d of %d codes differ", length, len(seen), n)
		}
	}
}
