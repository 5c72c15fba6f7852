package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"usher/application"
	"usher/engine"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
)

// published are the logins that this process has seen in the store.
type published struct {
	mu    sync.Mutex
	known map[publishedKey]bool
}

type publishedKey struct {
	tenant string
	login  flow.Type
}

// maxPublished bounds them; beyond it they are looked up again.
const maxPublished = 4096

// publish makes sure that the login's flow is stored. It may be repeated.
func (p *Provider) publish(ctx context.Context, tenant string, t flow.Type, document []byte) error {
	key := publishedKey{tenant, t}
	p.published.mu.Lock()
	known := p.published.known[key]
	p.published.mu.Unlock()
	if known {
		return nil
	}
	v := &flow.Version{Tenant: tenant, Flow: t, Document: document, Created: p.Now()}
	if _, err := p.Store.PublishDefinition(ctx, v); err != nil {
		return fmt.Errorf("store login: %w", err)
	}
	p.published.mu.Lock()
	defer p.published.mu.Unlock()
	if p.published.known == nil || len(p.published.known) >= maxPublished {
		p.published.known = map[publishedKey]bool{}
	}
	p.published.known[key] = true
	return nil
}

// login answers one step of the login of a request: what it waits for where
// submit is nil, else what comes of the submission.
func (p *Provider) login(ctx context.Context, req *grant.Request, a *application.Application, locale string, submit *engine.Request) (*engine.Response, error) {
	if req.Execution == "" {
		return p.begin(ctx, req, a, locale)
	}
	call := engine.Request{Show: true}
	if submit != nil {
		call = *submit
	}
	call.Tenant, call.FlowID, call.Locale, call.SignIn = req.Tenant, req.Execution, locale, &engine.SignIn{Key: req.ID}
	resp, err := p.Flows.Do(ctx, call)
	var mistake *engine.Error
	if errors.As(err, &mistake) && (mistake.Code == engine.CodeUnknownExecution || mistake.Code == engine.CodeCannotGoOn) {
		// It ran out, or too much was tried. Another may begin.
		if _, err := p.forget(ctx, req); err != nil {
			return nil, err
		}
		if submit == nil {
			return p.login(ctx, withoutExecution(req), a, locale, nil)
		}
	}
	return resp, err
}

func withoutExecution(req *grant.Request) *grant.Request {
	r := *req
	r.Execution = ""
	return &r
}

// begin starts the login with what has still to be proved, unless nothing has.
func (p *Provider) begin(ctx context.Context, req *grant.Request, a *application.Application, locale string) (*engine.Response, error) {
	proofs, err := p.standing(ctx, req)
	if err != nil {
		return nil, err
	}
	left := remaining(a, req.Params.ACR, proofs)
	if len(left) == 0 && len(proofs) > 0 {
		return &engine.Response{Flow: flow.Authentication, Complete: true, Kind: engine.Redirection, URL: p.ResumeURL(req.Tenant, req.ID)}, nil
	}
	subject, err := p.subject(ctx, req, proofs)
	if err != nil {
		return nil, err
	}
	t, doc, err := document(left, subject.Identified)
	if err != nil {
		return nil, err
	}
	if err := p.publish(ctx, req.Tenant, t, doc); err != nil {
		return nil, err
	}
	resp, err := p.Flows.Do(ctx, engine.Request{
		Tenant: req.Tenant, Type: t, Application: a.ID, Locale: locale, SignIn: &engine.SignIn{Key: req.ID, Subject: *subject},
	})
	if err != nil {
		return nil, err
	}
	_, err = p.Store.UpdateRequest(ctx, req.Tenant, req.ID, p.Now(), func(r *grant.Request) error {
		r.Execution = resp.FlowID // where two begin at once, the later one runs
		return nil
	}, nil)
	return resp, err
}

// subject is whom the login begins with: nobody, or who has proved something.
func (p *Provider) subject(ctx context.Context, req *grant.Request, proofs []grant.Proof) (*flow.Subject, error) {
	if len(proofs) == 0 {
		return &flow.Subject{}, nil
	}
	u, err := p.activeUser(ctx, req.Tenant, req.User)
	if err != nil || u == nil {
		return &flow.Subject{}, err
	}
	return &flow.Subject{UserID: u.ID, Identified: true, Stored: u.Claims}, nil
}

