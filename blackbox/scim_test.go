//go:build blackbox

package blackbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"testing"
)

const scimUser = "urn:ietf:params:scim:schemas:core:2.0:User"

// createUser creates a user as the administrator and returns the id. more is
// merged into the resource.
func (s *server) createUser(t *testing.T, userName string, more object) string {
	t.Helper()
	resource := object{"schemas": []string{scimUser}, "userName": userName}
	maps.Copy(resource, more)
	a := s.admin(t, http.MethodPost, "/scim2/Users", resource)
	var created struct{ ID string }
	if err := json.Unmarshal(a.raw, &created); a.status != http.StatusCreated || err != nil || created.ID == "" {
		t.Fatalf("create %s: %v", userName, a)
	}
	return created.ID
}

// countUsers returns how many users have the name.
func (s *server) countUsers(t *testing.T, userName string) int {
	t.Helper()
	filter := url.QueryEscape(`userName eq "` + userName + `"`)
	a := s.admin(t, http.MethodGet, "/scim2/Users?filter="+filter, nil)
	var list struct{ TotalResults *int }
	if err := json.Unmarshal(a.raw, &list); a.status != http.StatusOK || err != nil || list.TotalResults == nil {
		t.Fatalf("find %s: %v", userName, a)
	}
	return *list.TotalResults
}

// signsIn tells whether the user's own credentials open /scim2/Me.
func (s *server) signsIn(t *testing.T, userName, password string) bool {
	t.Helper()
	a := s.call(t, userName, password, http.MethodGet, "/scim2/Me", nil)
	switch a.status {
	case http.StatusOK:
		var me struct{ UserName string }
		if err := json.Unmarshal(a.raw, &me); err != nil || me.UserName != userName {
			t.Fatalf("/scim2/Me of %s: %v", userName, a)
		}
		return true
	case http.StatusUnauthorized:
		return false
	}
	t.Fatalf("/scim2/Me of %s: %v", userName, a)
	return false
}
