package provision

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
	"usher/notify"
)

const address = "ada@example.com"

// entered is what somebody filled in to register.
func entered(pairs ...string) flow.Subject {
	s := flow.Subject{Collected: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		s.Collected[pairs[i]] = pairs[i+1]
	}
	return s
}

func TestSuite(t *testing.T) {
	t.Parallel()
	existing := flow.Subject{
		UserID: "7d1c", Identified: true, Stored: map[string]string{identity.ClaimEmail: address},
		Collected: map[string]string{identity.ClaimGivenName: "Ada"},
	}
	for name, c := range map[string]executortest.Case{
		"registration":              {Flow: flow.Registration, Subject: entered(identity.ClaimEmail, address)},
		"registration with a mail":  {Flow: flow.Registration, Subject: entered(identity.ClaimEmail, address), Settings: flow.Settings{Notify: true}},
		"registration to verify":    {Flow: flow.Registration, Subject: entered(identity.ClaimEmail, address), Settings: flow.Settings{VerifyEmail: true, LockOnCreation: true}},
		"registration without data": {Flow: flow.Registration},
		"recovery":                  {Flow: flow.PasswordRecovery, Subject: existing},
		"invitation":                {Flow: flow.InvitedUserRegistration, Subject: existing},
	} {
		c.New = func(t *testing.T, w *executortest.World) executortest.Use {
			f := newFixture(t, w)
			f.users.user = &identity.User{Tenant: executortest.Tenant, ID: "7d1c"}
			return executortest.Use{Executor: f.Executor}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			executortest.Run(t, c)
		})
	}
}

func TestUserThatIsCreated(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{})
	s := entered(identity.ClaimUsername, "Ada", identity.ClaimEmail, address, identity.ClaimGivenName, "Ada <&>")
	s.Credentials = []flow.Credential{{Kind: flow.CredentialPassword, Data: "$fake$"}}
	after := f.mustRun(t, flow.Registration, s, flow.Settings{})

	got := f.users.user
	want := &identity.User{
		Tenant: executortest.Tenant, Username: "Ada", Created: executortest.Now, Modified: executortest.Now,
		Claims: map[string]string{identity.ClaimEmail: address, identity.ClaimGivenName: "Ada <&>"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(identity.User{}, "ID")); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	if _, err := uuid.Parse(got.ID); err != nil || after.UserID != got.ID {
		t.Errorf("user id %q, subject has %q", got.ID, after.UserID)
	}
	if diff := cmp.Diff(identity.Along{Credentials: []identity.Credential{{Kind: identity.CredentialPassword, Data: "$fake$"}}}, f.users.along); diff != "" {
		t.Errorf("along (-want +got):\n%s", diff)
	}
}

func TestUsername(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject flow.Subject
		want    string
	}{
		"entered":          {entered(identity.ClaimUsername, "ada", identity.ClaimEmail, address), "ada"},
		"entered alone":    {entered(identity.ClaimUsername, " Ada L. "), " Ada L. "},
		"left empty":       {entered(identity.ClaimUsername, "", identity.ClaimEmail, address), address},
		"address":          {entered(identity.ClaimEmail, address), address},
		"nothing to go by": {entered(identity.ClaimGivenName, "Ada"), ""},
		"nothing at all":   {flow.Subject{}, ""},
	} {
		f := newFixture(t, &executortest.World{})
		f.mustRun(t, flow.Registration, c.subject, flow.Settings{})
		got := f.users.user.Username
		if c.want == "" {
			if _, err := uuid.Parse(got); err != nil || got == f.users.user.ID {
				t.Errorf("%s: user name %q is no UUID of its own", name, got)
			}
		} else if got != c.want {
			t.Errorf("%s: user name %q, want %q", name, got, c.want)
		}
		if _, there := f.users.user.Claims[identity.ClaimUsername]; there {
			t.Errorf("%s: the user name is among the claims", name)
		}
	}
}

