package accountapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/identity"
)

// add stores somebody with an address.
func (s *site) add(name string, change func(*identity.User)) {
	s.t.Helper()
	u := &identity.User{
		Tenant: identity.DefaultTenant, ID: name, Username: name, Created: noon, Modified: noon,
		Claims: map[string]string{identity.ClaimEmail: name + "@example.com", identity.ClaimGivenName: "Grace", identity.ClaimLocale: "de"},
	}
	change(u)
	if _, err := s.store.CreateUser(s.t.Context(), "", u, identity.Along{}); err != nil {
		s.t.Fatal(err)
	}
}

func invited(u *identity.User) { u.Locked, u.LockReason = true, identity.LockedPendingInvitation }

func TestInvitesAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("grace", invited)
	s.call(http.StatusForbidden, identity.RoleViewer, http.MethodPost, "grace/invitation")
	var codes []string
	for range 2 {
		s.call(http.StatusNoContent, identity.RoleAdmin, http.MethodPost, "grace/invitation")
		m := s.outbox.letters[len(s.outbox.letters)-1]
		link, code, _ := strings.Cut(m.Params["link"], "?confirmation=")
		if m.To != "grace@example.com" || m.Template != "invitation" || m.Locale != "de" || link != "https://id.example/accept" || m.Params["name"] != "Grace" {
			t.Errorf("letter %+v", m)
		}
		code, err := url.QueryUnescape(code)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	for i, code := range codes {
		c, err := s.store.FindConfirmation(t.Context(), identity.DefaultTenant, identity.CodeDigest(code), identity.PurposeInvitation, noon)
		if i == 0 && err != identity.ErrNoConfirmation || i == 1 && (err != nil || c.UserID != "grace" || c.Value != "grace@example.com") {
			t.Errorf("invitation %d: %+v, %v", i+1, c, err)
		}
	}
	// The address got as many as it may.
	s.call(http.StatusTooManyRequests, identity.RoleAdmin, http.MethodPost, "grace/invitation")
	s.wantEntries("grace", "user.invited", "user.invited")
}

func TestAsksToRecover(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("grace", func(*identity.User) {})
	s.call(http.StatusForbidden, identity.RoleEditor, http.MethodPost, "grace/recovery")
	s.call(http.StatusNoContent, identity.RoleAdmin, http.MethodPost, "grace/recovery")
	m := s.outbox.letters[0]
	if m.To != "grace@example.com" || m.Template != "recovery-request" || m.Params["link"] != "https://id.example/recover" {
		t.Errorf("letter %+v", m)
	}
	s.flows.on = false
	s.call(http.StatusConflict, identity.RoleAdmin, http.MethodPost, "grace/recovery")
	s.wantEntries("grace", "user.recovery.requested")
}

func TestSendsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("plain", func(*identity.User) {})
	s.add("locked", func(u *identity.User) { u.Locked, u.LockReason = true, identity.LockedByAdmin })
	s.add("invited", invited)
	s.add("guessed", func(u *identity.User) { u.LockedUntil = noon.Add(time.Minute) })
	s.add("off", func(u *identity.User) { invited(u); u.Disabled = true })
	s.add("nowhere", func(u *identity.User) { u.Claims = nil })
	s.add("invited-nowhere", func(u *identity.User) { invited(u); u.Claims = nil })
	if err := s.store.CreateTenant(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	s.add("foreign", func(u *identity.User) { u.Tenant = "acme" })
	s.add("foreign-invited", func(u *identity.User) { invited(u); u.Tenant = "acme" })
	for target, status := range map[string]int{
		"plain/invitation": 409, "locked/invitation": 409, "off/invitation": 409, "invited-nowhere/invitation": 409, "none/invitation": 404, "foreign-invited/invitation": 404,
		"locked/recovery": 409, "invited/recovery": 409, "off/recovery": 409, "nowhere/recovery": 409, "none/recovery": 404, "foreign/recovery": 404, "guessed/recovery": 409,
	} {
		s.call(status, identity.RoleAdmin, http.MethodPost, target)
	}
	if len(s.outbox.letters) > 0 || s.budget.left != 2 {
		t.Errorf("%d letters, %d left", len(s.outbox.letters), s.budget.left)
	}
	s.wantEntries("")
}

// TestAddressChangesMeanwhile: the letter to the old address is not sent, and
// not counted.
func TestAddressChangesMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("grace", func(*identity.User) {})
	move := func(u *identity.User) error {
		u.SetClaim(identity.ClaimEmail, "new@example.com")
		return nil
	}
	s.letters.Pages = func(_, page string) string {
		if _, err := s.store.UpdateUser(t.Context(), identity.DefaultTenant, "grace", move, identity.Along{}); err != nil {
			t.Error(err)
		}
		return "https://id.example/" + page
	}
	s.call(http.StatusConflict, identity.RoleAdmin, http.MethodPost, "grace/recovery")
	if s.budget.left != 2 {
		t.Errorf("%d left", s.budget.left)
	}
	s.wantEntries("")
}
