package fido2

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	vwa "github.com/descope/virtualwebauthn"

	"usher/executor/executortest"
	"usher/flow"
	"usher/identity"
)

// altered changes a base64url member of the credential's response.
func altered(member string, change func([]byte) []byte) func(string) string {
	return func(answer string) string {
		var c map[string]any
		if err := json.Unmarshal([]byte(answer), &c); err != nil {
			panic(err)
		}
		response := c["response"].(map[string]any)
		text, ok := response[member].(string)
		if !ok {
			return "" // of the other mode
		}
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			panic(err)
		}
		response[member] = base64.RawURLEncoding.EncodeToString(change(raw))
		changed, err := json.Marshal(c)
		if err != nil {
			panic(err)
		}
		return string(changed)
	}
}

func flipLast(b []byte) []byte { b[len(b)-1] ^= 1; return b }

// attacks are what somebody may do to a ceremony: to the device before it
// answers, or to the answer.
var attacks = map[string]struct {
	device func(*device)
	answer func(string) string
	meta   flow.Meta
}{
	"foreign origin":         {device: func(d *device) { d.party.Origin = "https://example.com.evil.test" }},
	"no TLS":                 {device: func(d *device) { d.party.Origin = "http://id.example.com" }},
	"another port":           {device: func(d *device) { d.party.Origin = home + ":444" }},
	"another allowed origin": {device: func(d *device) { d.party.Origin = party.Origins[1] }},
	"foreign RP ID":          {device: func(d *device) { d.party.ID = "evil.test" }},
	"RP ID below":            {device: func(d *device) { d.party.ID = "id.example.com" }},
	"nobody there":           {device: func(d *device) { d.auth.Options.UserNotPresent = true }},
	"nobody verified":        {device: func(d *device) { d.auth.Options.UserNotVerified = true }, meta: flow.Meta{"userVerification": "required"}},
	"backed up, not eligible": {device: func(d *device) {
		d.auth.Options.BackupEligible, d.auth.Options.BackupState = false, true
	}},
	"tampered attestation": {answer: altered("attestationObject", func(b []byte) []byte {
		b[bytes.Index(b, []byte("authData"))+12] ^= 1 // in the hash of the RP ID
		return b
	})},
	"tampered public key":    {answer: altered("attestationObject", flipLast)},
	"tampered signature":     {answer: altered("signature", flipLast)},
	"tampered authData":      {answer: altered("authenticatorData", flipLast)},
	"authData cut off":       {answer: altered("authenticatorData", func(b []byte) []byte { return b[:36] })},
	"attestation cut off":    {answer: altered("attestationObject", func(b []byte) []byte { return b[:len(b)/2] })},
	"no attestation":         {answer: altered("attestationObject", func([]byte) []byte { return nil })},
	"client data of another": {answer: altered("clientDataJSON", func(b []byte) []byte { return bytes.Replace(b, []byte("webauthn."), []byte("payment."), 1) })},
	"the other ceremony": {answer: altered("clientDataJSON", func(b []byte) []byte {
		if bytes.Contains(b, []byte("webauthn.create")) {
			return bytes.Replace(b, []byte("webauthn.create"), []byte("webauthn.get"), 1)
		}
		return bytes.Replace(b, []byte("webauthn.get"), []byte("webauthn.create"), 1)
	})},
	"client data no JSON": {answer: altered("clientDataJSON", func([]byte) []byte { return []byte("[") })},
	"no JSON":             {answer: func(string) string { return "{" }},
	"another value":       {answer: func(string) string { return `"text"` }},
	"null":                {answer: func(string) string { return "null" }},
	"two values":          {answer: func(s string) string { return s + s }},
	"empty object":        {answer: func(string) string { return "{}" }},
	"another type":        {answer: func(s string) string { return strings.ReplaceAll(s, "public-key", "password") }},
	"another id":          {answer: func(s string) string { return strings.Replace(s, `"id":"`, `"id":"AAAA`, 1) }},
	"id twice":            {answer: func(s string) string { return strings.Replace(s, `"id":"`, `"id":"AAAA","id":"`, 1) + " " + "x" }},
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	for name, attack := range attacks {
		for _, c := range []struct {
			mode    string
			flow    flow.Type
			subject flow.Subject
		}{
			{modeCreate, flow.PasswordRecovery, aboutAda()},
			{modeGet, flow.PasswordRecovery, aboutAda()},
			{modeGet, flow.Authentication, flow.Subject{}},
		} {
			mode := c.mode
			t.Run(mode+" "+name+" "+string(c.flow), func(t *testing.T) {
				t.Parallel()
				meta := flow.Meta{"mode": mode}
				maps.Copy(meta, attack.meta)
				f := newFixture(t, c.flow, c.subject, meta)
				honest, evil := newDevice(), newDevice()
				respond := evil.create
				if mode == modeGet {
					f.enrol(honest, "7d1c")
					*evil = *honest
					respond = evil.get
				}
				if attack.device != nil {
					attack.device(evil)
				}
				stored := len(f.users.stored["7d1c"])
				f.Page = true
				answer := respond(t, f.open())
				if attack.answer != nil {
					if answer = attack.answer(answer); answer == "" {
						return
					}
				}
				f.refused(wrong, map[string]string{credential: answer})
				if len(f.users.stored["7d1c"]) != stored || len(f.users.world.Effects()) != stored {
					t.Error("it was kept")
				}
				// The person goes on.
				if mode == modeGet {
					f.done(token(honest.get(t, f.ceremony(nil))))
				} else {
					f.done(token(honest.create(t, f.ceremony(nil))))
				}
			})
		}
	}
}

