package applicationapi

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"usher/application"
	"usher/connection"
	"usher/httpapi"
)

// change is the body of a POST and of a PATCH: a merge of an application as it
// is, or of one with all defaults.
type change struct {
	ID          httpapi.Member[string]         `json:"id"`
	Name        httpapi.Member[string]         `json:"name"`
	Description httpapi.Member[string]         `json:"description"`
	AccessURL   httpapi.Member[string]         `json:"accessUrl"`
	ClientID    httpapi.Member[string]         `json:"clientId"`
	Inbound     httpapi.Member[inboundChange]  `json:"inboundProtocolConfiguration"`
	Sequence    httpapi.Member[sequenceChange] `json:"authenticationSequence"`
	Advanced    httpapi.Member[struct {
		Direct              httpapi.Member[bool]   `json:"enableAPIBasedAuthentication"`
		LoginPage           httpapi.Member[string] `json:"loginPageUrl"`
		TokenEndpointIssuer httpapi.Member[bool]   `json:"tokenEndpointIsIssuer"`
	}] `json:"advancedConfigurations"`
	Scopes httpapi.Member[[]string] `json:"authorizedScopes"`
}

type inboundChange struct {
	OIDC httpapi.Member[oidcChange] `json:"oidc"`
}

type oidcChange struct {
	ClientID     httpapi.Member[string]   `json:"clientId"`
	Public       httpapi.Member[bool]     `json:"publicClient"`
	Grants       httpapi.Member[[]string] `json:"grantTypes"`
	CallbackURLs httpapi.Member[[]string] `json:"callbackURLs"`
	LogoutURLs   httpapi.Member[[]string] `json:"logoutRedirectURLs"`
	Origins      httpapi.Member[[]string] `json:"allowedOrigins"`
	PKCE         httpapi.Member[struct {
		Mandatory httpapi.Member[bool] `json:"mandatory"`
		Plain     httpapi.Member[bool] `json:"supportPlainTransformAlgorithm"`
	}] `json:"pkce"`
	AccessToken  httpapi.Member[accessTokenChange] `json:"accessToken"`
	RefreshToken httpapi.Member[struct {
		Life  httpapi.Member[int64] `json:"expiryInSeconds"`
		Renew httpapi.Member[bool]  `json:"renewRefreshToken"`
	}] `json:"refreshToken"`
	IDToken httpapi.Member[struct {
		Life      httpapi.Member[int64]  `json:"expiryInSeconds"`
		Algorithm httpapi.Member[string] `json:"idTokenSignedResponseAlg"`
	}] `json:"idToken"`
}

type accessTokenChange struct {
	Type            httpapi.Member[string] `json:"type"`
	UserLife        httpapi.Member[int64]  `json:"userAccessTokenExpiryInSeconds"`
	ApplicationLife httpapi.Member[int64]  `json:"applicationAccessTokenExpiryInSeconds"`
}

type sequenceChange struct {
	Type  httpapi.Member[string] `json:"type"`
	Steps httpapi.Member[[]step] `json:"steps"`
}

func read(w http.ResponseWriter, r *http.Request) (*change, error) {
	data, problem := httpapi.ReadBody(w, r, maxBody, codeBody)
	if problem != nil {
		return nil, problem
	}
	in := &change{}
	if problem := httpapi.Decode(data, in, codeBody); problem != nil {
		return nil, problem
	}
	return in, nil
}

// faults are what is wrong, in sentences that begin with a field's name on the
// wire and repeat no value.
type faults []string

func (f *faults) report(field, format string, args ...any) {
	*f = append(*f, field+" "+fmt.Sprintf(format, args...)+".")
}

