package applicationapi

import (
	"time"

	"usher/application"
)

// Names on the wire.
const (
	local          = "LOCAL"        // the idp of this server's own authenticators
	defaultLogin   = "DEFAULT"      // user name and password
	ownLogin       = "USER_DEFINED" // anything else
	opaqueToken    = "Default"
	jwtToken       = "JWT"
	atSequence     = "authenticationSequence"
	atOIDC         = "inboundProtocolConfiguration.oidc"
	atAccessToken  = atOIDC + ".accessToken"
	atRefreshToken = atOIDC + ".refreshToken"
)

// app is an application on the wire.
type app struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	AccessURL   string   `json:"accessUrl"`
	ClientID    string   `json:"clientId"`
	Inbound     inbound  `json:"inboundProtocolConfiguration"`
	Sequence    sequence `json:"authenticationSequence"`
	Advanced    advanced `json:"advancedConfigurations"`
	// Scopes are the management scopes it may be granted.
	Scopes []string `json:"authorizedScopes"`
}

type inbound struct {
	OIDC oidc `json:"oidc"`
}

// oidc is an OAuth client on the wire.
type oidc struct {
	ClientID string `json:"clientId"`
	// Secret is told in the answer that made it, and never again.
	Secret       string   `json:"clientSecret,omitempty"`
	Public       bool     `json:"publicClient"`
	Grants       []string `json:"grantTypes"`
	CallbackURLs []string `json:"callbackURLs"`
	// LogoutURLs are where people may be sent after a logout, the
	// post_logout_redirect_uris of OpenID Connect RP-Initiated Logout. The
	// name is ours: the established one has them among callbackURLs.
	LogoutURLs   []string     `json:"logoutRedirectURLs"`
	Origins      []string     `json:"allowedOrigins"`
	PKCE         pkce         `json:"pkce"`
	AccessToken  accessToken  `json:"accessToken"`
	RefreshToken refreshToken `json:"refreshToken"`
	IDToken      idToken      `json:"idToken"`
}

type pkce struct {
	Mandatory bool `json:"mandatory"`
	Plain     bool `json:"supportPlainTransformAlgorithm"`
}

// accessToken has two lives on the wire, which are always the same here.
type accessToken struct {
	Type            string `json:"type"`
	UserLife        int64  `json:"userAccessTokenExpiryInSeconds"`
	ApplicationLife int64  `json:"applicationAccessTokenExpiryInSeconds"`
}

type refreshToken struct {
	Life  int64 `json:"expiryInSeconds"`
	Renew bool  `json:"renewRefreshToken"`
}

type idToken struct {
	Life      int64  `json:"expiryInSeconds"`
	Algorithm string `json:"idTokenSignedResponseAlg"`
}

type sequence struct {
	Type  string `json:"type"`
	Steps []step `json:"steps"`
}

type step struct {
	ID      *int64   `json:"id"` // its place, counted from 1
	Options []option `json:"options"`
}

type option struct {
	IDP           string `json:"idp"` // the connection's name, or LOCAL
	Authenticator string `json:"authenticator"`
}

type advanced struct {
	// Direct lets the application run sign-ins on pages of its own.
	Direct bool `json:"enableAPIBasedAuthentication"`
	// LoginPage and TokenEndpointIssuer are ours.
	LoginPage           string `json:"loginPageUrl"`
	TokenEndpointIssuer bool   `json:"tokenEndpointIsIssuer"`
}

// wire shows the application, with the secret if there is a new one.
func wire(a *application.Application, secret string) app {
	return app{
		ID: a.ID, Name: a.Name, Description: a.Description, AccessURL: a.AccessURL, ClientID: a.Client.ID,
		Inbound: inbound{wireClient(&a.Client, secret)}, Sequence: wireLogin(a.Login),
		Advanced: advanced{a.Client.Direct, a.Client.LoginPage, a.Client.TokenEndpointIssuer}, Scopes: a.Client.Scopes,
	}
}

func wireClient(c *application.Client, secret string) oidc {
	tokens := opaqueToken
	if c.JWTAccessToken {
		tokens = jwtToken
	}
	return oidc{
		ClientID: c.ID, Secret: secret, Public: c.Public, Grants: c.Grants,
		CallbackURLs: c.RedirectURIs, LogoutURLs: c.PostLogoutURIs, Origins: c.Origins,
		PKCE:         pkce{Mandatory: c.RequirePKCE},
		AccessToken:  accessToken{tokens, inSeconds(c.AccessTokenLife), inSeconds(c.AccessTokenLife)},
		RefreshToken: refreshToken{inSeconds(c.RefreshTokenLife), true},
		IDToken:      idToken{inSeconds(c.IDTokenLife), c.IDTokenAlgorithm},
	}
}

func wireLogin(login []application.Step) sequence {
	out := sequence{Type: ownLogin}
	if isDefault(login) {
		out.Type = defaultLogin
	}
	for i, s := range login {
		id := int64(i + 1)
		shown := step{ID: &id}
		for _, o := range s.Options {
			idp := o.Connection
			if idp == "" {
				idp = local
			}
			shown.Options = append(shown.Options, option{idp, o.Authenticator})
		}
		out.Steps = append(out.Steps, shown)
	}
	return out
}

func inSeconds(d time.Duration) int64 { return int64(d / time.Second) }