// forget ends the login that runs for the request, so that another can begin.
func (p *Provider) forget(ctx context.Context, req *grant.Request) (*grant.Request, error) {
	return p.Store.UpdateRequest(ctx, req.Tenant, req.ID, p.Now(), func(r *grant.Request) error {
		if r.Execution == req.Execution {
			r.Execution = ""
		}
		return nil
	}, nil)
}

// Prove notes with the request what the user has proved. It is what the last
// step of a login does.
func (p *Provider) Prove(ctx context.Context, tenant, signIn, user string, proofs []grant.Proof, now time.Time) error {
	_, err := p.Store.UpdateRequest(ctx, tenant, signIn, now, proving(user, proofs), nil)
	return err
}

func proving(user string, proofs []grant.Proof) func(*grant.Request) error {
	return func(r *grant.Request) error {
		if standing := fresh(r.Proofs, r.Params.NotBefore); len(standing) == 0 {
			r.User, r.Proofs = user, nil // what there was counts no more
		}
		if r.User != user || r.Params.Subject != "" && r.Params.Subject != user {
			return grant.ErrOtherUser
		}
		r.Proofs, r.Execution = merge(r.Proofs, proofs), ""
		return nil
	}
}

// Login answers the login page; see portal.SignIns.
func (p *Provider) Login(r *http.Request, key string, submit *engine.Request) (*engine.Response, error) {
	req, a, err := p.waiting(r.Context(), httpapi.Tenant(r), key, r.Header)
	if err != nil {
		return nil, err
	}
	locale := r.Header.Get("Accept-Language")
	if req.Params.Locales != "" {
		locale = req.Params.Locales
	}
	return p.login(r.Context(), req, a, locale, submit)
}

// Restart makes the login begin anew; see portal.SignIns.
func (p *Provider) Restart(r *http.Request, key string) error {
	req, _, err := p.waiting(r.Context(), httpapi.Tenant(r), key, r.Header)
	if err != nil {
		return err
	}
	_, err = p.Store.UpdateRequest(r.Context(), req.Tenant, req.ID, p.Now(), func(r *grant.Request) error {
		r.User, r.Proofs, r.Session, r.Execution = "", nil, "", ""
		return nil
	}, nil)
	return err
}

// Waiting is what is known before somebody has signed in; see portal.SignIns.
type Waiting struct {
	Application, ApplicationID, Hint, Locales, Known, Target string

	Expires time.Time
}

// Waiting returns it for the sign-in under the key.
func (p *Provider) Waiting(r *http.Request, key string) (Waiting, error) {
	req, a, err := p.waiting(r.Context(), httpapi.Tenant(r), key, r.Header)
	if err != nil {
		return Waiting{}, err
	}
	w := Waiting{Application: a.Name, ApplicationID: a.ID, Hint: req.Params.LoginHint, Locales: req.Params.Locales, Target: target(req.Params.RedirectURI), Expires: req.Expires}
	if proofs, err := p.standing(r.Context(), req); err != nil {
		return Waiting{}, err
	} else if len(proofs) > 0 {
		u, err := p.Store.FindUser(r.Context(), req.Tenant, req.User)
		if err != nil {
			return Waiting{}, err
		}
		w.Known = u.Username
	}
	return w, nil
}

// target is the source of a Content Security Policy that a redirect URI, which
// was checked when it was registered, falls under.
func target(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	switch {
	case err != nil || u.Scheme == "":
		return ""
	case u.Host == "":
		return u.Scheme + ":"
	case u.Scheme == "https" || u.Scheme == "http":
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}

// SignedIn returns the name of the user of the browser's session; see
// portal.SignIns.
func (p *Provider) SignedIn(r *http.Request) (string, error) {
	tenant := httpapi.Tenant(r)
	s, err := p.findSession(r.Context(), tenant, r.Header)
	if err != nil || s == nil {
		return "", err
	}
	u, err := p.activeUser(r.Context(), tenant, s.User)
	if err != nil || u == nil {
		return "", err
	}
	return u.Username, nil
}
