package main

import (
	"fmt"
	"strings"
)

// designs makes the calls of those who work on a flow, and reads the audit log
// of it.
func (c *caller) designs() {
	const path, kind = " /api/server/v1/flow", "?flowType=REGISTRATION"
	for _, call := range []string{
		"GET" + path + "/draft", "PUT" + path + "/draft", "DELETE" + path + "/draft", "GET" + path + "/versions", "GET" + path + "/versions/1",
		"POST" + path + "/versions/1/restore", "GET" + path + "/diff",
	} {
		c.call(badRequest, call+"?flowType=NONE", `{"flowType":"NONE","steps":[]}`)
	}
	live := c.call(okay, "GET"+path+kind, "").text
	changed := strings.Replace(live, `"steps"`, `"x-mine":1,"steps"`, 1)
	empty := `{"flowType":"REGISTRATION","steps":[]}`
	c.checks(path, live, empty)
	c.drafts(path, kind, changed, empty)

	list := c.call(okay, "GET"+path+"/versions"+kind+"&limit=1", "").body["versions"].([]any)
	seen := int(list[0].(map[string]any)["number"].(float64))
	publish := func(status, revision, over int) {
		c.call(status, "POST"+path+"/publish", fmt.Sprintf(`{"flowType":"REGISTRATION","revision":%d,"over":%d,"note":"Mine."}`, revision, over))
	}
	publish(notFound, 1, seen)
	saved := c.call(okay, "PUT"+path+"/draft"+kind, empty)
	revision := int(saved.body["revision"].(float64))
	publish(badRequest, revision, seen)
	c.call(okay, "PUT"+path+"/draft"+kind, changed, "If-Match", saved.header.Get("ETag"))
	c.call(okay, "GET"+path+"/diff"+kind, "")
	publish(preconditionFail, revision, seen)
	publish(conflict, revision+1, seen-1)
	publish(okay, revision+1, seen)

	for body, status := range map[string]int{
		`{"flowType":"REGISTRATION","revision":1}`: badRequest, `{"flowType":"NONE"}`: badRequest, `[]`: badRequest,
	} {
		c.call(status, "POST"+path+"/publish", body)
	}
	old := fmt.Sprintf("%s/versions/%d", path, seen)
	c.call(okay, "GET"+old+kind, "")
	c.call(conflict, "POST"+old+"/restore"+kind, fmt.Sprintf(`{"over":%d}`, seen))
	c.call(badRequest, "POST"+old+"/restore"+kind, `{"note":"\u0007"}`)
	c.call(badRequest, "POST"+old+"/restore"+kind, `[]`)
	c.call(okay, "POST"+old+"/restore"+kind, "")
	c.call(notFound, "GET"+path+"/versions/999999"+kind, "")
	c.call(notFound, "POST"+path+"/versions/999999/restore"+kind, "")
	c.call(badRequest, "GET"+path+"/versions/x"+kind, "")
	c.call(badRequest, "GET"+path+"/versions"+kind+"&limit=0", "")
	c.call(okay, "GET"+path+"/overview", "")

	c.call(okay, "GET /api/server/v1/audit-log?kind=flow.restored&limit=1", "")
	c.call(badRequest, "GET /api/server/v1/audit-log?limit=0", "")
	c.tries()
}

// checks has definitions checked.
func (c *caller) checks(path, live, empty string) {
	for definition, status := range map[string]int{live: okay, empty: okay, `[]`: badRequest, `{"flowType":"NONE","steps":[]}`: badRequest} {
		c.call(status, "POST"+path+"/validate", `{"definition":`+definition+`}`)
	}
}

// drafts saves and discards drafts.
func (c *caller) drafts(path, kind, changed, empty string) {
	draft := path + "/draft" + kind
	c.call(notFound, "GET"+draft, "")
	c.call(notFound, "GET"+path+"/diff"+kind, "")
	c.call(notFound, "GET"+path+"/diff"+kind+"&from=999999&to=live", "")
	c.call(badRequest, "GET"+path+"/diff"+kind+"&from=x", "")
	c.call(badRequest, "PUT"+draft, `[]`)
	c.call(badRequest, "PUT"+draft+"&base=x", empty)
	tag := c.call(okay, "PUT"+draft+"&base=0", empty).header.Get("ETag")
	c.call(okay, "GET"+draft, "")
	c.call(preconditionFail, "PUT"+draft, changed)
	c.call(preconditionFail, "DELETE"+draft, "", "If-Match", `"0"`)
	c.call(noContent, "DELETE"+draft, "", "If-Match", tag)
}
