package scimapi

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"usher/identity"
)

// schema is every attribute that users of a tenant have.
type schema struct {
	catalog    *identity.Catalog
	attributes []*attribute
	byID       map[string]*attribute // by id in lower case
}

// attributeName is ATTRNAME of RFC 7643, 2.1.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// newSchema draws the schema from a tenant's claims.
func newSchema(catalog *identity.Catalog) *schema {
	s := &schema{catalog: catalog, byID: map[string]*attribute{}}
	mapped := map[string]bool{}
	for _, a := range table() {
		s.add(&a)
		mapped[a.claim] = true
		for _, p := range slices.Concat(a.subs, a.types) {
			mapped[p.claim] = true
		}
	}
	for _, c := range catalog.All() {
		switch {
		case mapped[c.URI] || elsewhere[c.URI] || strings.HasPrefix(c.URI, identity.IdentityPrefix):
		case !attributeName.MatchString(c.Name): // SCIM has no way to name it
		case c.Standard:
			s.add(ofClaim(schemaSystem, c))
		default:
			s.add(ofClaim(schemaCustom, c))
		}
	}
	return s
}

// schemaCache keeps the schema of each tenant as long as its catalogue is the
// same. The zero value is ready to use.
type schemaCache struct {
	mu       sync.Mutex
	byTenant map[string]*schema
}

// maxSchemas bounds the cache.
const maxSchemas = 256

func (k *schemaCache) of(tenant string, catalog *identity.Catalog) *schema {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.byTenant[tenant]; s != nil && s.catalog == catalog {
		return s
	}
	if k.byTenant == nil || len(k.byTenant) >= maxSchemas {
		k.byTenant = map[string]*schema{}
	}
	s := newSchema(catalog)
	k.byTenant[tenant] = s
	return s
}

func ofClaim(schema string, c identity.Claim) *attribute {
	a := &attribute{schema: schema, name: c.Name, claim: c.URI}
	if c.MultiValued {
		a.shape = list
	}
	return a
}

// add completes the attribute with what the catalogue says of its claim.
func (s *schema) add(a *attribute) {
	if c, ok := s.catalog.Find(a.claim); ok && a.claim != "" {
		a.kind = cmp.Or(a.kind, c.Type)
		a.required, a.unique = a.required || c.Required, a.unique || c.Unique
		a.description = cmp.Or(a.description, c.Description, c.DisplayName)
		if c.ReadOnly {
			a.mutable = cmp.Or(a.mutable, readOnly)
		}
	}
	a.kind = cmp.Or(a.kind, identity.TypeString)
	a.mutable = cmp.Or(a.mutable, readWrite)
	key := strings.ToLower(a.id())
	if s.byID[key] == nil {
		s.attributes = append(s.attributes, a)
		s.byID[key] = a
	}
}

// extensions are the schemas a user has beside the core one.
var extensions = []string{schemaEnterprise, schemaSystem, schemaCustom}

// schemaURI returns the schema whose URI a key is, in any case.
func schemaURI(key string) (string, bool) {
	for _, uri := range append([]string{schemaCore}, extensions...) {
		if strings.EqualFold(key, uri) {
			return uri, true
		}
	}
	return "", false
}

// in returns the attribute of a schema, by name in any case.
func (s *schema) in(schema, name string) *attribute {
	if schema != schemaCore {
		name = schema + ":" + name
	}
	return s.byID[strings.ToLower(name)]
}

// resolve finds the attribute and the sub-attribute that a path such as
// name.givenName or urn:scim:wso2:schema:country names (RFC 7644, 3.10). The
// attribute is nil when there is none.
func (s *schema) resolve(path string) (a *attribute, sub string) {
	uri := schemaCore
	for _, known := range append([]string{schemaCore}, extensions...) {
		if n := len(known); len(path) > n && path[n] == ':' && strings.EqualFold(path[:n], known) {
			uri, path = known, path[n+1:]
			break
		}
	}
	name, sub, dotted := strings.Cut(path, ".")
	a = s.in(uri, name)
	if a == nil {
		return nil, ""
	}
	known := a.sub(sub)
	if dotted && known == "" {
		return nil, ""
	}
	return a, known
}

// sub returns the name of a sub-attribute in its own spelling, "" when the
// attribute has none of the name.
func (a *attribute) sub(name string) string {
	for _, known := range a.subNames() {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// subNames lists the sub-attributes.
func (a *attribute) subNames() []string {
	var names []string
	for _, p := range a.subs {
		names = append(names, p.name)
	}
	switch a.shape {
	case objects, roleList:
		names = append(names, "value", "type", "primary", "display")
	case address:
		names = append(names, "type", "primary")
	case list:
		names = append(names, "value")
	case simple, object:
	}
	return names
}

// claims lists the claims that the attribute is kept in.
func (a *attribute) claims() []string {
	var uris []string
	if a.claim != "" {
		uris = append(uris, a.claim)
	}
	for _, p := range slices.Concat(a.subs, a.types) {
		if p.claim != "" {
			uris = append(uris, p.claim)
		}
	}
	return uris
}

// named puts the attribute's name before the text about a value that is taken,
// as before those about values that are not valid.
func (s *schema) named(err error) error {
	taken, ok := errors.AsType[*identity.TakenError](err)
	if !ok {
		return err
	}
	name := attrUsername
	if i := slices.IndexFunc(s.attributes, func(a *attribute) bool { return slices.Contains(a.claims(), taken.Claim) }); i >= 0 {
		name = s.attributes[i].name
	}
	return &fault{status: http.StatusConflict, kind: uniqueness, detail: name + ": " + taken.Input().Text}
}
