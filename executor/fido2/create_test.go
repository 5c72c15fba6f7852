package fido2

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	vwa "github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

func TestCreationOptions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.PasswordRecovery, aboutAda(), flow.Meta{"userVerification": "required"})
	d := newDevice()
	f.enrol(d, "7d1c")
	if got := f.send(nil); !cmp.Equal(got, flow.Prompt{Required: []string{origin}}) {
		t.Fatalf("without an origin: %#v", got)
	}
	c := f.open()
	o := options(t, c)
	if got := ids(t, o["excludeCredentials"], "id", "transports", "type"); !slices.Equal(got, []string{d.id()}) {
		t.Errorf("excludes %v, want %s", got, d.id())
	}
	user := o["user"].(map[string]any)
	handle, err := base64.RawURLEncoding.DecodeString(user["id"].(string))
	if err != nil || len(handle) != 32 || !bytes.Equal(handle, f.users.passkeysOf(t, "7d1c")[0].Handle) || bytes.Contains(handle, []byte("7d1c")) {
		t.Errorf("user handle %x", handle)
	}
	if c, err := base64.RawURLEncoding.DecodeString(o["challenge"].(string)); err != nil || len(c) != 32 {
		t.Errorf("challenge %v: %v", o["challenge"], err)
	}
	for _, name := range []string{"excludeCredentials", "challenge"} {
		delete(o, name)
	}
	delete(user, "id")
	parameter := func(alg float64) any { return map[string]any{"type": "public-key", "alg": alg} }
	want := map[string]any{
		"rp":               map[string]any{"id": "example.com", "name": "Example"},
		"user":             map[string]any{"name": "ada", "displayName": "Ada Lovelace"},
		"pubKeyCredParams": []any{parameter(-8), parameter(-7), parameter(-257)},
		"authenticatorSelection": map[string]any{
			"residentKey": "preferred", "requireResidentKey": false, "userVerification": "required",
		},
		"timeout": 300000., "attestation": "none",
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("options (-want +got)\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		collected         map[string]string
		name, displayName string
	}{
		{map[string]string{"username": "ada", "emailaddress": "a@example.com", "displayName": "Countess", "givenname": "Ada"}, "ada", "Countess"},
		{map[string]string{"emailaddress": "a@example.com", "givenname": "Ada", "lastname": "Lovelace"}, "a@example.com", "Ada Lovelace"},
		{map[string]string{"givenname": "Ada"}, "Ada", "Ada"},
		{map[string]string{"username": "ada"}, "ada", "ada"},
		{nil, "Example", "Example"},
	} {
		subject := flow.Subject{Collected: map[string]string{}}
		for claim, value := range test.collected {
			subject.Collected[identity.ClaimPrefix+claim] = value
		}
		user := options(t, newFixture(t, flow.Registration, subject, nil).open())["user"].(map[string]any)
		if user["name"] != test.name || user["displayName"] != test.displayName {
			t.Errorf("%v: %v", test.collected, user)
		}
	}
}

