package extension

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"usher/connection"
)

// Executor runs extensions, and is the Kind of their connections.
const Executor = "FlowExtensionExecutor"

// ActionID is the property of the executor's meta that says which extension is
// meant: the ID of its connection, and not its name, which may change.
const ActionID = "actionId"

// setting is the one setting that an extension is kept in.
const setting = "extension"

// Extension is what is known of an extension beside its name, its description
// and its secrets, which are those of the connection.
type Extension struct {
	IconURL  string   `json:"iconUrl,omitempty"`
	Endpoint Endpoint `json:"endpoint"`
	// Expose are what it is told, Modify what it may set: nothing else.
	Expose []Path `json:"expose,omitempty"`
	Modify []Path `json:"modify,omitempty"`
	// Certificate is that of the extension's RSA key, for what is encrypted for
	// it, in PEM; "" for none.
	Certificate string `json:"certificate,omitempty"`
}

// Endpoint is where an extension is called, and how.
type Endpoint struct {
	URI string `json:"uri"`
	// Auth says which secrets the connection has, and how they are sent.
	Auth AuthType `json:"auth"`
	// AllowedHeaders are those of the client's request that are passed on.
	AllowedHeaders []string `json:"allowedHeaders,omitempty"`
}

// Path names one value of a flow, and whether the extension is told it
// encrypted.
type Path struct {
	Path      string `json:"path"`
	Encrypted bool   `json:"encrypted"`
}

// Put writes e into the connection, whose kind becomes Executor.
func (e *Extension) Put(c *connection.Connection) {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and booleans always marshal
	}
	c.Kind, c.Settings = Executor, map[string]string{setting: string(text)}
}

// Of returns the extension that the connection is. The error is for one that is
// of another kind, or was not written by Put.
func Of(c *connection.Connection) (*Extension, error) {
	if c.Kind != Executor {
		return nil, fmt.Errorf("connection %s is no extension", c.ID)
	}
	var e Extension
	if err := json.Unmarshal([]byte(c.Settings[setting]), &e); err != nil {
		return nil, fmt.Errorf("extension %s: %w", c.ID, err)
	}
	return &e, nil
}

// ErrNone is returned by Choose where no extension fits.
var ErrNone = errors.New("it must be the id of an extension")

// Choose returns the connection that a use of the executor means by name, as
// connection.Choose does, but an extension by its ID alone: ErrNone for any
// other name, and for none.
func Choose(list []connection.Connection, executor, name string) (*connection.Connection, error) {
	if executor != Executor {
		return connection.Choose(list, executor, name)
	}
	for i := range list {
		if c := &list[i]; c.Kind == Executor && c.Enabled && c.ID == name {
			return c, nil
		}
	}
	return nil, ErrNone
}

// Exposes tells whether the extension is told the value at the path, and
// whether encrypted. A path stands for itself alone, so that each value an
// extension sees was named by somebody.
func (e *Extension) Exposes(path string) (encrypted, ok bool) { return find(e.Expose, path) }

// Modifies tells whether the extension may set the value at the path.
// encrypted is false: there is no key of ours that an answer could be encrypted
// for.
func (e *Extension) Modifies(path string) (encrypted, ok bool) { return find(e.Modify, path) }

func find(list []Path, path string) (encrypted, ok bool) {
	i := slices.IndexFunc(list, func(p Path) bool { return p.Path == path })
	return i >= 0 && list[i].Encrypted, i >= 0
}
