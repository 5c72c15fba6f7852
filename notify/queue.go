package notify

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Life is how long delivery of a message is tried unless it says otherwise.
const Life = 24 * time.Hour

// Sealer keeps queued messages secret; *seal.Box is one.
type Sealer interface {
	Seal(plain []byte, place string) []byte
	Open(sealed []byte, place string) ([]byte, error)
	Secret(label string) []byte
}

// Renderer puts messages into words; *words.Words is one. It is safe for
// concurrent use, and its errors hold no parameter's value.
type Renderer interface {
	// Check tells whether Render could render m: whether the template exists
	// for the channel and every parameter is there and well formed.
	Check(m Message) error
	// Render returns m in the tenant's words, without an ID. An error is
	// permanent where m is why; where words could not be had, trying again
	// may help.
	Render(ctx context.Context, tenant string, m Message) (Rendered, error)
}

// Queue makes queued messages of messages. It stores nothing: the caller
// writes what it returns together with the effect that causes the message.
type Queue struct {
	box   Sealer
	words Renderer
	now   func() time.Time
}

// NewQueue returns a queue whose messages a Worker with an equal box can open.
func NewQueue(box Sealer, words Renderer, now func() time.Time) *Queue {
	return &Queue{box: box, words: words, now: now}
}

// Queue seals m, due at once. The same tenant and key name the same message,
// so queueing it again sends nothing again. The error is a mistake of the
// calling code, an unknown template or a wrong parameter; whether the address
// can be reached is only seen when the message is sent.
func (q *Queue) Queue(tenant, key string, m Message) (Queued, error) {
	if tenant == "" || key == "" {
		return Queued{}, errors.New("queue message: tenant and key are needed")
	}
	if err := q.words.Check(m); err != nil {
		return Queued{}, fmt.Errorf("queue message: %w", err)
	}
	now := q.now()
	if m.Expires.IsZero() {
		m.Expires = now.Add(Life)
	}
	plain, err := json.Marshal(envelope{Message: m, Queued: now})
	if err != nil {
		return Queued{}, fmt.Errorf("queue message: %w", err)
	}
	return Queued{Tenant: tenant, Key: key, Sealed: q.box.Seal(padTo(plain, padding), place(tenant, key)), Due: now}, nil
}

// envelope is the plain content of a queued message.
type envelope struct {
	Message
	Queued time.Time `json:"queued"`
}

// padding is what sealed messages are a multiple of, so that their length
// tells neither a decoy nor how long a name or an address is.
const padding = 512

// open undoes Queue.Queue.
func open(box Sealer, q Queued) (envelope, error) {
	var e envelope
	plain, err := box.Open(q.Sealed, place(q.Tenant, q.Key))
	if err != nil {
		return e, err
	}
	if json.Unmarshal(plain, &e) != nil {
		// The decoder's own error may quote the content.
		return e, errors.New("sealed message is malformed")
	}
	return e, nil
}

func place(tenant, key string) string { return "outbox/" + tenant + "/" + key }

// identity returns the Rendered.ID of a queued message: 32 hex digits, which
// nobody without the server's key can tie to the key of the message.
func identity(box Sealer, tenant, key string) string {
	return hex.EncodeToString(box.Secret("message/" + tenant + "/" + key)[:16])
}
