package notify

import "errors"

// PermanentError wraps the error of a Sender, or of a Renderer, that trying
// again would not cure: an address that does not exist, a message refused for
// what it is. A fault of the server's configuration is not one, because the
// operator can cure it while the message waits.
type PermanentError struct{ Err error }

func (e *PermanentError) Error() string { return e.Err.Error() }
func (e *PermanentError) Unwrap() error { return e.Err }

// Permanent tells whether err is, or wraps, a PermanentError.
func Permanent(err error) bool {
	var permanent *PermanentError
	return errors.As(err, &permanent)
}
