// Package portal holds the hosted pages that the links in our mails lead to.
package portal

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"usher/httpapi"
	"usher/identity"
)

// Users is what the pages need of the user store.
type Users interface {
	FindConfirmation(ctx context.Context, tenant, digest string, purpose identity.Purpose, now time.Time) (*identity.Confirmation, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// Portal serves the pages.
type Portal struct {
	Users Users
	Now   func() time.Time
	Log   *slog.Logger
}

// Mount adds the pages to the routes.
func (p *Portal) Mount(routes *httpapi.Routes) {
	routes.Handle("GET /accounts/verify", http.HandlerFunc(p.askToVerify))
	routes.Handle("POST /accounts/verify", http.HandlerFunc(p.verify))
}

//go:embed verify.html style.css
var files embed.FS

var (
	verifyPage = template.Must(template.ParseFS(files, "verify.html"))
	style      = mustRead("style.css")
	// policy lets the page show itself, its one style and its form, and nothing
	// else (Content Security Policy Level 3).
	policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", digest(style))
)

func mustRead(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded above
	}
	return string(b)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what verify.html shows: the button while Code is set, else how it
// went.
type page struct {
	Code  string
	Done  bool
	Style template.CSS
}

const maxForm = 4 << 10

// askToVerify shows a button and changes nothing, so that a mail scanner that
// opens the link uses nothing up.
func (p *Portal) askToVerify(w http.ResponseWriter, r *http.Request) {
	p.show(w, http.StatusOK, page{Code: r.URL.Query().Get("confirmation")})
}

// verify confirms the address that the code was sent to, once, and lifts the
// lock that waited for it.
func (p *Portal) verify(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := p.confirm(r.Context(), httpapi.Tenant(r), r.PostFormValue("confirmation"))
	switch {
	case err == nil:
		p.show(w, http.StatusOK, page{Done: true})
	case errors.Is(err, identity.ErrNoConfirmation), errors.Is(err, identity.ErrNoUser):
		p.show(w, http.StatusBadRequest, page{})
	default:
		httpapi.Fault(r, p.Log, "UE-10000", err).Write(w)
	}
}

func (p *Portal) confirm(ctx context.Context, tenant, code string) error {
	now := p.Now()
	c, err := p.Users.FindConfirmation(ctx, tenant, identity.CodeDigest(code), identity.PurposeVerifyEmail, now)
	if err != nil {
		return err
	}
	_, err = p.Users.UpdateUser(ctx, tenant, c.UserID, func(u *identity.User) error {
		if u.Claims[identity.ClaimEmail] != c.Value {
			return identity.ErrNoConfirmation // the address has changed since
		}
		u.SetClaim(identity.ClaimEmailVerified, "true")
		if u.Locked && u.LockReason == identity.LockedPendingEmail {
			u.Locked, u.LockReason = false, ""
		}
		u.Modified = now
		return nil
	}, identity.Along{Spend: []identity.Purpose{identity.PurposeVerifyEmail}})
	return err
}

func (p *Portal) show(w http.ResponseWriter, status int, content page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	content.Style = template.CSS(style) //nolint:gosec // our own file, embedded
	w.WriteHeader(status)
	if err := verifyPage.Execute(w, content); err != nil {
		p.Log.Debug("page not delivered", "error", err) // the client has gone
	}
}
