package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Operations whose answers or requests may have members that the documents do
// not name: what a designer wrote, or what a standard lets grow.
var (
	openAnswers = []string{
		"GET /api/server/v1/flow", "GET /api/server/v1/flow/versions/{number}", "GET /api/server/v1/openapi/{file}",
		"GET /scim2/ServiceProviderConfig", "GET /scim2/ResourceTypes/{id}",
	}
	openRequests = []string{
		"PUT /api/server/v1/flow", "PUT /api/server/v1/flow/draft",
		"POST /scim2/Users", "POST /scim2/Users/.search", "PUT /scim2/Users/{id}", "PATCH /scim2/Users/{id}", "PUT /scim2/Me", "PATCH /scim2/Me",
	}
)

// TestCheckerChecks turns every kind of real exchange into one that is not as
// documented, which must be noticed.
func TestCheckerChecks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := &caller{site: s, t: t}
	c.everywhere()
	c.flows()
	c.designs()
	c.executions()
	c.claims()
	c.connections()
	c.applications()
	c.signIns()
	c.brandings()
	c.messageTemplates()
	c.users()
	c.documents()
	kinds := map[string]*exchange{}
	for _, x := range s.seen {
		kinds[x.name()+" "+http.StatusText(x.status)+" "+x.header.Get("Content-Type")] = x
	}
	if len(kinds) < 150 {
		t.Fatalf("only %d kinds of exchanges were seen", len(kinds))
	}
	for kind, x := range kinds {
		if err := x.difference(); err != nil {
			t.Errorf("%s is as documented, but: %v", kind, err)
		}
		for name, mutate := range mutations {
			other := &exchange{x.request.Clone(t.Context()), bytes.Clone(x.sent), x.status, x.header.Clone(), bytes.Clone(x.body)}
			other.request.Pattern = x.request.Pattern
			if mutate(other) && other.difference() == nil {
				t.Errorf("%s: %s is not noticed", kind, name)
			}
		}
	}
}

// mutations make an exchange other than documented; false where that cannot
// be done with it.
var mutations = map[string]func(*exchange) bool{
	"another status": func(x *exchange) bool {
		x.status = http.StatusTeapot
		return true
	},
	"another type of content": func(x *exchange) bool {
		x.header.Set("Content-Type", "application/xml")
		return len(x.body) > 0
	},
	"a body where there is none": func(x *exchange) bool {
		empty := len(x.body) == 0
		x.body = []byte("{}")
		return empty && x.request.Method != http.MethodHead && x.header.Get("Content-Type") == ""
	},
	"a header that is missing": func(x *exchange) bool {
		for _, name := range []string{"ETag", "Location"} {
			if x.header.Get(name) != "" && x.status != http.StatusNotModified {
				x.header.Del(name)
				return true
			}
		}
		return false
	},
	"an answer that may be kept": func(x *exchange) bool {
		x.header.Del("Cache-Control")
		_, guarded := scope(x.route())
		return guarded && len(x.body) > 0
	},
	"an answer that browsers may take for another": func(x *exchange) bool {
		x.header.Del("X-Content-Type-Options")
		return true
	},
	"a header that nobody told of": func(x *exchange) bool {
		undocumented := x.header.Get("Retry-After") == "" && x.status != http.StatusNotModified
		x.header.Set("Retry-After", "1")
		return undocumented
	},
	"a member too many": func(x *exchange) bool {
		return (!slices.Contains(openAnswers, x.name()) || x.status != http.StatusOK) && x.members(func(o map[string]any) { o["unexpected"] = 1 })
	},
	"a member too few": func(x *exchange) bool {
		gone := false
		return x.members(func(o map[string]any) {
			for _, name := range []string{"id", "code", "detail", "type", "flowType", "documents", "flowStatus", "kind", "totalResults", "userAssertionLifetimeMillis", "clientId", "openapi", "name"} {
				if _, ok := o[name]; ok && !gone {
					gone = true
					delete(o, name)
				}
			}
		}) && gone
	},
	"a member of another type": func(x *exchange) bool {
		return x.members(func(o map[string]any) {
			for name := range o {
				o[name] = 3.5
			}
		})
	},
	"a request without credentials": func(x *exchange) bool {
		x.request.Header.Del("Authorization")
		_, guarded := scope(x.route())
		return guarded && x.status < http.StatusBadRequest
	},
	"a query that nobody told of": func(x *exchange) bool {
		x.request.URL.RawQuery += "&unexpected=1"
		return x.status < http.StatusBadRequest
	},
	"a request with a member too many": func(x *exchange) bool {
		var o map[string]any
		if x.status >= http.StatusBadRequest || x.route().Operation.RequestBody == nil || json.Unmarshal(x.sent, &o) != nil {
			return false
		}
		o["unexpected"] = 1
		x.sent, _ = json.Marshal(o)
		return !slices.Contains(openRequests, x.name())
	},
	"a request that is no JSON": func(x *exchange) bool {
		isJSON := json.Valid(x.sent)
		x.sent = []byte("{")
		return isJSON && x.status < http.StatusBadRequest && x.route().Operation.RequestBody != nil
	},
	"a route that no document has": func(x *exchange) bool {
		x.request.Pattern += "/unexpected"
		return strings.HasPrefix(x.name(), "GET /api/") || strings.HasPrefix(x.name(), "GET /scim2/")
	},
}

// members changes the object that was answered, or the first of the list.
func (x *exchange) members(change func(map[string]any)) bool {
	var value any
	if json.Unmarshal(x.body, &value) != nil {
		return false
	}
	o, ok := value.(map[string]any)
	if list, _ := value.([]any); len(list) > 0 {
		o, ok = list[0].(map[string]any)
	}
	if !ok {
		return false
	}
	change(o)
	x.body, _ = json.Marshal(value)
	return true
}
