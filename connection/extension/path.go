package extension

import (
	"slices"
	"strings"

	"usher/identity"
)

// Paths of the values of a flow, beside those of claims.
const (
	PathUserID        = "/user/id"
	PathUsername      = "/user/username"
	PathUserStore     = "/user/userStoreDomain"
	PathPassword      = "/user/credentials/password"
	PathTenantDomain  = "/tenant/domain"
	PathApplicationID = "/application/id"
	PathFlowType      = "/flow/flowType"
	PathPortalURL     = "/flow/portalUrl"
)

const claimBefore, claimAfter = "/user/claims[uri=", "]"

// ClaimPath returns the path of the claim with the URI.
func ClaimPath(uri string) string { return claimBefore + uri + claimAfter }

// Claim returns the URI of the claim whose path it is: ok is false where it is
// that of no local claim. Whether the tenant has the claim is for the caller.
func Claim(path string) (uri string, ok bool) {
	uri, before := strings.CutPrefix(path, claimBefore)
	uri, after := strings.CutSuffix(uri, claimAfter)
	if !before || !after || !strings.HasPrefix(uri, identity.ClaimPrefix) {
		return "", false
	}
	return uri, true
}

// Exposable tells whether there is a value of this path that an extension may
// be told: no password, and nothing that the server notes of an account.
func Exposable(path string) bool {
	uri, claim := Claim(path)
	return claim && !strings.HasPrefix(uri, identity.IdentityPrefix) || slices.Contains([]string{
		PathUserID, PathUsername, PathUserStore, PathTenantDomain, PathApplicationID, PathFlowType, PathPortalURL,
	}, path)
}

// Modifiable tells whether an extension may be let set the value of this path: a
// password, and claims but for those that say who somebody is and what they may
// do here, which are the server's. Those that are read-only in the tenant are
// for the caller.
func Modifiable(path string) bool {
	uri, claim := Claim(path)
	return path == PathPassword || claim && !strings.HasPrefix(uri, identity.IdentityPrefix) && !slices.Contains(kept, uri)
}

// kept are the claims beside those of the account's state that no extension
// sets.
var kept = []string{identity.ClaimUserID, identity.ClaimPrefix + "roles", identity.ClaimPrefix + "groups"}
