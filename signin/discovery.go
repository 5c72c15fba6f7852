package signin

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"usher/application"
)

// metadata is the discovery document (OpenID Connect Discovery 1.0, 3; RFC
// 8414, 2).
type metadata struct {
	*oidc.DiscoveryConfiguration
	// RFC 9207, 3.
	IssuerInResponse bool `json:"authorization_response_iss_parameter_supported"`
	// Initiating User Registration via OpenID Connect 1.0, 4.
	Prompts []string `json:"prompt_values_supported"`
}

var algorithms = []string{"RS256", "ES256"}

// Discovery implements op.Server.
func (s *server) Discovery(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	issuer := s.issuer(tenantOf(ctx))
	self := issuer
	if ctx.Value(belowToken{}) != nil {
		self += pathToken
	}
	clientAuth := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost}
	return op.NewResponse(&metadata{
		DiscoveryConfiguration: &oidc.DiscoveryConfiguration{
			Issuer:                 self,
			AuthorizationEndpoint:  issuer + pathAuthorize,
			TokenEndpoint:          issuer + pathToken,
			IntrospectionEndpoint:  issuer + pathIntrospect,
			UserinfoEndpoint:       issuer + pathUserinfo,
			RevocationEndpoint:     issuer + pathRevoke,
			EndSessionEndpoint:     issuer + pathLogout,
			JwksURI:                issuer + pathKeys,
			ScopesSupported:        []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopePhone, oidc.ScopeAddress, oidc.ScopeOfflineAccess},
			ResponseTypesSupported: []string{string(oidc.ResponseTypeCode)},
			ResponseModesSupported: []string{string(oidc.ResponseModeQuery)},
			GrantTypesSupported: []oidc.GrantType{
				application.GrantCode, application.GrantRefresh, application.GrantClientCredentials,
			},
			ACRValuesSupported:                        []string{acrOne, acrTwo, acrResistant},
			SubjectTypesSupported:                     []string{"public"},
			IDTokenSigningAlgValuesSupported:          algorithms,
			TokenEndpointAuthMethodsSupported:         append([]oidc.AuthMethod{oidc.AuthMethodNone}, clientAuth...),
			RevocationEndpointAuthMethodsSupported:    append([]oidc.AuthMethod{oidc.AuthMethodNone}, clientAuth...),
			IntrospectionEndpointAuthMethodsSupported: clientAuth,
			ClaimsSupported: []string{
				"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "name", "given_name", "family_name", "middle_name",
				"nickname", "preferred_username", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "email",
				"email_verified", "phone_number", "phone_number_verified", "address",
			},
			CodeChallengeMethodsSupported: []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
			RequestParameterSupported:     false,
			RequestURIParameterSupported:  false,
		},
		IssuerInResponse: true,
		Prompts:          []string{oidc.PromptNone, oidc.PromptLogin, oidc.PromptSelectAccount},
	}), nil
}

// Keys implements op.Server: the key set (RFC 7517, 5).
func (s *server) Keys(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	set, err := s.Provider.Keys.Public(ctx)
	if err != nil {
		return nil, s.fault(ctx, "read signing keys", err)
	}
	resp := op.NewResponse(set)
	resp.Header.Set("Cache-Control", "public, max-age=900")
	return resp, nil
}
