package connection

import (
	"errors"
	"strings"
)

var (
	// ErrNone is returned by Choose where no connection fits.
	ErrNone = errors.New("there is no enabled connection of this kind and name")
	// ErrSeveral is returned by Choose where the name is needed.
	ErrSeveral = errors.New("there are several enabled connections of this kind, so it must be named")
)

// Choose returns the connection that a use of the executor kind means by name:
// the enabled one of that kind and name, without regard to case, or with ""
// the only enabled one of the kind.
func Choose(list []Connection, kind, name string) (*Connection, error) {
	var found *Connection
	for i := range list {
		c := &list[i]
		if c.Kind != kind || !c.Enabled || name != "" && !strings.EqualFold(c.Name, name) {
			continue
		}
		if found != nil {
			return nil, ErrSeveral
		}
		found = c
	}
	if found == nil {
		return nil, ErrNone
	}
	return found, nil
}
