// Package serverapi tells administrators what the server is set to
// (/api/server/v1/server-info). It changes nothing: settings belong to whoever
// runs the server.
//
// Those are the administrators of the default tenant, who see every setting
// without what is secret of it. Others see what holds for their own users, and
// learn nothing of the machine, its database or its neighbours.
package serverapi

import (
	"encoding/json"
	"net/http"

	"usher/httpapi"
	"usher/identity"
)

// ScopeView is the scope of this API.
const ScopeView = "internal_server_info_view"

// Setting is one setting, as its operator may see it.
type Setting struct {
	// Group is a heading that several settings share; those of a group stand
	// together.
	Group string `json:"group"`
	// Flag, Variable and Key are its names: --listen-addr, USHER_LISTEN_ADDR
	// and listen_addr.
	Flag     string `json:"flag"`
	Variable string `json:"variable"`
	Key      string `json:"key"`
	// Help says what it is about.
	Help string `json:"help"`
	// Value is the one in effect, without what is secret of it; Hidden says
	// that there was such.
	Value  string `json:"value"`
	Hidden bool   `json:"hidden,omitempty"`
	// Origin says where the value comes from, told to the operator only.
	Origin string `json:"origin,omitempty"`
	// Open settings are told to the administrators of every tenant.
	Open bool `json:"-"`
}

// API serves the endpoint.
type API struct {
	Version  string
	Settings []Setting
	// UsernameRules are what every user name must be, in the form that pages
	// have them in.
	UsernameRules json.RawMessage
}

// Mount adds the endpoint to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	routes.Handle("GET /api/server/v1/server-info", guard.Require(ScopeView, http.HandlerFunc(a.serve)))
}

type info struct {
	// Version is blank for those who do not run the server.
	Version       string          `json:"version,omitempty"`
	Operator      bool            `json:"operator"`
	Settings      []Setting       `json:"settings"`
	UsernameRules json.RawMessage `json:"usernameRules"`
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	out := info{UsernameRules: a.UsernameRules, Settings: []Setting{}}
	if out.Operator = httpapi.Tenant(r) == identity.DefaultTenant; out.Operator {
		out.Version, out.Settings = a.Version, a.Settings
	} else {
		for _, s := range a.Settings {
			if s.Open {
				s.Origin = ""
				out.Settings = append(out.Settings, s)
			}
		}
	}
	if err := httpapi.WriteJSON(w, http.StatusOK, out); err != nil {
		panic(err) // strings and a document of ours always marshal
	}
}
