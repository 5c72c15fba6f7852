package main

import "context"

// site is a server of usher on a database of its own.
type site struct {
	*process
	on   string // kind of database
	drop func() error
}

var cheapestHash = []string{"USHER_PASSWORD_HASH_MEMORY_KIB=8", "USHER_PASSWORD_HASH_TIME=1"}

// startSite starts one. Close it at the end.
func startSite(ctx context.Context, binary, on string, settings ...string) (*site, error) {
	database, drop, err := newDatabase(ctx, on)
	if err != nil {
		return nil, err
	}
	p, err := startUsher(ctx, binary, append(database, settings...)...)
	if err != nil {
		drop() // what was wrong before is what counts
		return nil, err
	}
	s := &site{process: p, on: on, drop: drop}
	if on == onPostgres {
		if p.store, err = postgresCPU(ctx); err != nil {
			return nil, s.close(err)
		}
	}
	return s, nil
}

// close ends the server, removes its database, and returns err, or else what
// went wrong with that.
func (s *site) close(err error) error {
	if s == nil {
		return err
	}
	s.stop()
	if dropped := s.drop(); err == nil {
		err = dropped
	}
	return err
}
