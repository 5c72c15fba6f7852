package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"usher/config"
	"usher/connection"
	"usher/grant"
	"usher/identity"
	"usher/seal"
	"usher/store"
)

type keysResealCommand struct {
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*keysResealCommand) Help() string {
	return `While the secret key is replaced, servers have the new one as USHER_SECRET_KEY and the old one among USHER_OTHER_SECRET_KEYS. This command needs both, and seals under the new one what would stay under the old one for good: the keys that tokens are signed with, and the secrets of connections. What else the old key has sealed runs out by itself: flows, messages that wait, and sign-ins.

Servers may be running meanwhile. A repetition changes nothing; it says so.

Exit codes: 0 nothing is left under another key, 1 something is, 2 the command line or a setting cannot be used.

Example:

    USHER_OTHER_SECRET_KEYS="$OLD" usher keys reseal`
}

func (cmd *keysResealCommand) Run(p *process) error {
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(cmd.reseal(ctx, p, st), st.Close())
}

func (cmd *keysResealCommand) reseal(ctx context.Context, p *process, st store.Store) error {
	secrets, err := secretKeys(&cmd.Settings)
	if err != nil {
		return err
	}
	ring, err := newRing(&cmd.Settings, resealedKeys{st, p}, secrets, p.now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	keys, err := ring.Reseal(ctx)
	if err != nil {
		return err
	}
	box, err := newBox(secrets, purposeConnections)
	if err != nil {
		return err
	}
	connections, err := resealConnections(ctx, p, st, box)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "sealed anew: %d signing keys, %d connections; nothing else stays under another key for good\n", keys, connections)
	return err
}

// resealConnections returns how many were sealed under another key. It goes on
// where one cannot be opened.
func resealConnections(ctx context.Context, p *process, st connection.Connections, box *seal.Box) (resealed int, failed error) {
	list, err := st.ListAllConnections(ctx)
	if err != nil {
		return 0, err
	}
	for i := range list {
		c, changed := &list[i], false
		along := p.along(ctx, func() (change, bool) {
			return change{tenant: c.Tenant, kind: "connection.resealed", target: c.ID}, changed
		})
		_, err := st.UpdateConnection(along, c.Tenant, c.ID, func(c *connection.Connection) (err error) {
			changed, err = c.Reseal(box)
			return err
		})
		if changed && err == nil {
			resealed++
		}
		if !errors.Is(err, connection.ErrNotFound) { // deleted meanwhile
			failed = errors.Join(failed, err)
		}
	}
	return resealed, failed
}

// resealedKeys has the audit log say that the signing keys were sealed anew.
type resealedKeys struct {
	grant.Keys
	p *process
}

// ReplaceKeys implements grant.Keys.
func (k resealedKeys) ReplaceKeys(ctx context.Context, was, now []grant.Key) error {
	return k.Keys.ReplaceKeys(k.p.along(ctx, func() (change, bool) {
		return change{tenant: identity.DefaultTenant, kind: "keys.resealed", target: "signing keys"}, true
	}), was, now)
}
