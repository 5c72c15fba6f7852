package notify

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Summary is what may be told of a message: never its content, nor the whole
// of an address.
type Summary struct {
	// ID is the one in the log, and the Rendered.ID.
	ID string
	// The rest is zero for a message that cannot be opened, because it was
	// sealed with another key.
	Channel  Channel
	Template string
	// To is the masked address, "" where there is none.
	To      string
	Queued  time.Time
	Expires time.Time
}

// Summarize opens a message, or what is left of one, and tells what may be
// told.
func Summarize(box Sealer, q Queued) Summary {
	s := Summary{ID: identity(box, q.Tenant, q.Key)}
	if e, err := open(box, q); err == nil {
		s.Channel, s.Template, s.To, s.Queued, s.Expires = e.Channel, e.Template, mask(e.To), e.Queued, e.Expires
	}
	return s
}

// Receipt is what is left of a message that is done: what Summarize tells of
// it, sealed in its place. nil for one that cannot be opened.
func Receipt(box Sealer, q Queued) []byte {
	e, err := open(box, q)
	if err != nil {
		return []byte{}
	}
	return receipt(box, q, e)
}

// receiptPadding hides how long names are, as padding does, at less cost: a
// receipt is kept for days.
const receiptPadding = 256

func receipt(box Sealer, q Queued, e envelope) []byte {
	left := envelope{Queued: e.Queued, Message: Message{Channel: e.Channel, To: mask(e.To), Template: e.Template, Expires: e.Expires}}
	plain, err := json.Marshal(left)
	if err != nil {
		return []byte{} // only a time beyond the year 9999 does not marshal
	}
	return box.Seal(padTo(plain, receiptPadding), place(q.Tenant, q.Key))
}

// masked stands for what is not told of an address.
const masked = "…"

// mask returns of an e-mail address its first character and the domain, of a
// number its last two digits. A masked address stays as it is.
func mask(to string) string {
	name, domain, isEmail := cutLast(to, "@")
	switch {
	case to == "" || strings.Contains(to, masked):
		return to
	case isEmail:
		_, size := utf8.DecodeRuneInString(name)
		return name[:size] + masked + "@" + domain
	case len(to) < 8: // nothing can be told without telling most of it
		return masked
	}
	return masked + to[len(to)-2:]
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// padTo appends spaces, which JSON allows after a value, up to a multiple.
func padTo(plain []byte, multiple int) []byte {
	missing := (multiple - len(plain)%multiple) % multiple
	return append(plain, bytes.Repeat([]byte{' '}, missing)...)
}