// apply makes the change and returns the client's new secret, if it got one.
// The error is a problem with everything that is wrong with the outcome.
func (a *API) apply(in *change, app *application.Application, connections []connection.Connection) (secret string, err error) {
	var f faults
	before := app.Login
	f.same("id", in.ID, app.ID)
	f.same("clientId", in.ClientID, app.Client.ID)
	in.Name.Merge(&app.Name, "")
	in.Description.Merge(&app.Description, "")
	in.AccessURL.Merge(&app.AccessURL, "")
	advanced := in.Advanced.Get()
	advanced.Direct.Merge(&app.Client.Direct, false)
	advanced.LoginPage.Merge(&app.Client.LoginPage, "")
	advanced.TokenEndpointIssuer.Merge(&app.Client.TokenEndpointIssuer, false)
	in.Scopes.Merge(&app.Client.Scopes, application.DefaultClient().Scopes)
	f.client(in.Inbound.Get().OIDC.Get(), &app.Client)
	f.login(in.Sequence.Get(), app)
	switch {
	case app.Client.Public:
		app.Client.SecretDigest = ""
	case app.Client.SecretDigest == "":
		secret, app.Client.SecretDigest = application.NewSecret()
	}
	for _, p := range app.Check(a.Authenticators, httpapi.Scopes()) {
		f.report(wireNames.Replace(p.Field), "%s", p.Text)
	}
	if in.Sequence.Get().Steps.Given {
		f.connections(before, app.Login, a.Authenticators, connections)
	}
	if len(f) == 0 {
		return secret, nil
	}
	return "", &httpapi.Problem{
		Status: http.StatusBadRequest, Code: codeInvalid, Message: "The application is not valid.", Description: f[0], Errors: f,
	}
}

// same reports a value other than the one that is there and stays.
func (f *faults) same(field string, in httpapi.Member[string], now string) {
	if in.Value != nil && *in.Value != now {
		f.report(field, "is given by the server and cannot be set")
	}
}

func (f *faults) client(in oidcChange, c *application.Client) {
	byDefault := application.DefaultClient()
	if in.ClientID.Value != nil && *in.ClientID.Value != c.ID {
		f.report(atOIDC+".clientId", "cannot be changed; make another application")
	}
	in.Public.Merge(&c.Public, byDefault.Public)
	in.Grants.Merge(&c.Grants, byDefault.Grants)
	in.CallbackURLs.Merge(&c.RedirectURIs, byDefault.RedirectURIs)
	in.LogoutURLs.Merge(&c.PostLogoutURIs, byDefault.PostLogoutURIs)
	in.Origins.Merge(&c.Origins, byDefault.Origins)

	in.PKCE.Get().Mandatory.Merge(&c.RequirePKCE, byDefault.RequirePKCE)
	if c.Public && !in.PKCE.Get().Mandatory.Given {
		c.RequirePKCE = true
	}
	if in.PKCE.Get().Plain.Get() {
		f.report(atOIDC+".pkce.supportPlainTransformAlgorithm", "must be false: a plain code_challenge gives the verifier away; send S256, which every library can (RFC 9700, 2.1.1)")
	}

	f.accessToken(in.AccessToken.Get(), c)
	mergeLife(in.RefreshToken.Get().Life, &c.RefreshTokenLife, byDefault.RefreshTokenLife)
	if renew := in.RefreshToken.Get().Renew.Value; renew != nil && !*renew {
		f.report(atRefreshToken+".renewRefreshToken", "must be true: each refresh token is good once, so that a stolen one is noticed (RFC 9700, 4.14.2); keep the one that comes with the new access token")
	}
	mergeLife(in.IDToken.Get().Life, &c.IDTokenLife, byDefault.IDTokenLife)
	in.IDToken.Get().Algorithm.Merge(&c.IDTokenAlgorithm, byDefault.IDTokenAlgorithm)
}

func (f *faults) accessToken(in accessTokenChange, c *application.Client) {
	byDefault := application.DefaultClient()
	if in.Type.Value != nil && *in.Type.Value != opaqueToken && *in.Type.Value != jwtToken {
		f.report(atAccessToken+".type", "must be %s or %s", opaqueToken, jwtToken)
	} else if in.Type.Given {
		c.JWTAccessToken = in.Type.Get() == jwtToken
	}
	user, service := c.AccessTokenLife, c.AccessTokenLife
	mergeLife(in.UserLife, &user, byDefault.AccessTokenLife)
	mergeLife(in.ApplicationLife, &service, byDefault.AccessTokenLife)
	switch {
	case in.UserLife.Given && in.ApplicationLife.Given && user != service:
		f.report(atAccessToken+".applicationAccessTokenExpiryInSeconds", "must be userAccessTokenExpiryInSeconds or be left out: both are one here; make another application for what needs another life")
	case in.UserLife.Given:
		c.AccessTokenLife = user
	case in.ApplicationLife.Given:
		c.AccessTokenLife = service
	}
}

// mergeLife merges a number of seconds. One that is far beyond all bounds stays
// beyond them.
func mergeLife(in httpapi.Member[int64], target *time.Duration, byDefault time.Duration) {
	const beyond = 1 << 32
	life := httpapi.Member[time.Duration]{Given: in.Given}
	if in.Value != nil {
		seconds := time.Duration(min(max(*in.Value, 0), beyond)) * time.Second
		life.Value = &seconds
	}
	life.Merge(target, byDefault)
}

