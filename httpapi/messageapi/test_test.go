package messageapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/audit"
	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// mailbox is a Sender that keeps what it gets.
type mailbox struct{ got []notify.Rendered }

func (m *mailbox) Send(_ context.Context, r notify.Rendered) error {
	m.got = append(m.got, r)
	return nil
}

// delivered sends everything that is in the outbox.
func (s *site) delivered() []notify.Rendered {
	s.t.Helper()
	var box mailbox
	notify.NewWorker(notify.WorkerConfig{
		Outbox: s.store, Box: s.box, Words: s.words, Now: now, Senders: map[notify.Channel]notify.Sender{notify.Email: &box, notify.SMS: &box},
	}).Flush(s.t.Context())
	return box.got
}

func TestTest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claims[identity.ClaimEmail], s.claims[identity.ClaimMobile] = "ada@example.com", "+436601234501"
	mail, _ := call[sent](s, http.StatusAccepted, "POST", code+"/test", `{"subject":"Hallo {{name}}","body":"Nur ein Entwurf: {{code}}"}`)
	if want := (sent{notify.Email, "ada@example.com"}); mail != want {
		t.Errorf("%+v", mail)
	}
	// What is saved meanwhile is not what is tried.
	call[shown](s, http.StatusOK, "PUT", code, good)
	got := s.delivered()
	if len(got) != 1 || got[0].To != "ada@example.com" || got[0].Locale != "de" || got[0].Subject != "[Test] Hallo Ada" || !strings.Contains(got[0].Text, "Nur ein Entwurf: 123456") {
		t.Errorf("%+v", got)
	}
	text, _ := call[sent](s, http.StatusAccepted, "POST", path+"/sms-otp/en/test", `{"body":"Draft {{code}}"}`)
	got = s.delivered()
	if len(got) != 1 || got[0].To != "+436601234501" || text.To != got[0].To || !strings.HasPrefix(got[0].Text, "Draft 123456\n") {
		t.Errorf("%+v", got)
	}
	me := limit.Person{Tenant: identity.DefaultTenant, User: "id of " + identity.RoleAdmin}
	for i, want := range []limit.Send{{Person: me, To: mail.To}, {Person: me, To: text.To, Text: true}} {
		want.Name = []string{"email-otp", "sms-otp"}[i]
		if s.tests.asked[i] != want {
			t.Errorf("asked for %+v, want %+v", s.tests.asked[i], want)
		}
	}
	entries, err := s.store.ListEntries(t.Context(), audit.Query{Tenant: identity.DefaultTenant, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	if last := entries[0]; len(entries) != 3 || last.Kind != "message-template.tested" || last.Target != "sms-otp en" || string(last.After) != `{"body":"Draft {{code}}"}` {
		t.Errorf("%d entries, %+v", len(entries), last)
	}
}

func TestTestRefused(t *testing.T) {
	t.Parallel()
	const texts = path + "/sms-otp/en/test"
	for name, c := range map[string]struct {
		mobile, at, body string
		err              error
		status           int
		code             string
	}{
		"no address":      {at: code + "/test", body: good, status: http.StatusConflict, code: codeReach},
		"no number":       {at: texts, body: `{"body":"{{code}}"}`, status: http.StatusConflict, code: codeReach},
		"mistakes":        {at: texts, mobile: "+436601234501", body: `{"body":"{{evil}}"}`, status: http.StatusBadRequest, code: codeInvalid},
		"an address":      {at: texts, mobile: "+436601234501", body: `{"body":"{{code}}","to":"+436601234599"}`, status: http.StatusBadRequest, code: codeBody},
		"unknown":         {at: path + "/none/en/test", body: good, status: http.StatusNotFound, code: codeUnknown},
		"another country": {at: texts, mobile: "+436601234501", body: `{"body":"{{code}}"}`, err: limit.ErrNotServed, status: http.StatusConflict, code: codeReach},
		"too soon": {
			at: texts, mobile: "+436601234501", body: `{"body":"{{code}}"}`, err: &limit.ExceededError{Budget: "tests", RetryAfter: time.Minute},
			status: http.StatusTooManyRequests, code: "FE-60202",
		},
		"fault": {at: texts, mobile: "+436601234501", body: `{"body":"{{code}}"}`, err: errors.New("no"), status: http.StatusInternalServerError, code: codeFault},
	} {
		s := newSite(t)
		s.tests.err = c.err
		if c.mobile != "" {
			s.claims[identity.ClaimMobile] = c.mobile
		}
		if p, _ := call[httpapi.Problem](s, c.status, "POST", c.at, c.body); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
		if got := s.delivered(); len(got) != 0 {
			t.Errorf("%s: sent %+v", name, got)
		}
	}
}

// TestTestOfMachine: an application that calls for itself has no address.
func TestTestOfMachine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequest(http.MethodPost, code+"/test", strings.NewReader(good))
	r.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	s.routes.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "an application's own") || len(s.tests.asked) > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
