package openid

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"usher/connection"
	"usher/identity"
)

// session is one visit's conversation with a provider, at one request.
type session struct {
	*preset
	*providers
	connection *connection.Connection
	secrets    map[string]string
	profile    *identity.Profile // of the tenant
	redirect   string
	now        time.Time
	// secret returns 32 bytes that are this attempt's own (flow.Visit.Secret).
	derive func(label string) []byte
}

// setting is the connection's value, else the preset's default.
func (s *session) setting(name string) string { return s.preset.setting(s.connection, name) }

// endpoints returns where to go: as the connection says where the provider
// publishes no document, else as discovered.
func (s *session) endpoints(ctx context.Context) (*document, error) {
	if s.fetch == nil {
		return s.discover(ctx, s)
	}
	d := &document{Authorization: s.setting(settingAuthorization), Token: s.setting(settingToken), Userinfo: s.setting(settingUserinfo)}
	for _, address := range []string{d.Authorization, d.Token, d.Userinfo} {
		if err := connection.CheckURL(address); err != nil {
			return nil, fmt.Errorf("endpoint %w", err)
		}
	}
	return d, nil
}

// The values that bind the provider's answer to this attempt, none of which is
// stored: 256 bits each, in base64url.
func (s *session) state() string    { return s.text("state") }
func (s *session) nonce() string    { return s.text("nonce") }
func (s *session) verifier() string { return s.text("pkce") }

func (s *session) text(label string) string {
	return base64.RawURLEncoding.EncodeToString(s.derive(label))
}

// matches tells whether the state that came back is this attempt's.
func (s *session) matches(state string) bool {
	return subtle.ConstantTimeCompare([]byte(state), []byte(s.state())) == 1
}

// departure is the address that the browser is sent to (OpenID Connect Core
// 1.0, 3.1.2.1; RFC 7636, 4.3).
func (s *session) departure(d *document) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(s.verifier())}
	if s.fetch == nil {
		options = append(options, oauth2.SetAuthURLParam("nonce", s.nonce()))
	}
	for name, value := range s.authorize {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return s.oauth(d, "").AuthCodeURL(s.state(), options...)
}

// oauth is the connection as an OAuth 2 client.
func (s *session) oauth(d *document, secret string) *oauth2.Config {
	scopes := strings.Fields(s.setting(settingScopes))
	if s.fetch == nil && !slices.Contains(scopes, "openid") {
		scopes = append([]string{"openid"}, scopes...)
	}
	return &oauth2.Config{
		ClientID: s.connection.Settings[settingClientID], ClientSecret: secret,
		Endpoint:    oauth2.Endpoint{AuthURL: d.Authorization, TokenURL: d.Token, AuthStyle: s.authStyle(d, secret)},
		RedirectURL: s.redirect, Scopes: scopes,
	}
}

// authStyle says how the client shows who it is (Core 1.0, 9): as configured,
// else as the provider accepts it, in the header where it does not say.
func (s *session) authStyle(d *document, secret string) oauth2.AuthStyle {
	method := s.setting(settingTokenAuth)
	switch {
	case secret == "", s.inBody, method == "client_secret_post":
		return oauth2.AuthStyleInParams
	case method == "", len(d.TokenAuth) == 0:
		if len(d.TokenAuth) > 0 && !slices.Contains(d.TokenAuth, "client_secret_basic") {
			return oauth2.AuthStyleInParams
		}
	}
	return oauth2.AuthStyleInHeader
}

// redeem exchanges the code for tokens (RFC 6749, 4.1.3). The error repeats
// nothing of the answer but an error code in the form of RFC 6749, 5.2.
func (s *session) redeem(ctx context.Context, d *document, code string) (*oauth2.Token, error) {
	secret, err := s.clientSecret()
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.client)
	token, err := s.oauth(d, secret).Exchange(ctx, code, oauth2.VerifierOption(s.verifier()))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return nil, fmt.Errorf("token endpoint answered %d, error %s", refused.Response.StatusCode, errorCode(refused.ErrorCode))
	}
	if network, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("token endpoint: %w", network.Err)
	}
	if err != nil {
		return nil, errors.New("token endpoint: its answer cannot be read")
	}
	return token, nil
}

func (s *session) clientSecret() (string, error) {
	if s.secret != nil {
		return s.secret(s)
	}
	return s.secrets[settingClientSecret], nil
}

// errorCode is an error code as it may stand in a log: quoted, cut, and empty
// where it is none.
func errorCode(code string) string {
	const longest = 64
	printable := func(r rune) bool { return r > ' ' && r < 0x7f && r != '"' && r != '\\' }
	if len(code) > longest || strings.ContainsFunc(code, func(r rune) bool { return !printable(r) }) {
		return "malformed"
	}
	return strconv.Quote(code)
}
