// Package inviteapi makes invitation links for administrators who hand them
// over themselves (/api/users/v1/offline-invite-link). Invitations by mail are
// made where users are created, in package scimapi, and sent again by package
// accountapi.
package inviteapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// Scope is the scope of this API.
const Scope = "internal_offline_invite"

// Codes of this API's own problems.
const (
	codeBody    = "UE-25001"
	codeUnknown = "UE-25404"
	codeState   = "UE-25409"
	codeFault   = "UE-25500"
)

// maxBody bounds the body in bytes.
const maxBody = 16 << 10

// Users is what the API needs of the user store.
type Users interface {
	FindUserByName(ctx context.Context, tenant, username string) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// API serves the endpoint.
type API struct {
	Users Users
	// Pages returns the URL of one of the hosted pages.
	Pages func(tenant, page string) string
	// Life is how long a link is good for.
	Life    time.Duration
	Changes *httpapi.Changes
	Log     *slog.Logger
	Now     func() time.Time
}

// Mount adds the endpoint to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	routes.Handle("POST /api/users/v1/offline-invite-link", guard.Require(Scope, httpapi.Handler(a.Log, codeFault, nil, a.serve)))
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) error {
	link, err := a.invite(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(link)) // the client has gone; there is nobody to tell
	return nil
}

// invite makes a link by which somebody chooses the user's password. It takes
// the place of the user's earlier invitations; asking again makes another one.
func (a *API) invite(w http.ResponseWriter, r *http.Request) (link string, err error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return "", problem
	}
	var in struct {
		Username  string `json:"username"`
		Userstore string `json:"userstore"`
	}
	if problem := httpapi.Decode(data, &in, codeBody); problem != nil {
		return "", problem
	}
	if in.Username == "" {
		return "", &httpapi.Problem{Status: http.StatusBadRequest, Code: codeBody, Message: "Invalid request.", Description: "username is required."}
	}
	if !knownStore(in.Userstore) {
		return "", unknown("There is no such user store. A tenant has one, called PRIMARY.")
	}
	tenant := httpapi.Tenant(r)
	u, err := a.Users.FindUserByName(r.Context(), tenant, in.Username)
	if err == nil {
		// The link itself is a secret, and who gets it is not known here.
		link, err = a.make(a.Changes.Along(r, "user.invited", u.ID, nil), u)
	}
	if errors.Is(err, identity.ErrNoUser) {
		return "", unknown("There is no user of this name.")
	}
	return link, err
}

func (a *API) make(ctx context.Context, u *identity.User) (link string, err error) {
	now := a.Now().UTC()
	code, confirmation := identity.NewInvitation(u, "", now.Add(a.Life))
	_, err = a.Users.UpdateUser(ctx, u.Tenant, u.ID, func(u *identity.User) error {
		invited := u.LockReason == identity.LockedPendingInvitation
		if u.Disabled || u.LockedAt(now) && !invited {
			return &httpapi.Problem{
				Status: http.StatusConflict, Code: codeState, Message: "The account is locked or disabled.",
				Description: "Unlock or enable the account first.",
			}
		}
		return nil
	}, identity.Along{Confirmation: confirmation})
	if err != nil {
		return "", err
	}
	return a.Pages(u.Tenant, "accept") + "?confirmation=" + url.QueryEscape(code), nil
}

// knownStore tells whether the name is one of the tenant's user store.
func knownStore(name string) bool {
	return name == "" || strings.EqualFold(name, "PRIMARY") || strings.EqualFold(name, "DEFAULT")
}

func unknown(why string) error {
	return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "No such user.", Description: why}
}
