package accountapi

import (
	"net/http"
	"time"

	"usher/httpapi"
)

// maxSessions bounds what is listed.
const maxSessions = 100

// session is a browser in which the user is signed in. Its id stays here.
type session struct {
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`
	Expires time.Time `json:"expires"`
	// Methods are what the user has proved, in that order.
	Methods []string `json:"methods"`
}

// sessions lists where the user is signed in, the one used last first.
func (a *API) sessions(w http.ResponseWriter, r *http.Request) error {
	ctx, tenant, user := r.Context(), httpapi.Tenant(r), r.PathValue("id")
	if _, err := a.Users.FindUser(ctx, tenant, user); err != nil {
		return err
	}
	list, err := a.Sessions.ListSessions(ctx, tenant, user, a.Now(), maxSessions)
	if err != nil {
		return err
	}
	out := struct {
		Sessions []session `json:"sessions"`
	}{[]session{}}
	for i := range list {
		one := session{list[i].Created, list[i].Seen, list[i].Expires, []string{}}
		for _, p := range list[i].Proofs {
			one.Methods = append(one.Methods, p.Method)
		}
		out.Sessions = append(out.Sessions, one)
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

// signOut ends every session of the user and revokes what applications were
// granted for them. Doing it again does no harm.
func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	ctx, tenant, user := r.Context(), httpapi.Tenant(r), r.PathValue("id")
	if _, err := a.Users.FindUser(ctx, tenant, user); err != nil {
		return err
	}
	if err := a.Sessions.SignOut(a.Changes.Along(r, "user.signed-out", user, nil), tenant, user); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
