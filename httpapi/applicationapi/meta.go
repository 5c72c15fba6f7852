package applicationapi

import (
	"net/http"

	"usher/httpapi"
)

// wireMeta is what applications can be made of.
type wireMeta struct {
	Authenticators []wireAuthenticator `json:"authenticators"`
	Scopes         []string            `json:"scopes"`
}

type wireAuthenticator struct {
	Authenticator string `json:"authenticator"`
	Label         string `json:"label"`
	// Kind is the kind of connection it needs, left out where none.
	Kind string `json:"kind,omitempty"`
}

// meta answers with the authenticators that logins can be made of, and the
// scopes that applications can be authorized for.
func (a *API) meta(w http.ResponseWriter, _ *http.Request) error {
	out := wireMeta{Authenticators: []wireAuthenticator{}, Scopes: httpapi.Scopes()}
	for _, k := range a.Authenticators {
		out.Authenticators = append(out.Authenticators, wireAuthenticator{Authenticator: k.Name, Label: k.Label, Kind: k.Kind})
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}
