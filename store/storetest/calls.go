package storetest

import (
	"context"
	"time"

	"usher/audit"
	"usher/connection"
	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
	"usher/store"
)

// Call is one use of a store.
type Call struct {
	Name string
	Run  func() error
}

// CallsOnEveryRequest returns the calls whose cost must not grow with what is
// stored.
func CallsOnEveryRequest(ctx context.Context, s store.Store) []Call {
	now := time.Now()
	x := &flow.Execution{Tenant: "t", ID: "x", Flow: flow.Registration, Expires: now.Add(time.Hour)}
	boss := &identity.User{Tenant: "t", ID: "boss", Username: "boss", Roles: []string{identity.RoleAdmin}}
	user := &identity.User{Tenant: "t", ID: "id", Username: "name", ExternalID: "e", Claims: map[string]string{identity.ClaimEmail: "a"}}
	along := identity.Along{
		Drop:         []identity.Credential{{Kind: identity.CredentialPasskey, ID: "old"}},
		Credentials:  []identity.Credential{{Kind: identity.CredentialPassword}, {Kind: identity.CredentialPasskey, ID: "c"}},
		Confirmation: &identity.Confirmation{Digest: "d", Purpose: identity.PurposeInvitation, Expires: now},
		Spend:        []identity.Purpose{identity.PurposeVerifyEmail},
		Messages:     []notify.Queued{{Tenant: "t", Key: "k"}},
	}
	budget := limit.Budget{Name: "b", Count: 1, Window: time.Hour, Burst: 1}
	provider := &connection.Connection{Tenant: "t", ID: "c", Name: "name"}
	return []Call{
		{"CreateExecution", func() error { return s.CreateExecution(ctx, x, &flow.Answer{Key: "k"}, false) }},
		{"LeaseExecution", func() error {
			_, err := s.LeaseExecution(ctx, "t", "x", now, now)
			return err
		}},
		{"CommitExecution", func() error { return s.CommitExecution(ctx, x, &flow.Answer{Key: "k"}, true) }},
		{"ReleaseExecution", func() error { return s.ReleaseExecution(ctx, x) }},
		{"FindAnswer", func() error { _, err := s.FindAnswer(ctx, "t", "x", "k", now); return err }},
		{"DeleteExpiredExecutions", func() error { _, err := s.DeleteExpiredExecutions(ctx, now.Add(time.Hour)); return err }},
		{"SpendBudgets", func() error { return s.SpendBudgets(ctx, now, budget.Charge("b/1", 1), budget.Charge("b/2", 1)) }},
		{"SpendBudgets, spent", func() error { return s.SpendBudgets(ctx, now, budget.Charge("b/1", 1)) }},
		{"RefundBudgets", func() error { return s.RefundBudgets(ctx, budget.Charge("b/1", 1)) }},
		{"SettleBudgets", func() error {
			_, err := s.SettleBudgets(ctx, now, []limit.Charge{budget.Charge("b/1", 1)})
			return err
		}},
		{"ListSpent", func() error { _, err := s.ListSpent(ctx, now, "b", 10); return err }},
		{"DeletePaid", func() error { _, err := s.DeletePaid(ctx, now); return err }},
		{"LiveDefinition", func() error { _, _, err := s.LiveDefinition(ctx, "t", flow.Registration); return err }},
		{"FindDefinition", func() error { _, err := s.FindDefinition(ctx, "t", flow.Registration, 0); return err }},
		{"SaveDraft", func() error {
			_, err := s.SaveDraft(ctx, &flow.Draft{Tenant: "t", Flow: flow.Registration, Document: []byte("{}"), Saved: now}, 0)
			return err
		}},
		{"FindDraft", func() error { _, err := s.FindDraft(ctx, "t", flow.Registration); return err }},
		{"PublishVersion", func() error {
			return s.PublishVersion(ctx, &flow.Publication{Version: flow.Version{Tenant: "t", Flow: flow.Registration, Draft: 1}})
		}},
		{"DiscardDraft", func() error { return s.DiscardDraft(ctx, "t", flow.Registration, 0) }},
		{"FindVersions", func() error { _, _, err := s.ListVersions(ctx, "t", flow.Registration, 9, 9); return err }},
		{"ListWordings", func() error { _, err := s.ListWordings(ctx, "t"); return err }},
		{"SaveWording", func() error {
			_, err := s.SaveWording(ctx, &notify.Wording{Tenant: "t", Template: "x", Locale: "en"}, notify.AnyRevision)
			return err
		}},
		{"FindState", func() error { _, err := s.FindState(ctx, "t", flow.Registration); return err }},
		{"AppendEntry", func() error { return s.AppendEntry(ctx, &audit.Entry{Tenant: "t", At: now}) }},
		{"ClaimEntries", func() error { _, err := s.ClaimEntries(ctx, now, now.Add(time.Minute), 9); return err }},
		{"ConfirmEntries", func() error { return s.ConfirmEntries(ctx, []audit.Entry{{ID: 1}}) }},
		{"ListEntries", func() error {
			_, err := s.ListEntries(ctx, audit.Query{Tenant: "t", Actor: "a", Kind: "k", After: audit.Position{At: now, ID: 7}, Limit: 9})
			return err
		}},
		{"CreateUser", func() error { _, err := s.CreateUser(ctx, "key", user, along); return err }},
		{"CreateUser again", func() error { _, err := s.CreateUser(ctx, "key", user, along); return err }},
		{"UpdateUser", func() error {
			_, err := s.UpdateUser(ctx, "t", "id", func(u *identity.User) error {
				u.Claims = map[string]string{identity.ClaimEmail: "b"}
				return nil
			}, along)
			return err
		}},
		{"DeleteUser", func() error { return s.DeleteUser(ctx, "t", "id") }},
		{"CreateUser who administers", func() error { _, err := s.CreateUser(ctx, "", boss, identity.Along{}); return err }},
		{"DeleteUser who administers", func() error { return s.DeleteUser(ctx, "t", "boss") }},
		{"FindUser", func() error { _, err := s.FindUser(ctx, "t", "id"); return err }},
		{"FindUserByName", func() error { _, err := s.FindUserByName(ctx, "t", "name"); return err }},
		{"FindCredential", func() error { _, err := s.FindCredential(ctx, "t", "id", "password"); return err }},
		{"ListCredentials", func() error { _, err := s.ListCredentials(ctx, "t", "id", "passkey"); return err }},
		{"FindCredentialOwner", func() error { _, err := s.FindCredentialOwner(ctx, "t", "passkey", "c"); return err }},
		{"ValueTaken name", func() error { _, err := s.ValueTaken(ctx, "t", identity.ClaimUsername, "x", ""); return err }},
		{"ValueTaken claim", func() error { _, err := s.ValueTaken(ctx, "t", identity.ClaimEmail, "x", ""); return err }},
		{"FindConfirmation", func() error {
			_, err := s.FindConfirmation(ctx, "t", "d", identity.PurposeInvitation, now)
			return err
		}},
		{"ListUsers", listing(ctx, s, "", "", "")},
		{"ListUsers by name", listing(ctx, s, "", "", identity.AttrUsername)},
		{"ListUsers name eq", listing(ctx, s, identity.AttrUsername, identity.Equal, "")},
		{"ListUsers id eq", listing(ctx, s, identity.AttrID, identity.Equal, "")},
		{"ListUsers external id eq", listing(ctx, s, identity.AttrExternalID, identity.Equal, "")},
		{"ListUsers mail eq", listing(ctx, s, identity.ClaimEmail, identity.Equal, "")},
		{"ListUsers mail of any kind eq", listingAny(ctx, s, identity.Equal, identity.ClaimEmail, "urn:mail.work", identity.AttrUsername)},
		{"ListUsers mail of any kind starts with", listingAny(ctx, s, identity.StartsWith, identity.ClaimEmail, "urn:mail.work")},
		{"ListUsers mail starts with", listing(ctx, s, identity.ClaimEmail, identity.StartsWith, "")},
		{"TenantExists", func() error { _, err := s.TenantExists(ctx, "t"); return err }},
		{"ListClaims", func() error { _, err := s.ListClaims(ctx, "t"); return err }},
		{"CreateConnection", func() error { _, err := s.CreateConnection(ctx, provider); return err }},
		{"UpdateConnection", func() error {
			_, err := s.UpdateConnection(ctx, "t", "c", func(c *connection.Connection) error {
				c.Name = "other"
				return nil
			})
			return err
		}},
		{"FindConnection", func() error { _, err := s.FindConnection(ctx, "t", "c"); return err }},
		{"ListConnections", func() error { _, err := s.ListConnections(ctx, "t"); return err }},
		{"DeleteConnection", func() error { return s.DeleteConnection(ctx, "t", "c") }},
		{"Enqueue", func() error { return s.Enqueue(ctx, notify.Queued{Tenant: "t", Key: "k"}) }},
		{"ClaimDue", func() error { _, err := s.ClaimDue(ctx, now, now, 10); return err }},
		{"FinishMessage", func() error { return s.FinishMessage(ctx, "t", "k", now, notify.Ending{State: notify.StateDelivered}) }},
		{"RenewClaim", func() error { _, err := s.RenewClaim(ctx, notify.Queued{Tenant: "t", Key: "k"}, now); return err }},
		{"PostponeMessage", func() error { return s.PostponeMessage(ctx, "t", "k", now, "down") }},
		{"FindMessage", func() error { _, err := s.FindMessage(ctx, "t", 1, now); return err }},
		{"RetryMessage", func() error { return s.RetryMessage(ctx, "t", "k", now) }},
		{"DropMessage", func() error { return s.DropMessage(ctx, "t", "k", now, nil) }},
		{"ListMessages given up", func() error {
			_, err := s.ListMessages(ctx, notify.ListQuery{Tenant: "t", State: notify.StateGivenUp, Before: 7, Limit: 9, Now: now})
			return err
		}},
		{"DeleteFinished", func() error { _, err := s.DeleteFinished(ctx, now); return err }},
	}
}

// listingAny is listing for users of whom one of the attributes is so.
func listingAny(ctx context.Context, s store.Store, op identity.Op, attributes ...identity.Attribute) func() error {
	return func() error {
		var either identity.Filter = identity.Compare{Attribute: attributes[0], Op: op, Value: "x"}
		for _, a := range attributes[1:] {
			either = identity.Or{Left: either, Right: identity.Compare{Attribute: a, Op: op, Value: "x"}}
		}
		_, _, err := s.ListUsers(ctx, identity.Query{Tenant: "t", Filter: either, Limit: 10})
		return err
	}
}

// listing returns a call of ListUsers for the first page.
func listing(ctx context.Context, s store.Store, a identity.Attribute, op identity.Op, by identity.Attribute) func() error {
	return func() error {
		q := identity.Query{Tenant: "t", SortBy: by, Limit: 10}
		if a != "" {
			q.Filter = identity.Compare{Attribute: a, Op: op, Value: "x"}
		}
		_, _, err := s.ListUsers(ctx, q)
		return err
	}
}
