package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"usher/audit"
)

// maxChangedMember bounds what an entry of the audit log holds of a member, in
// bytes. Of a longer one it holds the length and the SHA-256.
const maxChangedMember = 4 << 10

// Changes writes the audit log: what callers of management APIs change. A nil
// one writes none.
type Changes struct {
	Entries interface {
		AppendEntry(ctx context.Context, e *audit.Entry) error
	}
	Now func() time.Time
	Log *slog.Logger
}

// Record appends an entry about a change that the request has made to the
// target: who made it, and the members in which before and after differ. Both
// are as the API shows them, JSON objects without secrets; nil where there was,
// or is, nothing to show. Where both are given and nothing differs, nothing is
// written.
//
// It is called right after the change was stored, and the client's going away
// does not keep it from writing. A server that dies in between leaves a change
// without an entry. If the entry cannot be stored, the change stands, and the
// server's log says so.
func (c *Changes) Record(r *http.Request, kind, target string, before, after any) {
	if c == nil {
		return
	}
	e := &audit.Entry{Tenant: Tenant(r), At: c.Now(), Kind: kind, Target: target}
	if u := User(r.Context()); u != nil {
		e.Actor = audit.Actor{ID: u.ID, Name: u.Username}
	}
	var err error
	var differ bool
	if e.Before, e.After, differ, err = differing(before, after); err == nil && differ {
		err = c.Entries.AppendEntry(context.WithoutCancel(r.Context()), e)
	}
	if err != nil {
		c.Log.ErrorContext(r.Context(), "audit entry cannot be stored", "tenant", e.Tenant, "kind", kind, "target", target, "actor", e.Actor.ID, "error", err)
	}
}

// differing returns the members that two objects do not share.
func differing(before, after any) (old, now json.RawMessage, differ bool, err error) {
	a, err := members(before)
	if err != nil {
		return nil, nil, false, err
	}
	b, err := members(after)
	if err != nil {
		return nil, nil, false, err
	}
	for name, value := range a {
		if other, ok := b[name]; ok && bytes.Equal(value, other) {
			delete(a, name)
			delete(b, name)
		}
	}
	if old, err = short(a); err == nil {
		now, err = short(b)
	}
	return old, now, len(a)+len(b) > 0 || a == nil || b == nil, err
}

func members(object any) (map[string]json.RawMessage, error) {
	if object == nil {
		return nil, nil
	}
	document, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	err = json.Unmarshal(document, &m)
	return m, err
}

// short writes the members, each in bounded length; nil for no object.
func short(m map[string]json.RawMessage) (json.RawMessage, error) {
	if m == nil {
		return nil, nil
	}
	for name, value := range m {
		if len(value) <= maxChangedMember {
			continue
		}
		digest := sha256.Sum256(value)
		reference, err := json.Marshal(map[string]any{"bytes": len(value), "sha256": hex.EncodeToString(digest[:])})
		if err != nil {
			return nil, err
		}
		m[name] = reference
	}
	return json.Marshal(m)
}
