package scimapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"usher/identity"
)

// change applies wishes to users of one tenant.
type change struct {
	schema  *schema
	profile *identity.Profile
	now     time.Time
	// self says that a person changes their own account.
	self bool
	// patched says that what the document does not hold was removed from it on
	// purpose, and that what it says of locks is meant even where it changes
	// nothing visible.
	patched bool
}

// apply makes the user what is wished, in memory. An error is the client's
// mistake. What decides about access (roles, locks) never changes by being
// left out.
func (c *change) apply(ctx context.Context, u *identity.User, w *wish) error {
	if err := c.applyName(ctx, u, w); err != nil {
		return err
	}
	if c.self {
		if err := c.refuseOwn(u, w); err != nil {
			return err
		}
	} else {
		c.applyState(u, w)
	}
	if w.password != "" || w.passwordHash != "" {
		// A new password ends what only kept the old one, or none, from
		// being used.
		u.FailedLogins, u.LockedUntil = 0, time.Time{}
		if u.LockReason == identity.LockedPendingInvitation && w.locked == nil {
			lock(u, false)
		}
	}
	done := map[string]bool{}
	for _, a := range c.schema.attributes {
		for _, uri := range a.claims() {
			said, ok := w.claims[uri]
			if !ok || done[uri] {
				continue
			}
			done[uri] = true
			if err := c.applyClaim(ctx, u, a, uri, said); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *change) applyName(ctx context.Context, u *identity.User, w *wish) error {
	switch {
	case w.username == "":
		return wrong(invalidValue, "userName is required.")
	case w.username == u.Username:
		return nil
	case c.self:
		return wrong(mutability, "userName cannot be changed by the user.")
	}
	if err := c.check(ctx, attrUsername, identity.ClaimUsername, w.username); err != nil {
		return err
	}
	u.Username = w.username
	return nil
}

// applyState sets what only an administrator may.
func (c *change) applyState(u *identity.User, w *wish) {
	u.ExternalID = w.externalID
	if c.changesRoles(u, w) {
		u.Roles = w.roles
	}
	if slices.Contains(w.disabled, !u.Disabled) {
		u.Disabled = !u.Disabled
	}
	if w.locked != nil && (c.patched || *w.locked != u.LockedAt(c.now)) {
		lock(u, *w.locked)
	}
}

func (c *change) changesRoles(u *identity.User, w *wish) bool {
	return (w.roles != nil || c.patched) && !slices.Equal(slices.Sorted(slices.Values(u.Roles)), w.roles)
}

// lock locks for an administrator, or unlocks whatever the reason was.
func lock(u *identity.User, locked bool) {
	switch {
	case !locked:
		u.Locked, u.LockReason = false, ""
		u.FailedLogins, u.LockedUntil = 0, time.Time{}
	case !u.Locked:
		u.Locked, u.LockReason = true, identity.LockedByAdmin
	}
}

// refuseOwn keeps people from changing what an administrator decides.
func (c *change) refuseOwn(u *identity.User, w *wish) error {
	var name string
	switch {
	case w.externalID != u.ExternalID && (w.externalID != "" || c.patched):
		name = attrExternalID
	case c.changesRoles(u, w):
		name = attrRoles
	case w.locked != nil && *w.locked != u.LockedAt(c.now):
		name = "accountLocked"
	case slices.Contains(w.disabled, !u.Disabled):
		name = attrActive
	case w.passwordHash != "":
		name = "passwordHash"
	default:
		return nil
	}
	return wrong(mutability, "%s cannot be changed by the user.", name)
}

var errContradiction = errors.New("contradiction")

// choose picks what a claim becomes of what its attributes say. Where they
// differ, one repeats the present value, and the other one is meant.
func (c *change) choose(said []string, present string) (string, error) {
	var meant []string
	for _, value := range said {
		silent := value == "" && !c.patched
		if value != present && !silent && !slices.Contains(meant, value) {
			meant = append(meant, value)
		}
	}
	switch {
	case len(meant) == 1:
		return meant[0], nil
	case len(meant) > 1:
		return "", errContradiction
	case slices.Contains(said, present):
		return present, nil
	}
	return "", nil
}

func (c *change) applyClaim(ctx context.Context, u *identity.User, a *attribute, uri string, said []string) error {
	if claim, _ := c.schema.catalog.Find(uri); claim.ReadOnly && !c.patched {
		return nil
	}
	value, err := c.choose(said, u.Claims[uri])
	if err != nil {
		return wrong(invalidValue, "%s is given twice, differently.", a.name)
	}
	if value == u.Claims[uri] {
		return nil
	}
	if err := c.check(ctx, a.name, uri, value); err != nil {
		return err
	}
	u.SetClaim(uri, c.profile.Kept(uri, value))
	// What was proved of the old value says nothing of the new one.
	if verified := identity.Addresses[uri]; u.Claims[verified] == "true" {
		u.SetClaim(verified, "false")
	}
	return nil
}

// check asks the tenant's rules. Whether a unique value is taken is for the
// store, in the transaction.
func (c *change) check(ctx context.Context, name, uri, value string) error {
	err := c.profile.Check(ctx, uri, value, "", false)
	var input *identity.InputError
	if !errors.As(err, &input) {
		return err
	}
	kind := invalidValue
	if input.Key == "claim.readOnly" {
		kind = mutability
	}
	return wrong(kind, "%s: %s", name, input.Text)
}

// complete tells whether a new user has every claim the tenant requires.
func (c *change) complete(u *identity.User) error {
	var missing []string
	for _, a := range c.schema.attributes {
		for _, uri := range a.claims() {
			claim, _ := c.schema.catalog.Find(uri)
			if claim.Required && !claim.ReadOnly && u.Claims[uri] == "" && !slices.Contains(missing, a.name) {
				missing = append(missing, a.name)
			}
		}
	}
	if len(missing) > 0 {
		return wrong(invalidValue, "Required and missing: %s.", strings.Join(missing, ", "))
	}
	return nil
}
