package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"usher/config"
	"usher/identity"
	"usher/store"
)

// people makes users outside of a flow: at first start and by command.
type people struct {
	store    store.Store
	profiles *identity.Profiles
	hasher   *identity.Hasher
	process  *process
}

// add checks and stores a new user with the password, and writes that to the
// audit log. An *identity.InputError says what is wrong with one of the values.
func (d *people) add(ctx context.Context, u identity.User, password string) error {
	profile, err := d.profiles.For(ctx, u.Tenant)
	if err != nil {
		return err
	}
	if err := profile.Check(ctx, identity.ClaimUsername, u.Username, "", true); err != nil {
		return about("user name", err)
	}
	for uri, value := range u.Claims {
		if err := profile.Check(ctx, uri, value, "", true); err != nil {
			return about(uri, err)
		}
	}
	if err := profile.CheckPassword(password); err != nil {
		return about("password", err)
	}
	hash, err := d.hasher.Hash(ctx, password)
	if err != nil {
		return about("password", err)
	}
	u.ID = uuid.NewString()
	u.Created = d.process.now()
	u.Modified = u.Created
	_, err = d.store.CreateUser(d.process.along(ctx, func() (change, bool) {
		return change{tenant: u.Tenant, kind: "user.created", target: u.ID, after: map[string][]string{"roles": u.Roles}}, true
	}), "", &u, identity.Along{
		Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}},
	})
	if taken, ok := errors.AsType[*identity.TakenError](err); ok {
		return taken.Input()
	}
	return err
}

// about says which value an input error is about.
func about(what string, err error) error {
	if input, ok := errors.AsType[*identity.InputError](err); ok {
		return fmt.Errorf("%s: %w", what, input)
	}
	return err
}

// inputRules are what the settings ask of user names and passwords.
func inputRules(c *config.Config) (usernames, passwords identity.RuleSet) {
	return identity.DefaultUsernameRules(), identity.PasswordRules(c.PasswordMinLength, c.PasswordMaxLength,
		c.PasswordMinDigits, c.PasswordMinUpper, c.PasswordMinLower, c.PasswordMinSpecial)
}
