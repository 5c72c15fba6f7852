package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"usher/flow"
	"usher/store"
)

var drafts = map[string]func(*testing.T, store.Store){
	"NoDraft":            testNoDraft,
	"SaveAndFind":        testSaveDraft,
	"SaveOver":           testSaveOver,
	"SaveTheSame":        testSaveTheSame,
	"SaveTogether":       testSaveTogether,
	"RevisionsNeverBack": testRevisionsNeverBack,
	"Discard":            testDiscard,
	"DraftsApart":        testDraftsApart,
	"HostileDrafts":      testHostileDrafts,
}

var (
	ada = flow.Author{ID: "id-ada", Name: "ada"}
	bob = flow.Author{ID: "id-bob", Name: "bob@example.com"}
)

func draft(document string, author flow.Author) *flow.Draft {
	return &flow.Draft{Tenant: tenant, Flow: flow.Registration, Document: []byte(document), Base: 7, Author: author, Saved: start}
}

func saved(t testing.TB, s store.Store, d *flow.Draft, seen int64) *flow.Draft {
	t.Helper()
	got, err := s.SaveDraft(t.Context(), d, seen)
	must(t, err)
	return got
}

func findDraft(t testing.TB, s store.Store) *flow.Draft {
	t.Helper()
	d, err := s.FindDraft(t.Context(), tenant, flow.Registration)
	must(t, err)
	return d
}

// wantDraftChanged expects the error to show the draft that is there, nil for
// none.
func wantDraftChanged(t testing.TB, err error, there *flow.Draft) {
	t.Helper()
	changed, ok := errors.AsType[*flow.DraftChangedError](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(there, changed.Draft, cmpopts.IgnoreFields(flow.Draft{}, "Document")); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	if changed.Draft != nil && changed.Draft.Document != nil {
		t.Error("the error holds the whole document")
	}
}

func testNoDraft(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "{}")
	_, err := s.FindDraft(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDraft)
	_, err = s.SaveDraft(t.Context(), draft("{}", ada), 1)
	wantDraftChanged(t, err, nil)
	_, err = s.FindDraft(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDraft)
}

func testSaveDraft(t *testing.T, s store.Store) {
	// A flow that was never published can have a draft.
	document := " { \"a\": 1.50,\r\n\t\"ü\": \"\\u0000 \xf0\x9f\x99\x82\" } "
	first := saved(t, s, draft(document, ada), 0)
	want := draft(document, ada)
	want.Revision = first.Revision
	equal(t, first, want)
	equal(t, findDraft(t, s), want)
	if first.Revision <= 0 {
		t.Errorf("revision %d", first.Revision)
	}
	change := draft("{}", bob)
	change.Base, change.Saved, change.Revision = 8, after(time.Second+time.Nanosecond), 99
	second := saved(t, s, change, first.Revision)
	want = draft("{}", bob)
	want.Base, want.Saved, want.Revision = 8, after(time.Second), second.Revision
	equal(t, second, want)
	equal(t, findDraft(t, s), want)
	if second.Revision == first.Revision {
		t.Error("two saves have the same revision")
	}
	_, _, err := s.LiveDefinition(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDefinition)
}

// testSaveOver: what somebody else has saved is not lost, and they are named.
func testSaveOver(t *testing.T, s store.Store) {
	first := saved(t, s, draft("1", ada), 0)
	second := saved(t, s, draft("2", bob), first.Revision)
	for _, seen := range []int64{0, first.Revision, second.Revision + 1, -1} {
		_, err := s.SaveDraft(t.Context(), draft("3", ada), seen)
		wantDraftChanged(t, err, second)
	}
	equal(t, findDraft(t, s), second)
	saved(t, s, draft("3", ada), second.Revision)
}

