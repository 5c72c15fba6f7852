package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/engine"
	"usher/grant"
	"usher/httpapi"
	"usher/signin/assertion"
)

// Applications that draw the login themselves run it step by step over JSON, in
// the form of the established implementation's app-native authentication: the
// authorization request with response_mode=direct answers the first step,
// /oauth2/authn takes the answers, and the last one has the code. There is no
// browser in it, so no session and nothing that a browser could be tricked
// into: whoever made the request gets the code, and needs the client's secret
// or the code verifier to use it.

// authorizeDirect answers an authorization request with the login's first
// step.
func (p *Provider) authorizeDirect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		refuseDirect(w, "invalid_request", "response_mode=direct takes a POST.")
		return
	}
	inner := toLibrary(r)
	s := &server{Provider: p}
	req, a, err := s.directRequest(inner)
	if err != nil {
		e := oidc.DefaultToServerError(err, "Something went wrong on our side.")
		refuseDirect(w, string(e.ErrorType), e.Description)
		return
	}
	if err := p.Store.CreateRequest(r.Context(), req); err != nil {
		httpapi.Fault(r, p.Log, codeDirect, err).Write(w)
		return
	}
	resp, err := p.stepFor(r, req, a, nil)
	p.answerStep(w, r, req, a, resp, err)
}

// stepFor is login for an application's page.
func (p *Provider) stepFor(r *http.Request, req *grant.Request, a *application.Application, submit *engine.Request) (*engine.Response, error) {
	ctx, locale := r.Context(), r.Header.Get("Accept-Language")
	resp, err := p.login(ctx, req, a, locale, submit)
	if err != nil || !asksOrigin(resp) || r.Header.Get("Origin") == "" {
		return resp, err
	}
	if req, err = p.Store.FindRequest(ctx, req.Tenant, req.ID, p.Now()); err != nil {
		return nil, err
	}
	return p.login(ctx, req, a, locale, &engine.Request{Inputs: map[string]string{"origin": r.Header.Get("Origin")}})
}

// directRequest checks an authorization request as the library and Authorize
// do, and that its client may be answered over JSON.
func (s *server) directRequest(r *http.Request) (*grant.Request, *application.Application, error) {
	ctx, f := r.Context(), r.PostForm
	d := &oidc.AuthRequest{
		Scopes: strings.Fields(f.Get("scope")), ResponseType: oidc.ResponseType(f.Get("response_type")), ClientID: f.Get("client_id"),
		RedirectURI: f.Get("redirect_uri"), State: f.Get("state"), Nonce: f.Get("nonce"), ResponseMode: direct, LoginHint: f.Get("login_hint"),
		ACRValues: strings.Fields(f.Get("acr_values")), CodeChallenge: f.Get("code_challenge"),
		CodeChallengeMethod: oidc.CodeChallengeMethod(f.Get("code_challenge_method")), RequestParam: f.Get("request"), IDTokenHint: f.Get("id_token_hint"),
	}
	verified, err := s.VerifyAuthRequest(ctx, &op.Request[oidc.AuthRequest]{Method: r.Method, URL: r.URL, Header: r.Header, Form: f, PostForm: f, Data: d})
	if err != nil {
		return nil, nil, err
	}
	a := verified.Client.(*client).Application
	if !a.Client.Direct {
		return nil, nil, oidc.ErrUnauthorizedClient().WithDescription("The application is not set up for response_mode=direct.")
	}
	if err := checkClient(r); err != nil {
		return nil, nil, err
	}
	if !a.Client.Public {
		id, secret, _ := r.BasicAuth()
		if id == "" {
			secret = f.Get("client_secret")
		}
		if id != "" && id != a.Client.ID || !a.Client.CheckSecret(secret) {
			return nil, nil, oidc.ErrInvalidClient().WithDescription("The client's secret is missing or wrong.")
		}
	}
	if err := op.ValidateAuthReqRedirectURI(verified.Client, d.RedirectURI, d.ResponseType); err != nil {
		return nil, nil, err
	}
	if err := op.ValidateAuthReqResponseType(verified.Client, d.ResponseType); err != nil {
		return nil, nil, err
	}
	if d.Scopes, err = op.ValidateAuthReqScopes(verified.Client, d.Scopes); err != nil {
		return nil, nil, err
	}
	req, err := s.newRequest(ctx, a, verified)
	return req, a, err
}

// refuseDirect answers as RFC 6749, 5.2.
func refuseDirect(w http.ResponseWriter, code, description string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}

// Codes of the problems of /oauth2/authn.
const (
	codeDirect     = "UE-15000"
	codeDirectBody = "UE-15001"
	codeDirectFlow = "UE-15002"
)

