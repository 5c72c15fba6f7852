package httpapi

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/google/uuid"

	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// ErrNoAddress is returned where a user has no e-mail address to write to.
var ErrNoAddress = errors.New("no e-mail address")

// Letters are the mails by which administrators have people choose a password.
// They go to the address that is stored, and nowhere else, as often as the
// budgets allow; what they carry is shown to nobody.
type Letters struct {
	// Queue seals a message for the outbox.
	Queue interface {
		Queue(tenant, key string, m notify.Message) (notify.Queued, error)
	}
	Budgets limit.Messages
	// Pages returns the URL of one of the hosted pages.
	Pages func(tenant, page string) string
	// Life is how long an invitation is good for.
	Life time.Duration
}

// Invitation returns what is written with the user: an invitation's digest, in
// place of earlier ones, and the mail that alone carries its code. The error is
// ErrNoAddress, a *limit.ExceededError or a fault.
func (l *Letters) Invitation(ctx context.Context, u *identity.User, now time.Time) (identity.Along, error) {
	expires := now.Add(l.Life)
	code, confirmation := identity.NewInvitation(u, u.Claims[identity.ClaimEmail], expires)
	along, err := l.write(ctx, u, "invitation/"+u.ID+"/"+confirmation.Digest, notify.Message{
		Template: "invitation", Expires: expires,
		Params: map[string]string{
			"link":  l.Pages(u.Tenant, "accept") + "?confirmation=" + url.QueryEscape(code),
			"hours": notify.Lasting(l.Life, time.Hour),
		},
	})
	if err != nil {
		return along, err
	}
	along.Confirmation = confirmation
	return along, nil
}

// Recovery returns the mail, to be written with the user, that asks them to
// choose a new password: it leads to the page where they begin to, and lets in
// nobody. Errors are those of Invitation.
func (l *Letters) Recovery(ctx context.Context, u *identity.User) (identity.Along, error) {
	return l.write(ctx, u, "recovery-request/"+u.ID+"/"+uuid.NewString(), notify.Message{
		Template: "recovery-request", Params: map[string]string{"link": l.Pages(u.Tenant, "recover")},
	})
}

// Unsent gives back what the mail of a user cost that was not stored after all.
func (l *Letters) Unsent(ctx context.Context, u *identity.User) error {
	return l.Budgets.Unsent(ctx, asSend(u))
}

func (l *Letters) write(ctx context.Context, u *identity.User, key string, m notify.Message) (identity.Along, error) {
	m.Channel, m.To, m.Locale = notify.Email, u.Claims[identity.ClaimEmail], u.Claims[identity.ClaimLocale]
	if m.To == "" {
		return identity.Along{}, ErrNoAddress
	}
	m.Params["name"] = u.Claims[identity.ClaimGivenName]
	if _, err := l.Budgets.Send(ctx, asSend(u)); err != nil {
		return identity.Along{}, err
	}
	message, err := l.Queue.Queue(u.Tenant, key, m)
	if err != nil {
		return identity.Along{}, errors.Join(err, l.Unsent(ctx, u))
	}
	return identity.Along{Messages: []notify.Queued{message}}, nil
}

// asSend is a mail of an administrator's as budgets count it.
func asSend(u *identity.User) limit.Send {
	return limit.Send{Person: limit.Person{Tenant: u.Tenant}, To: u.Claims[identity.ClaimEmail], Invited: true}
}
