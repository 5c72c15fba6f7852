// Package accountapi shows administrators by what a user can sign in, and where
// they are signed in, lets them take either away, and send the user a mail to
// choose a password (/api/server/v1/users/{id}). What there is to know of the
// person is SCIM's.
package accountapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"usher/connection"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
	"usher/identity"
)

// Scopes of this API; they are SCIM's.
const (
	ScopeView   = "internal_user_mgt_view"
	ScopeUpdate = "internal_user_mgt_update"
)

// Codes of this API's own problems.
const (
	codeUnknown    = "UE-33404"
	codeCredential = "UE-33405"
	codeState      = "UE-33409"
	codeFault      = "UE-33500"
)

// Users is what the API needs of the user store.
type Users interface {
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
	ListCredentials(ctx context.Context, tenant, userID, kind string) ([]identity.Credential, error)
}

// Sessions is what it needs of the sign-ins.
type Sessions interface {
	ListSessions(ctx context.Context, tenant, user string, now time.Time, limit int) ([]grant.Session, error)
	SignOut(ctx context.Context, tenant, user string) error
}

// Connections names the providers of accounts elsewhere.
type Connections interface {
	ListConnections(ctx context.Context, tenant string) ([]connection.Connection, error)
}

// Flows knows whether people can recover their accounts.
type Flows interface {
	LiveDefinition(ctx context.Context, tenant string, t flow.Type) (int64, flow.Config, error)
}

// API serves the endpoints.
type API struct {
	Users       Users
	Sessions    Sessions
	Connections Connections
	Flows       Flows
	Letters     *httpapi.Letters
	Changes     *httpapi.Changes
	Log         *slog.Logger
	Now         func() time.Time
}

const path = "/api/server/v1/users/{id}"

// Mount adds the endpoints to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	httpapi.Endpoints{
		"GET " + path + "/proofs":                {ScopeView, a.proofs},
		"DELETE " + path + "/passkeys/{passkey}": {ScopeUpdate, a.dropPasskey},
		"DELETE " + path + "/accounts/{account}": {ScopeUpdate, a.dropAccount},
		"GET " + path + "/sessions":              {ScopeView, a.sessions},
		"POST " + path + "/sign-out":             {ScopeUpdate, a.signOut},
		"POST " + path + "/invitation":           {ScopeUpdate, a.invite},
		"POST " + path + "/recovery":             {ScopeUpdate, a.recover},
	}.Mount(routes, guard, a.Log, codeFault, told)
}

// told is what an error tells the caller, nil for a fault.
func told(err error) *httpapi.Problem {
	switch {
	case errors.Is(err, identity.ErrNoUser):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeUnknown, Message: "No such user.", Description: "The id in the path is no user's."}
	case errors.Is(err, httpapi.ErrNoAddress):
		return &httpapi.Problem{Status: http.StatusConflict, Code: codeState, Message: "No mail was sent.", Description: "The user has no e-mail address."}
	case errors.Is(err, identity.ErrNoCredential):
		return &httpapi.Problem{Status: http.StatusNotFound, Code: codeCredential, Message: "It is not there.", Description: "The user has no such passkey or account, or has it no more."}
	}
	return nil
}