// chosen is what an application sends for a step.
type chosen struct {
	FlowID   string `json:"flowId"`
	Selected struct {
		ID     string            `json:"authenticatorId"`
		Params map[string]string `json:"params"`
	} `json:"selectedAuthenticator"`
	// Assertion of a flow that somebody finished on the application's own
	// pages, in place of a step. What it does not prove is asked for.
	Assertion string `json:"userAssertion"`
}

// steps takes an application's answer to a step and gives it the next one, or
// the code.
func (p *Provider) steps(w http.ResponseWriter, r *http.Request) {
	noStore(w)
	body, problem := httpapi.ReadBody(w, r, maxForm, codeDirectBody)
	var c chosen
	if problem == nil {
		problem = httpapi.Decode(body, &c, codeDirectBody)
	}
	if problem != nil {
		problem.Write(w)
		return
	}
	req, a, err := p.find(r.Context(), httpapi.Tenant(r), c.FlowID)
	if err == nil && (req.Browser != "" || req.Params.ResponseMode != direct) {
		err = grant.ErrNoRequest // a browser's is for the browser
	}
	if err != nil {
		p.answerStep(w, r, nil, nil, nil, err)
		return
	}
	var submit *engine.Request
	if c.Assertion == "" {
		submit = &engine.Request{Action: c.Selected.ID, Inputs: answered(c.Selected.Params)}
	} else if req, err = p.withAssertion(r.Context(), req, c.Assertion); err != nil {
		p.answerStep(w, r, nil, nil, nil, err)
		return
	}
	resp, err := p.stepFor(r, req, a, submit)
	p.answerStep(w, r, req, a, resp, err)
}

// withAssertion is the request with what the assertion proves. Whatever is
// wrong with that, it is the request as it was.
func (p *Provider) withAssertion(ctx context.Context, req *grant.Request, token string) (*grant.Request, error) {
	h, err := p.read(ctx, req.Tenant, req.ID, token)
	if err != nil {
		return req, unlessInvalid(err)
	}
	proved, err := p.spend(ctx, req, h)
	if err != nil {
		return req, unlessInvalid(err)
	}
	return proved, nil
}

func unlessInvalid(err error) error {
	if errors.Is(err, assertion.ErrInvalid) {
		return nil
	}
	return err
}

// answerStep writes what came of a step.
func (p *Provider) answerStep(w http.ResponseWriter, r *http.Request, req *grant.Request, a *application.Application, resp *engine.Response, err error) {
	if err == nil && resp.Complete {
		resp, err = p.completeDirect(r.Context(), w, req, a, r.Header.Get("Accept-Language"))
		if err == nil && resp == nil {
			return
		}
	}
	var mistake *engine.Error
	switch {
	case errors.Is(err, grant.ErrNoRequest):
		(&httpapi.Problem{
			Status: http.StatusBadRequest, Code: codeDirectFlow, Message: "No such sign-in.", Description: "The flowId is unknown, has expired or is finished.",
		}).Write(w)
	case errors.As(err, &mistake):
		status := http.StatusBadRequest
		switch mistake.Code {
		case engine.CodeBusy:
			status = http.StatusConflict
		case engine.CodeTooMany:
			status = http.StatusTooManyRequests
		}
		(&httpapi.Problem{
			Status: status, Code: string(mistake.Code), Message: "The step cannot be taken.", Description: mistake.Description,
			RetryAfter: mistake.RetryAfter,
		}).Write(w)
	case err != nil:
		httpapi.Fault(r, p.Log, codeDirect, err).Write(w)
	default:
		writeJSON(w, http.StatusOK, nativeStep(req.ID, p.issuer(req.Tenant)+pathSteps, resp))
	}
}

// completeDirect writes the code once everything is proved, and returns nil;
// else the first page of what is missing.
func (p *Provider) completeDirect(ctx context.Context, w http.ResponseWriter, req *grant.Request, a *application.Application, locale string) (*engine.Response, error) {
	req, err := p.Store.FindRequest(ctx, req.Tenant, req.ID, p.Now())
	if err != nil {
		return nil, err
	}
	proofs, err := p.standing(ctx, req)
	if err != nil {
		return nil, err
	}
	if len(proofs) == 0 || len(remaining(a, req.Params.ACR, proofs)) > 0 {
		return p.login(ctx, req, a, locale, nil)
	}
	location, err := p.finish(ctx, a, req, proofs, http.Header{}, http.Header{})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	data := map[string]string{}
	for _, name := range []string{"code", "state", "iss"} {
		if v := u.Query().Get(name); v != "" {
			data[name] = v
		}
	}
	writeJSON(w, http.StatusOK, object{"flowStatus": "SUCCESS_COMPLETED", "authData": data})
	return nil, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	noStore(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck,errchkjson // the client has gone; there is nobody to tell
}
