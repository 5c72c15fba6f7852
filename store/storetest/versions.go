package storetest

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"usher/flow"
	"usher/store"
)

var versions = map[string]func(*testing.T, store.Store){
	"PublishDraft":     testPublishDraft,
	"PublishOver":      testPublishOver,
	"PublishLiveAgain": testPublishLiveAgain,
	"PublishAtOnce":    testPublishAtOnce,
	"PublishAndSave":   testPublishAndSave,
	"ListVersions":     testListVersions,
	"State":            testState,
	"Counts":           testCounts,
}

// publishVersion returns what PublishVersion sets.
func publishVersion(t testing.TB, s store.Store, p *flow.Publication) (before, after int64, err error) {
	t.Helper()
	err = s.PublishVersion(t.Context(), p)
	return p.Before, p.After, err
}

// publication is of the document, or of the draft with the revision.
func publication(document string, draft, over int64) *flow.Publication {
	p := &flow.Publication{Over: over, Version: flow.Version{
		Tenant: tenant, Flow: flow.Registration, Created: start, Author: ada, Note: "why", Draft: draft,
	}}
	if draft == 0 {
		p.Version.Document = []byte(document)
	}
	return p
}

func wantLiveChanged(t testing.TB, err error, live int64) {
	t.Helper()
	changed, ok := errors.AsType[*flow.LiveChangedError](err)
	switch {
	case !ok:
		t.Fatalf("error %v", err)
	case changed.Live == nil && live != 0, changed.Live != nil && changed.Live.Number != live:
		t.Fatalf("live is %+v, want %d", changed.Live, live)
	case changed.Live != nil && changed.Live.Document != nil:
		t.Error("the error holds the whole document")
	}
}

func testPublishDraft(t *testing.T, s store.Store) {
	old := publish(t, s, flow.Registration, "old")
	d := saved(t, s, draft("new", bob), 0)
	for _, revision := range []int64{d.Revision + 1, -1} {
		_, _, err := publishVersion(t, s, publication("", revision, old))
		wantDraftChanged(t, err, d)
	}
	_, _, err := publishVersion(t, s, publication("", d.Revision, old+1))
	wantLiveChanged(t, err, old)
	equal(t, findDraft(t, s), d)
	before, number, err := publishVersion(t, s, publication("", d.Revision, old))
	must(t, err)
	equal(t, before, old)
	n, _ := live(t, s, flow.Registration)
	equal(t, n, number)
	v, err := s.FindDefinition(t.Context(), tenant, flow.Registration, 0)
	must(t, err)
	equal(t, v, &flow.Version{
		Tenant: tenant, Flow: flow.Registration, Number: number, Document: []byte("new"), Created: start, Author: ada, Note: "why", Draft: d.Revision,
	})
	_, err = s.FindDraft(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDraft)
	_, _, err = publishVersion(t, s, publication("", d.Revision, number))
	wantDraftChanged(t, err, nil)
}

// testPublishOver: a publication over another version than the author saw
// changes nothing, unless they say that any will do.
func testPublishOver(t *testing.T, s store.Store) {
	_, _, err := publishVersion(t, s, publication("one", 0, 1))
	wantLiveChanged(t, err, 0)
	before, one, err := publishVersion(t, s, publication("one", 0, 0))
	must(t, err)
	equal(t, before, int64(0))
	d := saved(t, s, draft("mine", ada), 0)
	for _, over := range []int64{0, one + 1} {
		_, _, err = publishVersion(t, s, publication("two", 0, over))
		wantLiveChanged(t, err, one)
	}
	before, two, err := publishVersion(t, s, publication("two", 0, flow.AnyVersion))
	must(t, err)
	equal(t, before, one)
	n, _ := live(t, s, flow.Registration)
	equal(t, n, two)
	// What is published from elsewhere leaves the draft alone.
	equal(t, findDraft(t, s), d)
}

// testPublishLiveAgain: nothing is replaced where the live version is the same.
func testPublishLiveAgain(t *testing.T, s store.Store) {
	n := publish(t, s, flow.Registration, "one")
	for _, over := range []int64{0, n, n + 1, flow.AnyVersion} {
		before, now, err := publishVersion(t, s, publication("one", 0, over))
		must(t, err)
		equal(t, before, n)
		equal(t, now, n)
	}
	d := saved(t, s, draft("one", ada), 0)
	_, now, err := publishVersion(t, s, publication("", d.Revision, n))
	must(t, err)
	equal(t, now, n)
	_, err = s.FindDraft(t.Context(), tenant, flow.Registration)
	wantError(t, err, flow.ErrNoDraft)
}

// testPublishAtOnce: of those who publish over the same version at one moment,
// one does.
func testPublishAtOnce(t *testing.T, s store.Store) {
	seen := publish(t, s, flow.Registration, "seen")
	numbers := make([]int64, 16)
	errs := together(len(numbers), func(i int) (err error) {
		_, numbers[i], err = publishVersion(t, s, publication(strconv.Itoa(i), 0, seen))
		return err
	})
	equal(t, split(t, errs, func(err error) bool {
		changed, ok := errors.AsType[*flow.LiveChangedError](err)
		return ok && changed.Live.Number == seen+1 && changed.Live.Author == ada
	}), 1)
	n, _ := live(t, s, flow.Registration)
	equal(t, n, seen+1)
	v, err := s.FindDefinition(t.Context(), tenant, flow.Registration, n)
	must(t, err)
	for i, err := range errs {
		if err == nil {
			equal(t, numbers[i], n)
			equal(t, string(v.Document), strconv.Itoa(i))
		}
	}
}

