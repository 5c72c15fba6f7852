package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/grant"
	"usher/httpapi"
	"usher/limit"
)

// server is the provider as the library calls it.
type server struct {
	op.UnimplementedServer
	*Provider
}

// direct is the response mode of applications that draw the login themselves.
const direct = "direct"

// maxParam bounds what of a request is kept and given back, in bytes.
const maxParam = 4 << 10

// authorize is the authorization endpoint (RFC 6749, 3.1).
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.Refuse(w, r, http.StatusBadRequest, "This link does not work", "The application sent a request that cannot be read.")
		return
	}
	isDirect := r.Form.Get("response_mode") == direct
	if exceeded := p.tooMany(r); exceeded != nil && isDirect {
		httpapi.Fault(r, p.Log, codeDirect, exceeded).Write(w)
		return
	} else if exceeded != nil {
		p.Wait(w, r, exceeded)
		return
	}
	if isDirect {
		p.authorizeDirect(w, r)
		return
	}
	if r.Method == http.MethodPost {
		// A form of another site comes without our cookies; what follows it
		// does not.
		u := url.URL{Path: r.URL.Path, RawQuery: r.Form.Encode()}
		goTo(w, r, u.String())
		return
	}
	p.handler.ServeHTTP(&authorizeWriter{ResponseWriter: w, provider: p, request: r}, toLibrary(r))
}

// tooMany tells whether too many sign-ins have begun already, nil when not.
func (p *Provider) tooMany(r *http.Request) *limit.ExceededError {
	if p.Limits == nil {
		return nil
	}
	exceeded, _ := errors.AsType[*limit.ExceededError](p.Limits.SignIn(r.Context(), httpapi.Tenant(r)))
	return exceeded
}

// authorizeWriter adds to the library's answers what it leaves out: the issuer
// of a refusal (RFC 9207), and a page where there is nobody to refuse to.
type authorizeWriter struct {
	http.ResponseWriter
	provider *Provider
	request  *http.Request
	drawn    bool
}

