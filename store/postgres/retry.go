package postgres

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"usher/store/sqlstore"
)

// unconnectedError is returned where there was no connection to run anything
// on.
type unconnectedError struct{ err error }

func (e *unconnectedError) Error() string { return "no connection to the database: " + e.err.Error() }
func (e *unconnectedError) Unwrap() error { return e.err }

// mostAttempts is how often something is run that fails with the error. It is
// never one after which the effect may be there.
func mostAttempts(err error) int {
	if errors.Is(err, sqlstore.ErrUnknown) {
		return 1
	}
	if _, ok := errors.AsType[*unconnectedError](err); ok {
		if errors.Is(err, context.DeadlineExceeded) {
			return 1 // all are in use, or the network is silent: it has been waited for
		}
		return attempts
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "40001", "40P01": // serialization_failure, deadlock_detected
			return attempts
		case "23505", "23503": // unique_violation, foreign_key_violation
			// Somebody else was first. Run again, it is told from what there is
			// now, in the words of the contract.
			return 2
		case "57P01", "57P02", "57P03": // admin_shutdown, crash_shutdown, cannot_connect_now
			return attempts
		}
		return 1
	}
	if lost(err) {
		return attempts
	}
	return 1
}

// lost tells whether the error is that of a broken connection.
func lost(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	var network net.Error
	return pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, net.ErrClosed) || errors.As(err, &network)
}
