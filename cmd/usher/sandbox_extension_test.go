package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"usher/connection"
	"usher/connection/extension"
	"usher/identity"
)

// A flow that asks an extension can be tried, also one that the tenant has not.
// No extension is called, and the path says that none was.
func TestExtensionInSandbox(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	theirs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is called") }))
	t.Cleanup(theirs.Close)
	now := j.clock()
	c := &connection.Connection{Tenant: identity.DefaultTenant, ID: "ours", Name: "Checks", Enabled: true, Created: now, Modified: now}
	(&extension.Extension{Endpoint: extension.Endpoint{URI: theirs.URL, Auth: extension.None}}).Put(c)
	if _, err := j.users.CreateConnection(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	for id, problems := range map[string]int{"ours": 0, "missing": 1} {
		p := j.try(fmt.Sprintf(`{"users":[],"definition":{"flowType":"REGISTRATION","steps":[
			{"id":"who","type":"VIEW","data":{"components":[{"id":"form","type":"FORM","components":[
				{"id":"name","type":"INPUT","variant":"TEXT","config":{"identifier":"http://wso2.org/claims/username","required":true}},
				{"id":"go","type":"BUTTON","action":{"type":"NEXT","next":"ask"}}]}]}},
			{"id":"ask","type":"EXECUTION","data":{"action":{"type":"EXECUTOR","executor":{"name":"FlowExtensionExecutor","meta":{"actionId":%q}},"next":"END"}}},
			{"id":"END","type":"END","data":{"action":{"type":"EXECUTOR","executor":{"name":"UserProvisioningExecutor"}},"components":[]}}]}}`, id))
		var made struct{ Problems []any }
		p.read(&made)
		if len(made.Problems) != problems {
			t.Errorf("%s: problems %v", id, made.Problems)
		}
		p.finish("REGISTRATION", 0)
		var played []string
		for _, m := range p.contents().Path {
			if m.Played {
				played = append(played, m.StepID+" "+m.Outcome)
			}
		}
		if fmt.Sprint(played) != "[ask MOVED]" || len(p.contents().Users) != 1 {
			t.Errorf("%s: played %v", id, played)
		}
	}
}