// testSaveTheSame: a save whose answer was lost may be repeated.
func testSaveTheSame(t *testing.T, s store.Store) {
	first := saved(t, s, draft("1", ada), 0)
	second := saved(t, s, draft("2", ada), first.Revision)
	for _, seen := range []int64{0, first.Revision, second.Revision} {
		again := draft("2", bob)
		again.Saved = after(time.Hour)
		equal(t, saved(t, s, again, seen), second)
	}
	equal(t, findDraft(t, s), second)
	// On another base it is another draft.
	other := draft("2", bob)
	other.Base++
	_, err := s.SaveDraft(t.Context(), other, first.Revision)
	wantDraftChanged(t, err, second)
}

func testSaveTogether(t *testing.T, s store.Store) {
	first := saved(t, s, draft("0", ada), 0)
	stored := make([]*flow.Draft, 16)
	errs := together(len(stored), func(i int) (err error) {
		stored[i], err = s.SaveDraft(t.Context(), draft(strconv.Itoa(i+1), ada), first.Revision)
		return err
	})
	equal(t, split(t, errs, isDraftChanged), 1)
	for i, err := range errs {
		if err == nil {
			equal(t, findDraft(t, s), stored[i])
		}
	}
}

func isDraftChanged(err error) bool {
	_, ok := errors.AsType[*flow.DraftChangedError](err)
	return ok
}

// testRevisionsNeverBack: whoever saw a draft that is gone does not overwrite a
// later one by mistake.
func testRevisionsNeverBack(t *testing.T, s store.Store) {
	seen := map[int64]bool{}
	for i := range 4 {
		d := saved(t, s, draft(strconv.Itoa(i), ada), 0)
		if seen[d.Revision] {
			t.Fatalf("revision %d again", d.Revision)
		}
		seen[d.Revision] = true
		if i%2 == 0 {
			must(t, s.DiscardDraft(t.Context(), tenant, flow.Registration, d.Revision))
			continue
		}
		_, _, err := publishVersion(t, s, publication("", d.Revision, flow.AnyVersion))
		must(t, err)
	}
}

func testDiscard(t *testing.T, s store.Store) {
	discard := func(seen int64) error { return s.DiscardDraft(t.Context(), tenant, flow.Registration, seen) }
	must(t, discard(0))
	must(t, discard(3))
	first := saved(t, s, draft("1", ada), 0)
	second := saved(t, s, draft("2", bob), first.Revision)
	wantDraftChanged(t, discard(first.Revision), second)
	equal(t, findDraft(t, s), second)
	for range 2 {
		must(t, discard(second.Revision))
		_, err := s.FindDraft(t.Context(), tenant, flow.Registration)
		wantError(t, err, flow.ErrNoDraft)
	}
	saved(t, s, draft("3", ada), 0)
	must(t, discard(0))
	_, err := s.FindDraft(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDraft)
}

func testDraftsApart(t *testing.T, s store.Store) {
	mine := saved(t, s, draft("mine", ada), 0)
	for i, key := range []struct {
		tenant string
		flow   flow.Type
	}{{other, flow.Registration}, {tenant, flow.PasswordRecovery}} {
		_, err := s.FindDraft(t.Context(), key.tenant, key.flow)
		wantError(t, err, flow.ErrNoDraft)
		state, err := s.FindState(t.Context(), key.tenant, key.flow)
		must(t, err)
		equal(t, state, &flow.State{Config: flow.Config{Tenant: key.tenant, Flow: key.flow}})
		d := draft(strconv.Itoa(i), bob)
		d.Tenant, d.Flow = key.tenant, key.flow
		theirs := saved(t, s, d, 0)
		must(t, s.DiscardDraft(t.Context(), key.tenant, key.flow, theirs.Revision))
	}
	equal(t, findDraft(t, s), mine)
}

func testHostileDrafts(t *testing.T, s store.Store) {
	seen := int64(0)
	for _, text := range append(hostile, "") {
		d := draft(text, flow.Author{ID: text, Name: text})
		want := saved(t, s, d, seen)
		equal(t, string(want.Document), text)
		got := findDraft(t, s)
		equal(t, string(got.Document), text)
		equal(t, got.Author, d.Author)
		seen = got.Revision
	}
	_, err := s.SaveDraft(cancelled(), draft("late", ada), seen)
	wantError(t, err, context.Canceled)
	equal(t, findDraft(t, s).Revision, seen)
}
