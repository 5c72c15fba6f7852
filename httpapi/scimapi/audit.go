package scimapi

import (
	"slices"
	"time"

	"usher/identity"
)

// auditedUser is what the audit log says of a user: what decides what they may
// do, and of everything else the names. The log outlives the user, so their
// addresses have no place in it.
type auditedUser struct {
	Roles    []string  `json:"roles"`
	Locked   bool      `json:"locked"`
	Disabled bool      `json:"disabled"`
	Modified time.Time `json:"modified"`
	// Claims are the URIs of the claims that are not as they were before.
	Claims []string `json:"claims,omitempty"`
	// Renamed says that the user name is not what it was.
	Renamed bool `json:"renamed,omitempty"`
}

// audited shows a user who was another before, nil for nobody.
func audited(before, u *identity.User) auditedUser {
	out := auditedUser{Roles: u.Roles, Locked: u.Locked, Disabled: u.Disabled, Modified: u.Modified}
	if before == nil {
		return out
	}
	for uri, value := range u.Claims {
		if old, ok := before.Claims[uri]; !ok || old != value {
			out.Claims = append(out.Claims, uri)
		}
	}
	for uri := range before.Claims {
		if _, ok := u.Claims[uri]; !ok {
			out.Claims = append(out.Claims, uri)
		}
	}
	slices.Sort(out.Claims)
	out.Renamed = before.Username != u.Username
	return out
}
