// Package provision is the UserProvisioningExecutor: it creates the user that
// a registration was about, or writes what another flow changed.
package provision

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"usher/flow"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// Users is what the executor needs of the user store.
type Users interface {
	CreateUser(ctx context.Context, key string, u *identity.User, along identity.Along) (*identity.User, error)
	UpdateUser(ctx context.Context, tenant, id string, change func(*identity.User) error, along identity.Along) (*identity.User, error)
}

// Queue seals a message for the outbox.
type Queue interface {
	Queue(tenant, key string, m notify.Message) (notify.Queued, error)
}

// Options are the server's own.
type Options struct {
	// Pages returns the URL of one of the hosted pages, for links in mails.
	Pages func(tenant, page string) string
	// VerificationLife is how long the link that confirms an address works.
	VerificationLife time.Duration
}

type step struct {
	users   Users
	budgets limit.Messages
	queue   Queue
	options Options
}

type turn = flow.Turn[struct{}, struct{}]

// New returns the executor. The user name of a new user is the one entered,
// else the e-mail address, else a random UUID. A name or unique value that
// somebody else took meanwhile sends the person back to the page that asked
// for it. The mail to a new user is counted by budgets; where they are spent
// nothing has happened, and the error is an *limit.ExceededError.
func New(users Users, budgets limit.Messages, queue Queue, options Options) flow.Executor {
	s := &step{users, budgets, queue, options}
	return flow.Define(flow.Executor{
		Name:          "UserProvisioningExecutor",
		Label:         "Save the user",
		Summary:       "Creates the user, or stores what was changed.",
		Icon:          "user-plus",
		Flows:         flow.Types(), // and no sign-in
		NeedsIdentity: true,
	}, struct{}{}, s.run)
}

func (s *step) run(ctx context.Context, t *turn) (flow.Result, error) {
	var err error
	switch {
	case t.Subject.Unreachable:
		return nil, errors.New("reached without a user")
	case t.Flow == flow.Registration && t.Subject.UserID == "":
		err = s.create(ctx, t)
	default:
		err = s.update(ctx, t)
	}
	if taken, ok := errors.AsType[*identity.TakenError](err); ok {
		if t.Subject.HasCredential(taken.Claim) {
			// Since it was checked, which no page of the flow can correct.
			return flow.Stop{Description: "The account cannot be created: its passkey or login belongs to another one already."}, nil
		}
		return retry(t.Subject, taken), nil
	}
	if err != nil {
		return nil, err
	}
	return flow.Continue{}, nil
}

// retry asks for another value. A user name that was taken from the e-mail
// address is corrected there.
func retry(subject *flow.Subject, taken *identity.TakenError) flow.Result {
	identifier := taken.Claim
	if identifier == identity.ClaimUsername {
		if subject.Collected[identifier] == "" {
			identifier = identity.ClaimEmail
		}
		return flow.Retry(identifier, "username.taken", "This user name is taken.")
	}
	return flow.Retry(identifier, "claim.taken", "This value is used by another account.")
}

func (s *step) create(ctx context.Context, t *turn) error {
	claims := maps.Clone(t.Subject.Collected)
	delete(claims, identity.ClaimUsername)
	u := &identity.User{
		Tenant: t.Tenant, ID: uuid.NewString(), Username: username(t.Subject), Claims: claims,
		Created: t.Now, Modified: t.Now,
	}
	for address, proof := range identity.Addresses {
		if t.Subject.HasVerified(address) {
			u.SetClaim(proof, "true")
		}
	}
	along := identity.Along{}
	for _, c := range t.Subject.Credentials {
		along.Credentials = append(along.Credentials, identity.Credential{Kind: c.Kind, ID: c.ID, Data: c.Data})
	}
	waiting := ""
	email := u.Claims[identity.ClaimEmail]
	mail, counted := s.mail(t, email)
	if counted {
		if _, err := s.budgets.Send(ctx, mail); err != nil {
			return err
		}
	}
	switch {
	case email == "":
	case t.Settings.VerifyEmail && !t.Subject.HasVerified(identity.ClaimEmail):
		if err := s.askToVerify(t, u, &along); err != nil {
			return err
		}
		if t.Settings.LockOnCreation {
			u.Locked, u.LockReason = true, identity.LockedPendingEmail
			waiting = flow.AccountLocked
		}
	case t.Settings.Notify:
		if err := s.tell(t, u, &along, "account-created", map[string]string{}, time.Time{}); err != nil {
			return err
		}
	}
	created, err := s.users.CreateUser(ctx, t.Key()+"/create", u, along)
	if err != nil && counted {
		return errors.Join(err, s.budgets.Unsent(ctx, mail))
	} else if err != nil {
		return err
	}
	t.Subject.UserID, t.Subject.Waiting = created.ID, waiting
	return nil
}

func username(s *flow.Subject) string {
	for _, claim := range []string{identity.ClaimUsername, identity.ClaimEmail} {
		if name := s.Collected[claim]; name != "" {
			return name
		}
	}
	return uuid.NewString()
}

// mail is the mail that a new user gets, as budgets count it. It is not counted
// where the owner of the address has proved to be one in this execution.
func (s *step) mail(t *turn, email string) (m limit.Send, counted bool) {
	counted = email != "" && !t.Subject.HasVerified(identity.ClaimEmail) && (t.Settings.VerifyEmail || t.Settings.Notify)
	return limit.Send{Person: limit.Person{Tenant: t.Tenant}, To: email}, counted
}

// askToVerify adds the confirmation of the address and the mail with its link.
func (s *step) askToVerify(t *turn, u *identity.User, along *identity.Along) error {
	code := identity.NewCode()
	along.Confirmation = &identity.Confirmation{
		Tenant: t.Tenant, Digest: identity.CodeDigest(code), UserID: u.ID,
		Purpose: identity.PurposeVerifyEmail, Value: u.Claims[identity.ClaimEmail],
		Expires: t.Now.Add(s.options.VerificationLife),
	}
	return s.tell(t, u, along, "verify-email", map[string]string{
		"link":  s.options.Pages(t.Tenant, "verify") + "?confirmation=" + url.QueryEscape(code),
		"hours": notify.Lasting(s.options.VerificationLife, time.Hour),
	}, along.Confirmation.Expires)
}

// tell adds a mail to the user; after expires it is of no use any more.
func (s *step) tell(t *turn, u *identity.User, along *identity.Along, template string, params map[string]string, expires time.Time) error {
	params["name"] = u.Claims[identity.ClaimGivenName]
	message, err := s.queue.Queue(t.Tenant, t.Key()+"/"+template, notify.Message{
		Channel: notify.Email, To: u.Claims[identity.ClaimEmail], Template: template, Locale: t.Locale, Params: params, Expires: expires,
	})
	if err == nil {
		along.Messages = append(along.Messages, message)
	}
	return err
}

// update writes the claims that were entered. The user name stays.
func (s *step) update(ctx context.Context, t *turn) error {
	changed := maps.Clone(t.Subject.Collected)
	delete(changed, identity.ClaimUsername)
	if len(changed) == 0 {
		return nil
	}
	_, err := s.users.UpdateUser(ctx, t.Tenant, t.Subject.UserID, func(u *identity.User) error {
		for address, proof := range identity.Addresses {
			if value, ok := changed[address]; ok && value != u.Claims[address] {
				u.SetClaim(proof, strconv.FormatBool(t.Subject.HasVerified(address)))
			}
		}
		for uri, value := range changed {
			u.SetClaim(uri, value)
		}
		return nil
	}, identity.Along{})
	return err
}
