package console

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"usher/application"
)

// ClientID is the client_id of the pages, in every tenant.
const ClientID = "console"

// How long what the pages are granted lasts. They keep it in memory only.
const (
	accessLife  = 10 * time.Minute
	refreshLife = 8 * time.Hour
)

// errNotOurs is returned where an administrator has given the client_id to an
// application that has a secret. It is left as it is.
var errNotOurs = errors.New(`the client id "` + ClientID + `" belongs to a confidential client; the console needs it`)

// Register makes sure that the tenant has the client that the pages sign in
// as: a public one with PKCE, which codes and logouts come back from to where
// the server is reached now. What an administrator decides about it otherwise,
// its login for one, stays. A repetition changes nothing.
func (c *Console) Register(ctx context.Context, tenant string) error {
	found, err := c.Applications.FindClient(ctx, tenant, ClientID)
	switch {
	case errors.Is(err, application.ErrNotFound):
		return c.create(ctx, tenant)
	case err != nil:
		return err
	case !found.Client.Public:
		return errNotOurs
	case !c.fit(found.Clone()):
		return nil
	}
	_, err = c.Applications.UpdateApplication(ctx, tenant, found.ID, func(a *application.Application) error {
		if !a.Client.Public {
			return errNotOurs
		}
		if c.fit(a) {
			a.Modified = c.Now()
		}
		return nil
	})
	if errors.Is(err, application.ErrNotFound) {
		return nil // deleted at this very moment; whoever opens the page next makes it again
	}
	return err
}

// fit gives the application what the pages rely on, and tells whether it had
// something else.
func (c *Console) fit(a *application.Application) (changed bool) {
	home := c.issuer(a.Tenant) + root
	set := func(list *[]string, want ...string) {
		if !slices.Equal(*list, want) {
			*list, changed = want, true
		}
	}
	set(&a.Client.RedirectURIs, home+"callback")
	set(&a.Client.PostLogoutURIs, home+"signed-out")
	set(&a.Client.Grants, application.GrantCode, application.GrantRefresh)
	set(&a.Client.Scopes, c.Scopes...)
	if a.AccessURL != home || !a.Client.RequirePKCE || a.Client.Direct {
		a.AccessURL, a.Client.RequirePKCE, a.Client.Direct, changed = home, true, false, true
	}
	return changed
}

func (c *Console) create(ctx context.Context, tenant string) error {
	now := c.Now()
	a := &application.Application{
		Tenant: tenant, ID: uuid.NewString(), Name: "Console", Description: "Where administrators work.",
		Client: application.DefaultClient(), Login: application.DefaultLogin(), Created: now, Modified: now,
	}
	a.Client.ID, a.Client.Public = ClientID, true
	a.Client.AccessTokenLife, a.Client.RefreshTokenLife = accessLife, refreshLife
	c.fit(a)
	// A server that browsers reach without TLS from elsewhere has no redirect
	// URI that a code may be sent to.
	if err := application.CheckRedirectURI(a.Client.RedirectURIs[0], true); err != nil {
		return errors.New("the public URL " + err.Error())
	}
	_, err := c.Applications.CreateApplication(ctx, a)
	if errors.Is(err, application.ErrNameTaken) {
		a.Name = "Console of Usher"
		_, err = c.Applications.CreateApplication(ctx, a)
	}
	if errors.Is(err, application.ErrClientTaken) {
		return nil // by the same call of somebody else
	}
	return err
}
