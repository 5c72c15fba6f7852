package scimapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"usher/httpapi"
	"usher/identity"
)

func (a *API) create(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	wished, err := a.wished(w, r, call.schema)
	if err != nil {
		return err
	}
	now := a.Now().UTC()
	u := &identity.User{Tenant: call.tenant, ID: uuid.NewString(), Created: now, Modified: now}
	c := &change{schema: call.schema, profile: call.profile, now: now}
	if err := c.apply(r.Context(), u, wished); err != nil {
		return err
	}
	var along identity.Along
	invited := wished.askPassword != nil && *wished.askPassword
	if invited {
		// A password that is sent along is not used, as clients expect.
		along, err = a.invite(r.Context(), u, now)
	} else if err = c.complete(u); err == nil {
		along.Credentials, err = a.credentials(r.Context(), call.profile, wished)
	}
	if err != nil {
		return err
	}
	ctx := a.Changes.Along(r, "user.created", u.ID, func() (any, any) { return nil, audited(nil, u) })
	created, err := a.Users.CreateUser(ctx, "", u, along)
	if err != nil && invited {
		return errors.Join(err, a.Letters.Unsent(r.Context(), u))
	} else if err != nil {
		return call.schema.named(err)
	}
	w.Header().Set("Location", a.location(created))
	return a.answer(w, http.StatusCreated, call, created)
}

// wished reads the resource a request carries.
func (a *API) wished(w http.ResponseWriter, r *http.Request, s *schema) (*wish, error) {
	o, err := body(w, r)
	if err != nil {
		return nil, err
	}
	doc, err := s.parse(o)
	if err != nil {
		return nil, err
	}
	return s.read(doc)
}

// credentials makes what is stored of a password, or of a hash made elsewhere;
// nil when there is neither.
func (a *API) credentials(ctx context.Context, profile *identity.Profile, w *wish) ([]identity.Credential, error) {
	switch {
	case w.password != "" && w.passwordHash != "":
		return nil, wrong(invalidValue, "password and passwordHash exclude each other.")
	case w.passwordHash != "":
		hash, err := identity.ImportHash(w.passwordHash)
		if err != nil {
			return nil, wrong(invalidValue, "passwordHash: %s.", err)
		}
		return []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}}, nil
	case w.password != "":
		if err := profile.CheckPassword(w.password); err != nil {
			return nil, err
		}
		hash, err := a.Hasher.Hash(ctx, w.password)
		if err != nil {
			return nil, err
		}
		return []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}}, nil
	}
	return nil, nil
}

func (a *API) get(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	id, _ := target(r)
	u, err := a.Users.FindUser(r.Context(), call.tenant, id)
	if err != nil {
		return err
	}
	version := a.resource(call.schema, u).etag()
	if none := r.Header.Get("If-None-Match"); none != "" && tagMatches(none, version) {
		w.Header().Set("ETag", version)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return a.answer(w, http.StatusOK, call, u)
}

// replace makes the user what the body says (RFC 7644, 3.5.1).
func (a *API) replace(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	wished, err := a.wished(w, r, call.schema)
	if err != nil {
		return err
	}
	return a.update(w, r, call, false, func(*identity.User) (*wish, error) { return wished, nil })
}

// patch applies the operations of the body (RFC 7644, 3.5.2).
func (a *API) patch(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	s := call.schema
	o, err := body(w, r)
	if err != nil {
		return err
	}
	ops, err := s.parsePatch(o)
	if err != nil {
		return err
	}
	return a.update(w, r, call, true, func(u *identity.User) (*wish, error) {
		doc := s.draw(u, a.Now())
		// What is said of these is then known to come from the operations.
		delete(doc, attrLocked)
		delete(doc, attrDisabled)
		delete(doc, attrActive)
		if err := patch(doc, ops); err != nil {
			return nil, err
		}
		return s.read(doc)
	})
}

// update changes the request's user in one transaction: read, compare with
// If-Match, change, store. wished says what the user as read is to become.
func (a *API) update(w http.ResponseWriter, r *http.Request, call *call, patched bool, wished func(*identity.User) (*wish, error)) error {
	ctx := r.Context()
	id, self := target(r)
	c := &change{schema: call.schema, profile: call.profile, now: a.Now().UTC(), self: self, patched: patched}
	var before, after *identity.User
	apply := func(u *identity.User) error {
		if err := a.ifMatch(r, c.schema, u); err != nil {
			return err
		}
		before, after = u.Clone(), u
		wish, err := wished(u)
		if err != nil {
			return err
		}
		if wish.askPassword != nil && *wish.askPassword {
			return wrong(mutability, "askPassword is for creating a user.")
		}
		if err := c.apply(ctx, u, wish); err != nil {
			return err
		}
		if err := keepsAccess(r, before, u); err != nil {
			return err
		}
		if wish.password != "" || wish.passwordHash != "" || !reflect.DeepEqual(before, u) {
			u.Modified = c.now
		}
		return nil
	}

	// Once outside of the transaction, because hashing a password takes long
	// and most mistakes show here.
	u, err := a.Users.FindUser(ctx, call.tenant, id)
	if err != nil {
		return err
	}
	wish, err := wished(u)
	if err != nil {
		return err
	}
	if err := apply(u); err != nil {
		return err
	}
	var along identity.Along
	if along.Credentials, err = a.credentials(ctx, c.profile, wish); err != nil {
		return err
	}
	if len(along.Credentials) > 0 {
		along.Spend = []identity.Purpose{identity.PurposeInvitation}
	}
	ctx = a.Changes.Along(r, "user.changed", id, func() (any, any) { return audited(nil, before), audited(before, after) })
	u, err = a.Users.UpdateUser(ctx, call.tenant, id, apply, along)
	if err != nil {
		return call.schema.named(err)
	}
	return a.answer(w, http.StatusOK, call, u)
}

// keepsAccess refuses a change by which who makes it loses what allows them to
// undo it. That two administrators do not do it to each other is the store's to
// see (identity.ErrLastAdmin).
func keepsAccess(r *http.Request, before, after *identity.User) error {
	if after.ID != httpapi.User(r.Context()).ID {
		return nil
	}
	switch {
	case slices.Contains(before.Roles, identity.RoleAdmin) && !slices.Contains(after.Roles, identity.RoleAdmin):
		return wrong(mutability, "Nobody takes the role %s from themselves.", identity.RoleAdmin)
	case after.Disabled && !before.Disabled, after.Locked && !before.Locked:
		return wrong(mutability, "Nobody locks or disables their own account.")
	}
	return nil
}

// ifMatch honours the header of that name (RFC 7644, 3.14).
func (a *API) ifMatch(r *http.Request, s *schema, u *identity.User) error {
	header, given := httpapi.IfMatch(r)
	if !given || tagMatches(header, a.resource(s, u).etag()) {
		return nil
	}
	return &fault{status: http.StatusPreconditionFailed, detail: "The user has changed since this version."}
}

// delete deletes the user. With If-Match the version is compared just before.
func (a *API) delete(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	id, _ := target(r)
	if id == httpapi.User(r.Context()).ID {
		return wrong(mutability, "Nobody deletes their own account over this API.")
	}
	if _, given := httpapi.IfMatch(r); given {
		u, err := a.Users.FindUser(r.Context(), call.tenant, id)
		if err != nil {
			return err
		}
		if err := a.ifMatch(r, call.schema, u); err != nil {
			return err
		}
	}
	if err := a.Users.DeleteUser(a.Changes.Along(r, "user.deleted", id, nil), call.tenant, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