// WriteHeader implements http.ResponseWriter.
func (w *authorizeWriter) WriteHeader(status int) {
	noStore(w)
	h := w.Header()
	if location := h.Get("Location"); location != "" {
		h.Set("Location", w.withIssuer(location))
	}
	if status >= http.StatusBadRequest {
		w.drawn = true
		w.provider.Refuse(w.ResponseWriter, w.request, status, "This link does not work",
			"The application sent a request that cannot be answered. Go back to the application and try again; if it happens again, tell whoever runs it.")
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *authorizeWriter) Write(b []byte) (int, error) {
	if w.drawn {
		return len(b), nil // instead of which the page was drawn
	}
	return w.ResponseWriter.Write(b)
}

// withIssuer names the issuer in a refusal.
func (w *authorizeWriter) withIssuer(location string) string {
	u, err := url.Parse(location)
	if err != nil || !u.Query().Has("error") || u.Query().Has("iss") {
		return location
	}
	tenant := httpapi.Tenant(w.request)
	issuer := w.provider.issuer(tenant)
	if a, err := w.provider.Store.FindClient(w.request.Context(), tenant, w.request.Form.Get("client_id")); err == nil {
		issuer = w.provider.issuerFor(a)
	}
	u.RawQuery += "&iss=" + url.QueryEscape(issuer)
	return u.String()
}

// VerifyAuthRequest implements op.Server. What is refused here is told to the
// person and not to the redirect URI, which is not known to be the client's.
func (s *server) VerifyAuthRequest(ctx context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	if name := repeated(r.Form); name != "" {
		return nil, oidc.ErrInvalidRequest().WithDescription("%s is given more than once", name)
	}
	a, err := s.Store.FindClient(ctx, tenantOf(ctx), r.Data.ClientID)
	if errors.Is(err, application.ErrNotFound) {
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("The client is unknown.")
	}
	if err != nil {
		return nil, s.fault(ctx, "find client", err)
	}
	if r.Data.ResponseMode != direct {
		r.Data.ResponseMode = oidc.ResponseModeQuery // for refusals too; checkAuthorize refuses any other
	}
	c := &client{Application: a}
	if redirectsTo(&a.Client, r.Data.RedirectURI) {
		c.redirectURI = r.Data.RedirectURI
	}
	return &op.ClientRequest[oidc.AuthRequest]{Request: r, Client: c}, nil
}

// repeated is the name of a parameter given more than once (RFC 6749, 3.1).
func repeated(form url.Values) string {
	for name, values := range form {
		if len(values) > 1 {
			return name
		}
	}
	return ""
}

// Authorize implements op.Server. The client and its redirect URI are known
// here.
func (s *server) Authorize(ctx context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	a := r.Client.(*client).Application
	req, err := s.newRequest(ctx, a, r)
	if err != nil {
		return nil, err
	}
	prompt := r.Data.Prompt
	var session *grant.Session
	// max_age=0 is prompt=login by another name (OpenID Connect Core 1.0,
	// 3.1.2.1); the library says the one by the other.
	again := r.Data.MaxAge != nil && *r.Data.MaxAge == 0
	if !again && !slices.Contains(prompt, oidc.PromptSelectAccount) {
		if session, err = s.usableSession(ctx, req, r.Header); err != nil {
			return nil, s.fault(ctx, "find session", err)
		}
	}
	if session != nil {
		req.Session, req.User, req.Proofs = session.ID, session.User, fresh(session.Proofs, req.Params.NotBefore)
		if len(req.Proofs) > 0 && len(remaining(a, req.Params.ACR, req.Proofs)) == 0 {
			redirect, err := s.answerNow(ctx, a, req)
			if !errors.Is(err, grant.ErrNoSession) {
				return redirect, err
			}
			req.Session, req.User, req.Proofs = "", "", nil // signed out meanwhile
		}
	}
	if slices.Contains(prompt, oidc.PromptNone) {
		return nil, oidc.ErrLoginRequired().WithDescription("Nobody is signed in who has proved what is asked for.")
	}
	redirect := op.NewRedirect(s.firstPage(a, req))
	req.Browser = s.nameBrowser(r.Header, redirect.Header)
	if err := s.Store.CreateRequest(ctx, req); err != nil {
		return nil, s.fault(ctx, "keep request", err)
	}
	return redirect, nil
}

// firstPage is where somebody begins to sign in: the application's own page,
// where it has one, for those of whom nothing is known; else the hosted login.
func (p *Provider) firstPage(a *application.Application, req *grant.Request) string {
	hosted := p.loginPage(req)
	if a.Client.LoginPage == "" || req.User != "" {
		return hosted
	}
	u, err := url.Parse(a.Client.LoginPage)
	if err != nil {
		return hosted // checked when it was registered
	}
	q := url.Values{"sessionDataKey": {req.ID}, "loginUrl": {hosted}}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+q.Encode(), "&")
	return u.String()
}

// newRequest reads what the application asks for.
func (s *server) newRequest(ctx context.Context, a *application.Application, r *op.ClientRequest[oidc.AuthRequest]) (*grant.Request, error) {
	d, now := r.Data, s.Now()
	if err := checkAuthorize(a, r); err != nil {
		return nil, err
	}
	req := &grant.Request{
		Tenant: a.Tenant, ID: uuid.NewString(), Application: a.ID, Created: now, Expires: now.Add(requestLife),
		Params: grant.Params{
			RedirectURI: d.RedirectURI, Scopes: d.Scopes, State: d.State, Nonce: d.Nonce, Challenge: d.CodeChallenge, ACR: d.ACRValues,
			LoginHint: d.LoginHint, ResponseMode: string(d.ResponseMode), Locales: locales(d.UILocales),
		},
	}
	// Whole seconds, as in the tokens that say when somebody signed in.
	if d.MaxAge != nil {
		req.Params.NotBefore = now.Add(-time.Duration(min(*d.MaxAge, maxAge)) * time.Second).Truncate(time.Second)
	}
	if d.IDTokenHint != "" {
		subject, err := s.hinted(ctx, d.IDTokenHint)
		if err != nil {
			return nil, err
		}
		req.Params.Subject = subject.Subject
	}
	return req, nil
}

// maxAge bounds max_age, in seconds.
const maxAge = 10 * 365 * 24 * 3600

