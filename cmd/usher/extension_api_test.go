package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExtensionMadeByItsAPI: what an administrator says of an extension is what
// it is called with, from the next call on.
func TestExtensionMadeByItsAPI(t *testing.T) {
	t.Parallel()
	const extensions = " /api/server/v1/flow/extension"
	j := newJourney(t)
	x := &fakeExtension{status: http.StatusOK, says: `{"actionStatus":"SUCCESS"}`}
	var keys []string
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("X-Key"))
		x.serve(w, r)
	}))
	t.Cleanup(x.Close)

	auth := func(key string) string {
		return `"authentication":{"type":"API_KEY","properties":{"header":"X-Key","value":"` + key + `"}}`
	}
	j.run("POST"+extensions, fmt.Sprintf(`{"name":"Risk","endpoint":{"uri":%q,%s},"accessConfig":{"expose":[{"path":"/user/claims[uri=http://wso2.org/claims/emailaddress]"}]}}`, x.URL, auth("first")))
	x.ID, _ = j.answered("201")["id"].(string)
	j.run("PUT /api/server/v1/flow", x.extended(true))
	j.answer("200", "")
	j.registers("ada@example.com")
	j.completes()

	j.at = "another key"
	j.run("PATCH"+extensions+"/"+x.ID, `{"name":"Renamed","endpoint":{`+auth("second")+`}}`)
	j.answered("200")
	j.registers("bob@example.com")
	j.completes()
	if diff := cmp.Diff([]string{"first", "second"}, keys); diff != "" {
		t.Error(diff)
	}
	told := []any{map[string]any{"uri": "http://wso2.org/claims/emailaddress", "value": "bob@example.com"}}
	if diff := cmp.Diff(map[string]any{"claims": told}, x.flow()["user"]); diff != "" {
		t.Error(diff)
	}

	j.at = "gone"
	j.run("DELETE"+extensions+"/"+x.ID, "")
	if p := j.answered("409"); p["flowType"] != "REGISTRATION" {
		t.Error(p)
	}
}
