package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// visit is a person who is signed in, and the applications they use.
type visit struct {
	rsa, ecdsa client // by what their ID tokens are signed with
	service    client // acts for itself
	origin     string // of the server
	cookies    field
	ofUser     []byte // an access token
	ofService  []byte
}

// newVisit signs somebody up through the public API.
func newVisit(ctx context.Context, p *process) (*visit, error) {
	v := &visit{origin: p.origin}
	var err error
	for name, one := range map[string]struct {
		made *client
		oidc string
	}{
		"signs RS256": {&v.rsa, ""},
		"signs ES256": {&v.ecdsa, `,"idToken":{"idTokenSignedResponseAlg":"ES256"}`},
		"service":     {&v.service, `,"grantTypes":["client_credentials"]`},
	} {
		if *one.made, err = newClient(ctx, p, name, one.oidc); err != nil {
			return nil, err
		}
	}
	if v.cookies, err = signUp(ctx, p, v.rsa); err != nil {
		return nil, err
	}
	w, err := dial(ctx, p.addr)
	if err != nil {
		return nil, err
	}
	defer w.close()
	tokens, err := v.rsa.tokens(w, v.cookies)
	if err != nil {
		return nil, err
	}
	v.ofUser = bytes.Clone(between(tokens, accessToken, `"`))
	a, err := w.do(v.service.credentials())
	v.ofService = bytes.Clone(between(a.body, accessToken, `"`))
	return v, err
}

// workloads are the calls that make and use sign-ins, each beside as many of
// the echo, which gets the same requests.
func (v *visit) workloads() []pairOf {
	application := "/api/server/v1/applications/" + v.rsa.application
	introspect := sendingForm("/oauth2/introspect", "token="+string(v.ofUser), basic(v.service.id, v.service.secret))
	return []pairOf{
		{"authorize, signed in", redirected(v.rsa.authorize(v.cookies), redirectURI+"?code="), v.rsa.authorize(v.cookies), true},
		{"authorize, to the login", redirected(v.rsa.authorize(), v.origin+"/accounts/login?sessionDataKey="), v.rsa.authorize(), false},
		{"refresh, RS256", refreshing(v.rsa, v.cookies), v.rsa.refresh(string(v.ofUser)), false},
		{"client credentials", asking(v.service.credentials(), accessToken), v.service.credentials(), true},
		{"introspection", asking(introspect, `"active":true`), introspect, false},
		get("userinfo", "/oauth2/userinfo", `"email":"visitor@example.com"`, bearer(string(v.ofUser))),
		get("discovery", "/.well-known/openid-configuration", `"jwks_uri":`),
		get("key set", "/oauth2/jwks", `"kty":"RSA"`),
		get("management by token", application, v.rsa.id, bearer(string(v.ofService))),
		get("management by password", application, v.rsa.id, asAdmin),
	}
}

// signInWorkloads are the names of all of these.
var signInWorkloads = []string{
	"authorize, signed in", "authorize, to the login", "refresh, RS256", "client credentials", "introspection", "userinfo", "discovery", "key set",
	"management by token", "management by password", "code for tokens, RS256", "authorize and code for tokens, RS256",
	"code for tokens, ES256", "authorize and code for tokens, ES256",
}

// pairOf is a workload and the request that the echo gets instead.
type pairOf struct {
	name string
	load workload
	echo request
	// single asks for one connection as well, where a commit has the disk to
	// itself.
	single bool
}

func get(name, path, want string, header ...field) pairOf {
	r := getting(path, header...)
	return pairOf{name: name, load: asking(r, want), echo: r}
}

// signIns measures the OpenID provider and what its tokens open.
func (r *rig) signIns(ctx context.Context) error {
	if !r.wants(signInWorkloads...) {
		return nil
	}
	v, err := newVisit(ctx, r.usher.process)
	if err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	for _, one := range v.workloads() {
		size, err := sizeOf(ctx, r.usher.process, one.load)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		levels := []int{1, several}
		if !one.single {
			levels = levels[1:]
		}
		for _, n := range levels {
			if err := r.compare(ctx, n, contestant{name: one.name, server: r.usher, load: one.load, echo: echoing(one.echo, size)}); err != nil {
				return err
			}
		}
	}
	return r.exchanges(ctx, several, v)
}

