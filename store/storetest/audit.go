package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"usher/audit"
	"usher/connection"
	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/store"
)

var audits = map[string]func(*testing.T, store.Store){
	"AppendAndList": testAppendAndList,
	"Filter":        testFilterEntries,
	"Pages":         testPagesOfEntries,
	"Hostile":       testHostileEntries,
	"DeleteEntries": testDeleteEntries,
	"Along":         testEntryAlong,
	"Publication":   testPublicationAlong,
	"Repeats":       testRepeats,
	"ClaimAtOnce":   testClaimEntriesAtOnce,
}

func entry(kind string, at time.Time) *audit.Entry {
	return &audit.Entry{Tenant: tenant, At: at, Actor: audit.Actor{ID: "id-ada", Name: "ada"}, Kind: kind, Target: "REGISTRATION"}
}

func appended(t testing.TB, s store.Store, e *audit.Entry) audit.Entry {
	t.Helper()
	must(t, s.AppendEntry(t.Context(), e))
	return *e
}

func entries(t testing.TB, s store.Store, q audit.Query) []audit.Entry {
	t.Helper()
	if q.Tenant == "" {
		q.Tenant = tenant
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	list, err := s.ListEntries(t.Context(), q)
	must(t, err)
	return list
}

func testAppendAndList(t *testing.T, s store.Store) {
	equal(t, len(entries(t, s, audit.Query{})), 0)
	e := entry("flow.published", start)
	e.Before, e.After = json.RawMessage(`{"version":1}`), json.RawMessage(`{"version":2,"note":"ü \u0000"}`)
	first := appended(t, s, e)
	second := appended(t, s, entry("flow.deleted", start))
	if first.ID <= 0 || second.ID <= first.ID {
		t.Errorf("ids %d, %d", first.ID, second.ID)
	}
	equal(t, entries(t, s, audit.Query{}), []audit.Entry{second, first})
	equal(t, len(entries(t, s, audit.Query{Tenant: other})), 0)
	wantError(t, s.AppendEntry(cancelled(), entry("flow.deleted", start)), context.Canceled)
	equal(t, len(entries(t, s, audit.Query{})), 2)
}

func testFilterEntries(t *testing.T, s store.Store) {
	var all []audit.Entry
	for i, e := range []*audit.Entry{entry("flow.published", start), entry("flow.restored", after(time.Minute)), entry("claim.created", after(2*time.Minute))} {
		if i == 2 {
			e.Actor, e.Target = audit.Actor{ID: "id-bob", Name: "bob"}, "shoeSize"
		}
		all = append(all, appended(t, s, e))
	}
	theirs := entry("flow.published", start)
	theirs.Tenant = other
	appended(t, s, theirs)
	for name, c := range map[string]struct {
		q    audit.Query
		want []audit.Entry
	}{
		"all":            {audit.Query{}, []audit.Entry{all[2], all[1], all[0]}},
		"from":           {audit.Query{From: after(time.Minute)}, []audit.Entry{all[2], all[1]}},
		"until":          {audit.Query{Until: after(time.Minute)}, []audit.Entry{all[0]}},
		"between":        {audit.Query{From: after(time.Second), Until: after(2 * time.Minute)}, []audit.Entry{all[1]}},
		"actor's id":     {audit.Query{Actor: "id-ada"}, []audit.Entry{all[1], all[0]}},
		"actor's name":   {audit.Query{Actor: "bob"}, []audit.Entry{all[2]}},
		"kind":           {audit.Query{Kind: "flow.restored"}, []audit.Entry{all[1]}},
		"target":         {audit.Query{Target: "REGISTRATION"}, []audit.Entry{all[1], all[0]}},
		"everything":     {audit.Query{From: start, Until: after(time.Hour), Actor: "ada", Kind: "flow.published", Target: "REGISTRATION"}, all[:1]},
		"somebody else":  {audit.Query{Actor: "ADA"}, nil},
		"part of a kind": {audit.Query{Kind: "flow"}, nil},
		"nobody's":       {audit.Query{Actor: "ada", Kind: "claim.created"}, nil},
		"the first":      {audit.Query{Limit: 1}, all[2:]},
		"less than none": {audit.Query{Limit: -1}, nil},
	} {
		t.Run(name, func(t *testing.T) { equal(t, entries(t, s, c.q), c.want) })
	}
}

// testPagesOfEntries: page by page everything is shown once, entries of the
// same time among them, while others are added.
func testPagesOfEntries(t *testing.T, s store.Store) {
	var want []audit.Entry
	for i := range 7 {
		want = append([]audit.Entry{appended(t, s, entry("flow.published", after(time.Duration(i/3)*time.Second)))}, want...)
	}
	var got []audit.Entry
	q := audit.Query{Limit: 2}
	for {
		page := entries(t, s, q)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		q.After = page[len(page)-1].Position()
		appended(t, s, entry("flow.published", after(time.Hour)))
	}
	equal(t, got, want)
}

func testHostileEntries(t *testing.T, s store.Store) {
	for _, text := range hostile {
		e := entry(text, start)
		e.Actor, e.Target = audit.Actor{ID: text, Name: text}, text
		want := appended(t, s, e)
		equal(t, entries(t, s, audit.Query{Actor: text, Kind: text, Target: text}), []audit.Entry{want})
	}
}

// testDeleteEntries: what is old enough goes, of every tenant, and nothing else.
func testDeleteEntries(t *testing.T, s store.Store) {
	old, theirs := entry("flow.published", start), entry("flow.published", start)
	theirs.Tenant = other
	appended(t, s, old)
	appended(t, s, theirs)
	kept := appended(t, s, entry("flow.deleted", after(time.Hour)))
	for _, test := range []struct {
		before time.Duration
		want   int64
	}{{0, 0}, {time.Hour, 2}, {time.Hour, 0}} {
		n, err := s.DeleteEntries(t.Context(), after(test.before))
		must(t, err)
		equal(t, n, test.want)
	}
	equal(t, entries(t, s, audit.Query{}), []audit.Entry{kept})
	equal(t, len(entries(t, s, audit.Query{Tenant: other})), 0)
	for range 300 {
		appended(t, s, entry("flow.published", start))
	}
	var total int64
	for {
		n, err := s.DeleteEntries(t.Context(), after(time.Minute))
		must(t, err)
		if n == 0 {
			break
		}
		if total += n; n >= 300 {
			t.Errorf("%d at once", n)
		}
	}
	equal(t, total, int64(300))
}

// along is a context whose change brings the entry, nil for none.
func along(ctx context.Context, e *audit.Entry, err error) context.Context {
	return audit.Along(ctx, func() (*audit.Entry, error) { return e, err })
}

// testEntryAlong: a change brings its entry or is none, and there is no entry
// without its change.
func testEntryAlong(t *testing.T, s store.Store) {
	ann := createUser(t, s, person("ann"))
	rename := func(name string) func(*identity.User) error {
		return func(u *identity.User) error {
			u.Username = name
			return nil
		}
	}
	_, err := s.UpdateUser(along(t.Context(), entry("user.changed", start), nil), tenant, ann.ID, rename("anna"), identity.Along{})
	must(t, err)
	equal(t, len(entries(t, s, audit.Query{})), 1)

	refused := errors.New("refused")
	_, err = s.UpdateUser(along(t.Context(), nil, refused), tenant, ann.ID, rename("anne"), identity.Along{Messages: []notify.Queued{{Tenant: tenant, Key: "m", Due: start}}})
	wantError(t, err, refused)
	equal(t, findUser(t, s, ann.ID).Username, "anna")
	equal(t, len(claim(t, s, start, 10)), 0)

	_, err = s.UpdateUser(along(t.Context(), entry("user.changed", start), nil), tenant, ann.ID, func(*identity.User) error { return refused }, identity.Along{})
	wantError(t, err, refused)
	_, err = s.UpdateUser(along(t.Context(), entry("user.changed", start), nil), tenant, "nobody", rename("x"), identity.Along{})
	wantError(t, err, identity.ErrNoUser)
	_, err = s.UpdateUser(along(t.Context(), nil, nil), tenant, ann.ID, rename("anne"), identity.Along{})
	must(t, err)
	equal(t, findUser(t, s, ann.ID).Username, "anne")
	equal(t, len(entries(t, s, audit.Query{})), 1)

	s.Repeat()
	for range 2 { // the second stores nothing, and no entry
		_, err = s.CreateUser(along(t.Context(), entry("user.registered", start), nil), "key", person("bob"), identity.Along{})
		must(t, err)
	}
	_, err = s.CreateUser(along(t.Context(), entry("user.registered", start), nil), "", person("bob"), identity.Along{})
	if _, taken := errors.AsType[*identity.TakenError](err); !taken {
		t.Errorf("a name that is taken: %v", err)
	}
	list := entries(t, s, audit.Query{Kind: "user.registered"})
	equal(t, len(list), 1)
	waiting, err := s.ClaimEntries(t.Context(), start, after(time.Minute), 10)
	must(t, err)
	equal(t, waiting, list)
}

// testPublicationAlong: an entry may say what its own transaction has found.
func testPublicationAlong(t *testing.T, s store.Store) {
	for want, document := range []string{"one", "two"} {
		p := publication(document, 0, flow.AnyVersion)
		e := entry("flow.published", start)
		must(t, s.PublishVersion(audit.Along(t.Context(), func() (*audit.Entry, error) {
			e.Target = fmt.Sprintf("%d after %d", p.After, p.Before)
			return e, nil
		}), p))
		equal(t, entries(t, s, audit.Query{})[0].Target, fmt.Sprintf("%d after %d", want+1, want))
	}
}

// testRepeats: an entry waits until it is confirmed, whoever claimed it, and one
// that was stored before anybody asked does not wait at all.
func testRepeats(t *testing.T, s store.Store) {
	waiting := func(now time.Duration, limit int) []audit.Entry {
		t.Helper()
		list, err := s.ClaimEntries(t.Context(), after(now), after(now+time.Minute), limit)
		must(t, err)
		return list
	}
	appended(t, s, entry("flow.published", start))
	s.Repeat()
	equal(t, len(waiting(0, 10)), 0)
	first := appended(t, s, entry("flow.published", after(time.Hour)))
	must(t, s.CreateTenant(along(t.Context(), entry("tenant.created", start), nil), "another"))
	wantError(t, s.DeleteConnection(along(t.Context(), entry("connection.deleted", start), nil), tenant, "none"), connection.ErrNotFound)
	one := waiting(0, 1)
	equal(t, one, []audit.Entry{first})
	two := waiting(0, 10)
	equal(t, len(two), 1)
	equal(t, two[0].Kind, "tenant.created")
	equal(t, len(waiting(0, 10)), 0)

	must(t, s.ConfirmEntries(t.Context(), one))
	must(t, s.ConfirmEntries(t.Context(), one))
	equal(t, waiting(time.Minute, 10), two)
	must(t, s.ConfirmEntries(t.Context(), two))
	equal(t, len(waiting(time.Hour, 10)), 0)
	equal(t, len(entries(t, s, audit.Query{})), 3)

	appended(t, s, entry("flow.published", start))
	_, err := s.DeleteEntries(t.Context(), after(time.Minute))
	must(t, err)
	equal(t, len(waiting(2*time.Hour, 10)), 0)
}

// testClaimEntriesAtOnce: nothing is lent to two.
func testClaimEntriesAtOnce(t *testing.T, s store.Store) {
	s.Repeat()
	for range 100 {
		appended(t, s, entry("flow.published", start))
	}
	var mu sync.Mutex
	lent := map[int64]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				list, err := s.ClaimEntries(t.Context(), start, after(time.Minute), 7)
				if err != nil {
					t.Error(err)
				}
				if len(list) == 0 {
					return
				}
				mu.Lock()
				for _, e := range list {
					lent[e.ID]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	total := 0
	for _, n := range lent {
		total += n
	}
	equal(t, len(lent), total)
	left, err := s.ClaimEntries(t.Context(), start, after(time.Minute), 100)
	must(t, err)
	equal(t, len(lent)+len(left), 100)
}
