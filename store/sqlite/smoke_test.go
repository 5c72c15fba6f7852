package sqlite_test

import (
	"testing"
	"time"

	"usher/flow"
	"usher/identity"
	"usher/notify"
	"usher/store/sqlite/sqlitetest"
)

func TestSmoke(t *testing.T) {
	s := sqlitetest.Open(t)
	ctx := t.Context()
	now := time.Now()
	x := &flow.Execution{Tenant: "a", ID: "1", Flow: flow.Registration, Version: 1, Expires: now.Add(time.Hour), State: []byte("hello")}
	if err := s.CreateExecution(ctx, x, &flow.Answer{Key: "k", Body: []byte("b")}, false); err != nil {
		t.Fatal(err)
	}
	l, err := s.LeaseExecution(ctx, "a", "1", now, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", l)
	_, err = s.LeaseExecution(ctx, "a", "1", now, now.Add(time.Minute))
	if err != flow.ErrLeased {
		t.Fatal(err)
	}
	if err := s.CommitExecution(ctx, l, nil, true); err != nil {
		t.Fatal(err)
	}
	u, err := s.CreateUser(ctx, "k1", &identity.User{Tenant: "a", ID: "u1", Username: "Ann", ExternalID: "E1", Claims: map[string]string{identity.ClaimEmail: "a@b.c"}, Created: now, Modified: now}, identity.Along{
		Credentials: []identity.Credential{{Kind: "password", Data: "x"}}, Messages: []notify.Queued{{Tenant: "a", Key: "m", Sealed: []byte("s"), Due: now}},
		Confirmation: &identity.Confirmation{Digest: "d", Purpose: "p", Expires: now.Add(time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", u)
	page, n, err := s.ListUsers(ctx, identity.Query{Tenant: "a", Filter: identity.Compare{Attribute: identity.ClaimEmail, Op: identity.Equal, Value: "A@b.c"}, Limit: 10, SortBy: identity.ClaimGivenName})
	t.Log(page, n, err)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	m, err := s.ClaimDue(ctx, now, now.Add(time.Minute), 10)
	t.Log(m, err)
	num, err := s.PublishDefinition(ctx, &flow.Version{Tenant: "a", Flow: flow.Registration, Document: []byte("{}"), Created: now})
	t.Log(num, err)
	t.Log(s.LiveDefinition(ctx, "a", flow.Registration))
	t.Log(s.UpdateConfig(ctx, "a", flow.Registration, func(c *flow.Config) { c.Enabled = true }))
	t.Log(s.LiveDefinition(ctx, "a", flow.Registration))
	t.Log(s.TenantExists(ctx, "carbon.super"))
	t.Log(s.DeleteUser(ctx, "a", "u1"))
	t.Log(s.DeleteExpiredExecutions(ctx, now.Add(2*time.Hour)))
}
