package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/identity"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// changing is a request of a user of a tenant, whose client has gone.
func changing() *http.Request {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), userKey{}, &identity.User{ID: "id-ada", Username: "ada"}))
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	r.SetPathValue("tenant", "acme")
	return r
}

func TestAlong(t *testing.T) {
	t.Parallel()
	type thing struct {
		Name string         `json:"name"`
		Tags []string       `json:"tags,omitempty"`
		More map[string]any `json:"more,omitempty"`
	}
	long := strings.Repeat("s3cr3t", 1000)
	for name, c := range map[string]struct {
		before, after any
		old, now      string
		none          bool
	}{
		"created":             {after: thing{Name: "x"}, now: `{"name":"x"}`},
		"deleted":             {before: &thing{Name: "x"}, old: `{"name":"x"}`},
		"changed":             {before: thing{Name: "x", Tags: []string{"a"}}, after: thing{Name: "x", Tags: []string{"b"}}, old: `{"tags":["a"]}`, now: `{"tags":["b"]}`},
		"a member more":       {before: thing{Name: "x"}, after: thing{Name: "x", More: map[string]any{"b": 1, "a": nil}}, old: `{}`, now: `{"more":{"a":null,"b":1}}`},
		"nothing changed":     {before: thing{Name: "x", More: map[string]any{"b": 1, "a": 2}}, after: thing{Name: "x", More: map[string]any{"a": 2, "b": 1}}, none: true},
		"nothing to show":     {},
		"empty and none":      {after: struct{}{}, now: `{}`},
		"a value that's long": {after: thing{Name: long}, now: `{"name":{"bytes":6002,"sha256":"dbc3a693f0b0f89cf5aa875cb62ac07b5a1dc4cacfea2ca947ed9b7facf4c778"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			changes := &Changes{Now: func() time.Time { return noon }}
			ctx := changes.Along(changing(), "thing.changed", "x", func() (before, after any) { return c.before, c.after })
			got, err := audit.Making(ctx)()
			if err != nil {
				t.Fatal(err)
			}
			if c.none {
				if got != nil {
					t.Errorf("%+v", got)
				}
				return
			}
			want := &audit.Entry{
				Tenant: "acme", At: noon, Actor: audit.Actor{ID: "id-ada", Name: "ada"}, Kind: "thing.changed", Target: "x",
				Before: raw(c.old), After: raw(c.now),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// What cannot be shown undoes the change.
func TestAlongFails(t *testing.T) {
	t.Parallel()
	changes := &Changes{Now: time.Now}
	ctx := changes.Along(changing(), "thing.changed", "x", func() (before, after any) { return "no object", nil })
	if e, err := audit.Making(ctx)(); e != nil || err == nil {
		t.Errorf("%v %v", e, err)
	}
}

func TestAlongWithout(t *testing.T) {
	t.Parallel()
	changes := &Changes{Now: time.Now}
	if e, err := audit.Making(changes.Along(changing(), "thing.changed", "x", nil))(); err != nil || e == nil || e.Before != nil || e.After != nil {
		t.Errorf("nothing to show: %+v %v", e, err)
	}
	if audit.Making((*Changes)(nil).Along(changing(), "thing.changed", "x", nil)) != nil {
		t.Error("a nil one makes an entry")
	}
}
