package scimapi

import (
	"net/http"
	"strings"

	"usher/httpapi"
	"usher/identity"
)

// The endpoints that describe the server (RFC 7644, 4; RFC 7643, 5 to 8).

// unfiltered refuses a filter, as RFC 7644, 4 asks for.
func unfiltered(r *http.Request) error {
	if r.URL.Query().Has("filter") {
		return &fault{status: http.StatusForbidden, detail: "This resource cannot be filtered."}
	}
	return nil
}

func (a *API) meta(r *http.Request, kind, path string) map[string]any {
	base := strings.TrimSuffix(a.PublicURL, "/") + httpapi.TenantPath(httpapi.Tenant(r))
	return map[string]any{"resourceType": kind, "location": base + "/scim2/" + path}
}

func (a *API) getConfig(w http.ResponseWriter, r *http.Request) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	type support struct {
		Supported bool `json:"supported"`
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"schemas":        []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":          support{true},
		"bulk":           map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         map[string]any{"supported": true, "maxResults": maxCount},
		"changePassword": support{true},
		"sort":           support{true},
		"etag":           support{true},
		"authenticationSchemes": []any{map[string]any{
			"type": "httpbasic", "name": "HTTP Basic", "primary": true,
			"description": "User name and password of a user of the tenant.",
			"specUri":     "https://www.rfc-editor.org/info/rfc7617",
		}, map[string]any{
			"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": false,
			"description": "Access token of the tenant with the scope of the call.",
			"specUri":     "https://www.rfc-editor.org/info/rfc6750",
		}},
		"meta": a.meta(r, "ServiceProviderConfig", "ServiceProviderConfig"),
	})
	return nil
}

func (a *API) resourceType(r *http.Request) map[string]any {
	var more []any
	for _, uri := range extensions {
		more = append(more, map[string]any{"schema": uri, "required": false})
	}
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"},
		"id":      "User", "name": "User", "endpoint": "/Users", "description": "A person with an account.",
		"schema": schemaCore, "schemaExtensions": more,
		"meta": a.meta(r, "ResourceType", "ResourceTypes/User"),
	}
}

func (a *API) listResourceTypes(w http.ResponseWriter, r *http.Request) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	writeList(w, 1, 1, []any{a.resourceType(r)})
	return nil
}

func (a *API) getResourceType(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("id") != "User" {
		return &fault{status: http.StatusNotFound, detail: "There is no such resource type."}
	}
	writeJSON(w, http.StatusOK, a.resourceType(r))
	return nil
}

var schemaNames = map[string][2]string{
	schemaCore:       {"User", "A person with an account."},
	schemaEnterprise: {"Enterprise User", "A person's place in an organization."},
	schemaSystem:     {"System Schema", "The state of an account, and attributes that SCIM has no name for."},
	schemaCustom:     {"Custom User", "Attributes that this tenant added."},
}

func (a *API) listSchemas(w http.ResponseWriter, r *http.Request) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	var all []any
	for _, uri := range append([]string{schemaCore}, extensions...) {
		all = append(all, a.describe(r, call.schema, uri))
	}
	writeList(w, len(all), 1, all)
	return nil
}

func (a *API) getSchema(w http.ResponseWriter, r *http.Request) error {
	call, err := a.begin(r)
	if err != nil {
		return err
	}
	uri, ok := schemaURI(r.PathValue("id"))
	if !ok {
		return &fault{status: http.StatusNotFound, detail: "There is no such schema."}
	}
	writeJSON(w, http.StatusOK, a.describe(r, call.schema, uri))
	return nil
}

// describe draws one schema of the tenant.
func (a *API) describe(r *http.Request, s *schema, uri string) map[string]any {
	attributes := []any{}
	for _, attr := range s.attributes {
		if attr.schema == uri {
			attributes = append(attributes, attr.describe(s.catalog))
		}
	}
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"},
		"id":      uri, "name": schemaNames[uri][0], "description": schemaNames[uri][1],
		"attributes": attributes,
		"meta":       a.meta(r, "Schema", "Schemas/"+uri),
	}
}

// definition is the description of an attribute (RFC 7643, 7).
type definition struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	MultiValued bool   `json:"multiValued"`
	Description string `json:"description"`
	// DisplayName is what people call it, for attributes that hold a claim.
	DisplayName string       `json:"displayName,omitempty"`
	Required    bool         `json:"required"`
	CaseExact   bool         `json:"caseExact"`
	Mutability  mutable      `json:"mutability"`
	Returned    string       `json:"returned"`
	Uniqueness  string       `json:"uniqueness"`
	Canonical   []string     `json:"canonicalValues,omitempty"`
	Subs        []definition `json:"subAttributes,omitempty"`
}

func (a *attribute) describe(catalog *identity.Catalog) definition {
	d := definition{
		Name: a.name, Type: scimKind(a.kind), Description: a.description, Required: a.required,
		Mutability: a.mutable, Returned: "default", Uniqueness: "none",
		MultiValued: a.shape != simple && a.shape != object,
	}
	if c, ok := catalog.Find(a.claim); ok && a.claim != "" {
		d.DisplayName = c.DisplayName
	}
	if a.unique {
		d.Uniqueness = "server"
	}
	if a.mutable == writeOnly {
		d.Returned, d.CaseExact = "never", true
	}
	if a.shape == simple || a.shape == list {
		return d
	}
	d.Type = "complex"
	for _, name := range a.subNames() {
		sub := definition{Name: name, Type: "string", Mutability: a.mutable, Returned: "default", Uniqueness: "none"}
		if c, ok := catalog.Find(a.claimOf(name)); ok && a.claimOf(name) != "" {
			sub.Description, sub.DisplayName, sub.Required = c.DisplayName, c.DisplayName, c.Required
			if c.ReadOnly {
				sub.Mutability = readOnly
			}
		}
		switch name {
		case "display", "displayName", "$ref": // taken, and not kept
			sub.Mutability = readOnly
		case "primary":
			sub.Type = "boolean"
		case "type":
			if sub.Canonical = partNames(a.types); a.shape == address {
				sub.Canonical = []string{"work"}
			}
		}
		d.Subs = append(d.Subs, sub)
	}
	return d
}

func scimKind(t identity.ClaimType) string {
	switch t {
	case identity.TypeBoolean:
		return "boolean"
	case identity.TypeInteger:
		return "integer"
	case identity.TypeDecimal:
		return "decimal"
	case identity.TypeString, identity.TypeDate, identity.TypeEmail, identity.TypeURI, identity.TypePhone:
	}
	return "string"
}
