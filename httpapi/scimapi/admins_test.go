package scimapi

import (
	"strings"
	"testing"

	"usher/identity"
)

// TestAdministratorsRemoveEachOther: two of them act on each other at one
// moment, and who is later is refused.
func TestAdministratorsRemoveEachOther(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(t *testing.T, s *server) *answer{
		"demote": func(t *testing.T, s *server) *answer {
			return s.patch(t, "bea", `{"op":"replace","path":"roles","value":[{"value":"viewer"}]}`)
		},
		"lock": func(t *testing.T, s *server) *answer {
			return s.patch(t, "bea", `{"op":"replace","path":"urn:scim:wso2:schema:accountLocked","value":true}`)
		},
		"disable": func(t *testing.T, s *server) *answer {
			return s.patch(t, "bea", `{"op":"replace","path":"active","value":false}`)
		},
		"delete": func(t *testing.T, s *server) *answer { return s.do(t, "DELETE", "/scim2/Users/bea", "") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			bea := &identity.User{Tenant: identity.DefaultTenant, ID: "bea", Username: "bea", Roles: []string{identity.RoleAdmin}}
			s.add(t, bea, "bea's password")
			s.users.meanwhile = func() {
				s.do(t, "PATCH", "/scim2/Users/admin-of-carbon.super", `{"Operations":[{"op":"remove","path":"roles"}]}`, as("bea", "bea's password")).is(200)
			}
			a := remove(t, s)
			a.fails(400, "mutability")
			if !strings.Contains(a.text, "last administrator") {
				t.Errorf("the answer does not say why: %s", a.text)
			}
			u, err := s.store.FindUser(t.Context(), identity.DefaultTenant, "bea")
			if err != nil || !u.Administers() {
				t.Errorf("bea is %+v, %v", u, err)
			}
		})
	}
}
