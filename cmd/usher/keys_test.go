package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/grant"
)

type storedKeys struct {
	grant.Keys
	keys []grant.Key
}

func (s storedKeys) ListKeys(context.Context) ([]grant.Key, error) { return s.keys, nil }

func TestPrintKeys(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	stored := storedKeys{keys: []grant.Key{
		{ID: "a", Algorithm: "RS256", SignsFrom: hour(-100), Until: hour(-1)},
		{ID: "b", Algorithm: "RS256", SignsFrom: hour(-30), Until: hour(1)},
		{ID: "c", Algorithm: "RS256", SignsFrom: hour(-24), Until: hour(26)},
		{ID: "d", Algorithm: "RS256", SignsFrom: hour(1)},
		{ID: "e", Algorithm: "ES256", SignsFrom: hour(0)},
	}}
	var out bytes.Buffer
	if err := printKeys(t.Context(), &out, stored, now); err != nil {
		t.Fatal(err)
	}
	want := `ALGORITHM STATE SIGNS FROM PUBLISHED UNTIL KEY ID
RS256 gone 2026-11-19T03:00:00Z 2026-11-23T06:00:00Z a
RS256 published 2026-11-22T01:00:00Z 2026-11-23T08:00:00Z b
RS256 signs 2026-11-22T07:00:00Z 2026-11-24T09:00:00Z c
RS256 waits 2026-11-23T08:00:00Z - d
ES256 signs 2026-11-23T07:00:00Z - e
`
	if diff := cmp.Diff(want, regexp.MustCompile(` +`).ReplaceAllString(out.String(), " ")); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	if err := printKeys(t.Context(), &out, storedKeys{}, now); err != nil || out.String() != "there are no keys yet; 'usher serve' makes them\n" {
		t.Errorf("without keys: %q, %v", out.String(), err)
	}
}
