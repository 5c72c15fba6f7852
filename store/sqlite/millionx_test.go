package sqlite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"usher/identity"
	"usher/store/sqlite/sqlitetest"
)

func TestMillion(t *testing.T) {
	s := sqlitetest.Open(t)
	const n = 1_000_000
	begin := time.Now()
	errs := make(chan error)
	for g := range 64 {
		go func() {
			for i := g; i < n; i += 64 {
				name := fmt.Sprintf("user%07d@example.org", i)
				_, err := s.CreateUser(context.Background(), "", &identity.User{Tenant: identity.DefaultTenant, ID: uuid.NewSHA1(uuid.Nil, []byte(name)).String(), Username: name, ExternalID: fmt.Sprint("E", i),
					Claims:  map[string]string{identity.ClaimEmail: name, identity.ClaimGivenName: fmt.Sprint("Given", i%1000), identity.ClaimFamilyName: fmt.Sprint("Family", i%50000)},
					Created: time.Now()}, identity.Along{Credentials: []identity.Credential{{Kind: "password", Data: fmt.Sprintf("%097d", i)}}})
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 64 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	t.Log("created", n, time.Since(begin))
	cmp := func(a identity.Attribute, op identity.Op, v string) identity.Filter {
		return identity.Compare{Attribute: a, Op: op, Value: v}
	}
	for _, q := range []identity.Query{
		{Limit: 50},
		{Limit: 50, Offset: 500000},
		{Limit: 50, Offset: 999990, Descending: true},
		{Limit: 50, SortBy: identity.AttrUsername},
		{Limit: 50, SortBy: identity.AttrCreated},
		{Limit: 50, SortBy: identity.ClaimFamilyName},
		{Limit: 50, Filter: cmp(identity.AttrUsername, identity.Equal, "user0777777@example.org")},
		{Limit: 50, Filter: cmp(identity.AttrID, identity.Equal, uuid.NewSHA1(uuid.Nil, []byte("user0777777@example.org")).String())},
		{Limit: 50, Filter: cmp(identity.AttrExternalID, identity.Equal, "e777777")},
		{Limit: 50, Filter: cmp(identity.ClaimEmail, identity.Equal, "user0777777@example.org")},
		{Limit: 50, Filter: cmp(identity.ClaimEmail, identity.StartsWith, "user07777")},
		{Limit: 50, Filter: cmp(identity.ClaimGivenName, identity.Equal, "given7")},
		{Limit: 50, Filter: cmp(identity.ClaimEmail, identity.Contains, "7777")},
		{Limit: 50, Filter: identity.Present{Attribute: identity.ClaimEmail}},
		{Limit: 50, Filter: identity.Or{Left: cmp(identity.ClaimEmail, identity.Equal, "user0777777@example.org"), Right: cmp(identity.AttrUsername, identity.Equal, "user0777778@example.org")}},
		{Limit: 50, Filter: identity.And{Left: cmp(identity.ClaimEmail, identity.Equal, "user0777777@example.org"), Right: cmp(identity.AttrUsername, identity.Equal, "user0777777@example.org")}},
		{Limit: 50, Filter: identity.And{Left: cmp(identity.ClaimGivenName, identity.Equal, "given7"), Right: identity.Not{Filter: cmp(identity.ClaimFamilyName, identity.Equal, "family7")}}},
		{Limit: 50, Filter: cmp(identity.ClaimEmail, identity.NotEqual, "user0777777@example.org")},
	} {
		q.Tenant = identity.DefaultTenant
		begin := time.Now()
		page, total, err := s.ListUsers(context.Background(), q)
		t.Logf("%8.2f ms %d/%d %v %+v", float64(time.Since(begin).Microseconds())/1000, len(page), total, err, q)
	}
	for range 3 {
		begin := time.Now()
		_, err := s.FindUserByName(context.Background(), identity.DefaultTenant, "user0777771@example.org")
		t.Log(time.Since(begin), err)
	}
	begin = time.Now()
	err := s.PutClaim(context.Background(), identity.DefaultTenant, identity.Claim{URI: identity.ClaimEmail, Name: "email", Unique: true})
	t.Log("unique", time.Since(begin), err)
}