// A challenge takes one answer, right or wrong, and only in time.
func TestChallenges(t *testing.T) {
	t.Parallel()
	for _, page := range []bool{true, false} {
		f := newFixture(t, flow.Registration, flow.Subject{}, nil)
		f.Page = page
		d := newDevice()
		next := func(m mistake, values map[string]string) flow.Ceremony {
			t.Helper()
			result := f.refused(m, values)
			if c, ok := result.(flow.Ceremony); ok && !page {
				return c
			}
			if _, ok := result.(flow.Ask); !ok || !page {
				t.Fatalf("page %v: %#v", page, result)
			}
			return f.ceremony(nil) // the button is pressed again
		}
		first := f.open()
		answer := token(d.create(t, first))
		second := next(cancelled, nil)
		next(wrong, answer) // of the ceremony that was cancelled
		third := next(wrong, token("{}"))
		seen := map[any]bool{}
		for _, c := range []flow.Ceremony{first, second, third} {
			seen[options(t, c)["challenge"]] = true
		}
		if len(seen) != 3 {
			t.Errorf("a challenge was used again: %v", seen)
		}
		f.After += ceremonyTime
		fourth := next(late, token(d.create(t, third)))
		f.Page = true
		f.refused(cancelled, nil)
		f.refused(spent, token(d.create(t, fourth)))
		f.done(token(d.create(t, f.ceremony(nil))))
	}
}

// A challenge belongs to its visit of the step.
func TestOtherVisit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	f.Page = true
	answer := token(newDevice().create(t, f.open()))
	f.Visit = "another"
	f.refused(spent, answer)
	f.ceremony(nil)
	f.refused(wrong, answer)
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	refused := mistake{"passkey.origin", "Passkeys cannot be used on this site."}
	for _, page := range []bool{true, false} {
		for _, from := range []string{"https://evil.test", "https://example.com", "http://id.example.com", "https://ID.example.com", "null", "*", home + "/"} {
			f := newFixture(t, flow.Registration, flow.Subject{}, nil)
			f.Page = page
			result := f.refused(refused, map[string]string{origin: from})
			if p, ok := result.(flow.Prompt); !page && (!ok || len(p.Required) != 1 || p.Required[0] != origin) {
				t.Errorf("%s: %#v", from, result)
			}
			d := newDevice()
			d.party.Origin = party.Origins[1]
			f.done(token(d.create(t, f.ceremony(map[string]string{origin: party.Origins[1]}))))
		}
	}
	// One that was foreign ends the ceremony that was going on.
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	f.Page = true
	answer := token(newDevice().create(t, f.open()))
	f.refused(refused, map[string]string{origin: "https://evil.test", tokenResponse: answer[tokenResponse]})
	f.refused(spent, answer)
}

// A server without a domain has no passkeys, and says so.
func TestNoOrigins(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	f.run = executortest.MustBind(t, New(RelyingParty{ID: "127.0.0.1"}, f.users, secret, nil), nil)
	f.refused(mistake{"passkey.origin", "Passkeys cannot be used on this site."}, map[string]string{origin: home})
}

// Pressing the button again, with the origin, is no answer but another try.
func TestPressedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	f.Page = true
	first, second := f.open(), f.open()
	if options(t, first)["challenge"] == options(t, second)["challenge"] {
		t.Error("the challenge is the same")
	}
	f.done(token(newDevice().create(t, second)))
}

// What the device claims to be able to do is not kept unless it is known.
func TestTransports(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.Registration, flow.Subject{}, nil)
	d := newDevice()
	d.auth.Options.Transports = []vwa.Transport{vwa.TransportNFC, vwa.TransportInternal, vwa.TransportNFC}
	answer := strings.Replace(d.create(t, f.open()), `"transports":[`, `"transports":["<script>",`, 1)
	f.done(token(answer))
	p, err := decode(f.stage.Subject.Credentials[0].ID, f.stage.Subject.Credentials[0].Data)
	if err != nil || len(p.Transports) != 2 {
		t.Errorf("transports %v, error %v", p.Transports, err)
	}
}

// A user who is out of reach must never get this far.
func TestCreateForNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t, flow.PasswordRecovery, named("nobody", ""), nil)
	if _, result, err := executortest.Do(t.Context(), f.run, f.stage, f.Request); err == nil {
		t.Errorf("got %#v", result)
	}
}

// FuzzAnswers: whatever is sent, the person can go on, and nothing is kept.
func FuzzAnswers(f *testing.F) {
	d := newDevice()
	kit := newFixture(new(testing.T), flow.PasswordRecovery, aboutAda(), nil)
	f.Add([]byte(d.create(f, kit.openFor(f))))
	kit.use(kit.users, byPasskey)
	f.Add([]byte(d.get(f, kit.openFor(f))))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, mode := range []string{modeCreate, modeGet} {
			subject := aboutAda()
			subject.Collect(identity.ClaimUsername, "ada")
			k := newFixture(t, flow.PasswordRecovery, subject, flow.Meta{"mode": mode})
			k.After = time.Hour // another challenge than the seeds'
			k.Visit = "fuzz"
			k.open()
			if len(answer) > 0 {
				k.refused(wrong, map[string]string{credential: string(answer)})
			}
			k.open()
			k.refused(wrong, map[string]string{tokenResponse: "AA" + string(answer)})
		}
	})
}

// openFor begins a ceremony on behalf of a benchmark or fuzz target.
func (f *fixture) openFor(t testing.TB) flow.Ceremony {
	t.Helper()
	f.Values, f.Submitted = map[string]string{origin: home}, true
	after, result, err := executortest.Do(t.Context(), f.run, f.stage, f.Request)
	c, ok := result.(flow.Ceremony)
	if err != nil || !ok {
		t.Fatalf("%#v, %v", result, err)
	}
	f.stage = after
	return c
}
