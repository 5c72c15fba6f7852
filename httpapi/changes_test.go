package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/identity"
)

// journal keeps entries, or refuses them.
type journal struct {
	entries []audit.Entry
	err     error
}

func (j *journal) AppendEntry(ctx context.Context, e *audit.Entry) error {
	if err := errors.Join(ctx.Err(), j.err); err != nil {
		return err
	}
	j.entries = append(j.entries, *e)
	return nil
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// changing is a request of a user of a tenant, whose client has gone.
func changing() *http.Request {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), userKey{}, &identity.User{ID: "id-ada", Username: "ada"}))
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	r.SetPathValue("tenant", "acme")
	return r
}

func TestRecord(t *testing.T) {
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
			j := &journal{}
			changes := &Changes{Entries: j, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)}
			changes.Record(changing(), "thing.changed", "x", c.before, c.after)
			if c.none {
				if len(j.entries) > 0 {
					t.Errorf("%+v", j.entries)
				}
				return
			}
			want := []audit.Entry{{
				Tenant: "acme", At: noon, Actor: audit.Actor{ID: "id-ada", Name: "ada"}, Kind: "thing.changed", Target: "x",
				Before: raw(c.old), After: raw(c.now),
			}}
			if diff := cmp.Diff(want, j.entries); diff != "" {
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

// What cannot be stored is told to the server's log, without what it was.
func TestRecordFails(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	changes := &Changes{Entries: &journal{err: errors.New("disk full")}, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
	changes.Record(changing(), "thing.changed", "x", map[string]string{"mail": "ada@example.com"}, nil)
	for _, want := range []string{"disk full", "thing.changed", "target=x", "actor=id-ada", "tenant=acme"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in %s", want, &log)
		}
	}
	if strings.Contains(log.String(), "example.com") {
		t.Errorf("the log has the value: %s", &log)
	}
	log.Reset()
	changes.Record(changing(), "thing.changed", "x", "no object", nil)
	if !strings.Contains(log.String(), "cannot be stored") {
		t.Errorf("%s", &log)
	}
	(*Changes)(nil).Record(changing(), "thing.changed", "x", nil, nil)
}
