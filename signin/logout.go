package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/httpapi"
)

// logout is the logout endpoint (OpenID Connect RP-Initiated Logout 1.0).
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || repeated(r.Form) != "" {
		p.refuseLogout(w, r)
		return
	}
	if r.Method == http.MethodPost {
		u := url.URL{Path: r.URL.Path, RawQuery: r.Form.Encode()} // see authorize
		goTo(w, r, u.String())
		return
	}
	p.handler.ServeHTTP(&logoutWriter{ResponseWriter: w, refuse: func() { p.refuseLogout(w, r) }}, toLibrary(r))
}

func (p *Provider) refuseLogout(w http.ResponseWriter, r *http.Request) {
	p.Refuse(w, r, http.StatusBadRequest, "This link does not work", "The application sent a request that cannot be answered. You are still signed in.")
}

// logoutWriter draws a page for a refusal, which nobody else would see.
type logoutWriter struct {
	http.ResponseWriter
	refuse func()
	drawn  bool
}

// WriteHeader implements http.ResponseWriter.
func (w *logoutWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		w.drawn = true
		w.refuse()
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *logoutWriter) Write(b []byte) (int, error) {
	if w.drawn {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// EndSession implements op.Server. An ID token of the user who is signed in
// shows that the application means this browser's user; whoever shows none, or
// another's, has the person asked first (RP-Initiated Logout 1.0, 2).
func (s *server) EndSession(ctx context.Context, r *op.Request[oidc.EndSessionRequest]) (*op.Redirect, error) {
	tenant, clientID := tenantOf(ctx), r.Data.ClientID
	session, err := s.findSession(ctx, tenant, r.Header)
	if err != nil {
		return nil, s.fault(ctx, "find session", err)
	}
	id := s.namedSession(tenant, r.Header)
	sure, ends := session == nil, session != nil
	if r.Data.IdTokenHint != "" {
		h, err := s.hinted(ctx, r.Data.IdTokenHint)
		if err != nil {
			return nil, err
		}
		if clientID != "" && clientID != h.Audience {
			return nil, oidc.ErrInvalidRequest().WithDescription("client_id is not that of id_token_hint.")
		}
		clientID = h.Audience
		sure = sure || session.User == h.Subject
		ends = ends || h.Session == id // over, but what was granted in it may not be
	}
	back, err := s.backTo(ctx, tenant, clientID, r.Data.PostLogoutRedirectURI, r.Data.State)
	if err != nil {
		return nil, s.fault(ctx, "find client", err)
	}
	if r.Data.PostLogoutRedirectURI != "" && back == "" {
		return nil, oidc.ErrInvalidRequest().WithDescription("post_logout_redirect_uri is not one of the client's.")
	}
	if !sure {
		q := url.Values{"client_id": {clientID}, "post_logout_redirect_uri": {r.Data.PostLogoutRedirectURI}, "state": {r.Data.State}}
		return op.NewRedirect(s.issuer(tenant) + pathLogoutPage + "?" + q.Encode()), nil
	}
	if back == "" {
		back = s.issuer(tenant) + pathLogoutPage + "?done=true"
	}
	if !ends {
		id = ""
	}
	redirect := op.NewRedirect(back)
	if err := s.endSession(ctx, tenant, id, redirect.Header); err != nil {
		return nil, s.fault(ctx, "end session", err)
	}
	return redirect, nil
}

// endSession ends the session, "" for none, and takes its cookie back.
func (p *Provider) endSession(ctx context.Context, tenant, id string, out http.Header) error {
	if id != "" {
		if err := p.Store.DeleteSession(ctx, tenant, id); err != nil {
			return err
		}
	}
	p.dropSession(tenant, out)
	return nil
}

// backTo is where a client may have the browser sent after signing out; "" for
// nowhere. The URI is compared character by character.
func (p *Provider) backTo(ctx context.Context, tenant, clientID, uri, state string) (string, error) {
	if clientID == "" || uri == "" {
		return "", nil
	}
	a, err := p.Store.FindClient(ctx, tenant, clientID)
	if errors.Is(err, application.ErrNotFound) || err == nil && !slices.Contains(a.Client.PostLogoutURIs, uri) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	if state != "" {
		q := url.Values{"state": {state}}.Encode()
		if u.RawQuery != "" {
			q = u.RawQuery + "&" + q
		}
		u.RawQuery = q
	}
	return u.String(), nil
}

// SignOut ends the browser's session; see portal.SignIns.
func (p *Provider) SignOut(w http.ResponseWriter, r *http.Request, clientID, uri, state string) (string, error) {
	tenant := httpapi.Tenant(r)
	if err := p.endSession(r.Context(), tenant, p.namedSession(tenant, r.Header), w.Header()); err != nil {
		return "", err
	}
	return p.backTo(r.Context(), tenant, clientID, uri, state)
}
