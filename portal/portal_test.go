package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// oneUser is a store with one user and one confirmation.
type oneUser struct {
	user *identity.User
	c    *identity.Confirmation
}

func (s *oneUser) FindConfirmation(_ context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error) {
	if s.c == nil || s.c.Tenant != tenant || s.c.Digest != digest || s.c.Purpose != purpose || !now.Before(s.c.Expires) {
		return nil, identity.ErrNoConfirmation
	}
	return s.c, nil
}

func (s *oneUser) UpdateUser(_ context.Context, _, _ string, change func(*identity.User) error, along identity.Along) (*identity.User, error) {
	if err := change(s.user); err != nil {
		return nil, err
	}
	if len(along.Spend) > 0 {
		s.c = nil
	}
	return s.user, nil
}

func (*oneUser) TenantExists(_ context.Context, name string) (bool, error) {
	return name == "acme", nil
}

func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	code := identity.NewCode()
	newUser := func() *oneUser {
		return &oneUser{
			user: &identity.User{
				Claims: map[string]string{identity.ClaimEmail: "ada@example.com"}, Locked: true, LockReason: identity.LockedPendingEmail,
			},
			c: &identity.Confirmation{
				Tenant: identity.DefaultTenant, Digest: identity.CodeDigest(code), Purpose: identity.PurposeVerifyEmail,
				Value: "ada@example.com", Expires: now.Add(time.Hour),
			},
		}
	}
	call := func(s *oneUser, method, path string, form url.Values) *httptest.ResponseRecorder {
		routes := httpapi.NewRoutes(s)
		(&Portal{Users: s, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}).Mount(routes)
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, r)
		return w
	}

	s := newUser()
	if w := call(s, "GET", "/accounts/verify?confirmation="+code, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), code) || !s.user.Locked || s.c == nil {
		t.Fatalf("opening the link: %d, locked %v, spent %v", w.Code, s.user.Locked, s.c == nil)
	}
	form := url.Values{"confirmation": {code}}
	if w := call(s, "POST", "/t/acme/accounts/verify", form); w.Code != http.StatusBadRequest || !s.user.Locked {
		t.Fatalf("another tenant: %d, locked %v", w.Code, s.user.Locked)
	}
	if w := call(s, "POST", "/accounts/verify", form); w.Code != http.StatusOK || s.user.Locked || s.user.Claims[identity.ClaimEmailVerified] != "true" {
		t.Fatalf("pressing the button: %d, user %+v", w.Code, s.user)
	}
	if w := call(s, "POST", "/accounts/verify", form); w.Code != http.StatusBadRequest {
		t.Fatalf("pressing it again: %d", w.Code)
	}

	s = newUser()
	s.user.Claims[identity.ClaimEmail] = "other@example.com"
	if w := call(s, "POST", "/accounts/verify", form); w.Code != http.StatusBadRequest || !s.user.Locked {
		t.Fatalf("address changed since: %d, locked %v", w.Code, s.user.Locked)
	}

	s = newUser()
	if w := call(s, "GET", "/accounts/verify?confirmation="+url.QueryEscape(`"><script>`), nil); strings.Contains(w.Body.String(), `"><script>`) {
		t.Fatalf("code is not escaped: %s", w.Body)
	}
}
