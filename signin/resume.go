package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"usher/application"
	"usher/grant"
	"usher/httpapi"
)

// resume takes a request whose person has signed in to its end: the browser
// goes back to the application with a code. Where something is missing still,
// the login goes on.
func (p *Provider) resume(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	tenant := httpapi.Tenant(r)
	req, a, err := p.waiting(r.Context(), tenant, r.URL.Query().Get("sessionDataKey"), r.Header)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	proofs, err := p.standing(r.Context(), req)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if len(proofs) == 0 || len(remaining(a, req.Params.ACR, proofs)) > 0 {
		goTo(w, r, p.loginPage(req))
		return
	}
	location, err := p.finish(r.Context(), a, req, proofs, r.Header, w.Header())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	goTo(w, r, location)
}

// waiting returns the request that waits under the key in the browser, and
// its application: grant.ErrNoRequest where there is none, or it was begun in
// another browser.
func (p *Provider) waiting(ctx context.Context, tenant, key string, header http.Header) (*grant.Request, *application.Application, error) {
	req, a, err := p.find(ctx, tenant, key)
	if err != nil {
		return nil, nil, err
	}
	if !p.begunIn(req, header) {
		return nil, nil, grant.ErrNoRequest
	}
	return req, a, nil
}

// find returns the request and its application. One whose redirect URI the
// application has no more is over.
func (p *Provider) find(ctx context.Context, tenant, key string) (*grant.Request, *application.Application, error) {
	if len(key) > len(uuid.Nil.String()) {
		return nil, nil, grant.ErrNoRequest
	}
	req, err := p.Store.FindRequest(ctx, tenant, key, p.Now())
	if err != nil {
		return nil, nil, err
	}
	a, err := p.Store.FindApplication(ctx, tenant, req.Application)
	if errors.Is(err, application.ErrNotFound) || err == nil && !redirectsTo(&a.Client, req.Params.RedirectURI) {
		err = grant.ErrNoRequest
	}
	return req, a, err
}

// standing are the proofs that count for the request: none where the user may
// not be signed in.
func (p *Provider) standing(ctx context.Context, req *grant.Request) ([]grant.Proof, error) {
	proofs := fresh(req.Proofs, req.Params.NotBefore)
	if req.User == "" || len(proofs) == 0 || req.Params.Subject != "" && req.Params.Subject != req.User {
		return nil, nil
	}
	u, err := p.activeUser(ctx, req.Tenant, req.User)
	if err != nil || u == nil {
		return nil, err
	}
	return proofs, nil
}

// finish makes the grant and the browser's session, once, and returns where
// the browser goes with the code.
func (p *Provider) finish(ctx context.Context, a *application.Application, req *grant.Request, proofs []grant.Proof, in, out http.Header) (string, error) {
	now := p.Now()
	var session *grant.Session
	if req.Browser != "" {
		var err error
		if session, err = p.renewed(ctx, req, proofs, in); err != nil {
			return "", err
		}
		req.Session = session.ID
	}
	req.Proofs = proofs
	g := p.newGrant(a, req, now)
	if err := p.Store.FinishRequest(ctx, req, now, session, g); err != nil {
		return "", err
	}
	if session != nil {
		if err := p.keepSession(req.Tenant, session.ID, out); err != nil {
			return "", err
		}
	}
	return p.answer(a, req, g)
}

// renewed is the browser's session with what was proved now: the one it has
// where that is the same user's, else a new one, so that nobody finds themself
// in a session that somebody else began.
func (p *Provider) renewed(ctx context.Context, req *grant.Request, proofs []grant.Proof, in http.Header) (*grant.Session, error) {
	settings, err := p.settings(ctx, req.Tenant)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	session, err := p.findSession(ctx, req.Tenant, in)
	if err != nil {
		return nil, err
	}
	if session == nil || session.User != req.User {
		session = &grant.Session{Tenant: req.Tenant, ID: uuid.NewString(), User: req.User, Created: now}
	}
	session.Proofs = merge(session.Proofs, proofs)
	session.Seen, session.Expires = now, now.Add(settings.SessionLife)
	return session, nil
}

// loginPage is where the login of the request goes on.
func (p *Provider) loginPage(req *grant.Request) string {
	return p.issuer(req.Tenant) + pathLoginPage + "?sessionDataKey=" + url.QueryEscape(req.ID)
}

// ResumeURL is where the browser of a sign-in goes on once everything is proved.
func (p *Provider) ResumeURL(tenant, key string) string {
	return p.issuer(tenant) + pathResume + "?sessionDataKey=" + url.QueryEscape(key)
}

// refuse draws the page for a browser that cannot go on.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, grant.ErrNoRequest) {
		p.Refuse(w, r, http.StatusBadRequest, "This sign-in is over",
			"It took too long, was finished already, or was begun in another browser. Go back to the application and sign in again.")
		return
	}
	fault := httpapi.Fault(r, p.Log, "UE-10000", err)
	p.Refuse(w, r, fault.Status, "Something went wrong on our side", "Try again in a moment. If it happens again, tell whoever runs this site: "+fault.TraceID+".")
}
