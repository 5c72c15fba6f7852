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
// the enabled one of that kind with this ID or, without regard to case, this
// name, or with "" the only enabled one of the kind. An ID is stronger than a
// name.
func Choose(list []Connection, kind, name string) (*Connection, error) {
	var found *Connection
	several := false
	for i := range list {
		c := &list[i]
		switch {
		case c.Kind != kind || !c.Enabled:
		case c.ID == name:
			return c, nil
		case name == "" || strings.EqualFold(c.Name, name):
			several = found != nil
			found = c
		}
	}
	switch {
	case found == nil:
		return nil, ErrNone
	case several:
		return nil, ErrSeveral
	}
	return found, nil
}
