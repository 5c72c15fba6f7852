package sandbox

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"usher/connection"
	"usher/connection/extension"
	"usher/flow"
)

// codeConnection is the code of a use of an executor whose connection there is
// not.
const codeConnection = "FM-10007"

// connect stores a stand-in for each of the tenant's enabled connections, and
// for those that the definition uses and the tenant has not. The latter are
// what a server would not let the flow go live without.
func (s *Sandbox) connect(ctx context.Context, d *flow.Definition, tenants []connection.Connection) (flow.Problems, error) {
	var list []connection.Connection
	add := func(theirs *connection.Connection) error {
		c, ok := s.standIn(theirs)
		if !ok {
			return nil
		}
		c, err := s.store.CreateConnection(ctx, c)
		if err == nil {
			list = append(list, *c)
		}
		return err
	}
	for i := range tenants {
		if !tenants[i].Enabled {
			continue
		}
		if err := add(&tenants[i]); err != nil {
			return nil, err
		}
	}
	var problems flow.Problems
	for _, use := range d.Uses() {
		i := slices.IndexFunc(s.machine.Executors, func(e flow.Executor) bool { return e.Name == use.Executor })
		if i < 0 || s.machine.Executors[i].Connection == "" {
			continue
		}
		key := s.machine.Executors[i].Connection
		_, err := extension.Choose(list, use.Executor, use.Meta[key])
		if err == nil {
			continue
		}
		problems = append(problems, flow.Problem{
			Code: codeConnection, StepID: use.StepID, ComponentID: use.ComponentID,
			Message: fmt.Sprintf("%s: property %q: %v", use.Executor, key, err),
		})
		name := cmp.Or(use.Meta[key], use.Executor)
		taken := slices.ContainsFunc(list, func(c connection.Connection) bool { return strings.EqualFold(c.Name, name) })
		if !errors.Is(err, connection.ErrSeveral) && !taken && len(name) <= connection.MaxValue {
			if err := add(&connection.Connection{Kind: use.Executor, ID: name, Name: name}); err != nil {
				return nil, err
			}
		}
	}
	return problems, nil
}

// standIn is a connection in the place of theirs, to the sandbox's own provider
// or extension. ok is false for a kind that there is not.
func (s *Sandbox) standIn(theirs *connection.Connection) (c *connection.Connection, ok bool) {
	now := s.clock.now()
	c = &connection.Connection{
		Tenant: s.Tenant, ID: uuid.NewString(), Name: theirs.Name, Kind: theirs.Kind, Enabled: true, Settings: map[string]string{}, Created: now, Modified: now,
	}
	if c.Kind == extension.Executor {
		playExtension(c, theirs)
		return c, true
	}
	i := slices.IndexFunc(s.machine.Kinds, func(k connection.Kind) bool { return k.Executor == c.Kind })
	if i < 0 {
		return nil, false
	}
	for name, value := range theirs.Settings {
		if strings.HasPrefix(name, connection.ClaimPrefix) || name == "scopes" {
			c.Settings[name] = value
		}
	}
	secrets := map[string]string{}
	for _, setting := range s.machine.Kinds[i].Settings {
		switch {
		case setting.Claim, setting.Name == "redirect_uri":
		case setting.Name == "issuer":
			c.Settings[setting.Name] = issuerAt(c.ID)
		case setting.URL:
			c.Settings[setting.Name] = issuerAt(c.ID) + "/" + setting.Name
		case setting.Secret && setting.Check != nil && setting.Check("sandbox") != nil:
			secrets[setting.Name] = clientKey()
		case setting.Secret:
			secrets[setting.Name] = "sandbox"
		case setting.Required:
			c.Settings[setting.Name] = "sandbox"
		}
	}
	c.SetSecrets(s.machine.Connections, secrets)
	return c, true
}

// clientKey is the secret of a client that signs with a key: one of the curve
// P-256 in PKCS #8.
var clientKey = sync.OnceValue(func() string {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // never fails (crypto/rand since Go 1.24)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err) // it was generated
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})
