package connection

import (
	"encoding/json"
	"fmt"
)

// Sealer keeps secrets at rest; *seal.Box is one.
type Sealer interface {
	Seal(plain []byte, place string) []byte
	Open(sealed []byte, place string) ([]byte, error)
}

// SetSecrets seals the secrets, by name, as those of this connection: they
// cannot be opened as another's. None makes Sealed nil.
func (c *Connection) SetSecrets(box Sealer, secrets map[string]string) {
	c.Sealed = nil
	if len(secrets) == 0 {
		return
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		panic(err) // strings always marshal
	}
	c.Sealed = box.Seal(plain, c.place())
}

// Secrets returns the secrets by name; an empty map when there are none. The
// error says nothing of what is in them.
func (c *Connection) Secrets(box Sealer) (map[string]string, error) {
	secrets := map[string]string{}
	if c.Sealed == nil {
		return secrets, nil
	}
	plain, err := box.Open(c.Sealed, c.place())
	if err != nil {
		return nil, fmt.Errorf("secrets of connection %s: %w", c.ID, err)
	}
	if json.Unmarshal(plain, &secrets) != nil {
		// The decoder's own error may quote a secret.
		return nil, fmt.Errorf("secrets of connection %s: malformed", c.ID)
	}
	return secrets, nil
}

// Resealer is a Sealer of several keys, which seals under the newest.
type Resealer interface {
	Sealer
	// Newest tells whether a value was sealed under that.
	Newest(sealed []byte) bool
}

// Reseal seals the secrets anew under the box's newest key, and tells whether
// they were not. The error is that of Secrets.
func (c *Connection) Reseal(box Resealer) (bool, error) {
	if c.Sealed == nil || box.Newest(c.Sealed) {
		return false, nil
	}
	secrets, err := c.Secrets(box)
	if err == nil {
		c.SetSecrets(box, secrets)
	}
	return err == nil, err
}

// place binds the secrets to their connection.
func (c *Connection) place() string { return "connection/" + c.Tenant + "/" + c.ID }
