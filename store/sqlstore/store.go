package sqlstore

import (
	"context"
	"sync/atomic"

	"usher/application"
	"usher/branding"
	"usher/grant"
	"usher/notify"
	"usher/store"
)

// maxLists bounds how many lists of users are read at a time: a filter may look
// through all users, and must leave connections for those who know whom they
// want.
const maxLists = 2

// Store implements store.Store on a DB. It is safe for concurrent use.
type Store struct {
	db           DB
	dialect      Dialect
	catalogs     catalogs
	tenants      tenantNames
	live         recent[liveKey, liveFlow]
	settings     recent[string, grant.Settings]
	origins      recent[string, bool]
	applications recent[applicationKey, *application.Application]
	preferences  recent[brandKey, []*branding.Preference]
	texts        recent[brandKey, []*branding.Text]
	wordings     recent[string, []*notify.Wording]
	// repeats says that entries of the audit log are to be repeated elsewhere.
	repeats atomic.Bool
	// lists holds one value for each list being read.
	lists chan struct{}
	// enqueued holds one value while messages may be waiting.
	enqueued chan struct{}
}

var _ store.Store = (*Store)(nil)

// New returns a store on a database whose tables exist. The store owns db.
func New(db DB) *Store {
	s := &Store{
		dialect: db.Dialect(),
		lists:   make(chan struct{}, maxLists), enqueued: make(chan struct{}, 1),
	}
	s.db = &recording{db, s}
	return s
}

// Through has everything that is asked of the database from now on go through
// what wrap returns. It is called before the store is used.
func (s *Store) Through(wrap func(DB) DB) { s.db = wrap(s.db) }

// Load tells how busy the database is.
func (s *Store) Load() Load { return s.db.Load() }

// Ping implements store.Store. A disk that is full can still be read, so it
// writes; there is a row for it in every database. Where that finds room in what
// the database has already, there must be some for others as well.
func (s *Store) Ping(ctx context.Context) error {
	err := s.settle(ctx, Single, func(tx Tx) error { // one connection that is lost says nothing
		_, err := tx.Exec(`UPDATE signing_key_changes SET changes = changes WHERE id = 1`)
		return err
	}, nil)
	if err != nil {
		return err
	}
	return s.db.Room(ctx)
}

// Forget drops what is remembered of the database, after another process has
// changed some of it.
func (s *Store) Forget() {
	s.live.forgetAll()
	s.settings.forgetAll()
	s.forgetApplications()
	s.forgetBranding()
	s.wordings.forgetAll()
}

// Close implements store.Store.
func (s *Store) Close() error { return s.db.Close() }

func durably(durable bool) Mode {
	if durable {
		return Durable
	}
	return 0
}