func TestTakenValues(t *testing.T) {
	t.Parallel()
	both := entered(identity.ClaimUsername, "ada", identity.ClaimEmail, address)
	for name, c := range map[string]struct {
		subject flow.Subject
		taken   string
		want    flow.Ask
	}{
		"name entered":      {both, identity.ClaimUsername, flow.Retry(identity.ClaimUsername, "username.taken", "This user name is taken.")},
		"name from address": {entered(identity.ClaimEmail, address), identity.ClaimUsername, flow.Retry(identity.ClaimEmail, "username.taken", "This user name is taken.")},
		"name left empty":   {entered(identity.ClaimUsername, "", identity.ClaimEmail, address), identity.ClaimUsername, flow.Retry(identity.ClaimEmail, "username.taken", "This user name is taken.")},
		"claim":             {both, identity.ClaimMobile, flow.Retry(identity.ClaimMobile, "claim.taken", "This value is used by another account.")},
	} {
		f := newFixture(t, &executortest.World{})
		f.users.taken = c.taken
		after, result, err := f.run(t, flow.Registration, c.subject, flow.Settings{Notify: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flow.Result(c.want), result); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if after.UserID != "" || len(f.world.Effects()) > 0 {
			t.Errorf("%s: user %q, effects %v", name, after.UserID, f.world.Effects())
		}
	}
}

// A credential that somebody else has by now is nothing to enter again.
func TestTakenCredential(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{})
	f.users.taken = identity.CredentialPasskey
	s := entered(identity.ClaimUsername, "ada")
	s.SetCredential(flow.Credential{Kind: identity.CredentialPasskey, ID: "k", Data: "{}"})
	_, result, err := f.run(t, flow.Registration, s, flow.Settings{})
	if stop, ok := result.(flow.Stop); !ok || stop.Description == "" || err != nil {
		t.Errorf("result %#v, error %v", result, err)
	}
}

// The ID of a credential is kept with it.
func TestCredentialIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{})
	s := entered(identity.ClaimUsername, "ada")
	for _, id := range []string{"a", "b", "a"} {
		s.SetCredential(flow.Credential{Kind: identity.CredentialPasskey, ID: id, Data: "of " + id})
	}
	f.mustRun(t, flow.Registration, s, flow.Settings{})
	want := []identity.Credential{
		{Kind: identity.CredentialPasskey, ID: "b", Data: "of b"}, {Kind: identity.CredentialPasskey, ID: "a", Data: "of a"},
	}
	if diff := cmp.Diff(want, f.users.along.Credentials); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
}

func TestTakenValueOfAnUpdate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{})
	f.users.user = &identity.User{Tenant: executortest.Tenant, ID: "7d1c"}
	f.users.taken = identity.ClaimMobile
	s := entered(identity.ClaimMobile, "+44123456789")
	s.UserID, s.Identified = "7d1c", true
	_, result, err := f.run(t, flow.InvitedUserRegistration, s, flow.Settings{})
	if diff := cmp.Diff(flow.Result(flow.Retry(identity.ClaimMobile, "claim.taken", "This value is used by another account.")), result); diff != "" || err != nil {
		t.Errorf("error %v, result (-want +got):\n%s", err, diff)
	}
}

