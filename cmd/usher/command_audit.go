package main

import (
	"context"
	"encoding/json"
	"os/user"

	"usher/audit"
)

// change is what a command has done, for the audit log. Before and after are
// JSON objects without secrets or addresses, nil where there is nothing to say.
type change struct {
	tenant, kind, target string
	before, after        any
}

// along returns a context for the call of the store that makes the change: its
// entry in the audit log, as of whoever the operating system says has run the
// command, is stored with it. show is called after the change, in its
// transaction, and returns false where there was none.
func (p *process) along(ctx context.Context, show func() (c change, made bool)) context.Context {
	return audit.Along(ctx, func() (*audit.Entry, error) {
		c, made := show()
		if !made {
			return nil, nil
		}
		return p.entry(c)
	})
}

func (p *process) entry(c change) (*audit.Entry, error) {
	e := &audit.Entry{Tenant: c.tenant, At: p.now(), Actor: audit.Actor{Name: commandActor()}, Kind: c.kind, Target: c.target}
	for side, value := range map[*json.RawMessage]any{&e.Before: c.before, &e.After: c.after} {
		if value == nil {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		*side = text
	}
	return e, nil
}

// commandActor names who runs a command. A container may have users without
// names.
func commandActor() string {
	const anybody = "command line"
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return anybody
	}
	return anybody + " (" + u.Username + ")"
}
