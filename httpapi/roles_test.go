package httpapi

import (
	"strings"
	"testing"

	"usher/identity"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, scope := range Scopes() {
		reads := strings.HasSuffix(scope, "_view") || strings.HasSuffix(scope, "_list")
		editor := reads
		for part, may := range map[string]bool{
			"_flow_mgt_": true, "_flow_extension_": true, "_idp_": true, "_branding_preference_": true, "_message_template_mgt_": true,
			"_application_mgt_update": true, "_user_": false, "_offline_invite": false, "_outbox_": false, "_audit_": false, "_server_info_": false,
			"_application_mgt_create": false, "_application_mgt_delete": false, "_claim_meta_create": false, "_claim_meta_update": false, "_claim_meta_delete": false,
		} {
			if strings.Contains(scope, part) {
				editor = may
			}
		}
		for role, want := range map[string]bool{identity.RoleAdmin: true, identity.RoleEditor: editor, identity.RoleViewer: reads, "": false, "Admin": false} {
			if got := Grants(&identity.User{Roles: []string{role}}, scope); got != want {
				t.Errorf("%q grants %s: %v", role, scope, got)
			}
		}
	}
	for scope, want := range map[string]bool{"internal_flow_mgt_update": true, "internal_user_mgt_view": true, "internal_user_mgt_update": false} {
		if got := Grants(&identity.User{Roles: []string{identity.RoleViewer, identity.RoleEditor}}, scope); got != want {
			t.Errorf("both roles grant %s: %v", scope, got)
		}
	}
	for _, scope := range []string{"", "openid", "view", "_view", "internal_", "internal_view", "flow_mgt_view"} {
		for _, role := range []string{identity.RoleEditor, identity.RoleViewer} {
			if Grants(&identity.User{Roles: []string{role}}, scope) {
				t.Errorf("%s grants %q", role, scope)
			}
		}
	}
	if Grants(&identity.User{}, "internal_flow_mgt_view") {
		t.Error("nobody's roles grant something")
	}
}
