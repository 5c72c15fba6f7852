package openid

import (
	"context"
	"slices"

	"usher/connection"
	"usher/flow"
	"usher/identity"
)

// preset is what differs between providers.
type preset struct {
	executor, label string
	method          flow.Method
	// kind is made of the rest by declare.
	kind connection.Kind
	// settings a connection has beside those that all have.
	settings []connection.Setting
	// scopes are asked for unless the connection names others.
	scopes string
	// claims names the provider's claim for each local one that is taken
	// unless the connection says otherwise.
	claims map[string]string
	// verified is the provider's claim that says that "email" was proved to
	// belong to the person; "" where it says no such thing.
	verified string
	// authorize are further parameters of the authorization request.
	authorize map[string]string
	// tenants says that one discovery document speaks for many issuers.
	tenants bool
	// inBody says that the client authenticates in the body of the token
	// request, whatever the discovery document says.
	inBody bool
	// secret makes the client secret; nil: it is the secret client_secret.
	secret func(s *session) (string, error)
	// fetch reads who the person is; nil: an ID token says so.
	fetch func(ctx context.Context, s *session, accessToken string) (claims, error)
}

// Names of settings and secrets.
const (
	settingIssuer        = "issuer"
	settingClientID      = "client_id"
	settingClientSecret  = "client_secret"
	settingScopes        = "scopes"
	settingRedirectURI   = "redirect_uri"
	settingTokenAuth     = "token_endpoint_auth_method"
	settingRequireIssuer = "require_iss"
	settingAuthorization = "authorization_endpoint"
	settingToken         = "token_endpoint"
	settingUserinfo      = "userinfo_endpoint"
	settingEmails        = "emails_endpoint"
	settingTeamID        = "team_id"
	settingKeyID         = "key_id"
	settingPrivateKey    = "private_key"
)

func issuer(byDefault string) connection.Setting {
	return connection.Setting{
		Name: settingIssuer, Description: "Issuer, below which the discovery document is found.", Default: byDefault,
		Required: byDefault == "", URL: true, Fixed: true,
	}
}

func endpoint(name, description, byDefault string) connection.Setting {
	return connection.Setting{Name: name, Description: description, Default: byDefault, URL: true, Fixed: true}
}

var (
	clientSecret = connection.Setting{Name: settingClientSecret, Description: "Secret the provider gave the client.", Required: true, Secret: true}
	requireIss   = connection.Setting{
		Name: settingRequireIssuer, Default: "false", Options: []string{"true", "false"},
		Description: "Whether the provider's answer must name its issuer (RFC 9207); where it does, it is checked in any case.",
	}
)

// shared are the settings of every connection.
var shared = []connection.Setting{
	{Name: settingClientID, Description: "Id of the client at the provider.", Required: true},
	{Name: settingScopes, Description: "What to ask for, separated by spaces."},
	{Name: settingRedirectURI, Description: "Where the provider sends the browser back to, when it is not the server's own page.", URL: true},
	{Name: connection.ClaimPrefix, Description: "Name of the provider's claim that the local claim takes its value from; empty: none.", Claim: true},
}

// standard are the claims of OpenID Connect Core 1.0, 5.1, that are taken.
var standard = map[string]string{
	identity.ClaimEmail:      "email",
	identity.ClaimGivenName:  "given_name",
	identity.ClaimFamilyName: "family_name",
	identity.ClaimLocale:     "locale",
}

// anyProvider is the label of the executor that is made for none in particular.
const anyProvider = "an OpenID provider"

