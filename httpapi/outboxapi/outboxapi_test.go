package outboxapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/httpapi"
	"usher/httpapi/httpapitest"
	"usher/identity"
	"usher/notify"
	"usher/notify/words"
	"usher/seal"
	"usher/store"
	"usher/store/sqlite/sqlitetest"
)

// site is the API over a real store and real words.
type site struct {
	t      *testing.T
	store  store.Store
	box    *seal.Box
	queue  *notify.Queue
	routes *httpapi.Routes
	now    time.Time
}

func newSite(t *testing.T) *site {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize), "outbox")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: sqlitetest.Open(t), box: box, routes: httpapi.NewRoutes(httpapitest.Tenants{}), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	s.queue = notify.NewQueue(box, templates, clock)
	log := slog.New(slog.DiscardHandler)
	(&API{
		Messages: s.store, Box: box, Now: clock, Log: log, Delivery: Delivery{Email: ToServer, SMS: ToFiles, Folder: "data/outbox"},
		Changes: &httpapi.Changes{Now: clock},
	}).Mount(s.routes, &httpapi.Guard{Authenticator: httpapitest.People{}, Log: log})
	return s
}

// enqueue queues a code for somebody; decoys are for nobody.
func (s *site) enqueue(tenant, key string, decoy bool) notify.Queued {
	s.t.Helper()
	q, err := s.queue.Queue(tenant, key, notify.Message{
		Channel: notify.SMS, To: "+4915112345678", Template: "sms-otp", Decoy: decoy, Expires: s.now.Add(5 * time.Minute),
		Params: map[string]string{"code": "918273", "minutes": "5", "host": "id.example.com"},
	})
	if err == nil {
		err = s.store.Enqueue(s.t.Context(), q)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return q
}

// call makes the call "METHOD /path" and returns its answer, of that status.
func (s *site) call(status int, who, call string) page {
	s.t.Helper()
	method, target, _ := strings.Cut(call, " ")
	w := httpapitest.Call(s.t, s.routes, who, method, target, "")
	if w.Code != status {
		s.t.Fatalf("%s as %s: %d %s", call, who, w.Code, w.Body)
	}
	for _, secret := range []string{"918273", "15112345"} {
		if strings.Contains(w.Body.String(), secret) {
			s.t.Errorf("%s tells %q: %s", call, secret, w.Body)
		}
	}
	var p page
	if status == http.StatusOK && method == http.MethodGet {
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			s.t.Fatal(err)
		}
	}
	return p
}

const viewer, admin = identity.RoleViewer, identity.RoleAdmin

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	queued := s.enqueue(identity.DefaultTenant, "k", false)
	if err := s.store.PostponeMessage(t.Context(), queued.Tenant, queued.Key, s.now.Add(time.Minute), "smtp: dial mail.internal: refused"); err != nil {
		t.Fatal(err)
	}
	got := s.call(http.StatusOK, viewer, "GET "+path)
	at := func(d time.Duration) *time.Time { return new(s.now.Add(d)) }
	one := got.Messages[0]
	want := page{Delivery: Delivery{ToServer, ToFiles, "data/outbox"}, Messages: []message{{
		ID: one.ID, MessageID: one.MessageID, Template: "sms-otp", Channel: notify.SMS, To: "…78", State: notify.StateWaiting,
		Queued: at(0), Expires: at(5 * time.Minute), Next: at(time.Minute), Failure: "smtp: dial mail.internal: refused",
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(one.MessageID) != 32 || !strings.HasSuffix(one.ID, "-"+one.MessageID) {
		t.Errorf("ids %q, %q", one.ID, one.MessageID)
	}
}

// TestOtherTenants: their administrators see their own messages, and not where
// the server sends them.
func TestOtherTenants(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.enqueue(identity.DefaultTenant, "k", false)
	queued := s.enqueue("acme", "k", false)
	if err := s.store.PostponeMessage(t.Context(), "acme", queued.Key, s.now, "smtp: dial mail.internal: refused"); err != nil {
		t.Fatal(err)
	}
	p := s.call(http.StatusOK, viewer, "GET /t/acme"+path)
	if len(p.Messages) != 1 || p.Delivery.Folder != "" || p.Delivery.Email != ToServer || strings.Contains(p.Messages[0].Failure, "internal") || p.Messages[0].Failure == "" {
		t.Errorf("%+v", p)
	}
	theirs := s.call(http.StatusOK, admin, "GET "+path).Messages[0].ID
	s.call(http.StatusNotFound, admin, "DELETE /t/acme"+path+"/"+theirs)
	s.call(http.StatusNotFound, admin, "POST /t/acme"+path+"/"+theirs+"/retry")
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		s.enqueue(identity.DefaultTenant, key, false)
	}
	seen := map[string]bool{}
	query := "?limit=2&state=waiting"
	for pages := 0; ; pages++ {
		p := s.call(http.StatusOK, viewer, "GET "+path+query)
		for _, m := range p.Messages {
			seen[m.ID] = true
		}
		if p.Next == "" {
			if len(seen) != 5 || pages != 2 {
				t.Errorf("%d messages on %d pages", len(seen), pages+1)
			}
			break
		}
		query = "?limit=2&state=waiting&after=" + p.Next
	}
	for _, query := range []string{"?state=lost", "?limit=0", "?limit=101", "?limit=x", "?after=x", "?after=0", "?after=-1"} {
		s.call(http.StatusBadRequest, viewer, "GET "+path+query)
	}
}

// TestDecoys: nothing tells a message for nobody from one for somebody, before
// and after it was sent.
func TestDecoys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.enqueue(identity.DefaultTenant, "somebody", false)
	s.enqueue(identity.DefaultTenant, "nobody", true)
	alike := func() {
		t.Helper()
		all := s.call(http.StatusOK, viewer, "GET "+path).Messages
		for i := range all {
			all[i].ID, all[i].MessageID = "", ""
		}
		if diff := cmp.Diff(all[0], all[1]); diff != "" {
			t.Errorf("they differ:\n%s", diff)
		}
	}
	alike()
	templates, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	notify.NewWorker(notify.WorkerConfig{
		Outbox: s.store, Box: s.box, Words: templates, Now: func() time.Time { return s.now },
		Senders: map[notify.Channel]notify.Sender{notify.SMS: taking{}},
	}).Flush(t.Context())
	alike()
	if got := s.call(http.StatusOK, viewer, "GET "+path+"?state=delivered").Messages; len(got) != 2 || got[0].To != "…78" || got[0].Template != "sms-otp" {
		t.Errorf("delivered: %+v", got)
	}
}