// exchanges compares the exchange of codes for tokens with the echo, alone and
// together with the authorization request.
func (r *rig) exchanges(ctx context.Context, n int, v *visit) error {
	first, err := sizeOf(ctx, r.usher.process, redirected(v.rsa.authorize(v.cookies), redirectURI+"?code="))
	if err != nil {
		return err
	}
	for _, one := range []struct {
		alg  string
		by   client
		sign func() (*alone, error)
	}{{"RS256", v.rsa, signingRSA}, {"ES256", v.ecdsa, signingECDSA}} {
		part, err := one.sign()
		if err != nil {
			return err
		}
		pair, stock := pairing(one.by, v.cookies), make(codes, 1<<15)
		size, err := sizeOf(ctx, r.usher.process, pair)
		if err != nil {
			return fmt.Errorf("%s: %w", one.alg, err)
		}
		echo := echoing(one.by.exchange(string(v.ofUser)), size)
		for _, c := range []contestant{
			{name: "code for tokens, " + one.alg, load: stock.exchanging(one.by), ahead: stock.making(one.by.authorize(v.cookies)), echo: echo, part: part},
			{name: "authorize and code for tokens, " + one.alg, load: pair, echo: both(echoing(one.by.authorize(v.cookies), first), echo)},
		} {
			c.server = r.usher
			if err := r.compare(ctx, n, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// redirected repeats a call that has to be answered by sending the browser to
// want, and more behind it.
func redirected(r request, want string) workload {
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			a, err := c.do(r)
			return expectRedirect(a, want), err
		}, nil
	}
}

func expectRedirect(a answer, want string) string {
	switch {
	case a.status != http.StatusFound && a.status != http.StatusSeeOther:
		return strconv.Itoa(a.status)
	case !bytes.HasPrefix(a.location, []byte(want)):
		return "sent elsewhere"
	}
	return ""
}

// codes are made by some and used up by others.
type codes chan string

// making puts one code after the other there, as long as there is room.
func (s codes) making(r request) workload {
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			if len(s) == cap(s) {
				return "", errUsedUp
			}
			code, fault, err := authorized(c, r)
			if fault == "" && err == nil {
				select {
				case s <- code:
				default:
				}
			}
			return fault, err
		}, nil
	}
}

// exchanging exchanges them for tokens.
func (s codes) exchanging(of client) workload {
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			select {
			case code := <-s:
				a, err := c.do(of.exchange(code))
				return expect(a, idToken), err
			default:
				return "", errUsedUp
			}
		}, nil
	}
}

const accessToken = `"access_token":"`

var idToken = []byte(`"id_token":"`)

// authorized makes an authorization request of a browser that is signed in and
// returns the code.
func authorized(c caller, r request) (code, fault string, err error) {
	a, err := c.do(r)
	fault = expectRedirect(a, redirectURI+"?code=")
	return string(between(a.location, "?code=", "&")), fault, err
}

// pairing gets a code and tokens for it.
func pairing(of client, cookies field) workload {
	r := of.authorize(cookies)
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			code, fault, err := authorized(c, r)
			if fault != "" || err != nil {
				return fault, err
			}
			a, err := c.do(of.exchange(code))
			return expect(a, idToken), err
		}, nil
	}
}

// refreshing uses one refresh token after the other.
func refreshing(of client, cookies field) workload {
	return func(c caller) (unit, error) {
		tokens, err := of.tokens(c, cookies)
		if err != nil {
			return nil, err
		}
		token := string(between(tokens, `"refresh_token":"`, `"`))
		return func(c caller) (string, error) {
			a, err := c.do(of.refresh(token))
			token = string(between(a.body, `"refresh_token":"`, `"`))
			return expect(a, idToken), err
		}, nil
	}
}

// tokens gets a code and tokens for it outside the measurement.
func (of client) tokens(c caller, cookies field) ([]byte, error) {
	code, fault, err := authorized(c, of.authorize(cookies))
	if err != nil {
		return nil, err
	}
	if fault != "" {
		return nil, fmt.Errorf("authorization request: %s", fault)
	}
	a, err := c.do(of.exchange(code))
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("token request: %d %s", a.status, a.body)
	}
	return a.body, err
}
