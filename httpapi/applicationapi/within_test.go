package applicationapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"usher/identity"
)

// TestNobodyGrantsMoreThanTheyHave: who may change applications does not come by
// scopes in that way: by giving them to one, or by taking over one that has them
// with a new secret, redirect URI or login.
func TestNobodyGrantsMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	create := func(body string) string {
		t.Helper()
		var made struct{ ID string }
		w := s.call(http.MethodPost, path, body)
		if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return path + "/" + made.ID
	}
	const oidc = `"inboundProtocolConfiguration":{"oidc":{"grantTypes":["client_credentials"]}}`
	strong := create(`{"name":"Robot","authorizedScopes":["internal_user_mgt_update"],` + oidc + `}`)
	weak := create(`{"name":"Shop","authorizedScopes":["internal_idp_update"],` + oidc + `}`)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"scopes for an application":    {http.MethodPatch, weak, `{"authorizedScopes":["internal_idp_update","internal_user_mgt_update"]}`, http.StatusForbidden},
		"scopes of one's own":          {http.MethodPatch, weak, `{"authorizedScopes":["internal_idp_update","internal_flow_mgt_update"]}`, http.StatusOK},
		"the strong one's secret":      {http.MethodPost, strong + "/inbound-protocols/oidc/regenerate-secret", ``, http.StatusForbidden},
		"the strong one's redirects":   {http.MethodPatch, strong, `{"inboundProtocolConfiguration":{"oidc":{"grantTypes":["authorization_code"],"callbackURLs":["https://evil.example/"]}}}`, http.StatusForbidden},
		"fewer scopes for it":          {http.MethodPatch, strong, `{"authorizedScopes":[]}`, http.StatusForbidden},
		"the weak one's secret":        {http.MethodPost, weak + "/inbound-protocols/oidc/regenerate-secret", ``, http.StatusOK},
		"the weak one's name":          {http.MethodPatch, weak, `{"description":"ours"}`, http.StatusOK},
		"an administrator changes all": {"admin", strong, `{"description":"theirs"}`, http.StatusOK},
	} {
		who := identity.RoleEditor
		if c.method == "admin" {
			who, c.method = identity.RoleAdmin, http.MethodPatch
		}
		before := s.call(http.MethodGet, c.path[:len(weak)], "").Body.String()
		w := s.callAs(who, c.method, c.path, c.body)
		if w.Code != c.status || (c.status == http.StatusForbidden) != strings.Contains(w.Body.String(), "internal_user_mgt_update, which you do not have") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if after := s.call(http.MethodGet, c.path[:len(weak)], "").Body.String(); c.status == http.StatusForbidden && after != before {
			t.Errorf("%s: it is changed all the same", name)
		}
	}
}
