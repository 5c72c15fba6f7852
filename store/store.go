// Package store names what a database must be able to keep: the contracts of
// flow, identity, connection, application, branding, grant, notify, audit and
// limit together.
//
// It owns no code that runs. storetest is the suite every store passes,
// sqlstore the SQL that SQLite and PostgreSQL share, sqlite and postgres the
// drivers.
package store

import (
	"context"

	"usher/application"
	"usher/audit"
	"usher/branding"
	"usher/connection"
	"usher/flow"
	"usher/grant"
	"usher/identity"
	"usher/limit"
	"usher/notify"
)

// Flows is what is kept of flows.
type Flows interface {
	flow.Executions
	flow.Definitions
	flow.Designs
}

// People is what is kept of tenants and their users.
type People interface {
	identity.Users
	identity.Credentials
	identity.Confirmations
	identity.Claims
	identity.Tenants
}

// Applications is what is kept of applications and of how their pages look.
type Applications interface {
	application.Applications
	branding.Store
}

// Messages is what is kept of messages, for those who send them and for
// administrators, and of what they say.
type Messages interface {
	notify.Outbox
	notify.Backlog
	notify.Desk
	notify.Wordings
}

// Traces is what is kept of who did what, and how often.
type Traces interface {
	audit.Entries
	audit.Repeats
	limit.Store
}

// Store is everything the server keeps.
type Store interface {
	Flows
	People
	connection.Connections
	Applications
	grant.Store
	Messages
	Traces

	// Ping tells whether the database answers, and can be written.
	Ping(ctx context.Context) error
	// Close waits for accepted writes and releases the database.
	Close() error
}
