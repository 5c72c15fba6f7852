package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"usher/application"
	"usher/grant"
	"usher/httpapi"
	"usher/signin/assertion"
)

// The hand-over of a finished flow: whoever ended it posts the user assertion
// with the key of the sign-in that waits. It counts only in the browser that
// the sign-in was begun in: else a stranger who begins one could have the next
// person who signs up end it for them.

// handover is an assertion that was good when it was posted, on its way
// through the browser: a form of another site comes without our cookies, and
// what follows it does not.
type handover struct {
	Key     string    `json:"k"`
	ID      string    `json:"j"`
	User    string    `json:"u"`
	Methods []string  `json:"m"`
	Issued  time.Time `json:"i"`
	Expires time.Time `json:"x"`
}

// commonAuth takes the assertion (CONTRACT 6). Whatever is wrong with it, the
// login goes on as if there had been none.
func (p *Provider) commonAuth(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || repeated(r.PostForm) != "" {
		p.refuse(w, r, grant.ErrNoRequest)
		return
	}
	key, token := decoded(r.PostForm.Get("sessionDataKey")), decoded(r.PostForm.Get("userAssertion"))
	tenant := httpapi.Tenant(r)
	if p.browser(r.Header) != "" {
		location, err := p.redeem(r.Context(), tenant, key, r.Header, func() (*handover, error) { return p.read(r.Context(), tenant, key, token) })
		p.goOn(w, r, location, err)
		return
	}
	h, err := p.read(r.Context(), tenant, key, token)
	switch {
	case errors.Is(err, assertion.ErrInvalid):
		h = &handover{Key: key} // which stands for no assertion
	case err != nil:
		p.refuse(w, r, err)
		return
	}
	h.Expires = p.Now().Add(handoverLife)
	text, err := p.seal(tenant, forHandover, h)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	goTo(w, r, p.issuer(tenant)+pathCommonAuth+"?handover="+url.QueryEscape(text))
}

// handedOver takes what commonAuth sent through the browser.
func (p *Provider) handedOver(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	tenant := httpapi.Tenant(r)
	var h handover
	if p.open(tenant, forHandover, r.URL.Query().Get("handover"), &h) != nil {
		p.refuse(w, r, grant.ErrNoRequest)
		return
	}
	location, err := p.redeem(r.Context(), tenant, h.Key, r.Header, func() (*handover, error) {
		if h.ID == "" || !p.Now().Before(h.Expires) {
			return nil, assertion.ErrInvalid
		}
		return &h, nil
	})
	p.goOn(w, r, location, err)
}

// Redeem takes an assertion for the sign-in under the key; see portal.SignIns.
func (p *Provider) Redeem(r *http.Request, key, token string) (string, error) {
	tenant := httpapi.Tenant(r)
	return p.redeem(r.Context(), tenant, key, r.Header, func() (*handover, error) { return p.read(r.Context(), tenant, key, token) })
}

// read verifies an assertion.
func (p *Provider) read(ctx context.Context, tenant, key, token string) (*handover, error) {
	a, err := p.Assertions.Verify(ctx, tenant, token)
	if err != nil {
		return nil, err
	}
	return &handover{Key: key, ID: a.ID, User: a.User, Methods: a.Methods, Issued: a.Issued, Expires: a.Expires}, nil
}

// redeem notes what the assertion proves with the request under the key, once,
// and returns where the browser goes on: to the application, where that is
// enough, else to the login page.
func (p *Provider) redeem(ctx context.Context, tenant, key string, header http.Header, read func() (*handover, error)) (string, error) {
	req, a, err := p.waiting(ctx, tenant, key, header)
	if err != nil {
		return "", err
	}
	h, err := read()
	if err == nil {
		var proved *grant.Request
		if proved, err = p.spend(ctx, req, h); err == nil {
			return p.next(ctx, proved, a)
		}
	}
	if errors.Is(err, assertion.ErrInvalid) {
		return p.loginPage(req), nil
	}
	return "", err
}

// spend notes what the assertion proves with the request, once. It returns the
// request as it is then, or assertion.ErrInvalid for an assertion that is spent,
// is of a user other than the request's, or of one who may not be signed in.
func (p *Provider) spend(ctx context.Context, req *grant.Request, h *handover) (*grant.Request, error) {
	u, err := p.activeUser(ctx, req.Tenant, h.User)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, assertion.ErrInvalid
	}
	proofs := make([]grant.Proof, len(h.Methods))
	for i, m := range h.Methods {
		proofs[i] = grant.Proof{Method: m, At: h.Issued}
	}
	// Kept for longer than the assertion can be shown again by either way.
	once := &grant.Assertion{ID: h.ID, Expires: p.Now().Add(10 * handoverLife)}
	proved, err := p.Store.UpdateRequest(ctx, req.Tenant, req.ID, p.Now(), proving(h.User, proofs), once)
	if errors.Is(err, grant.ErrSpent) || errors.Is(err, grant.ErrOtherUser) {
		p.Log.InfoContext(ctx, "user assertion refused", "tenant", req.Tenant, "reason", err)
		return nil, assertion.ErrInvalid
	}
	return proved, err
}

// next is where the browser of a request goes on.
func (p *Provider) next(ctx context.Context, req *grant.Request, a *application.Application) (string, error) {
	proofs, err := p.standing(ctx, req)
	if err != nil {
		return "", err
	}
	if len(proofs) == 0 || len(remaining(a, req.Params.ACR, proofs)) > 0 {
		return p.loginPage(req), nil
	}
	return p.ResumeURL(req.Tenant, req.ID), nil
}

func (p *Provider) goOn(w http.ResponseWriter, r *http.Request, location string, err error) {
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	goTo(w, r, location)
}

// goTo sends the browser on by GET: to a page of ours, or to where a request
// that was checked when it came says.
func goTo(w http.ResponseWriter, r *http.Request, location string) {
	http.Redirect(w, r, location, http.StatusSeeOther) //nolint:gosec // G710: see above
}

func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

// decoded is a value that the established implementation's pages encode once
// more than needed. Neither a key nor a token has a percent sign of its own.
func decoded(value string) string {
	if plain, err := url.QueryUnescape(value); err == nil {
		return plain
	}
	return value
}