// testPublishAndSave: a draft that is saved and published at one moment is
// published as one of the two, and the other is told; nothing is lost.
func testPublishAndSave(t *testing.T, s store.Store) {
	for i := range 20 {
		first := saved(t, s, draft(numbered("first", i), ada), 0)
		errs := together(2, func(j int) error {
			if j == 0 {
				_, _, err := publishVersion(t, s, publication("", first.Revision, flow.AnyVersion))
				return err
			}
			_, err := s.SaveDraft(t.Context(), draft(numbered("second", i), bob), first.Revision)
			return err
		})
		equal(t, split(t, errs, isDraftChanged), 1)
		d, err := s.FindDraft(t.Context(), tenant, flow.Registration)
		if errs[1] == nil {
			must(t, err)
			equal(t, string(d.Document), numbered("second", i))
		} else {
			wantError(t, err, flow.ErrNoDraft)
		}
		must(t, s.DiscardDraft(t.Context(), tenant, flow.Registration, 0))
	}
}

func testListVersions(t *testing.T, s store.Store) {
	list := func(below int64, limit int) ([]flow.Version, int64) {
		t.Helper()
		list, live, err := s.ListVersions(t.Context(), tenant, flow.Registration, below, limit)
		must(t, err)
		return list, live
	}
	none, n := list(0, 10)
	equal(t, len(none), 0)
	equal(t, n, int64(0))
	var all []flow.Version
	for i := range 5 {
		p := publication(strconv.Itoa(i), 0, flow.AnyVersion)
		p.Version.Created, p.Version.Note = after(time.Duration(i)*time.Minute), hostile[i]
		_, number, err := publishVersion(t, s, p)
		must(t, err)
		v := p.Version
		v.Number, v.Document = number, nil
		all = append([]flow.Version{v}, all...)
	}
	publish(t, s, flow.PasswordRecovery, "another flow")
	_, err := s.PublishDefinition(t.Context(), &flow.Version{Tenant: other, Flow: flow.Registration, Document: []byte("theirs"), Created: start})
	must(t, err)
	for _, c := range []struct {
		below int64
		limit int
		want  []flow.Version
	}{
		{0, 10, all},
		{0, 2, all[:2]},
		{all[1].Number, 2, all[2:4]},
		{all[3].Number, 2, all[4:]},
		{all[4].Number, 2, nil},
		{all[0].Number + 9, 1, all[:1]},
		{0, 0, nil},
		{0, -1, nil},
	} {
		got, n := list(c.below, c.limit)
		equal(t, got, c.want)
		if len(got) > 0 {
			equal(t, n, all[0].Number)
		}
	}
}

func testState(t *testing.T, s store.Store) {
	state := func() *flow.State {
		t.Helper()
		got, err := s.FindState(t.Context(), tenant, flow.Registration)
		must(t, err)
		return got
	}
	want := &flow.State{Config: flow.Config{Tenant: tenant, Flow: flow.Registration}}
	equal(t, state(), want)
	d := saved(t, s, draft("draft", bob), 0)
	want.Draft = d
	want.Draft.Document = nil
	equal(t, state(), want)
	_, number, err := publishVersion(t, s, publication("live", 0, 0))
	must(t, err)
	live := publication("live", 0, 0).Version
	live.Number, live.Document = number, nil
	want.Live = &live
	equal(t, state(), want)
	_, err = s.UpdateConfig(t.Context(), tenant, flow.Registration, func(c *flow.Config) { c.Enabled, c.Settings.Notify = true, true })
	must(t, err)
	want.Config.Enabled, want.Config.Settings.Notify = true, true
	equal(t, state(), want)
	must(t, s.DiscardDraft(t.Context(), tenant, flow.Registration, 0))
	want.Draft = nil
	equal(t, state(), want)
}

// testCounts: every execution is counted, and keeps being when it is gone.
func testCounts(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "{}")
	counts := func() flow.Counts {
		t.Helper()
		state, err := s.FindState(t.Context(), tenant, flow.Registration)
		must(t, err)
		return state.Counts
	}
	for i := range 5 {
		created(t, s, numbered("x", i))
	}
	for _, x := range []*flow.Execution{
		{Tenant: other, ID: "x", Flow: flow.Registration, Expires: after(time.Minute)},
		{Tenant: tenant, ID: "recovery", Flow: flow.PasswordRecovery, Expires: after(time.Minute)},
		{Tenant: tenant, ID: "sign-in", Flow: flow.Authentication + "/x", Expires: after(time.Minute)},
		{Tenant: tenant, ID: "at once", Flow: flow.Registration, Expires: after(time.Minute), Ended: true},
	} {
		x.State = []byte{}
		must(t, s.CreateExecution(t.Context(), x, nil, true))
	}
	equal(t, counts(), flow.Counts{Started: 6, Ended: 1})
	x := leased(t, s, numbered("x", 0), start)
	must(t, s.CommitExecution(t.Context(), x, nil, false))
	equal(t, counts(), flow.Counts{Started: 6, Ended: 1})
	x = leased(t, s, numbered("x", 0), start)
	x.Ended = true
	must(t, s.CommitExecution(t.Context(), x, nil, true))
	equal(t, counts(), flow.Counts{Started: 6, Ended: 2})
	equal(t, counts().Running(), int64(4))
	_, err := s.DeleteExpiredExecutions(t.Context(), after(48*time.Hour))
	must(t, err)
	equal(t, counts(), flow.Counts{Started: 6, Ended: 2, Expired: 4})
	equal(t, counts().Running(), int64(0))
}
