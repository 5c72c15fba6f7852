package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/tools/txtar"

	"usher/config"
	"usher/identity"
	"usher/notify"
	"usher/store"
	"usher/telemetry"
)

// A journey is a file in testdata/flows: sections that are carried out in
// order against the whole server but its listener, with a clock that stands
// still. Adding a scenario is adding a file. Sections:
//
//	user             JSON of a user to create: username, password, claims, locked, disabled, roles
//	invite           JSON of an invitation to create for that user: username; sets $code
//	template NAME    publishes a template
//	passkey DEVICE   answers the ceremony that the last answer asked for; sets $passkey
//	METHOD /path     a management request with Basic credentials of admin:Adm1n-password; next section "answer"
//	FORM /path       a form a browser posts; next section "answer"
//	execute          a request; next section "answer"
//	answer STATUS    the expected body; "*" matches anything, "$name" of a new name stores what is there
//	mail             lines "to ADDRESS" and "has TEXT": the next mail; a code or link in it sets $code, the
//	                 flow id of a link $link
//	no mail          none was sent to anybody
//	wait 6m          moves the clock
//
// $name is replaced in everything that is sent.
func TestJourneys(t *testing.T) {
	files, err := filepath.Glob("testdata/flows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no journeys found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			j := newJourney(t)
			for i, section := range archive.Files {
				j.at = fmt.Sprintf("%s, section %d %q", filepath.Base(file), i+1, section.Name)
				j.run(section.Name, string(section.Data))
			}
		})
	}
}

type journey struct {
	t     *testing.T
	at    string
	parts *parts
	users store.Store
	names map[string]string
	last  *httptest.ResponseRecorder
	// devices are authenticators with a passkey each.
	devices map[string]*device
	mail    chan notify.Rendered

	mu  sync.Mutex
	now time.Time
}

func newJourney(t *testing.T) *journey {
	t.Helper()
	st, _ := openTestStore(t)
	return newJourneyOn(t, st)
}

func newJourneyOn(t *testing.T, st store.Store) *journey {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	j := &journey{
		t: t, users: st, names: map[string]string{}, mail: make(chan notify.Rendered, 100),
		now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	var err error
	c := &config.Config{
		PublicURL: "https://id.example.com", ExecutionLife: 15 * time.Minute, InvitationLife: 24 * time.Hour, OTPLife: 5 * time.Minute,
		SignInMaxFailures: 5, SignInLockTime: 5 * time.Minute, PasswordMinLength: 8, PasswordMaxLength: 128,
		CaptchaProvider: config.CaptchaNone, PasswordHashMemoryKiB: 8, PasswordHashTime: 1, OutboundAllow: []string{"127.0.0.0/8"},
	}
	usualLimits(c)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	j.parts, err = wire(c, st, [][]byte{make([]byte, 32)}, log, j.clock, eyes{metrics: telemetry.NewMetrics("test")})
	if err != nil {
		t.Fatal(err)
	}
	j.parts.Handler = asDocumented(t, j.parts.Handler, nil)
	if err := furnish(ctx, st, identity.DefaultTenant, j.clock()); err != nil {
		t.Fatal(err)
	}
	j.user(`{"username":"admin","password":"Adm1n-password","roles":["admin"]}`)
	done := make(chan error, 1)
	worker := notify.NewWorker(notify.WorkerConfig{
		Outbox: st, Box: j.parts.Outbox, Words: j.parts.Words, Now: j.clock, Log: log,
		Senders: map[notify.Channel]notify.Sender{notify.Email: mailbox(j.mail)},
	})
	go func() { done <- worker.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return j
}

type mailbox chan notify.Rendered

func (m mailbox) Send(_ context.Context, r notify.Rendered) error {
	m <- r
	return nil
}

func (j *journey) clock() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now
}

func (j *journey) setClock(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.now = now
}

func (j *journey) fatalf(format string, args ...any) {
	j.t.Helper()
	j.t.Fatalf("%s: %s", j.at, fmt.Sprintf(format, args...))
}

func (j *journey) run(name, data string) {
	j.t.Helper()
	verb, rest, _ := strings.Cut(name, " ")
	switch verb {
	case "user":
		j.user(data)
	case "invite":
		j.invite(data)
	case "template":
		j.template(rest)
	case "passkey":
		j.passkey(rest)
	case "execute":
		j.request("POST", "/api/server/v1/flow/execute", data, false)
	case "FORM":
		j.request("POST", rest, strings.TrimSpace(data), false)
	case "GET", "PUT", "POST", "PATCH", "DELETE":
		j.request(verb, rest, data, true)
	case "answer":
		j.answer(rest, data)
	case "mail":
		j.expectMail(data)
	case "no":
		select {
		case m := <-j.mail:
			j.fatalf("mail %q to %s", m.Subject, m.To)
		case <-time.After(200 * time.Millisecond):
		}
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			j.fatalf("%v", err)
		}
		j.mu.Lock()
		j.now = j.now.Add(d)
		j.mu.Unlock()
	default:
		j.fatalf("unknown section")
	}
}

