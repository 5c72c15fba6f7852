//go:build blackbox

package blackbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// starterFlow is the definition of a flow template, as an administrator puts it.
func starterFlow(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "starter", "flows", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct{ Definition json.RawMessage }
	decode(t, text, &template)
	return template.Definition
}

// detailsSubmission is the first submission of the template basic-email-code.
func detailsSubmission(flowID, name string) object {
	return object{"flowId": flowID, "actionId": "details_submit", "inputs": object{
		"http://wso2.org/claims/username": name, "http://wso2.org/claims/emailaddress": name, "password": "MyP@ssw0rd!",
	}}
}
