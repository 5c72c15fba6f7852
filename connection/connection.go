package connection

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Connection is one configured external party of a tenant.
type Connection struct {
	Tenant string
	ID     string // UUID; never changes, so that what hangs on it may name it
	// Name is what definitions call it, unique in the tenant without regard to
	// case.
	Name        string
	Description string
	// Kind is the executor it serves, for example "GoogleExecutor".
	Kind string
	// Enabled connections are used; others are as if they were not there.
	Enabled bool
	// Settings are those of its Kind, in clear.
	Settings map[string]string
	// Sealed holds its secrets, sealed for this connection alone; nil when it
	// has none.
	Sealed   []byte
	Created  time.Time
	Modified time.Time
	// Revision rises with each change.
	Revision int64
}

const (
	maxName        = 100  // characters
	maxDescription = 1024 // bytes
)

// CheckTexts returns what is wrong with the name and the description, in
// sentences that repeat neither.
func (c *Connection) CheckTexts() []string {
	var faults []string
	if c.Name == "" || utf8.RuneCountInString(c.Name) > maxName || strings.TrimSpace(c.Name) != c.Name ||
		strings.ContainsFunc(c.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		faults = append(faults, "name must be a line of 1 to 100 characters, without space at its ends.")
	}
	if len(c.Description) > maxDescription || strings.ContainsFunc(c.Description, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		faults = append(faults, "description must be text of at most 1024 bytes.")
	}
	return faults
}

// Clone returns a copy that shares nothing with c.
func (c *Connection) Clone() *Connection {
	clone := *c
	clone.Settings, clone.Sealed = maps.Clone(c.Settings), slices.Clone(c.Sealed)
	return &clone
}

var (
	// ErrNotFound is returned for a connection that does not exist.
	ErrNotFound = errors.New("no such connection")
	// ErrNameTaken is returned where another connection of the tenant has the
	// name.
	ErrNameTaken = errors.New("name belongs to another connection")
)

// Connections stores connections. Every method is atomic and durable: once it
// returned nil, neither the death of the process nor loss of power undoes it.
// All lookups but ListAllConnections are within one tenant.
type Connections interface {
	// CreateConnection stores a new connection. It returns ErrNameTaken.
	CreateConnection(ctx context.Context, c *Connection) (*Connection, error)
	// UpdateConnection reads the connection, applies change and stores the
	// result, in one transaction; change must be quick and without effects,
	// may run again, and its error is returned unchanged with nothing stored.
	// Tenant, ID, Created and Revision are not the caller's to change. It
	// returns ErrNotFound or ErrNameTaken.
	UpdateConnection(ctx context.Context, tenant, id string, change func(*Connection) error) (*Connection, error)
	// DeleteConnection forgets the connection; ErrNotFound when there is none.
	DeleteConnection(ctx context.Context, tenant, id string) error
	// FindConnection returns ErrNotFound when there is none.
	FindConnection(ctx context.Context, tenant, id string) (*Connection, error)
	// ListConnections returns the tenant's connections by name.
	ListConnections(ctx context.Context, tenant string) ([]Connection, error)
	// ListAllConnections returns those of all tenants, by tenant and name: for
	// who looks after the whole server.
	ListAllConnections(ctx context.Context) ([]Connection, error)
}
