package extension

import (
	"context"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"

	"usher/connection/extension"
	"usher/flow"
	"usher/identity"
)

// maxValue bounds the value of a claim in bytes, as that of an input.
const maxValue = 8 << 10

// heed does what the extension answered.
func (s *session) heed(ctx context.Context, a *answer) (flow.Result, error) {
	switch a.Status {
	case statusFailed:
		return nil, &flow.ExtensionError{
			Flow: s.turn.Flow, Refused: true,
			Message: words(a.FailureReason, refused), Description: words(a.FailureDescription, refusedText),
		}
	case statusError:
		return nil, &flow.ExtensionError{
			Flow: s.turn.Flow, Message: words(a.ErrorMessage, failed), Description: words(a.ErrorDescription, tryAgain),
			Cause: errors.New("it answered ERROR"),
		}
	case statusIncomplete:
		back := s.text(inState) // as the extension was told
		s.turn.State.Attempt++
		return flow.Redirect{URL: a.Operations[0].URL, Info: map[string]string{inState: back}}, nil
	}
	for i := range a.Operations {
		reason, err := s.perform(ctx, &a.Operations[i])
		if err != nil {
			return nil, err
		}
		if reason != "" {
			s.log(ctx, "operation of the extension is left out", "number", i, "reason", reason)
		}
	}
	return flow.Continue{}, nil
}

// perform carries an operation out, or says why not.
func (s *session) perform(ctx context.Context, c *change) (reason string, err error) {
	if c.Op != opReplace {
		return "it is no replace", nil
	}
	encrypted, ok := s.Modifies(c.Path)
	uri, isClaim := extension.Claim(c.Path)
	switch {
	case !ok || !extension.Modifiable(c.Path):
		return "its path is not among those to modify", nil
	case encrypted:
		return "its path is marked as encrypted, which answers cannot be", nil
	case isClaim:
		return s.setClaim(ctx, uri, c)
	}
	return s.setPassword(ctx, c)
}

// setClaim sets a claim to a value that the tenant's rules allow a person to set
// it to. Ownership of it is not proved by that, and a proof of another value
// does not count for it.
func (s *session) setClaim(ctx context.Context, uri string, c *change) (reason string, err error) {
	t := s.turn
	known, ok := s.profile.Catalog().Find(uri)
	switch {
	case !ok || known.URI != uri:
		return "there is no such attribute", nil
	case known.ReadOnly:
		return "the attribute is the server's to set", nil
	case uri == identity.ClaimUsername && (t.Flow != flow.Registration || t.Subject.UserID != ""):
		return "the user name of a user stays", nil
	}
	value, ok := text(c, known.MultiValued)
	if !ok {
		return "the value does not have the form of the attribute's", nil
	}
	// Whether a value is taken is nothing to learn by recovering an account.
	err = s.profile.Check(ctx, uri, value, t.Subject.UserID, t.Flow != flow.PasswordRecovery)
	if mistake, ok := errors.AsType[*identity.InputError](err); ok {
		return mistake.Key, nil
	}
	if err != nil {
		return "", err
	}
	t.Subject.Collect(uri, s.profile.Kept(uri, value))
	return "", nil
}

// setPassword gives a new user a password that the tenant's rules allow. Those
// who exist choose their own.
func (s *session) setPassword(ctx context.Context, c *change) (reason string, err error) {
	if s.turn.Flow != flow.Registration || s.turn.Subject.UserID != "" {
		return "a user who exists chooses their own password", nil
	}
	password, ok := text(c, false)
	if !ok {
		return "the value does not have the form of a password", nil
	}
	err = s.profile.CheckPassword(password)
	hash := ""
	if err == nil {
		hash, err = s.Hasher.Hash(ctx, password)
	}
	if mistake, ok := errors.AsType[*identity.InputError](err); ok {
		return mistake.Key, nil
	}
	if err != nil {
		return "", err
	}
	s.turn.Subject.SetCredential(flow.Credential{Kind: flow.CredentialPassword, Data: hash})
	return "", nil
}

// text is the operation's value as it is kept: a string, or where there may be
// several a list of them, joined.
func text(c *change, several bool) (value string, ok bool) {
	if several {
		var list []string
		if json.Unmarshal(c.Value, &list) != nil {
			return "", false
		}
		for _, one := range list {
			if one == "" || strings.Contains(one, ",") {
				return "", false
			}
		}
		value = identity.JoinValues(list)
	} else if c.Value.Kind() != '"' || json.Unmarshal(c.Value, &value) != nil {
		return "", false
	}
	return value, value != "" && len(value) <= maxValue
}
