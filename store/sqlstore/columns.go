package sqlstore

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"usher/grant"
)

// encoder makes JSON for columns of text, and keeps the first error.
type encoder struct{ err error }

func (e *encoder) json(value any) string {
	text, err := json.Marshal(value)
	if e.err == nil {
		e.err = err
	}
	return string(text)
}

// column is JSON from a column of text, and where it goes.
type column struct {
	text string
	dest any
}

func decode(columns ...column) error {
	var errs []error
	for _, c := range columns {
		errs = append(errs, json.Unmarshal([]byte(c.text), c.dest))
	}
	return errors.Join(errs...)
}

// notNull keeps absent bytes out of columns that must have some.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// stored returns the time as the database returns it.
func stored(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// storedProofs returns a copy of the proofs as the database returns them.
func storedProofs(proofs []grant.Proof) []grant.Proof {
	if proofs == nil {
		return nil
	}
	list := make([]grant.Proof, len(proofs))
	for i, p := range proofs {
		p.At = stored(p.At)
		list[i] = p
	}
	return list
}

// storedParams returns a copy of the params as the database returns them.
func storedParams(p grant.Params) grant.Params {
	p.Scopes, p.ACR, p.NotBefore = slices.Clone(p.Scopes), slices.Clone(p.ACR), stored(p.NotBefore)
	return p
}
