package manageapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
)

// TestExtensions: flows name extensions by their ids, identity providers by
// their names, and neither for the other.
func TestExtensions(t *testing.T) {
	t.Parallel()
	st := sqlitetest.Open(t)
	a := &API{Connections: st, Executors: []flow.Executor{
		{Name: "SampleExecutor", Connection: "idpName"}, {Name: extension.Executor, Connection: extension.ActionID}, {Name: "AnyExecutor"},
	}}
	risk := connection.Connection{Tenant: identity.DefaultTenant, ID: "id-risk", Name: "Risk", Enabled: true}
	(&extension.Extension{IconURL: "https://risk.example/i.svg"}).Put(&risk)
	theirs := connection.Connection{Tenant: "acme", ID: "id-theirs", Name: "Theirs", Enabled: true}
	(&extension.Extension{}).Put(&theirs)
	if err := st.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []connection.Connection{risk, theirs, {Tenant: identity.DefaultTenant, ID: "id-main", Name: "Main", Kind: "SampleExecutor", Enabled: true}} {
		if _, err := st.CreateConnection(t.Context(), &c); err != nil {
			t.Fatal(err)
		}
	}

	providers, extensions, err := a.connections(t.Context(), identity.DefaultTenant, flow.Registration)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]executorConnections{{"SampleExecutor", []string{"Main"}}}, providers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]extensionConnection{{"id-risk", "Risk", "https://risk.example/i.svg"}}, extensions); diff != "" {
		t.Error(diff)
	}

	for _, tc := range []struct {
		executor, meta string
		ok             bool
	}{
		{extension.Executor, `{"actionId":"id-risk"}`, true},
		{extension.Executor, `{"actionId":"Risk"}`, false},
		{extension.Executor, `{"actionId":"id-theirs"}`, false},
		{extension.Executor, `{"actionId":"id-main"}`, false},
		{extension.Executor, `{"actionId":""}`, false},
		{extension.Executor, `{}`, false}, // though there is only one
		{"SampleExecutor", `{"idpName":"main"}`, true},
		{"SampleExecutor", `{}`, true},
		{"SampleExecutor", `{"idpName":"Risk"}`, false},
		{"SampleExecutor", `{"idpName":"id-risk"}`, false},
		{"AnyExecutor", `{"actionId":"x"}`, true}, // whatever else is wrong with that
	} {
		d, err := flow.ParseDefinition(fmt.Appendf(nil, `{"flowType":"REGISTRATION","steps":[{"id":"g","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":%q,"meta":%s},"next":"END"}}}]}`, tc.executor, tc.meta))
		if err != nil {
			t.Fatal(err)
		}
		problems, err := a.checkConnections(t.Context(), identity.DefaultTenant, d)
		if err != nil || (len(problems) == 0) != tc.ok {
			t.Errorf("%s %s: %v, %v", tc.executor, tc.meta, problems, err)
		}
		for _, p := range problems {
			if p.Code != codeConnection || p.StepID != "g" || !strings.HasPrefix(p.Message, tc.executor+": property ") {
				t.Errorf("%+v", p)
			}
		}
	}
}
