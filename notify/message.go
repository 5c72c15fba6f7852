package notify

import (
	"context"
	"strconv"
	"time"
)

// Channel is how a message travels.
type Channel string

const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Message is what somebody is to be told, before it is put into words.
type Message struct {
	Channel Channel `json:"channel"`
	// To is the address: an e-mail address or an E.164 number.
	To string `json:"to"`
	// Template names the words, for example "email-otp".
	Template string `json:"template"`
	// Locale is the person's preferred language, a BCP 47 list as in
	// Accept-Language; "" means English.
	Locale string `json:"locale,omitempty"`
	// Params fill the template: codes, links, names.
	Params map[string]string `json:"params,omitempty"`
	// Decoy messages go the whole way but are not handed to a Sender: what the
	// server does for somebody it cannot reach must look and last the same.
	Decoy bool `json:"decoy,omitempty"`
	// Draft is what a message says that only tries words; nil for every other.
	// The subject of a mail then says that it is a test.
	Draft *Draft `json:"draft,omitempty"`
	// Expires is when the message is no longer worth sending, for example
	// because its code is void; zero means Life after it was queued.
	Expires time.Time `json:"expires,omitzero"`
}

// Draft is said in place of what the tenant says, by a message that carries it.
// It is as in a Wording, and need not be stored.
type Draft struct {
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body"`
}

// Lasting is how long something is good for, as a parameter: whole units, and at
// least one, since nobody is told that a code is good for 0 minutes.
func Lasting(life, unit time.Duration) string {
	return strconv.FormatInt(int64(max(1, life.Round(unit)/unit)), 10)
}

// Queued is a message in the outbox: sealed, and unique by Key within Tenant.
type Queued struct {
	Tenant, Key string
	Sealed      []byte
	// Due is when it is to be tried next, Attempts how often it was tried.
	Due      time.Time
	Attempts int
}

// Rendered is a message in words, ready for a Sender.
type Rendered struct {
	// ID is the same for every attempt at the same message and reveals
	// nothing; senders use it so that a repetition can be recognised.
	ID      string
	Channel Channel
	To      string
	Locale  string // the language it was rendered in
	Subject string // e-mail only
	Text    string
	HTML    string // e-mail only
}

// Sender delivers a message over one channel, and returns soon after ctx ends.
// An error for which Permanent is true is not tried again; any other is,
// later. The error's text is logged: it holds neither the address nor anything
// of the message, nor what a server said, which may repeat them.
type Sender interface {
	Send(ctx context.Context, m Rendered) error
}

// Outbox stores queued messages. Every method is atomic.
type Outbox interface {
	// Enqueue stores messages. One whose tenant and key are known already is
	// left as it is, so that a repetition sends nothing again.
	Enqueue(ctx context.Context, messages ...Queued) error
	// ClaimDue lends at most limit messages that are due to one worker until
	// the given time, and counts an attempt for each.
	ClaimDue(ctx context.Context, now, until time.Time, limit int) ([]Queued, error)
	// RenewClaim lengthens, to the given time, the claim under which q was lent.
	// It returns false where another has claimed the message since, or it is
	// done; nothing has changed then.
	RenewClaim(ctx context.Context, q Queued, until time.Time) (ours bool, err error)
	// FinishMessage marks a message as done; the key stays known until
	// DeleteFinished. One that is done already stays as it is.
	FinishMessage(ctx context.Context, tenant, key string, now time.Time, how Ending) error
	// PostponeMessage makes a message due again at the given time. failure
	// says why, "" leaves what an earlier attempt said.
	PostponeMessage(ctx context.Context, tenant, key string, due time.Time, failure string) error
	// DeleteFinished forgets a bounded number of messages done before the time.
	DeleteFinished(ctx context.Context, before time.Time) (int64, error)
	// Enqueued receives a value after messages were stored by this process.
	Enqueued() <-chan struct{}
}

// MaxBacklog is how far a backlog is counted.
const MaxBacklog = 10_000

// Backlog tells what the outbox still has to do.
type Backlog interface {
	// Backlog returns how many messages of all tenants are not done, MaxBacklog
	// at most, and when the first of them is due; the zero time where none is.
	Backlog(ctx context.Context) (waiting int64, due time.Time, err error)
}
