package auditapi

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/store/sqlite/sqlitetest"
)

// site is the API over a real store.
type site struct {
	t       *testing.T
	entries audit.Entries
	routes  *httpapi.Routes
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, entries: sqlitetest.Open(t), routes: httpapi.NewRoutes(httpapitest.Tenants{})}
	log := slog.New(slog.DiscardHandler)
	(&API{Entries: s.entries, Log: log}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

func (s *site) call(who, target string) *httptest.ResponseRecorder {
	s.t.Helper()
	return httpapitest.Call(s.t, s.routes, who, http.MethodGet, target, "")
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// add appends an entry that is some minutes after noon.
func (s *site) add(tenant, name, kind string, minutes int) {
	s.t.Helper()
	err := s.entries.AppendEntry(s.t.Context(), &audit.Entry{
		Tenant: tenant, At: noon.Add(time.Duration(minutes) * time.Minute), Actor: audit.Actor{ID: "id-" + name, Name: name}, Kind: kind,
		Target: "REGISTRATION", After: json.RawMessage(fmt.Sprintf(`{"version":%d}`, minutes)),
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// list returns the minutes of the entries that the query chooses, and next.
func (s *site) list(query string) (minutes []int, next string) {
	s.t.Helper()
	w := s.call(identity.RoleAdmin, "/api/server/v1/audit-log?"+query)
	var p struct {
		Entries []struct{ After struct{ Version int } }
		Next    string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusOK {
		s.t.Fatalf("%s: status %d %s", query, w.Code, w.Body)
	}
	for _, e := range p.Entries {
		minutes = append(minutes, e.After.Version)
	}
	return minutes, p.Next
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if got := strings.TrimSpace(s.call(identity.RoleAdmin, path).Body.String()); got != `{"entries":[]}` {
		t.Errorf("at first %s", got)
	}
	s.add("carbon.super", "ada", "flow.published", 1)
	w := s.call(identity.RoleAdmin, path)
	want := `{"entries":[{"at":"2026-11-23T12:01:00Z","actor":{"id":"id-ada","name":"ada"},"kind":"flow.published","target":"REGISTRATION","after":{"version":1}}]}`
	if got := strings.TrimSpace(w.Body.String()); got != want || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := strings.TrimSpace(s.call(identity.RoleAdmin, "/t/acme"+path).Body.String()); got != `{"entries":[]}` {
		t.Errorf("another tenant sees %s", got)
	}
}

func TestFilterAndPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range 6 {
		s.add("carbon.super", []string{"ada", "bob"}[i%2], []string{"flow.published", "flow.restored", "flow.deleted"}[i/2], i)
	}
	for query, want := range map[string][]int{
		"":                          {5, 4, 3, 2, 1, 0},
		"actor=ada":                 {4, 2, 0},
		"actor=id-bob":              {5, 3, 1},
		"kind=flow.restored":        {3, 2},
		"target=REGISTRATION":       {5, 4, 3, 2, 1, 0},
		"target=PASSWORD_RECOVERY":  nil,
		"from=2026-11-23T12:03:00Z": {5, 4, 3},
		"from=" + url.QueryEscape("2026-11-23T13:01:00+01:00") + "&until=2026-11-23T12:02:00.000001Z&actor=ada": {2},
	} {
		if got, next := s.list(query); !cmp.Equal(got, want) || next != "" {
			t.Errorf("%s: %v, next %q, want %v", query, got, next, want)
		}
	}
	var got []int
	for after := ""; ; {
		part, next := s.list("limit=4&after=" + after)
		got = append(got, part...)
		if after = next; next == "" {
			break
		}
		s.add("carbon.super", "ada", "flow.published", 100)
	}
	if diff := cmp.Diff([]int{5, 4, 3, 2, 1, 0}, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, query := range []string{
		"limit=0", "limit=101", "limit=x", "from=yesterday", "until=2026-11-23", "from=0000-01-01T00:00:00Z", "after=x", "after=1", "after=1-x", "after=-",
	} {
		if w := s.call(identity.RoleAdmin, path+"?"+query); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), codeQuery) {
			t.Errorf("%s: status %d %s", query, w.Code, w.Body)
		}
	}
	for who, status := range map[string]int{"": http.StatusUnauthorized, "user": http.StatusForbidden} {
		if w := s.call(who, path); w.Code != status {
			t.Errorf("%q: status %d", who, w.Code)
		}
	}
}
