package extensionapi

import (
	"net/http"

	"usher/connection/extension"
	"usher/flow"
	"usher/httpapi"
	"usher/identity"
)

// meta is what an extension may be told, and may set, in flows of a type.
type meta struct {
	FlowType    *flow.Type `json:"flowType"` // null for any
	Context     []node     `json:"context"`
	Redirection bool       `json:"redirectionEnabled"`
	// ReadOnlyClaims tells whether it may set attributes that are read-only. It
	// never may: they are the server's.
	ReadOnlyClaims bool `json:"allowReadOnlyClaimsModification"`
}

// node is a value, or what holds some.
type node struct {
	Key              string   `json:"key"`
	Title            string   `json:"title"`
	Path             string   `json:"path"`
	DataType         string   `json:"dataType"`
	NodeType         string   `json:"nodeType"`
	Operations       []string `json:"allowedOperations"`
	ReadOnly         bool     `json:"readOnly"`
	Replaceable      bool     `json:"replaceable"`
	MultiValued      bool     `json:"multiValued"`
	DynamicEntry     bool     `json:"dynamicEntryAllowed"`
	DynamicEntryType string   `json:"dynamicEntryType"`
	Children         []node   `json:"children"`
}

// getMeta returns the paths that the lists of an extension may have. A path
// that ends with a slash holds others, and is in no list itself.
func (a *API) getMeta(w http.ResponseWriter, r *http.Request) error {
	out := meta{Redirection: true}
	if r.URL.Query().Has("flowType") {
		t := flow.Type(r.URL.Query().Get("flowType"))
		if !t.Known() {
			return &httpapi.Problem{
				Status: http.StatusBadRequest, Code: codeFlowType, Message: "Invalid flow type.",
				Description: "flowType must be REGISTRATION, PASSWORD_RECOVERY or INVITED_USER_REGISTRATION.",
			}
		}
		out.FlowType = &t
	}
	profile, err := a.Profiles.For(r.Context(), httpapi.Tenant(r))
	if err != nil {
		return err
	}
	out.Context = tree(profile.Catalog())
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

func tree(catalog *identity.Catalog) []node {
	claims := []node{}
	for _, c := range catalog.All() {
		path := extension.ClaimPath(c.URI)
		if !extension.Exposable(path) {
			continue
		}
		one := leaf(c.URI, c.DisplayName, path)
		one.MultiValued = c.MultiValued
		if !c.ReadOnly && extension.Modifiable(path) {
			one = one.modifiable()
		}
		claims = append(claims, one)
	}
	password := leaf("password", "Password", extension.PathPassword).modifiable()
	password.Operations = []string{modify}
	user := branch("user", "User", "/user/",
		leaf("id", "User ID", extension.PathUserID),
		leaf("username", "Username", extension.PathUsername),
		leaf("userStoreDomain", "User Store Domain", extension.PathUserStore),
		mapOf("claims", "Attributes", "/user/claims/", []string{expose, modify}, claims...),
		mapOf("credentials", "Credentials", "/user/credentials/", []string{modify}, password),
	)
	user.ReadOnly = false
	return []node{
		user,
		branch("tenant", "Tenant", "/tenant/", leaf("domain", "Tenant Domain", extension.PathTenantDomain)),
		branch("application", "Application", "/application/", leaf("id", "Application ID", extension.PathApplicationID)),
		branch("flow", "Flow", "/flow/",
			leaf("flowType", "Flow Type", extension.PathFlowType),
			leaf("portalUrl", "Portal URL", extension.PathPortalURL)),
	}
}

const expose, modify = "EXPOSE", "MODIFY"

// leaf is a value that can be told.
func leaf(key, title, path string) node {
	return node{Key: key, Title: title, Path: path, DataType: "String", NodeType: "LEAF", Operations: []string{expose}, ReadOnly: true, Children: []node{}}
}

// modifiable is n as a value that can be set as well.
func (n node) modifiable() node {
	n.Operations, n.ReadOnly, n.Replaceable = append(n.Operations, modify), false, true
	return n
}

func branch(key, title, path string, children ...node) node {
	return node{Key: key, Title: title, Path: path, NodeType: "OBJECT", Operations: []string{expose}, ReadOnly: true, Children: children}
}

func mapOf(key, title, path string, operations []string, children ...node) node {
	return node{Key: key, Title: title, Path: path, DataType: "Map<String, String>", NodeType: "MAP", Operations: operations, Children: children}
}