func (j *journey) user(data string) {
	j.t.Helper()
	var in struct {
		Username, Password string
		Claims             map[string]string
		Roles              []string
		Locked, Disabled   bool
	}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		j.fatalf("%v", err)
	}
	ctx := context.Background()
	u := &identity.User{
		Tenant: identity.DefaultTenant, ID: uuid.NewString(), Username: in.Username, Claims: map[string]string{}, Roles: in.Roles,
		Locked: in.Locked, Disabled: in.Disabled, Created: j.clock(), Modified: j.clock(),
	}
	for name, value := range in.Claims {
		u.Claims[identity.ClaimPrefix+name] = value
	}
	along := identity.Along{}
	if in.Password != "" {
		hash, err := j.parts.Hasher.Hash(ctx, in.Password)
		if err != nil {
			j.fatalf("%v", err)
		}
		along.Credentials = []identity.Credential{{Kind: identity.CredentialPassword, Data: hash}}
	}
	if _, err := j.users.CreateUser(ctx, "", u, along); err != nil {
		j.fatalf("%v", err)
	}
}

func (j *journey) invite(data string) {
	j.t.Helper()
	var in struct{ Username string }
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		j.fatalf("%v", err)
	}
	ctx := context.Background()
	u, err := j.users.FindUserByName(ctx, identity.DefaultTenant, in.Username)
	if err != nil {
		j.fatalf("%v", err)
	}
	code := identity.NewCode()
	_, err = j.users.UpdateUser(ctx, u.Tenant, u.ID, func(u *identity.User) error {
		u.Locked, u.LockReason = true, identity.LockedPendingInvitation
		return nil
	}, identity.Along{Confirmation: &identity.Confirmation{
		Tenant: u.Tenant, Digest: identity.CodeDigest(code), UserID: u.ID, Purpose: identity.PurposeInvitation,
		Value: u.Claims[identity.ClaimEmail], Expires: j.clock().Add(24 * time.Hour),
	}})
	if err != nil {
		j.fatalf("%v", err)
	}
	j.names["code"] = code
}

var variable = regexp.MustCompile(`\$[a-zA-Z]+`)

func (j *journey) request(method, path, data string, admin bool) {
	data = variable.ReplaceAllStringFunc(data, func(name string) string { return j.names[name[1:]] })
	path, credentials, _ := strings.Cut(path, " as ")
	r := httptest.NewRequest(method, path, strings.NewReader(data))
	r.Header.Set("Content-Type", "application/json")
	if !strings.HasPrefix(strings.TrimSpace(data), "{") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if credentials == "" && admin {
		credentials = "admin:Adm1n-password"
	}
	if credentials != "" {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	}
	j.last = httptest.NewRecorder()
	j.parts.Handler.ServeHTTP(j.last, r)
}

func (j *journey) answer(status, data string) {
	j.t.Helper()
	if want, err := strconv.Atoi(status); err != nil || j.last.Code != want {
		j.fatalf("status %d, want %s; body:\n%s", j.last.Code, status, j.last.Body)
	}
	if strings.TrimSpace(data) == "" {
		return
	}
	var got, want any
	if err := json.Unmarshal(j.last.Body.Bytes(), &got); err != nil {
		j.fatalf("%v in answer %s", err, j.last.Body)
	}
	if err := json.Unmarshal([]byte(data), &want); err != nil {
		j.fatalf("%v in expectation", err)
	}
	if diff := cmp.Diff(j.fill(want, got), got); diff != "" {
		indented, _ := json.MarshalIndent(got, "", "  ")
		j.fatalf("answer differs (-want +got):\n%s\nit was:\n%s", diff, indented)
	}
}

// fill puts what got has in the place of wildcards and new names in want.
func (j *journey) fill(want, got any) any {
	switch w := want.(type) {
	case string:
		if w == "*" {
			return got
		}
		if name, ok := strings.CutPrefix(w, "$"); ok {
			if _, known := j.names[name]; !known {
				j.names[name] = fmt.Sprint(got)
			}
			return j.names[name]
		}
	case map[string]any:
		g, _ := got.(map[string]any)
		for key := range w {
			w[key] = j.fill(w[key], g[key])
		}
	case []any:
		g, _ := got.([]any)
		for i := range min(len(w), len(g)) {
			w[i] = j.fill(w[i], g[i])
		}
	}
	return want
}

var (
	magic     = regexp.MustCompile(`flowId=([\w-]+)&mlt=([\w-]+)`)
	linkCode  = regexp.MustCompile(`confirmation=([\w-]+)`)
	digitCode = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)
)

func (j *journey) expectMail(data string) {
	j.t.Helper()
	var m notify.Rendered
	select {
	case m = <-j.mail:
	case <-time.After(5 * time.Second):
		j.fatalf("no mail came")
	}
	for line := range strings.Lines(data) {
		verb, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "to":
			if m.To != what {
				j.fatalf("mail to %s, want %s", m.To, what)
			}
		case "has":
			if !strings.Contains(m.Subject+"\n"+m.Text, what) {
				j.fatalf("mail without %q:\n%s\n%s", what, m.Subject, m.Text)
			}
		}
	}
	if found := magic.FindStringSubmatch(m.Text); found != nil {
		j.names["link"], j.names["code"] = found[1], found[2]
		return
	}
	for _, pattern := range []*regexp.Regexp{linkCode, digitCode} {
		if found := pattern.FindStringSubmatch(m.Text); found != nil {
			j.names["code"] = found[1]
			return
		}
	}
	delete(j.names, "code")
}
