package messageapi

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"usher/httpapi"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// Queue seals messages; *notify.Queue is one.
type Queue interface {
	Queue(tenant, key string, m notify.Message) (notify.Queued, error)
}

// Outbox stores them.
type Outbox interface {
	Enqueue(ctx context.Context, messages ...notify.Queued) error
}

// testLife is how long it is tried to deliver a test: whoever asked for it
// waits for it.
const testLife = 15 * time.Minute

// sent is where a test goes.
type sent struct {
	Channel notify.Channel `json:"channel"`
	To      string         `json:"to"`
}

// test sends words to whoever is calling, at their own stored address and
// nowhere else. Nothing of the template changes. A repetition is another
// message, once a minute has gone by.
func (a *API) test(w http.ResponseWriter, r *http.Request) error {
	t, wording, err := a.read(w, r)
	if err != nil {
		return err
	}
	if mistakes := a.Words.Mistakes(wording); len(mistakes) > 0 {
		return refusal(mistakes)
	}
	caller := httpapi.User(r.Context())
	to, err := addressOf(caller, t.Channel)
	if err != nil {
		return err
	}
	m := a.Words.Trial(wording, to)
	m.Expires = a.Now().Add(testLife)
	queued, err := a.Queue.Queue(t.tenant, "test/"+caller.ID+"/"+t.Name+"/"+rand.Text(), m)
	if err != nil {
		return err
	}
	err = a.Tests.Test(r.Context(), limit.Send{Person: limit.Person{Tenant: t.tenant, User: caller.ID}, To: to, Text: t.Channel == notify.SMS}, t.Name)
	if errors.Is(err, limit.ErrNotServed) {
		return unreachable("No text messages are sent to the country of your number.")
	}
	if err != nil {
		return err
	}
	ctx := a.Changes.Along(r, "message-template.tested", t.String(), func() (any, any) { return nil, recorded(wording) })
	if err := a.Outbox.Enqueue(ctx, queued); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusAccepted, sent{t.Channel, to})
}

// addressOf is where the channel reaches the caller, who has to be a person: an
// application that calls for itself has no roles, which everybody else needs to
// come here.
func addressOf(caller *identity.User, c notify.Channel) (string, error) {
	if len(caller.Roles) == 0 {
		return "", &httpapi.Problem{
			Status: http.StatusForbidden, Code: "UE-10403", Message: "Not allowed.",
			Description: "A test goes to the user who asks for it; the access token is an application's own.",
		}
	}
	claim, what := identity.ClaimEmail, "e-mail address"
	if c == notify.SMS {
		claim, what = identity.ClaimMobile, "mobile number"
	}
	if to := caller.Claims[claim]; to != "" {
		return to, nil
	}
	return "", unreachable("Your account has no " + what + ".")
}

// unreachable is the problem that a test cannot reach the caller.
func unreachable(why string) error {
	return &httpapi.Problem{Status: http.StatusConflict, Code: codeReach, Message: "The test cannot reach you.", Description: why}
}
