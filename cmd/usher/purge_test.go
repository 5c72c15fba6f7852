package main

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"usher/application"
	"usher/audit"
	"usher/engine"
	"usher/flow"
	"usher/grant"
	"usher/notify"
	"usher/store/sqlite/sqlitetest"
)

// TestPurge: everything that has expired goes at once, however much it is.
func TestPurge(t *testing.T) {
	t.Parallel()
	st := sqlitetest.Open(t)
	now := time.Now()
	_, err := st.CreateApplication(t.Context(), &application.Application{Tenant: "t", ID: "a", Name: "a", Client: application.Client{ID: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 450 {
		id := fmt.Sprint(i)
		message := notify.Queued{Tenant: "t", Key: id, Due: now}
		err := errors.Join(
			st.CreateExecution(t.Context(), &flow.Execution{Tenant: "t", ID: id, Expires: now}, nil, false),
			st.CreateRequest(t.Context(), &grant.Request{Tenant: "t", ID: id, Application: "a", Expires: now}),
			st.AppendEntry(t.Context(), &audit.Entry{Tenant: "t", At: now, Kind: "flow.published", Target: id}),
			st.Enqueue(t.Context(), message), st.FinishMessage(t.Context(), "t", id, now, notify.Ending{State: notify.StateDelivered}),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	later := now.Add(keepFinished + time.Second)
	clock := func() time.Time { return later }
	p := &purger{engine: engine.New(engine.Config{Store: st, Now: clock}), signIns: st, outbox: st, audit: st, limits: st, log: slog.New(slog.DiscardHandler), now: clock}
	if err := p.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := func() int {
		list, err := st.ListEntries(t.Context(), audit.Query{Tenant: "t", Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := kept(); n != 450 { // for ever
		t.Errorf("%d entries of the audit log are left", n)
	}
	p.keepAudit = keepFinished
	if err := p.purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d entries of the audit log are left", n)
	}
	executions, err1 := st.DeleteExpiredExecutions(t.Context(), later)
	signIns, err2 := st.DeleteExpiredSignIns(t.Context(), later)
	messages, err3 := st.DeleteFinished(t.Context(), later)
	if executions+signIns+messages != 0 || errors.Join(err1, err2, err3) != nil {
		t.Errorf("left: %d executions, %d sign-ins, %d messages", executions, signIns, messages)
	}
}
