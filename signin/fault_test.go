package signin

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"usher/httpapi"
	"usher/signin/keys"
)

// awayKeys cannot be read, or find every token wrong.
type awayKeys struct{ err error }

func (k awayKeys) Sign(context.Context, jose.SignatureAlgorithm, string, any) (string, error) {
	return "", k.err
}

func (k awayKeys) Verify(context.Context, string, []jose.SignatureAlgorithm, string) ([]byte, error) {
	return nil, k.err
}

func (k awayKeys) Public(context.Context) (jose.JSONWebKeySet, error) {
	return jose.JSONWebKeySet{}, k.err
}

// Who shows a token while the keys cannot be read is not told that it is wrong:
// clients throw such tokens away.
func TestKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err   error
		fault bool
	}{{keys.ErrInvalid, false}, {errors.New("the database is away"), true}} {
		p := &Provider{Config: Config{Keys: awayKeys{c.err}, Box: box(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
		if _, err := p.readAccess(t.Context(), "t", "a.b.c"); err == nil || errors.Is(err, httpapi.ErrToken) == c.fault {
			t.Errorf("%v: an access token is answered with %v", c.err, err)
		}
		_, err := p.hinted(t.Context(), "a.b.c")
		if told := errors.Is(err, oidc.ErrServerError()); err == nil || told != c.fault {
			t.Errorf("%v: a hint is answered with %v", c.err, err)
		}
	}
}
