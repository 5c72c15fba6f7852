package fido2

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

var byPasskey = flow.Meta{"mode": modeGet}

// recovering is a recovery in which ada's name was entered.
func recovering(t *testing.T) *fixture {
	t.Helper()
	return newFixture(t, flow.PasswordRecovery, named("ada", "7d1c"), byPasskey)
}

func TestGet(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	phone, stick := newDevice(), newDevice()
	stick.key.Counter = 3
	phone.auth.Options.BackupEligible = true
	f.enrol(phone, "7d1c")
	f.enrol(stick, "7d1c")
	before := f.users.byID["7d1c"].Clone()
	phone.auth.Options.BackupState = true // since then
	for i, d := range []*device{stick, phone, stick} {
		f.Visit = string(rune('a' + i))
		c := f.open()
		o := options(t, c)
		listed := ids(t, o["allowCredentials"], "id", "type")
		if len(listed) != minListed || !slices.Contains(listed, phone.id()) || !slices.Contains(listed, stick.id()) || !slices.IsSorted(decodeAll(t, listed)) {
			t.Errorf("lists %v, without %s or %s", listed, phone.id(), stick.id())
		}
		delete(o, "allowCredentials")
		delete(o, "challenge")
		if diff := cmp.Diff(map[string]any{"rpId": "example.com", "timeout": 300000., "userVerification": "preferred"}, o); diff != "" {
			t.Errorf("options (-want +got)\n%s", diff)
		}
		f.done(token(d.get(t, c)))
	}
	for _, p := range f.users.passkeysOf(t, "7d1c") {
		want := passkey{Counter: 5}
		if idText(p.ID) == phone.id() {
			want = passkey{BackupState: true}
		}
		if p.Counter != want.Counter || p.BackupState != want.BackupState || !p.Used.After(p.Created) {
			t.Errorf("%+v", p)
		}
	}
	if diff := cmp.Diff(before, f.users.byID["7d1c"]); diff != "" {
		t.Errorf("the user changed:\n%s", diff)
	}
}

func decodeAll(t *testing.T, list []string) []string {
	t.Helper()
	var raw []string
	for _, one := range list {
		id, err := base64.RawURLEncoding.DecodeString(one)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, string(id))
	}
	return raw
}

// A passkey whose counter goes back may have been copied.
func TestCounter(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	d := newDevice()
	d.key.Counter = 10
	f.enrol(d, "7d1c")
	f.done(token(d.get(t, f.open())))
	for i, counter := range []uint32{10, 4, 0} { // what get makes of the first two is 11 and 5
		d.key.Counter = counter
		f.Visit = string(rune('a' + i))
		f.log.Reset()
		f.refused(wrong, token(d.get(t, f.open())))
		if log := f.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "user=7d1c") || strings.Contains(log, d.id()) {
			t.Errorf("counter %d: log %s", counter, log)
		}
	}
	if p := f.users.passkeysOf(t, "7d1c")[0]; p.Counter != 11 {
		t.Errorf("the counter stands at %d", p.Counter)
	}
	d.key.Counter = 11
	f.done(token(d.get(t, f.open())))
}

// An answer that was written down before the process died is no second use.
func TestRerunIsNoCopy(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	d := newDevice()
	d.key.Counter = 10
	f.enrol(d, "7d1c")
	c := f.open()
	before, answer := f.stage, token(d.get(t, c))
	f.done(answer)
	f.stage = before
	f.done(answer)
	f.Visit = "another"
	f.open()
	f.refused(wrong, answer)
}

// Somebody who does not exist, has no passkey, is locked or has up to three
// cannot be told apart.
func TestSilence(t *testing.T) {
	t.Parallel()
	d := newDevice()
	shape := func(subject flow.Subject, passkeys ...*device) (map[string]any, []string, *fixture) {
		f := newFixture(t, flow.PasswordRecovery, subject, byPasskey)
		for _, one := range passkeys {
			f.enrol(one, "7d1c")
		}
		c := f.open()
		o := options(t, c)
		list := ids(t, o["allowCredentials"], "id", "type")
		delete(o, "allowCredentials")
		f.refused(wrong, token(d.get(t, c)))
		return o, list, f
	}
	locked := named("ada", "7d1c")
	locked.Unreachable = true
	want, nobody, _ := shape(named("nobody", ""))
	for name, test := range map[string]struct {
		subject  flow.Subject
		passkeys []*device
	}{
		"no passkey":     {named("ada", "7d1c"), nil},
		"one passkey":    {named("ada", "7d1c"), []*device{newDevice()}},
		"three passkeys": {named("ada", "7d1c"), []*device{newDevice(), newDevice(), newDevice()}},
		"locked":         {locked, []*device{d}},
	} {
		o, list, _ := shape(test.subject, test.passkeys...)
		if diff := cmp.Diff(want, o); diff != "" || len(list) != len(nobody) {
			t.Errorf("%s: %d are listed, options (-want +got)\n%s", name, len(list), diff)
		}
	}
	// Decoys belong to the name, in every spelling of it, and to the tenant.
	for _, name := range []string{"nobody", "NoBody"} {
		if _, again, _ := shape(named(name, "")); !slices.Equal(again, nobody) {
			t.Errorf("%s: %v, want %v", name, again, nobody)
		}
	}
	_, other, _ := shape(named("somebody", ""))
	for _, id := range other {
		if slices.Contains(nobody, id) {
			t.Errorf("two names share %s", id)
		}
	}
	// A passkey takes the place of a decoy; the others stay.
	_, none, _ := shape(named("ada", "7d1c"))
	_, one, _ := shape(named("ada", "7d1c"), newDevice())
	if left := slices.DeleteFunc(one, func(id string) bool { return !slices.Contains(none, id) }); len(left) != minListed-1 {
		t.Errorf("%d decoys stayed", len(left))
	}
}

