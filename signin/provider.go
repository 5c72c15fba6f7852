package signin

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
	"usher/engine"
	"usher/flow"
	"usher/grant"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/seal"
	"usher/signin/assertion"
)

// Store is what signing in needs kept.
type Store interface {
	grant.Requests
	grant.Sessions
	grant.Grants
	grant.AllSettings
	FindApplication(ctx context.Context, tenant, id string) (*application.Application, error)
	FindClient(ctx context.Context, tenant, clientID string) (*application.Application, error)
	FindUser(ctx context.Context, tenant, id string) (*identity.User, error)
	PublishDefinition(ctx context.Context, v *flow.Version) (int64, error)
}

// Keys sign tokens and tell whether they did.
type Keys interface {
	Sign(ctx context.Context, alg jose.SignatureAlgorithm, typ string, claims any) (string, error)
	Verify(ctx context.Context, token string, algs []jose.SignatureAlgorithm, typ string) ([]byte, error)
	Public(ctx context.Context) (jose.JSONWebKeySet, error)
}

// Assertions tells whether user assertions are good.
type Assertions interface {
	Verify(ctx context.Context, tenant, token string) (*assertion.Assertion, error)
}

// Flows run logins.
type Flows interface {
	Do(ctx context.Context, r engine.Request) (*engine.Response, error)
}

// Refuse draws the page for somebody whose browser cannot go on.
type Refuse func(w http.ResponseWriter, r *http.Request, status int, title, text string)

// Limits bounds sign-ins that begin.
type Limits interface {
	// SignIn returns an *limit.ExceededError for one too many.
	SignIn(ctx context.Context, tenant string) error
}

// Config is what a provider is made of; all are needed but Limits and Clients,
// without which nothing is bounded.
type Config struct {
	Store      Store
	Keys       Keys
	Assertions Assertions
	Flows      Flows
	// Box seals what is carried around.
	Box *seal.Box
	// PublicURL is the server's URL; with the tenant's path it is the issuer.
	PublicURL string
	Refuse    Refuse
	// Wait draws the page for somebody who can go on only after a while.
	Wait   func(w http.ResponseWriter, r *http.Request, exceeded *limit.ExceededError)
	Limits Limits
	// Clients bounds how often applications fail to show who they are.
	Clients limit.Failures
	Now     func() time.Time
	Log     *slog.Logger
}

// Provider is the OpenID provider of every tenant. It is safe for concurrent
// use.
type Provider struct {
	Config
	published published
	handler   http.Handler // the library's: it parses, checks and writes
}

const (
	// requestLife is how long an authorization request waits for somebody to
	// sign in.
	requestLife = 15 * time.Minute
	// codeLife is how long a code may take to the token endpoint (RFC 6749,
	// 4.1.2, asks for a short one).
	codeLife = time.Minute
	// handoverLife is how long a browser may take to bring back what another
	// site posted.
	handoverLife = time.Minute
	// refreshGrace is how long a refresh token may be used again because the
	// answer to its first use got lost.
	refreshGrace = 10 * time.Second
)

// Paths below the issuer.
const (
	pathAuthorize  = "/oauth2/authorize"
	pathResume     = "/oauth2/authorize/resume"
	pathToken      = "/oauth2/token"
	pathUserinfo   = "/oauth2/userinfo"
	pathIntrospect = "/oauth2/introspect"
	pathRevoke     = "/oauth2/revoke"
	pathKeys       = "/oauth2/jwks"
	pathSteps      = "/oauth2/authn"
	pathLogout     = "/oidc/logout"
	pathCommonAuth = "/commonauth"
	pathLoginPage  = "/accounts/login"
	pathLogoutPage = "/accounts/logout"
	pathDiscovery  = "/.well-known/openid-configuration"
)

// New returns a provider.
func New(c Config) *Provider {
	if c.Clients == nil {
		c.Clients = limit.None{}
	}
	p := &Provider{Config: c}
	p.handler = op.RegisterServer(&server{Provider: p}, op.Endpoints{
		Authorization: op.NewEndpoint(pathAuthorize),
		Token:         op.NewEndpoint(pathToken),
		Introspection: op.NewEndpoint(pathIntrospect),
		Userinfo:      op.NewEndpoint(pathUserinfo),
		Revocation:    op.NewEndpoint(pathRevoke),
		EndSession:    op.NewEndpoint(pathLogout),
		JwksURI:       op.NewEndpoint(pathKeys),
	}, op.WithServerCORSOptions(nil))
	return p
}

