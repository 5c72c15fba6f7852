package applicationapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if list := want[page](t, s.call("GET", path, ""), http.StatusOK); list.Total != 0 || list.Start != 1 || list.Applications == nil {
		t.Errorf("%+v", list)
	}
	for i := range 101 {
		s.create(strings.Replace(sample, "Shop", fmt.Sprintf("App %03d", i), 1))
	}
	shop := s.create(strings.Replace(sample, `"name":"Shop"`, `"name":"Zebra Straße","description":"d","accessUrl":"https://shop.example.com"`, 1))
	for _, c := range []struct {
		query       string
		total       int
		start       int
		count       int
		first, last string
	}{
		{"", 102, 1, 30, "App 000", "App 029"},
		{"limit=100", 102, 1, 100, "App 000", "App 099"},
		{"limit=100&offset=100", 102, 101, 2, "App 100", "Zebra Straße"},
		{"limit=1&offset=101", 102, 102, 1, "Zebra Straße", "Zebra Straße"},
		{"offset=102", 102, 103, 0, "", ""},
		{"offset=2147483646", 102, 2147483647, 0, "", ""},
		{"filter=name+eq+%22App+007%22", 1, 1, 1, "App 007", "App 007"},
		{"filter=name+eq+App+007", 1, 1, 1, "App 007", "App 007"},
		{"filter=NAME+EQ+%22aPP+007%22", 1, 1, 1, "App 007", "App 007"},
		{"filter=name+eq+%22App%22", 0, 1, 0, "", ""},
		{"filter=name+co+%22p+01%22", 10, 1, 10, "App 010", "App 019"},
		{"filter=name+co+pp&offset=5&limit=3", 101, 6, 3, "App 005", "App 007"},
		{"filter=name+co+pp&offset=100", 101, 101, 1, "App 100", "App 100"},
		{"filter=name+sw+zebra", 1, 1, 1, "Zebra Straße", "Zebra Straße"},
		{"filter=name+ew+%22STRASSE%22", 1, 1, 1, "Zebra Straße", "Zebra Straße"},
		{"filter=name+ew+%22%5Cu0031%22", 10, 1, 10, "App 001", "App 091"},
		{"filter=name+co+%22%25%22", 0, 1, 0, "", ""},
		{"sortBy=x", 102, 1, 30, "App 000", "App 029"},
	} {
		list := want[page](t, s.call("GET", path+"?"+c.query, ""), http.StatusOK)
		got := []string{"", ""}
		if n := len(list.Applications); n > 0 {
			got = []string{list.Applications[0].Name, list.Applications[n-1].Name}
		}
		if list.Total != c.total || list.Start != c.start || list.Count != c.count || len(list.Applications) != c.count || got[0] != c.first || got[1] != c.last {
			t.Errorf("%s: %d from %d, %d: %v", c.query, list.Total, list.Start, list.Count, got)
		}
	}
	list := want[page](t, s.call("GET", path+"?filter=name+sw+zebra", ""), http.StatusOK)
	if diff := cmp.Diff([]listed{{shop.ID, "Zebra Straße", "d", "https://shop.example.com", shop.ClientID, path + "/" + shop.ID}}, list.Applications); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedQueries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, expected := range map[string][]string{
		"limit=0":                         {"limit must be a number from 1 to 100"},
		"limit=101":                       {"limit must"},
		"limit=x&offset=-1":               {"offset must", "limit must"},
		"offset=2147483647":               {"offset must"},
		"offset=99999999999999999999":     {"offset must"},
		"filter=name":                     {"filter must"},
		"filter=name+eq":                  {"filter must"},
		"filter=name+eq+":                 {"filter must"},
		"filter=name+eq+%22%22":           {"filter must"},
		"filter=name+eq+%22evil":          {"filter must"},
		"filter=name+ne+evil":             {"filter must"},
		"filter=clientId+eq+evil":         {"filter must"},
		"filter=name+eq+%22a%22+or+evil":  {"filter must"},
		"limit=1.5&offset=1e3&filter=x+y": {"offset must", "limit must", "filter must"},
	} {
		t.Run(query, func(t *testing.T) { refused(t, s.call("GET", path+"?"+query, ""), codeQuery, expected...) })
	}
}

func TestMeta(t *testing.T) {
	t.Parallel()
	got := want[wireMeta](t, newSite(t).call("GET", path+"/meta", ""), http.StatusOK)
	if len(got.Authenticators) != len(authenticators) || !slices.Contains(got.Scopes, ScopeView) {
		t.Fatalf("%+v", got)
	}
	for i, a := range authenticators {
		if diff := cmp.Diff(wireAuthenticator{a.Name, a.Label, a.Kind}, got.Authenticators[i]); diff != "" {
			t.Error(diff)
		}
	}
}
