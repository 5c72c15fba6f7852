package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"usher/audit"
)

// maxChangedMember bounds what an entry of the audit log holds of a member, in
// bytes. Of a longer one it holds the length and the SHA-256.
const maxChangedMember = 4 << 10

// Changes makes the entries of the audit log: what callers of management APIs
// change. A nil one makes none.
type Changes struct {
	Now func() time.Time
}

// Along returns the request's context for the one call of the store that makes
// a change to the target: its entry is stored with it or not at all. The entry
// says who asked for it, and has the members in which before and after differ.
//
// show is called in the change's transaction, after the change, and returns
// both as the API shows them, JSON objects without secrets; nil where there was,
// or is, nothing to show. Where both are given and nothing differs, there is no
// entry. A nil show has nothing to show.
func (c *Changes) Along(r *http.Request, kind, target string, show func() (before, after any)) context.Context {
	if c == nil {
		return r.Context()
	}
	if show == nil {
		show = func() (before, after any) { return nil, nil }
	}
	return audit.Along(r.Context(), func() (*audit.Entry, error) {
		before, after := show()
		old, now, differ, err := differing(before, after)
		if err != nil || !differ {
			return nil, err
		}
		e := &audit.Entry{Tenant: Tenant(r), At: c.Now(), Kind: kind, Target: target, Before: old, After: now}
		if u := User(r.Context()); u != nil {
			e.Actor = audit.Actor{ID: u.ID, Name: u.Username}
		}
		return e, nil
	})
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
