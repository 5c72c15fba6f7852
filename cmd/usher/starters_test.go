package main

import (
	"net/http"
	"testing"

	"usher/flow"
	"usher/starter"
)

// Every starter flow is one that can be put where its connection is, and each type has one default.
func TestStarters(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.run("POST /api/server/v1/identity-providers", `{"name":"Google","kind":"GoogleExecutor","settings":{"client_id":"x"},"secrets":{"client_secret":"x"}}`)
	j.answer("201", "")
	seen := map[string]bool{}
	for _, kind := range flow.Types() {
		defaults := 0
		for _, template := range starter.Templates(kind) {
			if seen[template.Name] || template.Name == "" || template.Label == "" || template.Description == "" {
				t.Errorf("%s: template %q, %q: %q", kind, template.Name, template.Label, template.Description)
			}
			seen[template.Name] = true
			if template.Default {
				defaults++
			}
			j.at = template.Name
			j.request(http.MethodPut, "/api/server/v1/flow", string(template.Definition), true)
			j.answer("200", "")
		}
		if defaults != 1 {
			t.Errorf("%s has %d default flows", kind, defaults)
		}
	}
}