// In a registration passkeys wait for the user, each excluded from the next
// ceremony and all with one handle.
func TestRegistration(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	phone, stick := newDevice(), newDevice()
	phone.auth.Options.BackupEligible, phone.auth.Options.BackupState = true, true
	phone.auth.Options.Transports = []vwa.Transport{vwa.TransportInternal, vwa.TransportHybrid}
	stick.key.Counter, stick.auth.Options.UserNotVerified = 9, true
	stick.auth.Options.Transports = []vwa.Transport{vwa.TransportUSB}
	f.done(token(phone.create(t, f.open())))

	f.Visit = "second"
	c := f.ceremony(nil) // the origin is known by now
	if got := ids(t, options(t, c)["excludeCredentials"], "id", "transports", "type"); !slices.Equal(got, []string{phone.id()}) {
		t.Errorf("excludes %v", got)
	}
	f.done(token(stick.create(t, c)))

	if len(f.stage.Subject.Credentials) != 2 || len(f.users.stored) != 0 {
		t.Fatalf("waiting %v, stored %v", f.stage.Subject.Credentials, f.users.stored)
	}
	var got []passkey
	for i, d := range []*device{phone, stick} {
		waiting := f.stage.Subject.Credentials[i]
		if waiting.Kind != identity.CredentialPasskey || waiting.ID != d.id() {
			t.Errorf("credential %d: %v", i, waiting)
		}
		p, err := decode(waiting.ID, waiting.Data)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	one, two := got[0], got[1]
	if !one.BackupEligible || !one.BackupState || !one.Verified || one.Counter != 0 || len(one.Transports) != 2 || one.RPID != "example.com" {
		t.Errorf("the phone's: %+v", one)
	}
	if two.BackupEligible || two.BackupState || two.Verified || two.Counter != 9 || len(two.Transports) != 1 || two.Transports[0] != "usb" {
		t.Errorf("the stick's: %+v", two)
	}
	if !bytes.Equal(one.AAGUID, phone.auth.Aaguid[:]) || !one.Created.After(executortest.Now) {
		t.Errorf("AAGUID %x, created %v", one.AAGUID, one.Created)
	}
	if !bytes.Equal(one.Handle, two.Handle) || len(one.Handle) != 32 {
		t.Errorf("handles %x and %x", one.Handle, two.Handle)
	}
}

// Whoever enrols a passkey by an invitation has taken it up.
func TestInvitation(t *testing.T) {
	t.Parallel()
	for _, kind := range []flow.Type{flow.InvitedUserRegistration, flow.PasswordRecovery} {
		subject := aboutAda()
		subject.Verify(identity.ClaimEmail, "ada@example.com")
		f := newFixture(t, kind, subject, nil)
		u := f.users.byID["7d1c"]
		u.Locked, u.LockReason = true, identity.LockedPendingInvitation
		d := newDevice()
		f.done(token(d.create(t, f.open())))
		u = f.users.byID["7d1c"]
		if invited := kind == flow.InvitedUserRegistration; u.Locked == invited || (u.Claims[identity.ClaimEmailVerified] == "true") != invited {
			t.Errorf("%s: locked %v, claims %v", kind, u.Locked, u.Claims)
		}
		if !slices.Equal(f.users.along.Spend, []identity.Purpose{identity.PurposeInvitation}) || len(f.stage.Subject.Credentials) != 0 {
			t.Errorf("%s: spent %v, waiting %v", kind, f.users.along.Spend, f.stage.Subject.Credentials)
		}
	}
}

// The handle of a user without passkeys is the same in any execution, and
// differs from everybody else's.
func TestHandleIsStable(t *testing.T) {
	t.Parallel()
	handle := func(subject flow.Subject, visit string) any {
		f := newFixture(t, flow.PasswordRecovery, subject, nil)
		f.Visit = visit
		return options(t, f.open())["user"].(map[string]any)["id"]
	}
	first := handle(aboutAda(), "one")
	if other := handle(aboutAda(), "two"); other != first {
		t.Errorf("%v and %v for one user", first, other)
	}
	if other := handle(flow.Subject{UserID: "0b0b", Identified: true}, "one"); other == first {
		t.Error("two users have one handle")
	}
}

func TestBothFormsOfAnswer(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]func(string) map[string]string{
		"token": token,
		"padded": func(s string) map[string]string {
			return map[string]string{tokenResponse: base64.URLEncoding.EncodeToString([]byte(s))}
		},
		"text": func(s string) map[string]string { return map[string]string{credential: s} },
		"without rawId": func(s string) map[string]string {
			at := strings.Index(s, `"rawId"`)
			return map[string]string{credential: s[:at] + s[at+strings.IndexByte(s[at:], ',')+1:]}
		},
		"with origin": func(s string) map[string]string { return map[string]string{credential: s, origin: home} },
		"twice": func(s string) map[string]string {
			return map[string]string{credential: "{}", tokenResponse: token(s)[tokenResponse]}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, flow.Registration, flow.Subject{}, nil)
			f.done(form(newDevice().create(t, f.open())))
		})
	}
}

// Nobody gets a passkey that somebody has.
func TestTaken(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]flow.Subject{"by oneself": aboutAda(), "by a newcomer": {}, "by another user": {UserID: "0b0b", Identified: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := flow.PasswordRecovery
			if subject.UserID == "" {
				kind = flow.Registration
			}
			f := newFixture(t, kind, subject, nil)
			d := newDevice()
			f.enrol(d, "7d1c")
			f.users.along = identity.Along{}
			f.refused(known, token(d.create(t, f.open())))
			if len(f.users.along.Credentials) != 0 || len(f.stage.Subject.Credentials) != 0 {
				t.Error("it was kept")
			}
		})
	}
	f := newFixture(t, flow.PasswordRecovery, aboutAda(), nil)
	f.use(raced{f.users}, nil)
	f.refused(known, token(newDevice().create(t, f.open())))
}

// Credential IDs have bounds.
func TestLongID(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	f.Page = true
	d := newDevice()
	d.key.ID = bytes.Repeat([]byte{7}, maxID+1)
	f.refused(wrong, token(d.create(t, f.open())))
	d.key.ID = d.key.ID[1:]
	f.done(token(d.create(t, f.ceremony(nil))))
}

func TestTooManyPasskeys(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.PasswordRecovery, aboutAda(), nil)
	for range maxPasskeys {
		f.enrol(newDevice(), "7d1c")
	}
	if result, ok := f.send(map[string]string{origin: home}).(flow.Stop); !ok {
		t.Errorf("got %#v", result)
	}
}

// Passkeys of a domain that the server had before are of no use any more.
func TestOtherDomain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.PasswordRecovery, aboutAda(), nil)
	d := newDevice()
	f.enrol(d, "7d1c")
	c := &f.users.stored["7d1c"][0]
	c.Data = strings.Replace(c.Data, `"rpId":"example.com"`, `"rpId":"old.example.org"`, 1)
	if list := options(t, f.open())["excludeCredentials"]; list != nil {
		t.Errorf("excludes %v", list)
	}
}
