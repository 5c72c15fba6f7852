package sqlstore

import (
	"context"
	"errors"
	"time"
)

// ErrUnknown is returned by DB.Write where the connection was lost while a
// Single write was under way. It has either taken effect or never will, so that
// whoever reads afterwards knows which. Writes of several statements end in it
// only where the database did not come back to be asked.
var ErrUnknown = errors.New("the connection to the database was lost in the middle of a write")

// settleTime is how long settle tries again: a connection that is lost is lost
// at once, one to a database that does not answer takes all the time there is.
const settleTime = 5 * time.Second

// settle is Write for a Single write. Where its outcome is unknown, landed
// tells whether it took effect; where it did not, it runs again. Without landed
// it may run more than once: it then changes nothing that it has changed already.
func (s *Store) settle(ctx context.Context, mode Mode, fn func(Tx) error, landed func(Tx) error) error {
	for began := time.Now(); ; {
		err := s.db.Write(ctx, mode, fn)
		if !errors.Is(err, ErrUnknown) {
			return err
		}
		if time.Since(began) > settleTime {
			return err
		}
		if landed == nil {
			continue
		}
		switch e := s.db.Read(ctx, landed); {
		case e == nil:
			return nil
		case !errors.Is(e, errNoRow):
			return errors.Join(err, e)
		}
	}
}
