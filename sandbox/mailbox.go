package sandbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"usher/notify"
)

// Message is a mail or text message that would have been sent.
type Message struct {
	At       time.Time      `json:"at"`
	Channel  notify.Channel `json:"channel"`
	To       string         `json:"to"`
	Template string         `json:"template"`
	Locale   string         `json:"locale"`
	Subject  string         `json:"subject,omitempty"`
	Text     string         `json:"text"`
	HTML     string         `json:"html,omitempty"`
	// Code and Link are what the message carries, "" for none.
	Code string `json:"code,omitempty"`
	Link string `json:"link,omitempty"`
	// Withheld says that the server would not have sent it: it does the same
	// for somebody whom it cannot reach, so that nobody can tell.
	Withheld bool `json:"withheld,omitempty"`
}

// maxMessages is how many messages a mailbox keeps: the last.
const maxMessages = 50

// mailbox keeps messages as they are put into words. It is the Renderer and
// the Sender of a notify.Worker.
type mailbox struct {
	words notify.Renderer
	now   func() time.Time

	mu       sync.Mutex
	messages []Message
}

// Check implements notify.Renderer.
func (b *mailbox) Check(m notify.Message) error { return b.words.Check(m) }

// Render implements notify.Renderer and keeps the message, also where it is
// not going to be handed over.
func (b *mailbox) Render(ctx context.Context, tenant string, m notify.Message) (notify.Rendered, error) {
	r, err := b.words.Render(ctx, tenant, m)
	if err != nil {
		return r, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.messages) >= maxMessages {
		b.messages = slices.Delete(b.messages, 0, 1)
	}
	b.messages = append(b.messages, Message{
		At: b.now(), Channel: r.Channel, To: r.To, Template: m.Template, Locale: r.Locale, Subject: r.Subject, Text: r.Text, HTML: r.HTML,
		Code: m.Params["code"], Link: m.Params["link"], Withheld: m.Decoy,
	})
	return r, nil
}

// Send implements notify.Sender: nothing leaves.
func (*mailbox) Send(context.Context, notify.Rendered) error { return nil }

func (b *mailbox) list() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Message{}, b.messages...)
}
