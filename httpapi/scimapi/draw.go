package scimapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// draw returns the user's attributes as a document.
func (s *schema) draw(u *identity.User, now time.Time) document {
	doc := document{}
	for _, a := range s.attributes {
		if v := a.draw(u, now); v != nil {
			doc[a.id()] = v
		}
	}
	return doc
}

// draw returns the attribute's value for the user, nil for none.
func (a *attribute) draw(u *identity.User, now time.Time) any {
	switch a.shape {
	case simple:
		return a.drawPlain(u, now)
	case list:
		var values []any
		for _, v := range identity.SplitValues(u.Claims[a.claim]) {
			values = append(values, a.fromText(v))
		}
		return orNil(values)
	case object:
		if o := a.drawParts(u); len(o) > 0 {
			return o
		}
		return nil
	case objects:
		return orNil(a.drawObjects(u))
	case address:
		if o := a.drawParts(u); len(o) > 0 {
			o["type"] = "work"
			return []any{o}
		}
		return nil
	case roleList:
		var values []any
		for _, role := range u.Roles {
			values = append(values, map[string]any{"value": role})
		}
		return orNil(values)
	}
	return nil
}

func orNil(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

func (a *attribute) drawPlain(u *identity.User, now time.Time) any {
	switch a.id() {
	case attrUsername:
		return u.Username
	case attrExternalID:
		return textOrNil(u.ExternalID)
	case attrActive:
		return !u.Disabled
	case attrLocked:
		return u.LockedAt(now)
	case attrDisabled:
		return u.Disabled
	case attrState:
		return state(u, now)
	case attrLockedReason:
		return textOrNil(string(lockedReason(u, now)))
	}
	if v := u.Claims[a.claim]; v != "" && a.claim != "" {
		return a.fromText(v)
	}
	return nil
}

func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func state(u *identity.User, now time.Time) string {
	switch {
	case u.Disabled:
		return "DISABLED"
	case u.Locked && u.LockReason == identity.LockedPendingInvitation:
		return "PENDING_AP"
	case u.Locked && u.LockReason == identity.LockedPendingEmail:
		return "PENDING_SR"
	case u.LockedAt(now):
		return "LOCKED"
	}
	return "UNLOCKED"
}

func lockedReason(u *identity.User, now time.Time) identity.LockReason {
	switch {
	case u.Locked:
		return u.LockReason
	case u.LockedAt(now):
		return identity.LockedAfterFailedAttempts
	}
	return ""
}

func (a *attribute) drawParts(u *identity.User) map[string]any {
	o := map[string]any{}
	for _, p := range a.subs {
		if v := u.Claims[p.claim]; v != "" && p.claim != "" {
			o[p.name] = v
		}
	}
	return o
}

// drawObjects returns one object for each value. The value that is primary is
// the one of a type where it is equal, else one of its own.
func (a *attribute) drawObjects(u *identity.User) []any {
	main := ""
	if a.claim != "" {
		main = u.Claims[a.claim]
	}
	var values []any
	for _, p := range a.types {
		v := u.Claims[p.claim]
		if v == "" {
			continue
		}
		o := map[string]any{"value": v, "type": p.name}
		if a.primary && v == main {
			o["primary"] = true
			main = ""
		}
		values = append(values, o)
	}
	if main == "" {
		return values
	}
	o := map[string]any{"value": main}
	if a.primary {
		o["primary"] = true
	}
	return slices.Insert(values, 0, any(o))
}

// resource is a user as JSON: the document nested by schema.
type resource map[string]any

// resource draws the user whole, but for what is never returned.
func (a *API) resource(s *schema, u *identity.User) resource {
	doc := s.draw(u, a.Now())
	out := resource{attrID: u.ID}
	schemas := []string{schemaCore}
	for _, attr := range s.attributes {
		v, ok := doc[attr.id()]
		if !ok || attr.mutable == writeOnly {
			continue
		}
		if attr.schema == schemaCore {
			out[attr.name] = v
			continue
		}
		extension, ok := out[attr.schema].(map[string]any)
		if !ok {
			extension = map[string]any{}
			out[attr.schema] = extension
			schemas = append(schemas, attr.schema)
		}
		extension[attr.name] = v
	}
	tag := out.tag()
	out["schemas"] = schemas
	out["meta"] = map[string]any{
		"resourceType": "User",
		"created":      u.Created.UTC().Format(time.RFC3339Nano),
		"lastModified": u.Modified.UTC().Format(time.RFC3339Nano),
		"location":     a.location(u),
		"version":      tag,
	}
	return out
}

func (a *API) location(u *identity.User) string {
	return strings.TrimSuffix(a.PublicURL, "/") + httpapi.TenantPath(u.Tenant) + "/scim2/Users/" + u.ID
}

// tag makes a weak entity tag of what is drawn (RFC 7232, 2.3). It does not
// change with what clients cannot see, such as the count of failed sign-ins.
func (r resource) tag() string {
	body, err := json.Marshal(r)
	if err != nil {
		panic(err) // maps, slices and strings always marshal
	}
	sum := sha256.Sum256(body)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// etag returns the entity tag of a whole resource.
func (r resource) etag() string {
	meta, _ := r["meta"].(map[string]any)
	version, _ := meta["version"].(string)
	return version
}

// tagMatches tells whether an If-Match or If-None-Match header names the
// version; tags are compared weakly (RFC 7644, 3.14).
func tagMatches(header, version string) bool {
	opaque := strings.TrimPrefix(version, "W/")
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == opaque {
			return true
		}
	}
	return false
}
