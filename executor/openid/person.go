package openid

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"usher/flow"
	"usher/identity"
)

// link is the Data of a federated credential: for people to recognise it by.
type link struct {
	Name    string    `json:"name"`    // of the connection, at that time
	Subject string    `json:"subject"` // what the provider calls the person
	At      time.Time `json:"at"`
}

// settle takes over what the provider said. The same account at the provider
// never stands for two users, and no user is found by an address.
func (s *step) settle(ctx context.Context, t *turn, talk *session, said claims) (flow.Result, error) {
	sub := said.text("sub")
	id := talk.connection.ID + "/" + sub
	owner, err := s.Users.FindCredentialOwner(ctx, t.Tenant, identity.CredentialFederated, id)
	switch {
	case err == nil && owner.ID != t.Subject.UserID:
		return s.exists(talk.connection), nil
	case err != nil && !errors.Is(err, identity.ErrNoUser):
		return nil, err
	}
	taken, err := s.collect(ctx, t, talk, said)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return taken, nil
	}
	data, err := json.Marshal(link{talk.connection.Name, sub, t.Now})
	if err != nil {
		return nil, err
	}
	if t.Flow == flow.Registration && t.Subject.UserID == "" {
		// An earlier attempt may have been made with another account.
		t.Subject.Credentials = slices.DeleteFunc(t.Subject.Credentials, func(c flow.Credential) bool {
			return c.Kind == identity.CredentialFederated && strings.HasPrefix(c.ID, talk.connection.ID+"/")
		})
		t.Subject.SetCredential(flow.Credential{Kind: identity.CredentialFederated, ID: id, Data: string(data)})
		return flow.Continue{Proved: []flow.Method{s.method}}, nil
	}
	return s.join(ctx, t, talk, identity.Credential{Kind: identity.CredentialFederated, ID: id, Data: string(data)})
}

// join stores the link with a user who exists, who thereby has a way to sign
// in. Doing it again does no harm.
func (s *step) join(ctx context.Context, t *turn, talk *session, c identity.Credential) (flow.Result, error) {
	if t.Subject.Unreachable {
		return nil, errors.New("reached without a user")
	}
	_, err := s.Users.UpdateUser(ctx, t.Tenant, t.Subject.UserID, func(u *identity.User) error {
		u.Accept(t.Subject.Verified)
		return nil
	}, identity.Along{Credentials: []identity.Credential{c}, Spend: []identity.Purpose{identity.PurposeInvitation}})
	if _, taken := errors.AsType[*identity.TakenError](err); taken {
		return s.exists(talk.connection), nil // linked to somebody else meanwhile
	}
	if err != nil {
		return nil, err
	}
	return flow.Continue{Proved: []flow.Method{s.method}}, nil
}

// collect records the claims that are to be taken and may be had. Of a user
// who exists, none is replaced. It returns a result where the person cannot go
// on, because their address is another account's.
func (s *step) collect(ctx context.Context, t *turn, talk *session, said claims) (flow.Result, error) {
	mapping := talk.mapping()
	for _, uri := range slices.Sorted(maps.Keys(mapping)) {
		value := said.text(mapping[uri])
		if mapping[uri] == "" || value == "" {
			continue
		}
		verified := uri == identity.ClaimEmail && mapping[uri] == "email" && s.verified != "" && said.yes(s.verified)
		// Whether a value is taken may be told to those who own it.
		err := talk.profile.Check(ctx, uri, value, t.Subject.UserID, verified)
		if mistake, ok := errors.AsType[*identity.InputError](err); ok {
			if verified && mistake.Key == "claim.taken" {
				return flow.Retry("", "federated.email.taken", "There is an account with the e-mail address of your account at "+s.called(talk.connection)+". Sign in to it."), nil
			}
			continue // not a value of ours; a page may ask the person for it
		}
		if err != nil {
			return nil, err
		}
		if verified {
			t.Subject.Verify(uri, value)
		}
		if t.Subject.Stored[uri] == "" {
			t.Subject.Collect(uri, value)
		}
	}
	return nil, nil
}
