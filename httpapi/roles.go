package httpapi

import (
	"slices"
	"strings"

	"usher/identity"
)

// roleScopes tell which scopes a role grants. They go by the form of a scope,
// internal_AREA_ACTION, so that a new API has its place without being named
// here.
var roleScopes = map[string]func(scope string) bool{
	identity.RoleAdmin: func(string) bool { return true },
	identity.RoleEditor: func(scope string) bool {
		area, action := split(scope)
		return slices.Contains(editorAreas, area) ||
			area == "application_mgt" && (action == "view" || action == "update") ||
			area == "claim_meta" && action == "view"
	},
	identity.RoleViewer: func(scope string) bool {
		_, action := split(scope)
		return action == "view" || action == "list"
	},
}

// editorAreas are what editors may do everything with.
var editorAreas = []string{"flow_mgt", "flow_extension", "idp", "branding_preference", "message_template_mgt"}

// split returns the area and the action of a scope, "" for what is none of a
// management API.
func split(scope string) (area, action string) {
	area, ok := strings.CutPrefix(scope, scopePrefix)
	i := strings.LastIndexByte(area, '_')
	if !ok || i < 0 {
		return "", ""
	}
	return area[:i], area[i+1:]
}

// Grants tells whether the user's roles grant the scope.
func Grants(u *identity.User, scope string) bool {
	return slices.ContainsFunc(u.Roles, func(role string) bool {
		grants := roleScopes[role]
		return grants != nil && grants(scope)
	})
}