// presets in the order designers see them.
var presets = declare(
	&preset{
		executor: "OpenIDConnectExecutor", label: anyProvider, method: "OpenIDConnectAuthenticator",
		scopes: "openid profile email", claims: standard, verified: "email_verified",
		settings: []connection.Setting{
			issuer(""),
			{Name: settingClientSecret, Description: "Secret the provider gave the client; none for a public client.", Secret: true},
			{
				Name: settingTokenAuth, Description: "How the client authenticates; by default as the discovery document allows.",
				Options: []string{"client_secret_basic", "client_secret_post"},
			},
			requireIss,
		},
	},
	&preset{
		executor: "GoogleExecutor", label: "Google", method: "GoogleOIDCAuthenticator",
		scopes: "openid profile email", claims: standard, verified: "email_verified",
		settings: []connection.Setting{issuer("https://accounts.google.com"), clientSecret, requireIss},
	},
	&preset{
		executor: "FacebookExecutor", label: "Facebook", method: "FacebookAuthenticator",
		// Facebook does not say whether an address was confirmed.
		scopes: "public_profile email",
		claims: map[string]string{identity.ClaimEmail: "email", identity.ClaimGivenName: "first_name", identity.ClaimFamilyName: "last_name"},
		fetch:  facebookProfile, inBody: true,
		settings: []connection.Setting{
			endpoint(settingAuthorization, "Where the person signs in.", "https://www.facebook.com/v23.0/dialog/oauth"),
			endpoint(settingToken, "Where codes are redeemed.", "https://graph.facebook.com/v23.0/oauth/access_token"),
			endpoint(settingUserinfo, "Where the person's profile is read.", "https://graph.facebook.com/v23.0/me"),
			clientSecret,
		},
	},
	&preset{
		executor: "Office365Executor", label: "Microsoft", method: "Office365Authenticator",
		// "email" is whatever an administrator of any tenant typed, unless the
		// optional claim xms_edov says that the domain's owner was verified.
		scopes: "openid profile email", claims: standard, verified: "xms_edov", tenants: true,
		settings: []connection.Setting{issuer("https://login.microsoftonline.com/common/v2.0"), clientSecret, requireIss},
	},
	&preset{
		executor: "AppleExecutor", label: "Apple", method: "AppleOIDCAuthenticator",
		scopes: "openid name email", claims: standard, verified: "email_verified",
		secret: appleSecret, inBody: true,
		// Apple answers by form_post alone when anything is asked for.
		authorize: map[string]string{"response_mode": "form_post"},
		settings: []connection.Setting{
			issuer("https://appleid.apple.com"),
			{Name: settingTeamID, Description: "Id of the team in the developer account.", Required: true},
			{Name: settingKeyID, Description: "Id of the private key.", Required: true},
			{Name: settingPrivateKey, Description: "Private key in PEM, as Apple hands it out (.p8).", Required: true, Secret: true, Check: checkAppleKey},
			requireIss,
		},
	},
	&preset{
		executor: "GithubExecutor", label: "GitHub", method: "GithubAuthenticator",
		scopes:   "read:user user:email",
		claims:   map[string]string{identity.ClaimEmail: "email", identity.ClaimDisplayName: "name"},
		verified: "email_verified", // made from what the list of addresses says
		fetch:    githubProfile, inBody: true,
		settings: []connection.Setting{
			endpoint(settingAuthorization, "Where the person signs in.", "https://github.com/login/oauth/authorize"),
			endpoint(settingToken, "Where codes are redeemed.", "https://github.com/login/oauth/access_token"),
			endpoint(settingUserinfo, "Where the person's profile is read.", "https://api.github.com/user"),
			endpoint(settingEmails, "Where the person's addresses are read.", "https://api.github.com/user/emails"),
			clientSecret,
		},
	},
)

// Kinds declares what connections for these executors consist of.
func Kinds() []connection.Kind {
	list := make([]connection.Kind, len(presets))
	for i := range presets {
		list[i] = presets[i].kind
	}
	return list
}

// declare makes the declaration of each preset's connections.
func declare(list ...*preset) []*preset {
	for _, p := range list {
		p.kind = connection.Kind{Executor: p.executor, Label: p.label, Settings: slices.Concat(p.settings, shared)}
		for i := range p.kind.Settings {
			if p.kind.Settings[i].Name == settingScopes {
				p.kind.Settings[i].Default = p.scopes
			}
		}
	}
	return list
}

// setting is the connection's value, else the preset's default.
func (p *preset) setting(c *connection.Connection, name string) string {
	if value := c.Settings[name]; value != "" {
		return value
	}
	s, _ := p.kind.Find(name)
	return s.Default
}
