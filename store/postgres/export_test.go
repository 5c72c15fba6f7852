package postgres

import (
	"context"

	"usher/store/sqlstore"
)

// OpenWrapped opens a database as Open does, for tests that look at what is
// asked of it.
func OpenWrapped(ctx context.Context, address string, wrap func(sqlstore.DB) sqlstore.DB) (*sqlstore.Store, error) {
	config, err := parse(address, false)
	if err != nil {
		return nil, err
	}
	d := &db{}
	if err := d.open(ctx, config, Options{}); err != nil {
		return nil, err
	}
	return sqlstore.New(wrap(d)), nil
}
