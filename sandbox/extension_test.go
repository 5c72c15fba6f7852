package sandbox

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
	"usher/starter"
)

// An extension of a sandbox has the ID and the paths of the tenant's and
// nothing by which that could be reached. It lets the flow go on.
func TestExtensions(t *testing.T) {
	t.Parallel()
	theirs := connection.Connection{ID: "e1", Name: "Checks", Enabled: true, Sealed: []byte("sealed")}
	(&extension.Extension{
		IconURL: "https://example.com/icon.svg", Endpoint: extension.Endpoint{URI: "https://example.com/hook", Auth: extension.Bearer, AllowedHeaders: []string{"X-Trace"}},
		Expose: []extension.Path{{Path: "/user/id", Encrypted: true}}, Modify: []extension.Path{{Path: "/user/claims[uri=x]"}}, Certificate: "PEM",
	}).Put(&theirs)
	broken := connection.Connection{ID: "e2", Name: "Broken", Kind: extension.Executor, Enabled: true}
	s := mustNew(t, NewRegistry(config(t)), &Plan{
		Tenant: "a", Document: starter.Default(flow.Registration), Connections: []connection.Connection{theirs, broken},
	})
	for id, paths := range map[string]int{"e1": 1, "e2": 0} {
		c, err := s.store.FindConnection(t.Context(), "a", id)
		if err != nil {
			t.Fatal(err)
		}
		e, err := extension.Of(c)
		if err != nil {
			t.Fatal(err)
		}
		if c.Sealed != nil || e.Endpoint.Auth != extension.None || e.Certificate != "" || len(e.Endpoint.AllowedHeaders) != 0 || strings.Contains(e.Endpoint.URI, "example.com") {
			t.Errorf("%s keeps %+v", id, e)
		}
		if len(e.Expose) != paths || len(e.Modify) != paths || slices.ContainsFunc(e.Expose, func(p extension.Path) bool { return p.Encrypted }) {
			t.Errorf("%s sees %v and changes %v", id, e.Expose, e.Modify)
		}
		resp, err := s.providers.client().Post(e.Endpoint.URI, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || string(body) != `{"actionStatus":"SUCCESS"}` {
			t.Errorf("%s answers %d %s, %v", id, resp.StatusCode, body, err)
		}
	}
}
