package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/config"
	"usher/grant"
	"usher/identity"
	"usher/signin/keys"
	"usher/store"
)

type keysCommands struct {
	List   keysListCommand   `cmd:"" help:"Show the keys that tokens are signed with."`
	Rotate keysRotateCommand `cmd:"" help:"Give the keys that tokens are signed with successors."`
	Reseal keysResealCommand `cmd:"" help:"Seal what is stored for good under the secret key, while that is replaced."`
}

type keysListCommand struct {
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*keysListCommand) Help() string {
	return `One line for each key, with its times in UTC. Of each algorithm one key signs. A key that waits is published already and signs from its time on; one that is published only has signed before, and goes at its time.

Exit codes: 0 the keys are listed, 1 they could not be read, 2 the command line or a setting cannot be used.

Example:

    usher keys list`
}

func (cmd *keysListCommand) Run(p *process) error {
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(printKeys(ctx, p.stdout, st, p.now()), st.Close())
}

type keysRotateCommand struct {
	Now      bool          `help:"New keys sign at once, where clients may not have them yet."`
	Revoke   bool          `help:"Withdraw the old keys at once: no token signed so far counts any more. New keys sign at once."`
	Settings config.Config `embed:""`
}

// Help is shown below the command's line.
func (*keysRotateCommand) Help() string {
	return `The server does so by itself, as --key-rotation says; nobody needs to. New keys are published at once and sign an hour later, so that clients have them by then; old ones are published for another 25 hours, until the last token they signed has run out. A repetition within the hour changes nothing.

When a key has become known to others, --revoke ends its use: whoever signed in must do so again where an application looks at tokens. Clients that keep a copy of the keys accept the old ones for as long as they keep it.

A server may be running meanwhile. It follows within half a minute. The secret key must be the server's.

Exit codes: 0 it is done and the keys are listed, 1 nothing was changed, 2 the command line or a setting cannot be used.

Examples:

    usher keys rotate
    usher keys rotate --revoke`
}

func (cmd *keysRotateCommand) Run(p *process) error {
	ctx := context.Background()
	st, err := openStore(ctx, &cmd.Settings)
	if err != nil {
		return err
	}
	return errors.Join(cmd.rotate(ctx, p, st), st.Close())
}

func (cmd *keysRotateCommand) rotate(ctx context.Context, p *process, st store.Store) error {
	secrets, err := secretKeys(&cmd.Settings)
	if err != nil {
		return err
	}
	kind := "keys.rotated"
	if cmd.Revoke {
		kind = "keys.revoked"
	}
	ring, err := newRing(&cmd.Settings, recordedKeys{st, kind, p}, secrets, p.now, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := ring.Rotate(ctx, keys.Rotation{Now: cmd.Now, Revoke: cmd.Revoke}); err != nil {
		return err
	}
	return printKeys(ctx, p.stdout, st, p.now())
}

// recordedKeys has the audit log say what a command makes of the keys.
type recordedKeys struct {
	grant.Keys
	kind string
	p    *process
}

// ReplaceKeys implements grant.Keys.
func (k recordedKeys) ReplaceKeys(ctx context.Context, was, now []grant.Key) error {
	type shown struct {
		Keys []string `json:"keys"`
	}
	before, after := keyIDs(was), keyIDs(now)
	return k.Keys.ReplaceKeys(k.p.along(ctx, func() (change, bool) {
		return change{identity.DefaultTenant, k.kind, "signing keys", shown{before}, shown{after}}, !slices.Equal(before, after)
	}), was, now)
}

func keyIDs(list []grant.Key) []string {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids
}

// newRing returns the keys that tokens are signed with.
func newRing(c *config.Config, st grant.Keys, secrets [][]byte, now func() time.Time, log *slog.Logger) (*keys.Ring, error) {
	box, err := newBox(secrets, "signing key")
	if err != nil {
		return nil, err
	}
	return keys.New(st, box, keys.Schedule{Rotation: c.KeyRotation}, now, log), nil
}

// printKeys lists the stored keys, as they are at the time.
func printKeys(ctx context.Context, w io.Writer, st grant.Keys, now time.Time) error {
	stored, err := st.ListKeys(ctx)
	if err != nil {
		return err
	}
	if len(stored) == 0 {
		_, err = fmt.Fprintln(w, "there are no keys yet; 'usher serve' makes them")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ALGORITHM\tSTATE\tSIGNS FROM\tPUBLISHED UNTIL\tKEY ID")
	for _, k := range stored {
		until := "-"
		if !k.Until.IsZero() {
			until = k.Until.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", k.Algorithm, keyState(stored, k, now), k.SignsFrom.UTC().Format(time.RFC3339), until, k.ID)
	}
	return table.Flush()
}

// keyState says in a word what the key is for at the time.
func keyState(stored []grant.Key, k grant.Key, now time.Time) string {
	signing, _ := keys.Signing(stored, jose.SignatureAlgorithm(k.Algorithm), now)
	switch {
	case k.ID == signing.ID:
		return "signs"
	case k.SignsFrom.After(now):
		return "waits"
	case keys.Published(k, now):
		return "published"
	}
	return "gone"
}