type taking struct{}

func (taking) Send(context.Context, notify.Rendered) error { return nil }

func TestRetryAndDrop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	q := s.enqueue(identity.DefaultTenant, "k", false)
	at := path + "/" + s.call(http.StatusOK, viewer, "GET "+path).Messages[0].ID
	for _, who := range []string{viewer, identity.RoleEditor} {
		s.call(http.StatusForbidden, who, "POST "+at+"/retry")
		s.call(http.StatusForbidden, who, "DELETE "+at)
	}
	s.call(http.StatusNotFound, admin, "DELETE "+at+"0")                     // another id
	s.call(http.StatusNotFound, admin, "DELETE "+path+"/2"+at[len(path)+2:]) // another number
	// A worker has it, and gives it up.
	if _, err := s.store.ClaimDue(t.Context(), s.now, s.now.Add(time.Minute), 1); err != nil {
		t.Fatal(err)
	}
	s.call(http.StatusConflict, admin, "DELETE "+at)
	s.call(http.StatusConflict, admin, "POST "+at+"/retry")
	gaveUp := notify.Ending{State: notify.StateGivenUp, Failure: "sms: refused with 400"}
	if err := s.store.FinishMessage(t.Context(), q.Tenant, q.Key, s.now, gaveUp); err != nil {
		t.Fatal(err)
	}
	s.call(http.StatusOK, admin, "POST "+at+"/retry")
	if m := s.call(http.StatusOK, viewer, "GET "+path).Messages[0]; m.State != notify.StateWaiting || m.Attempts != 1 || m.Failure != gaveUp.Failure {
		t.Errorf("%+v", m)
	}
	s.now = s.now.Add(6 * time.Minute)
	s.call(http.StatusConflict, admin, "POST "+at+"/retry") // its code has run out
	s.call(http.StatusNoContent, admin, "DELETE "+at)
	s.call(http.StatusConflict, admin, "DELETE "+at)
	dropped := s.call(http.StatusOK, viewer, "GET "+path+"?state=dropped").Messages
	if len(dropped) != 1 || dropped[0].Template != "sms-otp" || dropped[0].To != "…78" {
		t.Errorf("dropped: %+v", dropped)
	}

	entries, err := s.store.ListEntries(t.Context(), audit.Query{Tenant: identity.DefaultTenant, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, e := range entries {
		did = append(did, e.Actor.Name+" "+e.Kind+" "+string(e.After))
		if e.Target != dropped[0].MessageID {
			t.Errorf("target %s", e.Target)
		}
	}
	if diff := cmp.Diff([]string{
		`admin message.dropped {"channel":"sms","template":"sms-otp"}`, `admin message.retried {"channel":"sms","template":"sms-otp"}`,
	}, did); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOtherKey: a message that was sealed with another key is shown without
// what is in it, and can be dropped.
func TestOtherKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	q := s.enqueue("acme", "k", false)
	q.Tenant = identity.DefaultTenant // sealed for another place
	if err := s.store.Enqueue(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	m := s.call(http.StatusOK, viewer, "GET "+path).Messages[0]
	if m.Template != "" || m.To != "" || m.Queued != nil || m.State != notify.StateWaiting {
		t.Errorf("%+v", m)
	}
	s.call(http.StatusNoContent, admin, "DELETE "+path+"/"+m.ID)
}