// Decoys do not tell that tenants share a server.
func TestDecoysOfTenants(t *testing.T) {
	t.Parallel()
	s := &step{rp: party, users: newUsers(&executortest.World{}), secret: secret}
	seen := map[string]bool{}
	for _, tenant := range []string{"one.example", "two.example"} {
		subject := named("ada", "")
		list, err := s.listed(t.Context(), &turn{Visit: flow.Visit{Tenant: tenant, Subject: &subject}})
		if err != nil || len(list) != minListed {
			t.Fatalf("%v, %v", list, err)
		}
		for _, p := range list {
			if seen[idText(p.ID)] {
				t.Errorf("%s has a decoy of another tenant", tenant)
			}
			seen[idText(p.ID)] = true
		}
	}
}

// Nobody gets in with a decoy's ID, and what is wrong takes the same way to
// the end.
func TestDecoyIsVerified(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.PasswordRecovery, named("nobody", ""), byPasskey)
	d := newDevice()
	c := f.open()
	d.key.ID = []byte(decodeAll(t, ids(t, options(t, c)["allowCredentials"], "id", "type"))[0])
	f.refused(wrong, token(d.get(t, c)))
	if log := f.log.String(); !strings.Contains(log, "signature") {
		t.Errorf("refused before the signature was looked at: %s", log)
	}
}

// Where no name was entered there is nobody to be silent about.
func TestGetByInvitation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.InvitedUserRegistration, aboutAda(), byPasskey)
	d := newDevice()
	f.enrol(d, "7d1c")
	c := f.open()
	if list := ids(t, options(t, c)["allowCredentials"], "id", "type"); !slices.Equal(list, []string{d.id()}) {
		t.Errorf("lists %v", list)
	}
	f.done(token(d.get(t, c)))
}

// The passkey of one user is no proof for another.
func TestPasskeyOfAnother(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	d, bobs := newDevice(), newDevice()
	f.enrol(d, "7d1c")
	f.enrol(bobs, "0b0b")
	f.refused(wrong, token(bobs.get(t, f.open())))
	// Not even under the ID of the right one.
	bobs.key.ID = d.key.ID
	f.refused(wrong, token(bobs.get(t, f.open())))
	d.auth.Options.UserHandle = bobs.auth.Options.UserHandle
	f.refused(wrong, token(d.get(t, f.open())))
	d.auth.Options.UserHandle = nil // as authenticators without room for it do
	f.done(token(d.get(t, f.open())))
}

// A passkey that is dropped meanwhile is none.
func TestDroppedPasskey(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	d := newDevice()
	f.enrol(d, "7d1c")
	c := f.open()
	f.users.stored["7d1c"] = []identity.Credential{{Kind: identity.CredentialPassword, Data: "$fake$"}}
	f.refused(wrong, token(d.get(t, c)))
}

// A passkey that an administrator removes while it is used does not come back,
// and proves nothing.
func TestPasskeyDroppedInUse(t *testing.T) {
	t.Parallel()
	f := recovering(t)
	d := newDevice()
	f.enrol(d, "7d1c")
	f.use(dropping{f.users}, byPasskey)
	f.refused(wrong, token(d.get(t, f.open())))
	if left := f.users.stored["7d1c"]; len(left) != 0 {
		t.Errorf("it is back: %v", left)
	}
}

// How an executor of this mode counts where flows are checked.
func TestDeclaration(t *testing.T) {
	t.Parallel()
	e := New(party, newUsers(&executortest.World{}), secret, nil)
	if !e.NeedsIdentity || e.Identifies || !e.OnPress || e.Flows != nil {
		t.Errorf("%+v", e)
	}
	create := executortest.MustBind(t, e, nil)
	if !create.NeedsIdentity || create.Identifies || !slices.Equal(create.Flows, flow.Types()) {
		t.Errorf("create: %+v", create)
	}
	get := executortest.MustBind(t, e, byPasskey)
	if get.NeedsIdentity || !get.Identifies || slices.Contains(get.Flows, flow.Registration) || !slices.Contains(get.Flows, flow.PasswordRecovery) ||
		!slices.Contains(get.Flows, flow.Authentication) {
		t.Errorf("get: %+v", get)
	}
}