// Mount adds the provider's endpoints to the routes.
func (p *Provider) Mount(routes *httpapi.Routes) {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET " + pathDiscovery: p.library,
		// The same server under the issuer that SDKs of the established
		// implementation expect.
		"GET " + pathToken + pathDiscovery:            p.library,
		"GET /.well-known/oauth-authorization-server": p.library, // RFC 8414
		"GET " + pathKeys:                             p.library,
		"GET " + pathAuthorize:                        p.authorize,
		"POST " + pathAuthorize:                       p.authorize,
		"GET " + pathResume:                           p.resume,
		"POST " + pathToken:                           p.backChannel,
		"POST " + pathIntrospect:                      p.backChannel,
		"POST " + pathRevoke:                          p.backChannel,
		"GET " + pathUserinfo:                         p.userinfo,
		"POST " + pathUserinfo:                        p.userinfo,
		"GET " + pathLogout:                           p.logout,
		"POST " + pathLogout:                          p.logout,
		"POST " + pathSteps:                           p.steps,
		"GET " + pathCommonAuth:                       p.handedOver,
		"POST " + pathCommonAuth:                      p.commonAuth,
	} {
		routes.Handle(pattern, h)
	}
}

// issuer is the tenant's issuer: the server's URL and the tenant's path.
func (p *Provider) issuer(tenant string) string {
	return strings.TrimSuffix(p.PublicURL, "/") + httpapi.TenantPath(tenant)
}

// issuerFor is the issuer that the application knows.
func (p *Provider) issuerFor(a *application.Application) string {
	if a.Client.TokenEndpointIssuer {
		return p.issuer(a.Tenant) + pathToken
	}
	return p.issuer(a.Tenant)
}

// isIssuer tells whether it is one of the tenant's.
func (p *Provider) isIssuer(tenant, issuer string) bool {
	return issuer == p.issuer(tenant) || issuer == p.issuer(tenant)+pathToken
}

type (
	tenantKey struct{}
	// belowToken marks a request for the metadata of the issuer whose URL is
	// the token endpoint's.
	belowToken struct{}
)

// tenantOf is the tenant that a call of the library's is for.
func tenantOf(ctx context.Context) string {
	tenant, _ := ctx.Value(tenantKey{}).(string)
	return tenant
}

// toLibrary is the request as the library takes it: without the tenant in its
// path.
func toLibrary(r *http.Request) *http.Request {
	tenant := httpapi.Tenant(r)
	inner := r.Clone(context.WithValue(r.Context(), tenantKey{}, tenant))
	if named := r.PathValue("tenant"); named != "" { // also the default one, which needs no name
		inner.URL.Path = strings.TrimPrefix(inner.URL.Path, "/t/"+named)
	}
	inner.URL.RawPath = ""
	if inner.URL.Path == pathToken+pathDiscovery {
		inner = inner.WithContext(context.WithValue(inner.Context(), belowToken{}, true))
		inner.URL.Path = pathDiscovery
	}
	if strings.HasPrefix(inner.URL.Path, "/.well-known/") {
		inner.URL.Path = pathDiscovery
	}
	return inner
}

func (p *Provider) library(w http.ResponseWriter, r *http.Request) {
	p.handler.ServeHTTP(w, toLibrary(r))
}

// settings are the tenant's, with the defaults filled in.
func (p *Provider) settings(ctx context.Context, tenant string) (grant.Settings, error) {
	s, err := p.Store.SignInSettings(ctx, tenant)
	if err != nil {
		return s, err
	}
	d := Defaults()
	s.SessionLife, s.SessionIdle = cmp.Or(s.SessionLife, d.SessionLife), cmp.Or(s.SessionIdle, d.SessionIdle)
	s.OfflineLife = cmp.Or(s.OfflineLife, d.OfflineLife)
	return s, nil
}

// activeUser returns the user, nil for one who may not be signed in. A lock
// after failed passwords keeps nobody out who is in already.
func (p *Provider) activeUser(ctx context.Context, tenant, id string) (*identity.User, error) {
	u, err := p.Store.FindUser(ctx, tenant, id)
	switch {
	case errors.Is(err, identity.ErrNoUser), err == nil && (u.Disabled || u.Locked):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return u, nil
}