// checkAuthorize refuses what the library lets pass and we do not.
func checkAuthorize(a *application.Application, r *op.ClientRequest[oidc.AuthRequest]) error {
	d := r.Data
	refuse := oidc.ErrInvalidRequest
	switch {
	case d.RequestParam != "":
		return oidc.ErrRequestNotSupported()
	case r.Form.Get("request_uri") != "":
		return &oidc.Error{ErrorType: "request_uri_not_supported"}
	case !a.Client.May(application.GrantCode):
		return oidc.ErrUnauthorizedClient().WithDescription("The client may not use the authorization code grant.")
	case !slices.Contains([]string{"", string(oidc.ResponseModeQuery), direct}, r.Form.Get("response_mode")):
		return refuse().WithDescription("response_mode must be query.")
	case d.CodeChallenge == "" && (a.Client.Public || a.Client.RequirePKCE):
		return refuse().WithDescription("code_challenge is required (RFC 7636).")
	case d.CodeChallenge == "" && d.CodeChallengeMethod != "":
		return refuse().WithDescription("code_challenge_method without code_challenge.")
	case d.CodeChallenge != "" && d.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		return refuse().WithDescription("code_challenge_method must be S256.")
	case d.CodeChallenge != "" && !isDigest(d.CodeChallenge):
		return refuse().WithDescription("code_challenge is not a SHA-256 digest in base64url.")
	}
	for name, value := range map[string]string{
		"state": d.State, "nonce": d.Nonce, "login_hint": d.LoginHint, "scope": strings.Join(d.Scopes, " "), "acr_values": strings.Join(d.ACRValues, " "),
	} {
		if len(value) > maxParam {
			return refuse().WithDescription("%s is longer than %d bytes.", name, maxParam)
		}
	}
	return nil
}

// isDigest tells whether it has the form of a SHA-256 digest in base64url.
func isDigest(s string) bool { return len(s) == 43 && strings.Trim(s, base64url) == "" }

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func locales(list oidc.Locales) string {
	var tags []string
	for _, t := range list {
		tags = append(tags, t.String())
	}
	return strings.Join(tags, ", ")
}

// usableSession is the browser's session where it is of the user that the
// application expects and who may still be signed in.
func (s *server) usableSession(ctx context.Context, req *grant.Request, header http.Header) (*grant.Session, error) {
	session, err := s.findSession(ctx, req.Tenant, header)
	if err != nil || session == nil || req.Params.Subject != "" && req.Params.Subject != session.User {
		return nil, err
	}
	u, err := s.activeUser(ctx, req.Tenant, session.User)
	if err != nil || u == nil {
		return nil, err
	}
	return session, nil
}

// answerNow grants what was asked for to a browser that is signed in.
func (s *server) answerNow(ctx context.Context, a *application.Application, req *grant.Request) (*op.Redirect, error) {
	now := s.Now()
	g := s.newGrant(a, req, now)
	err := s.Store.StartGrant(ctx, g, now)
	switch {
	case errors.Is(err, grant.ErrNoSession):
		return nil, err
	case err != nil:
		return nil, s.fault(ctx, "keep grant", err)
	}
	location, err := s.answer(a, req, g)
	if err != nil {
		return nil, s.fault(ctx, "make code", err)
	}
	return op.NewRedirect(location), nil
}

// newGrant is what the application is granted for a request that somebody has
// signed in for.
func (p *Provider) newGrant(a *application.Application, req *grant.Request, now time.Time) *grant.Grant {
	return &grant.Grant{
		Tenant: req.Tenant, ID: uuid.NewString(), Application: a.ID, User: req.User, Session: req.Session,
		Scopes: req.Params.Scopes, Proofs: req.Proofs, AuthTime: authTime(req.Proofs), ACR: acrOf(req.Proofs, req.Params.ACR),
		Params: req.Params, Code: now.Add(codeLife), Created: now,
		Offline: slices.Contains(req.Params.Scopes, oidc.ScopeOfflineAccess),
		// Long enough to notice a code that is used again.
		Expires: now.Add(10 * codeLife),
	}
}

type codeToken struct {
	Grant string `json:"g"`
}

// answer is where the browser brings the code to the application (RFC 6749,
// 4.1.2; RFC 9207).
func (p *Provider) answer(a *application.Application, req *grant.Request, g *grant.Grant) (string, error) {
	code, err := p.seal(g.Tenant, forCode, codeToken{g.ID})
	if err != nil {
		return "", err
	}
	u, err := url.Parse(req.Params.RedirectURI)
	if err != nil {
		return "", err
	}
	q := url.Values{"code": {code}, "iss": {p.issuerFor(a)}}
	if req.Params.State != "" {
		q.Set("state", req.Params.State)
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+q.Encode(), "&") // its own stays as registered
	return u.String(), nil
}
