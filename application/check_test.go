package application_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/application"
)

var (
	known = []application.Authenticator{
		{Name: application.Password, First: true},
		{Name: "FIDOAuthenticator", First: true},
		{Name: "email-otp-authenticator"},
		{Name: "GoogleOIDCAuthenticator", Kind: "GoogleExecutor", First: true},
	}
	scopes = []string{"internal_a", "internal_b"}
)

// valid returns a confidential client's application with nothing wrong.
func valid() *application.Application {
	a := &application.Application{Name: "Shop", Description: "Where\npeople buy", AccessURL: "https://shop.example.com", Client: application.DefaultClient(), Login: application.DefaultLogin()}
	a.Client.ID = application.NewClientID()
	_, a.Client.SecretDigest = application.NewSecret()
	a.Client.RedirectURIs = []string{"https://shop.example.com/cb"}
	return a
}

func public(c *application.Client) { c.Public, c.SecretDigest = true, "" }

func options(names ...string) application.Step {
	var s application.Step
	for _, name := range names {
		name, connection, _ := strings.Cut(name, "/")
		s.Options = append(s.Options, application.Option{Authenticator: name, Connection: connection})
	}
	return s
}

// many returns n different addresses.
func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "https://app.example.com/" + strings.Repeat("x", i)
	}
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const otp, fido, google = "email-otp-authenticator", "FIDOAuthenticator", "GoogleOIDCAuthenticator"
	for name, c := range map[string]struct {
		change func(*application.Application)
		want   []string // Field, and how Text begins
	}{
		"as it is":        {func(*application.Application) {}, nil},
		"a public client": {func(a *application.Application) { public(&a.Client) }, nil},
		"a native client": {func(a *application.Application) {
			public(&a.Client)
			a.Client.RedirectURIs = []string{"com.example.app:/cb"}
		}, nil},
		"a service client": {func(a *application.Application) {
			a.Client.Grants, a.Client.RedirectURIs, a.Client.Scopes = []string{"client_credentials"}, nil, scopes
		}, nil},
		"all grants":              {func(a *application.Application) { a.Client.Grants = append(a.Client.Grants, "client_credentials") }, nil},
		"ES256 and a JWT":         {func(a *application.Application) { a.Client.IDTokenAlgorithm, a.Client.JWTAccessToken = "ES256", true }, nil},
		"without PKCE":            {func(a *application.Application) { a.Client.RequirePKCE = false }, nil},
		"as many as there may be": {func(a *application.Application) { a.Client.RedirectURIs = many(50) }, nil},
		"the longest name":        {func(a *application.Application) { a.Name = strings.Repeat("ü", 100) }, nil},
		"the shortest lives": {func(a *application.Application) {
			a.Client.AccessTokenLife, a.Client.IDTokenLife, a.Client.RefreshTokenLife = time.Minute, time.Minute, time.Minute
		}, nil},
		"the longest lives": {func(a *application.Application) {
			a.Client.AccessTokenLife, a.Client.IDTokenLife, a.Client.RefreshTokenLife = 24*time.Hour, 24*time.Hour, 365*24*time.Hour
		}, nil},
		"two steps": {func(a *application.Application) {
			a.Login = []application.Step{options(application.Password, fido, google+"/Main", google+"/Other"), options(otp, fido)}
		}, nil},
		"one that cannot be first beside one that can": {func(a *application.Application) { a.Login = []application.Step{options(otp, application.Password)} }, nil},

		"nothing": {func(a *application.Application) { *a = application.Application{} }, []string{
			"Name must", "Client.ID must", "Client.SecretDigest must", "Client.Grants must name", "Client.IDTokenAlgorithm must", "Client.AccessTokenLife must be 60 to 86400 seconds",
			"Client.IDTokenLife must be 60 to 86400 seconds", "Client.RefreshTokenLife must be 60 to 31536000 seconds", "Login must be 1 to 5",
		}},
		"texts": {func(a *application.Application) {
			a.Name, a.Description, a.AccessURL = " x", "a\rb", "javascript:alert(1)"
		}, []string{"Name must", "Description must", "AccessURL must"}},
		"long texts": {func(a *application.Application) {
			a.Name, a.Description = strings.Repeat("x", 101), strings.Repeat("x", 1025)
		}, []string{"Name must", "Description must"}},
		"not text":                            {func(a *application.Application) { a.Name, a.Description = "a\xffb", "\xff" }, []string{"Name must", "Description must"}},
		"a name of two lines, or none to see": {func(a *application.Application) { a.Name = "a\nb\u202e" }, []string{"Name must"}},
		"a client id with a colon":            {func(a *application.Application) { a.Client.ID = "a:b" }, []string{"Client.ID must"}},
		"a long client id":                    {func(a *application.Application) { a.Client.ID = strings.Repeat("x", 256) }, []string{"Client.ID must"}},
		"a client id like a user's":           {func(a *application.Application) { a.Client.ID = "0B9C6c9e-7f0e-4b7e-9d53-1a2b3c4d5e6f" }, []string{"Client.ID must not"}},
		"a client id not quite like one":      {func(a *application.Application) { a.Client.ID = "0b9c6c9e-7f0e-4b7e-9d53-1a2b3c4d5e6g" }, nil},
		"a public client with a secret":       {func(a *application.Application) { a.Client.Public = true }, []string{"Client.SecretDigest must"}},
		"a confidential one without":          {func(a *application.Application) { a.Client.SecretDigest = "" }, []string{"Client.SecretDigest must"}},
		"a public one without PKCE":           {func(a *application.Application) { public(&a.Client); a.Client.RequirePKCE = false }, []string{"Client.RequirePKCE must be true"}},
		"a public one of its own": {func(a *application.Application) {
			public(&a.Client)
			a.Client.Grants = append(a.Client.Grants, "client_credentials")
		}, []string{"Client.Grants[2] must not be used by a public client"}},
		"refresh alone": {func(a *application.Application) { a.Client.Grants = []string{"refresh_token"} }, []string{"Client.Grants[0] must come with authorization_code"}},
		"other grants": {func(a *application.Application) {
			a.Client.Grants = []string{"password", "implicit", "Authorization_Code"}
		}, []string{"Client.Grants[0] must be one of", "Client.Grants[1] must be one of", "Client.Grants[2] must be one of"}},
		"a grant twice": {func(a *application.Application) {
			a.Client.Grants = []string{"authorization_code", "authorization_code"}
		}, []string{"Client.Grants[1] must not be there twice"}},
		"four grants":   {func(a *application.Application) { a.Client.Grants = slices.Repeat([]string{"authorization_code"}, 4) }, []string{"Client.Grants must hold at most 3"}},
		"nowhere to go": {func(a *application.Application) { a.Client.RedirectURIs = nil }, []string{"Client.RedirectURIs must hold at least one"}},
		"URIs": {func(a *application.Application) {
			a.Client.RedirectURIs = []string{"https://a.example/", "javascript:alert(1)", "https://a.example/"}
			a.Client.PostLogoutURIs = []string{"http://a.example/"}
			a.Client.Origins = []string{"https://a.example/", "*"}
		}, []string{"Client.RedirectURIs[1] must", "Client.RedirectURIs[2] must not be there twice", "Client.PostLogoutURIs[0] must", "Client.Origins[0] must", "Client.Origins[1] must"}},
		"a native address of a confidential client": {func(a *application.Application) { a.Client.RedirectURIs = []string{"com.example.app:/cb"} }, []string{"Client.RedirectURIs[0] must be an https URI"}},
		"too many": {func(a *application.Application) {
			a.Client.RedirectURIs, a.Client.PostLogoutURIs, a.Client.Origins, a.Client.Scopes = many(51), many(51), many(51), []string{"internal_a", "internal_b", "x"}
		}, []string{"Client.RedirectURIs must hold at most 50", "Client.PostLogoutURIs must hold at most 50", "Client.Origins must hold at most 50", "Client.Scopes must hold at most 2"}},
		"scopes":   {func(a *application.Application) { a.Client.Scopes = []string{"internal_c", "*"} }, []string{"Client.Scopes[0] must be a scope of the management APIs: internal_a, internal_b", "Client.Scopes[1] must"}},
		"alg none": {func(a *application.Application) { a.Client.IDTokenAlgorithm = "none" }, []string{"Client.IDTokenAlgorithm must be RS256 or ES256"}},
		"short lives": {func(a *application.Application) {
			a.Client.AccessTokenLife, a.Client.IDTokenLife, a.Client.RefreshTokenLife = 59*time.Second, 0, -time.Hour
		}, []string{"Client.AccessTokenLife must", "Client.IDTokenLife must", "Client.RefreshTokenLife must"}},
		"long lives": {func(a *application.Application) {
			a.Client.AccessTokenLife, a.Client.IDTokenLife, a.Client.RefreshTokenLife = 24*time.Hour+1, 25*time.Hour, 366*24*time.Hour
		}, []string{"Client.AccessTokenLife must", "Client.IDTokenLife must", "Client.RefreshTokenLife must"}},
		"parts of a second": {func(a *application.Application) { a.Client.AccessTokenLife = time.Hour + 1 }, []string{"Client.AccessTokenLife must"}},

		"six steps":      {func(a *application.Application) { a.Login = slices.Repeat(application.DefaultLogin(), 6) }, []string{"Login must be 1 to 5"}},
		"an empty step":  {func(a *application.Application) { a.Login = append(a.Login, application.Step{}) }, []string{"Login[1].Options must be 1 to 10"}},
		"eleven options": {func(a *application.Application) { a.Login[0] = options(slices.Repeat([]string{fido}, 11)...) }, []string{"Login[0].Options must be 1 to 10"}},
		"unknown":        {func(a *application.Application) { a.Login = []application.Step{options("NoAuthenticator", "")} }, []string{"Login[0].Options[0].Authenticator must be one of BasicAuthenticator, FIDO", "Login[0].Options[1].Authenticator must"}},
		"a code first":   {func(a *application.Application) { a.Login = []application.Step{options(otp)} }, []string{"Login[0].Options must have one that can come first"}},
		"twice": {func(a *application.Application) {
			a.Login = []application.Step{options(fido, google+"/Main", google+"/MAIN", fido)}
		}, []string{"Login[0].Options[2] must not be there twice", "Login[0].Options[3] must not be there twice"}},
		"no connection":      {func(a *application.Application) { a.Login = []application.Step{options(google)} }, []string{"Login[0].Options[0].Connection must name"}},
		"a connection extra": {func(a *application.Application) { a.Login = []application.Step{options(fido + "/Main")} }, []string{"Login[0].Options[0].Connection must not name"}},
		"the same again": {func(a *application.Application) {
			a.Login = []application.Step{options(fido), options(otp), options(fido)}
		}, []string{"Login[2].Options must not be all that an earlier step has"}},
		"more of the same": {func(a *application.Application) { a.Login = []application.Step{options(fido), options(otp, fido)} }, []string{"Login[1].Options must not be all that an earlier step has"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := valid()
			c.change(a)
			before := a.Clone()
			problems := a.Check(known, scopes)
			for i, p := range problems {
				text := p.Field + " " + p.Text
				if i >= len(c.want) || !strings.HasPrefix(text, c.want[i]) || strings.Contains(text, "alert") {
					t.Errorf("problem %d: %s", i, text)
				}
			}
			if len(problems) < len(c.want) {
				t.Errorf("not seen: %v", c.want[len(problems):])
			}
			if diff := cmp.Diff(before, a.Clone()); diff != "" {
				t.Error("it was changed:", diff)
			}
		})
	}
}

func TestDefaultsAreEachOnesOwn(t *testing.T) {
	t.Parallel()
	application.DefaultClient().Grants[0] = "x"
	application.DefaultLogin()[0].Options[0].Authenticator = "x"
	if a := valid(); len(a.Check(known, nil)) > 0 {
		t.Error(a.Check(known, nil))
	}
	if a, b := application.NewClientID(), application.NewClientID(); a == b || len(a) < 26 {
		t.Error(a, b)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	secret, digest := application.NewSecret()
	other, _ := application.NewSecret()
	c := application.Client{SecretDigest: digest}
	if !c.CheckSecret(secret) || c.CheckSecret(other) || c.CheckSecret("") || c.CheckSecret(digest) || strings.Contains(digest, secret) || len(secret) < 43 {
		t.Error("the secret is not the secret")
	}
	if none := (application.Client{}); none.CheckSecret("") || none.CheckSecret(secret) {
		t.Error("a client without a secret has one")
	}
}
