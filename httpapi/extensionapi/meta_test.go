package extensionapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/connection/extension"
	"usher/identity"
)

func TestMeta(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, query := range []string{"", "?flowType=REGISTRATION", "?flowType=INVITED_USER_REGISTRATION", "?flowType=PASSWORD_RECOVERY"} {
		m := want[meta](t, s.call("GET", path+"/meta"+query, ""), http.StatusOK)
		if m.ReadOnlyClaims || !m.Redirection || (m.FlowType == nil) != (query == "") || m.FlowType != nil && "?flowType="+string(*m.FlowType) != query {
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
		for may, check := range map[string]func(p []extension.Path) *extension.Extension{
			expose: func(p []extension.Path) *extension.Extension { return &extension.Extension{Expose: p} },
			modify: func(p []extension.Path) *extension.Extension { return &extension.Extension{Modify: p} },
		} {
			e := check([]extension.Path{{Path: n.Path}})
			e.Endpoint = extension.Endpoint{URI: "https://risk.example", Auth: extension.None}
			faults := slices.Concat(e.Check(), checkClaims(e, identity.NewCatalog(nil)))
			if (faults == nil) != slices.Contains(n.Operations, may) {
				t.Errorf("%s %s: %q", may, n.Path, faults)
			}
		}
		if modifiable := slices.Contains(n.Operations, modify); n.ReadOnly == modifiable || n.Replaceable != modifiable {
			t.Errorf("%+v", n)
		}
	}
	for _, n := range tree(identity.NewCatalog(nil)) {
		walk(n)
	}
	told := slices.DeleteFunc(identity.StandardClaims(), func(c identity.Claim) bool { return strings.HasPrefix(c.URI, identity.IdentityPrefix) })
	if len(seen) != 8+len(told) {
		t.Errorf("%q", seen)
	}
	email := leaf("http://wso2.org/claims/emailaddress", "Email", "/user/claims[uri=http://wso2.org/claims/emailaddress]").modifiable()
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
