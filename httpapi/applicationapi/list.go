package applicationapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"usher/application"
	"usher/httpapi"
	"usher/identity"
)

const (
	defaultLimit = 30
	maxLimit     = 100
)

// page is a list on the wire.
type page struct {
	Total        int      `json:"totalResults"`
	Start        int      `json:"startIndex"` // counted from 1
	Count        int      `json:"count"`
	Applications []listed `json:"applications"`
}

// listed is what a list shows of an application.
type listed struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	AccessURL   string `json:"accessUrl"`
	ClientID    string `json:"clientId"`
	Self        string `json:"self"`
}

// list shows the tenant's applications by name: at most limit after offset of
// those that the filter matches.
func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r.URL.Query())
	if err != nil {
		return err
	}
	tenant := httpapi.Tenant(r)
	found, total, err := a.find(r.Context(), tenant, q)
	if err != nil {
		return err
	}
	out := page{Total: total, Start: q.offset + 1, Count: len(found)}
	for _, app := range found {
		out.Applications = append(out.Applications, listed{
			app.ID, app.Name, app.Description, app.AccessURL, app.Client.ID, httpapi.TenantPath(tenant) + path + "/" + app.ID,
		})
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

// find reads a page of the store, or, for a filter, all pages one by one:
// administrators look for few names among few.
func (a *API) find(ctx context.Context, tenant string, q query) (found []application.Application, total int, err error) {
	if q.matches == nil {
		return a.Applications.ListApplications(ctx, tenant, q.offset, q.limit)
	}
	for start := 0; ; start += maxLimit {
		part, all, err := a.Applications.ListApplications(ctx, tenant, start, maxLimit)
		if err != nil {
			return nil, 0, err
		}
		for _, app := range part {
			if !q.matches(app.Name) {
				continue
			}
			if total >= q.offset && len(found) < q.limit {
				found = append(found, app)
			}
			total++
		}
		if start+maxLimit >= all {
			return found, total, nil
		}
	}
}

type query struct {
	offset, limit int
	matches       func(name string) bool // nil for all
}

func readQuery(values url.Values) (query, error) {
	q := query{limit: defaultLimit}
	var f faults
	number := func(name string, target *int, least, most int) {
		text := values.Get(name)
		if text == "" {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			f.report(name, "must be a number from %d to %d", least, most)
			return
		}
		*target = n
	}
	number("offset", &q.offset, 0, 1<<31-2)
	number("limit", &q.limit, 1, maxLimit)
	if filter := values.Get("filter"); filter != "" {
		var ok bool
		if q.matches, ok = parseFilter(filter); !ok {
			f.report("filter", `must be: name, then eq, co, sw or ew, then a value, such as name co "shop"`)
		}
	}
	if len(f) == 0 {
		return q, nil
	}
	return q, &httpapi.Problem{Status: http.StatusBadRequest, Code: codeQuery, Message: "The query is not valid.", Description: f[0], Errors: f}
}

// parseFilter reads a comparison of the name, as in SCIM (RFC 7644, 3.4.2.2);
// the value may go without its quotes. Case does not count.
func parseFilter(filter string) (matches func(name string) bool, ok bool) {
	parts := strings.SplitN(filter, " ", 3)
	if len(parts) < 3 || !strings.EqualFold(parts[0], "name") {
		return nil, false
	}
	compare, ok := map[string]func(name, value string) bool{
		"eq": func(name, value string) bool { return name == value }, "co": strings.Contains, "sw": strings.HasPrefix, "ew": strings.HasSuffix,
	}[strings.ToLower(parts[1])]
	value := parts[2]
	if strings.HasPrefix(value, `"`) && json.Unmarshal([]byte(value), &value) != nil {
		return nil, false
	}
	if !ok || value == "" {
		return nil, false
	}
	value = identity.ValueKey(value)
	return func(name string) bool { return compare(identity.ValueKey(name), value) }, true
}
