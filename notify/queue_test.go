package notify

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQueueSealsWhatOnlyTheWorkerOpens(t *testing.T) {
	t.Parallel()
	box := newBox(t, 1)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	queue := NewQueue(box, &plainWords{}, func() time.Time { return now })
	m := Message{
		Channel: Email, To: "ada@example.com", Template: "code", Locale: "de",
		Params: map[string]string{"code": "918273"}, Expires: now.Add(5 * time.Minute),
	}
	q, err := queue.Queue("carbon.super", "visit/1", m)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ada@example.com", "918273"} {
		if bytes.Contains(q.Sealed, []byte(secret)) {
			t.Errorf("queued message holds %q in clear", secret)
		}
	}
	if !q.Due.Equal(now) || q.Attempts != 0 || q.Tenant != "carbon.super" || q.Key != "visit/1" {
		t.Errorf("queued as %s/%s, due %v, %d attempts", q.Tenant, q.Key, q.Due, q.Attempts)
	}
	e, err := open(box, q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(envelope{Message: m, Queued: now}, e); diff != "" {
		t.Errorf("opened message (-queued +opened):\n%s", diff)
	}
	moved := q
	moved.Key = "visit/2"
	if _, err := open(box, moved); err == nil {
		t.Error("message opens under another key")
	}
	if _, err := open(newBox(t, 2), q); err == nil {
		t.Error("message opens with another server key")
	}
}

func TestQueueGivesMessagesALife(t *testing.T) {
	t.Parallel()
	box := newBox(t, 1)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	queue := NewQueue(box, &plainWords{}, func() time.Time { return now })
	q, err := queue.Queue("carbon.super", "k", Message{Template: "code", Params: map[string]string{"code": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := open(box, q); !e.Expires.Equal(now.Add(Life)) {
		t.Errorf("expires %v, want %v", e.Expires, now.Add(Life))
	}
}

func TestQueueRefusesWhatCannotBeRendered(t *testing.T) {
	t.Parallel()
	queue := NewQueue(newBox(t, 1), &plainWords{}, time.Now)
	good := Message{Template: "code", Params: map[string]string{"code": "1"}}
	for name, test := range map[string]struct {
		tenant, key string
		message     Message
	}{
		"unknown template":  {"t", "k", Message{Template: "poem", Params: good.Params}},
		"missing parameter": {"t", "k", Message{Template: "code"}},
		"no tenant":         {"", "k", good},
		"no key":            {"t", "", good},
	} {
		if _, err := queue.Queue(test.tenant, test.key, test.message); err == nil {
			t.Errorf("%s: queued", name)
		}
	}
}

func TestSealedLengthTellsNothing(t *testing.T) {
	t.Parallel()
	queue := NewQueue(newBox(t, 1), &plainWords{}, time.Now)
	length := func(m Message) int {
		m.Template, m.Params = "code", map[string]string{"code": "123456"}
		q, err := queue.Queue("carbon.super", "k", m)
		if err != nil {
			t.Fatal(err)
		}
		return len(q.Sealed)
	}
	known := length(Message{Channel: Email, To: "somebody.with.a.long.name@mail.example.com"})
	if decoy := length(Message{Channel: Email, Decoy: true}); decoy != known {
		t.Errorf("a decoy is sealed in %d bytes, a message in %d", decoy, known)
	}
}

func TestIdentityIsStableAndRevealsNothing(t *testing.T) {
	t.Parallel()
	box := newBox(t, 1)
	id := identity(box, "carbon.super", "visit/1")
	if id != identity(box, "carbon.super", "visit/1") {
		t.Error("identity differs between attempts")
	}
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("identity %q is not 32 hex digits", id)
	}
	for _, other := range []string{identity(box, "carbon.super", "visit/2"), identity(newBox(t, 2), "carbon.super", "visit/1")} {
		if id == other {
			t.Error("another message, or server, has the same identity")
		}
	}
}
