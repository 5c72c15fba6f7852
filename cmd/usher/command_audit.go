package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/user"

	"usher/audit"
)

// change is what a command has done, for the audit log. Before and after are
// JSON objects without secrets or addresses, nil where there is nothing to say.
type change struct {
	tenant, kind, target string
	before, after        any
}

// record writes the change to the audit log, as that of whoever the operating
// system says has run the command. It is called right after the change was
// stored. An error says that the change stands and the log has nothing of it.
func (p *process) record(ctx context.Context, log audit.Entries, c change) error {
	e := &audit.Entry{Tenant: c.tenant, At: p.now(), Actor: audit.Actor{Name: commandActor()}, Kind: c.kind, Target: c.target}
	for side, value := range map[*json.RawMessage]any{&e.Before: c.before, &e.After: c.after} {
		if value == nil {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		*side = text
	}
	if err := log.AppendEntry(ctx, e); err != nil {
		return fmt.Errorf("it is done, but the audit log has nothing of it: %w", err)
	}
	return nil
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