// login merges the sequence: DEFAULT goes back to the default, steps replace
// all steps.
func (f *faults) login(in sequenceChange, app *application.Application) {
	kind := in.Type.Get()
	switch {
	case in.Type.Value != nil && kind != defaultLogin && kind != ownLogin:
		f.report(atSequence+".type", "must be %s or %s", defaultLogin, ownLogin)
	case in.Steps.Value != nil:
		app.Login = f.steps(*in.Steps.Value)
		if kind == defaultLogin && !isDefault(app.Login) {
			f.report(atSequence+".type", "must be %s where steps are given", ownLogin)
		}
	case kind == ownLogin:
		f.report(atSequence+".steps", "must be given with the type %s", ownLogin)
	case in.Type.Given || in.Steps.Given:
		app.Login = application.DefaultLogin()
	}
}

func (f *faults) steps(in []step) []application.Step {
	login := make([]application.Step, len(in))
	for i, s := range in {
		if s.ID != nil && *s.ID != int64(i+1) {
			f.report(fmt.Sprintf("%s.steps[%d].id", atSequence, i), "must be %d or be left out: steps are taken in the order of the list", i+1)
		}
		for _, o := range s.Options {
			connection := o.IDP
			if connection == local {
				connection = ""
			}
			login[i].Options = append(login[i].Options, application.Option{Authenticator: o.Authenticator, Connection: connection})
		}
	}
	return login
}

// isDefault tells whether the login is that of the type DEFAULT.
func isDefault(login []application.Step) bool {
	return reflect.DeepEqual(login, application.DefaultLogin())
}

// connections reads the tenant's, where the steps are about to change.
func (a *API) connections(r *http.Request, in *change) ([]connection.Connection, error) {
	if !in.Sequence.Get().Steps.Given {
		return nil, nil
	}
	return a.Connections.ListConnections(r.Context(), httpapi.Tenant(r))
}

// connections reports new options whose connection cannot be used. Names are
// compared exactly, as they are when somebody has signed in.
func (f *faults) connections(before, login []application.Step, known []application.Authenticator, list []connection.Connection) {
	for i, s := range login {
		for j, o := range s.Options {
			k := slices.IndexFunc(known, func(k application.Authenticator) bool { return k.Name == o.Authenticator })
			old := slices.ContainsFunc(before, func(s application.Step) bool { return slices.Contains(s.Options, o) })
			if old || k < 0 || known[k].Kind == "" || o.Connection == "" {
				continue // for Check, if it is wrong
			}
			at := fmt.Sprintf("%s.steps[%d].options[%d].idp", atSequence, i, j)
			n := slices.IndexFunc(list, func(c connection.Connection) bool { return c.Kind == known[k].Kind && c.Name == o.Connection })
			switch {
			case n < 0:
				f.report(at, "must be the name of a connection of the kind %s", known[k].Kind)
			case !list[n].Enabled:
				f.report(at, "must not be a connection that is switched off")
			}
		}
	}
}

// wireNames turns the fields of package application into those of the wire.
var wireNames = strings.NewReplacer(
	"Name", "name", "Description", "description", "AccessURL", "accessUrl",
	"Client.Public", atOIDC+".publicClient", "Client.SecretDigest", atOIDC+".clientSecret",
	"Client.RedirectURIs", atOIDC+".callbackURLs", "Client.PostLogoutURIs", atOIDC+".logoutRedirectURLs", "Client.Origins", atOIDC+".allowedOrigins",
	"Client.Grants", atOIDC+".grantTypes", "Client.Scopes", "authorizedScopes", "Client.RequirePKCE", atOIDC+".pkce.mandatory",
	"Client.IDTokenAlgorithm", atOIDC+".idToken.idTokenSignedResponseAlg", "Client.IDTokenLife", atOIDC+".idToken.expiryInSeconds",
	"Client.ID", atOIDC+".clientId",
	"Client.AccessTokenLife", atAccessToken+".userAccessTokenExpiryInSeconds", "Client.RefreshTokenLife", atRefreshToken+".expiryInSeconds",
	"Client.LoginPage", "advancedConfigurations.loginPageUrl", "Login", atSequence+".steps", ".Options", ".options", ".Authenticator", ".authenticator", ".Connection", ".idp",
)
