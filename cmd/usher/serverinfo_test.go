package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"usher/config"
	"usher/httpapi"
	"usher/identity"
)

// TestServerInfo: whoever runs the server sees all of its settings but for
// secrets; another tenant's administrator sees nothing of its set-up.
func TestServerInfo(t *testing.T) {
	t.Parallel()
	var c config.Config
	parser, err := kong.New(&c, config.Load(nil))
	if err == nil {
		_, err = parser.Parse(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.SMTPURL, c.SMSToken, c.AdminPassword = "smtp://robot:m4il-secret@mail.internal:587", "sms-s3cret", "adm1n-secret"
	c.SecretKey, c.CaptchaSecret, c.CORSOrigins = "a2V5LXNlY3JldA", "capt-s3cret", []string{"https://neighbour.example.com"}
	s := newSite(t)
	routes := httpapi.NewRoutes(s.store)
	newServerInfo(&c, identity.DefaultUsernameRules()).Mount(routes, &httpapi.Guard{Authenticator: viewing{}, Log: s.log})
	s.Config.Handler = asDocumented(t, routes, nil)

	ask := func(path string) string {
		r := request(t, http.MethodGet, s.URL+path, "")
		r.SetBasicAuth("v", "x")
		a := s.do(t, r)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, a.status, a.text)
		}
		return a.text
	}
	all, theirs := ask("/api/server/v1/server-info"), ask("/t/acme/api/server/v1/server-info")
	for _, secret := range []string{"m4il-secret", "robot", "sms-s3cret", "adm1n-secret", "a2V5LXNlY3JldA", "capt-s3cret"} {
		if strings.Contains(all+theirs, secret) {
			t.Errorf("%s is told", secret)
		}
	}
	for _, shown := range []string{"mail.internal", "neighbour.example.com", "usher.db", "127.0.0.1:9090", `"origin":"default"`, buildVersion()} {
		if !strings.Contains(all, shown) {
			t.Errorf("%s is not told to the operator", shown)
		}
		if strings.Contains(theirs, shown) {
			t.Errorf("%s is told to another tenant", shown)
		}
	}
	var got struct {
		Settings []struct{ Flag, Group, Help string }
	}
	if err := json.Unmarshal([]byte(theirs), &got); err != nil || len(got.Settings) != len(open) {
		t.Errorf("%d of %d open settings, %v", len(got.Settings), len(open), err)
	}
	if err := json.Unmarshal([]byte(all), &got); err != nil || len(got.Settings) != len(c.Settings()) {
		t.Errorf("%d of %d settings, %v", len(got.Settings), len(c.Settings()), err)
	}
	for _, one := range got.Settings {
		if one.Group == "" || one.Help == "" {
			t.Errorf("%s has no place or says nothing", one.Flag)
		}
	}
}

// viewing lets anybody in as a viewer.
type viewing struct{}

func (viewing) SignIn(context.Context, string, string, string) (*identity.User, error) {
	return &identity.User{Username: "v", Roles: []string{identity.RoleViewer}}, nil
}
