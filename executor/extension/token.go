package extension

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"usher/connection"
	"usher/connection/extension"
)

// maxTokens bounds the tokens that are kept, because administrators of tenants
// make connections.
const maxTokens = 1000

// tokens are those that extensions want, in memory only. The zero value is ready
// to use.
type tokens struct {
	mu   sync.Mutex
	kept map[string]held
}

// held is a token for a connection as it was.
type held struct {
	revision int64
	token    *oauth2.Token
}

// get returns a token for the connection that is good for ten seconds at least,
// by the grant of RFC 6749, 4.4 or 4.3. The error repeats nothing of what the
// token endpoint says.
func (k *tokens) get(ctx context.Context, client *http.Client, c *connection.Connection, by extension.AuthType, secrets map[string]string) (*oauth2.Token, error) {
	k.mu.Lock()
	h := k.kept[place(c)]
	k.mu.Unlock()
	if h.revision == c.Revision && h.token.Valid() {
		return h.token, nil
	}
	token, err := fetch(context.WithValue(ctx, oauth2.HTTPClient, client), by, secrets)
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return nil, fmt.Errorf("token endpoint answered %d", refused.Response.StatusCode)
	}
	if network, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("token endpoint: %w", network.Err)
	}
	if err != nil {
		return nil, errors.New("token endpoint: its answer cannot be read")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[string]held{}
	}
	for old := range k.kept {
		if len(k.kept) < maxTokens {
			break
		}
		delete(k.kept, old)
	}
	k.kept[place(c)] = held{c.Revision, token}
	return token, nil
}

// forget lets go of the connection's token, and tells whether there was one.
func (k *tokens) forget(c *connection.Connection) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.kept[place(c)]
	delete(k.kept, place(c))
	return ok
}

func place(c *connection.Connection) string { return c.Tenant + "/" + c.ID }

// fetch asks for a token, as a client that shows who it is in the header, which
// every server must understand (RFC 6749, 2.3.1).
func fetch(ctx context.Context, by extension.AuthType, secrets map[string]string) (*oauth2.Token, error) {
	id, secret := secrets[extension.SecretClientID], secrets[extension.SecretClientSecret]
	address, scopes := secrets[extension.SecretTokenEndpoint], strings.Fields(secrets[extension.SecretScopes])
	if by == extension.ClientCredential {
		client := clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: address, Scopes: scopes, AuthStyle: oauth2.AuthStyleInHeader}
		return client.Token(ctx)
	}
	client := oauth2.Config{
		ClientID: id, ClientSecret: secret, Scopes: scopes,
		Endpoint: oauth2.Endpoint{TokenURL: address, AuthStyle: oauth2.AuthStyleInHeader},
	}
	return client.PasswordCredentialsToken(ctx, secrets[extension.SecretUsername], secrets[extension.SecretPassword])
}