// settings of a registration, and what they make of the new account.
func TestVerificationAndMessages(t *testing.T) {
	t.Parallel()
	proved := entered(identity.ClaimEmail, address, identity.ClaimGivenName, "Ada")
	proved.Verify(identity.ClaimEmail, address)
	fresh := entered(identity.ClaimEmail, address, identity.ClaimGivenName, "Ada")
	silent := entered(identity.ClaimUsername, "ada")
	for name, c := range map[string]struct {
		subject  flow.Subject
		settings flow.Settings
		template string // of the one message; "" for none
		locked   bool
		verified string
	}{
		"nothing asked":                {fresh, flow.Settings{}, "", false, ""},
		"verify":                       {fresh, flow.Settings{VerifyEmail: true}, "verify-email", false, ""},
		"verify and notify":            {fresh, flow.Settings{VerifyEmail: true, Notify: true}, "verify-email", false, ""},
		"verify and lock":              {fresh, flow.Settings{VerifyEmail: true, LockOnCreation: true}, "verify-email", true, ""},
		"lock alone does nothing":      {fresh, flow.Settings{LockOnCreation: true}, "", false, ""},
		"notify":                       {fresh, flow.Settings{Notify: true}, "account-created", false, ""},
		"lock and notify":              {fresh, flow.Settings{LockOnCreation: true, Notify: true}, "account-created", false, ""},
		"proved":                       {proved, flow.Settings{VerifyEmail: true, LockOnCreation: true}, "", false, "true"},
		"proved, notify":               {proved, flow.Settings{VerifyEmail: true, LockOnCreation: true, Notify: true}, "account-created", false, "true"},
		"no address to ask or tell":    {silent, flow.Settings{VerifyEmail: true, LockOnCreation: true, Notify: true}, "", false, ""},
		"proved one, entered another":  {other(proved), flow.Settings{VerifyEmail: true, LockOnCreation: true}, "verify-email", true, ""},
		"proved, nothing to be proved": {proved, flow.Settings{}, "", false, "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, &executortest.World{})
			after := f.mustRun(t, flow.Registration, c.subject, c.settings)
			u := f.users.user
			if u.Locked != c.locked || (u.LockReason == identity.LockedPendingEmail) != c.locked {
				t.Errorf("locked %v (%q), want %v", u.Locked, u.LockReason, c.locked)
			}
			if (after.Waiting == flow.AccountLocked) != c.locked {
				t.Errorf("waiting %q, locked %v", after.Waiting, c.locked)
			}
			if got := u.Claims[identity.ClaimEmailVerified]; got != c.verified {
				t.Errorf("verified claim %q, want %q", got, c.verified)
			}
			if c.template == "" {
				if len(f.users.along.Messages) != 0 || f.users.along.Confirmation != nil {
					t.Errorf("along %+v", f.users.along)
				}
				return
			}
			if len(f.users.along.Messages) != 1 || f.queue.Last.Template != c.template {
				t.Fatalf("%d messages, the last %q; want one %q", len(f.users.along.Messages), f.queue.Last.Template, c.template)
			}
			if (f.users.along.Confirmation != nil) != (c.template == "verify-email") {
				t.Errorf("confirmation %+v", f.users.along.Confirmation)
			}
		})
	}
}

// other is the subject with another address entered than the one proved.
func other(s flow.Subject) flow.Subject {
	s.Collected = map[string]string{identity.ClaimEmail: "other@example.com"}
	return s
}

func TestLinkThatConfirmsTheAddress(t *testing.T) {
	t.Parallel()
	f := newFixture(t, &executortest.World{})
	f.mustRun(t, flow.Registration, entered(identity.ClaimEmail, address, identity.ClaimGivenName, "Ada"), flow.Settings{VerifyEmail: true})
	link, err := url.Parse(f.queue.Last.Params["link"])
	if err != nil {
		t.Fatal(err)
	}
	code := link.Query().Get("confirmation")
	if got, want := strings.TrimSuffix(link.String(), url.QueryEscape(code)), "https://id.example.com/t/example.com/accounts/verify?confirmation="; got != want {
		t.Errorf("link %s…, want %s…", got, want)
	}
	diff := cmp.Diff(&identity.Confirmation{
		Tenant: executortest.Tenant, Digest: identity.CodeDigest(code), UserID: f.users.user.ID,
		Purpose: identity.PurposeVerifyEmail, Value: address, Expires: executortest.Now.Add(48 * time.Hour),
	}, f.users.along.Confirmation)
	if diff != "" {
		t.Errorf("confirmation (-want +got):\n%s", diff)
	}
	diff = cmp.Diff(notify.Message{
		Channel: notify.Email, To: address, Template: "verify-email", Locale: "de, en;q=0.8",
		Params:  map[string]string{"name": "Ada", "hours": "48", "link": link.String()},
		Expires: executortest.Now.Add(48 * time.Hour),
	}, f.queue.Last)
	if diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}
