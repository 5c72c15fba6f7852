package extensionapi

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/connection/extension"
	"usher/identity"
)

func TestMeta(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, readOnly := range map[string]bool{"": true, "?flowType=REGISTRATION": true, "?flowType=INVITED_USER_REGISTRATION": true, "?flowType=PASSWORD_RECOVERY": false} {
		m := want[meta](t, s.call("GET", path+"/meta"+query, ""), http.StatusOK)
		if m.ReadOnlyClaims != readOnly || !m.Redirection || (m.FlowType == nil) != (query == "") || m.FlowType != nil && "?flowType="+string(*m.FlowType) != query {
			t.Errorf("%s: %+v", query, m)
		}
		if len(m.Context) != 4 {
			t.Errorf("%d branches", len(m.Context))
		}
	}
	s.refused(s.call("GET", path+"/meta?flowType=LOGIN", ""), http.StatusBadRequest, codeFlowType, "flowType must be")
	s.refused(s.call("GET", path+"/meta?flowType=", ""), http.StatusBadRequest, codeFlowType, "flowType must be")
}

// TestTree: its leaves are what an extension may have in its lists, each with
// all that may be done with it.
func TestTree(t *testing.T) {
	t.Parallel()
	var seen []string
	var walk func(n node)
	walk = func(n node) {
		for _, child := range n.Children {
			walk(child)
		}
		if n.NodeType != "LEAF" {
			return
		}
		seen = append(seen, n.Path)
		modifiable := slices.Contains(n.Operations, modify)
		e := &extension.Extension{Endpoint: extension.Endpoint{URI: "https://risk.example", Auth: extension.None}, Expose: []extension.Path{{Path: n.Path}}}
		if modifiable {
			e.Modify = e.Expose
		}
		if faults := slices.Concat(e.Check(), checkClaims(e, identity.NewCatalog(nil))); faults != nil {
			t.Errorf("%s: %q", n.Path, faults)
		}
		if n.ReadOnly == modifiable || n.Replaceable != modifiable || !slices.Contains(n.Operations, expose) {
			t.Errorf("%+v", n)
		}
	}
	for _, n := range tree(identity.NewCatalog(nil)) {
		walk(n)
	}
	if len(seen) != 8+len(identity.StandardClaims()) {
		t.Errorf("%q", seen)
	}
	email := leaf("http://wso2.org/claims/emailaddress", "Email", "/user/claims[uri=http://wso2.org/claims/emailaddress]", false)
	claims := tree(identity.NewCatalog(nil))[0].Children[3]
	i := slices.IndexFunc(claims.Children, func(n node) bool { return n.Key == email.Key })
	if diff := cmp.Diff(email, claims.Children[i]); diff != "" || claims.Path != "/user/claims/" {
		t.Error(diff)
	}
	roles := claims.Children[slices.IndexFunc(claims.Children, func(n node) bool { return n.Key == identity.ClaimPrefix+"roles" })]
	if !roles.MultiValued || !roles.ReadOnly {
		t.Errorf("%+v", roles)
	}
}
