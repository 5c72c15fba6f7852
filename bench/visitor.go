package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// The example of RFC 7636, appendix B, for every authorization request.
const (
	codeVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	codeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// redirectURI is where the applications take codes. Nobody is there.
const redirectURI = "https://app.example.com/callback"

// client is an OAuth client. What it calls itself by needs no escaping.
type client struct{ application, id, secret string }

// newClient makes an application; oidc are members of its OAuth client.
func newClient(ctx context.Context, p *process, name, oidc string) (client, error) {
	answer, err := manage(ctx, p, http.MethodPost, "/api/server/v1/applications",
		`{"name":"`+name+`","authorizedScopes":["internal_application_mgt_view"],
		"advancedConfigurations":{"enableAPIBasedAuthentication":true},
		"inboundProtocolConfiguration":{"oidc":{"callbackURLs":["`+redirectURI+`"]`+oidc+`}}}`)
	if err != nil {
		return client{}, err
	}
	var made struct {
		ID       string
		Protocol struct {
			OIDC struct{ ClientID, ClientSecret string }
		} `json:"inboundProtocolConfiguration"`
	}
	err = json.Unmarshal(answer, &made)
	return client{made.ID, made.Protocol.OIDC.ClientID, made.Protocol.OIDC.ClientSecret}, err
}

// authorize is the client's authorization request, from a browser with the
// cookies.
func (c client) authorize(cookies ...field) request {
	return getting("/oauth2/authorize?"+url.Values{
		"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {redirectURI}, "scope": {"openid profile email"}, "state": {"af0ifjsldkj"},
		"nonce": {"n-0S6_WzA2Mj"}, "code_challenge": {codeChallenge}, "code_challenge_method": {"S256"},
	}.Encode(), cookies...)
}

// exchange is its token request for a code.
func (c client) exchange(code string) request {
	return sendingForm("/oauth2/token", "grant_type=authorization_code&redirect_uri="+url.QueryEscape(redirectURI)+
		"&code_verifier="+codeVerifier+"&code="+code, basic(c.id, c.secret))
}

// refresh is its token request for a refresh token.
func (c client) refresh(token string) request {
	return sendingForm("/oauth2/token", "grant_type=refresh_token&refresh_token="+token, basic(c.id, c.secret))
}

// credentials is its token request for itself.
func (c client) credentials() request {
	return sendingForm("/oauth2/token", "grant_type=client_credentials&scope=internal_application_mgt_view", basic(c.id, c.secret))
}

// signInAtTheEnd has registrations sign in.
func signInAtTheEnd(ctx context.Context, p *process) error {
	_, err := manage(ctx, p, http.MethodPatch, "/api/server/v1/flow/config",
		`{"flowType":"REGISTRATION","isEnabled":true,"flowCompletionConfigs":{"isAutoLoginEnabled":"true"}}`)
	return err
}

// signUp registers somebody in a browser that an application sent to sign in,
// as its pages would: the end of the registration signs them in. It returns the
// browser's cookies once the application has its code.
func signUp(ctx context.Context, p *process, c client) (cookies field, err error) {
	if err := signInAtTheEnd(ctx, p); err != nil {
		return field{}, err
	}
	b, err := newBrowser(p)
	if err != nil {
		return field{}, err
	}
	if _, err := b.join(ctx, c, "visitor@example.com"); err != nil {
		return field{}, err
	}
	home, err := url.Parse(p.origin)
	if err != nil {
		return field{}, err
	}
	var all []string
	for _, one := range b.client.Jar.Cookies(home) {
		all = append(all, one.Name+"="+one.Value)
	}
	return field{"Cookie", strings.Join(all, "; ")}, nil
}

// browser follows redirects within the origin.
type browser struct {
	origin string
	client *http.Client
}

func newBrowser(p *process) (*browser, error) {
	jar, err := cookiejar.New(nil)
	stay := func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.origin) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &browser{origin: p.origin, client: &http.Client{Jar: jar, Transport: &http.Transport{}, CheckRedirect: stay}}, err
}

// join registers somebody whom the application sent to sign in, and returns
// where they end: at the application, with a code.
func (b *browser) join(ctx context.Context, c client, name string) (*url.URL, error) {
	at, _, err := b.open(ctx, c.authorize())
	if err != nil {
		return nil, err
	}
	key := at.Query().Get("sessionDataKey")
	_, first, err := b.open(ctx, posting(executePath, `{"flowType":"REGISTRATION","applicationId":"`+c.application+`"}`))
	if err != nil {
		return nil, err
	}
	_, last, err := b.open(ctx, posting(executePath,
		fmt.Sprintf(`{"flowId":%q,"actionId":"submit-registration","inputs":{"email":%q,"password":"MyP@ssw0rd!"}}`, flowID(first), name)))
	if err != nil {
		return nil, err
	}
	proof := between(last, `"userAssertion":"`, `"`)
	at, _, err = b.open(ctx, sendingForm("/commonauth", "sessionDataKey="+key+"&userAssertion="+string(proof)))
	if err == nil && !at.Query().Has("code") {
		err = fmt.Errorf("the sign-in ends at %s", at)
	}
	return at, err
}

// open makes the request and returns where it ends and what is there.
func (b *browser) open(ctx context.Context, r request) (*url.URL, []byte, error) {
	out, err := http.NewRequestWithContext(ctx, r.method, b.origin+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, err
	}
	for _, f := range r.header {
		out.Header.Set(f.name, f.value)
	}
	response, err := b.client.Do(out)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if response.StatusCode >= http.StatusBadRequest {
		return nil, nil, fmt.Errorf("%s %s: %s %s", r.method, r.path, response.Status, body)
	}
	if location, err := response.Location(); err == nil {
		return location, body, nil
	}
	return response.Request.URL, body, err
}
