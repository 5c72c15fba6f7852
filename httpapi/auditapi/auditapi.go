// Package auditapi shows the audit log: who changed what over a management
// API, and when (/api/server/v1/audit-log).
//
// It only reads. Entries are written by httpapi.Changes.
package auditapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"usher/audit"
	"usher/httpapi"
)

// ScopeView is the scope of this API.
const ScopeView = "internal_audit_log_view"

// Codes of this API's own problems.
const (
	codeQuery = "UE-27001"
	codeFault = "UE-27500"
)

const (
	defaultLimit = 30
	maxLimit     = 100
)

// API serves the endpoint.
type API struct {
	Entries audit.Entries
	Log     *slog.Logger
}

const path = "/api/server/v1/audit-log"

// Mount adds the endpoint to the routes.
func (a *API) Mount(routes *httpapi.Routes, guard *httpapi.Guard) {
	routes.Handle("GET "+path, guard.Require(ScopeView, httpapi.Handler(a.Log, codeFault, nil, a.list)))
}

// page is a part of the log, the newest entries first. Next is what to ask for
// as after for the page that follows it, absent on the last one.
type page struct {
	Entries []entry `json:"entries"`
	Next    string  `json:"next,omitempty"`
}

type entry struct {
	At     time.Time `json:"at"`
	Actor  actor     `json:"actor"`
	Kind   string    `json:"kind"`
	Target string    `json:"target"`
	// Before and After are objects with the members that were changed.
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

type actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// list shows the tenant's entries that the query chooses: from a time until
// another (RFC 3339), of an actor (id or user name), a kind, a target.
func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r.URL.Query())
	if err != nil {
		return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeQuery, Message: "The query is not valid.", Description: err.Error()}
	}
	limit := q.Limit
	q.Tenant, q.Limit = httpapi.Tenant(r), limit+1
	list, err := a.Entries.ListEntries(r.Context(), q)
	if err != nil {
		return err
	}
	out := page{Entries: []entry{}}
	for i := range list {
		e := &list[i]
		if i == limit {
			out.Next = writePosition(list[i-1].Position())
			break
		}
		out.Entries = append(out.Entries, entry{e.At, actor{e.Actor.ID, e.Actor.Name}, e.Kind, e.Target, e.Before, e.After})
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

// readQuery reads the query. The error is for the client.
func readQuery(values url.Values) (q audit.Query, err error) {
	q = audit.Query{Actor: values.Get("actor"), Kind: values.Get("kind"), Target: values.Get("target"), Limit: defaultLimit}
	for name, at := range map[string]*time.Time{"from": &q.From, "until": &q.Until} {
		if text := values.Get(name); text != "" {
			if *at, err = time.Parse(time.RFC3339, text); err != nil || at.Year() < 1970 {
				return q, fmt.Errorf("%s must be a time such as 2026-11-23T12:00:00Z", name)
			}
		}
	}
	if text := values.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > maxLimit {
			return q, fmt.Errorf("limit must be a number from 1 to %d", maxLimit)
		}
	}
	if text := values.Get("after"); text != "" {
		if q.After, err = readPosition(text); err != nil {
			return q, errors.New("after must be the next of a page")
		}
	}
	return q, nil
}

// writePosition returns the position as clients hand it back: microseconds
// since 1970, a dash and an id.
func writePosition(p audit.Position) string { return fmt.Sprintf("%d-%d", p.At.UnixMicro(), p.ID) }

func readPosition(text string) (p audit.Position, err error) {
	at, id, _ := strings.Cut(text, "-")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return p, err
	}
	p.At = time.UnixMicro(micros).UTC()
	p.ID, err = strconv.ParseInt(id, 10, 64)
	return p, err
}
