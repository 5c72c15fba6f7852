package engine

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// newID returns the id of a new execution: a UUID of version 7 (RFC 9562,
// section 5.7) with 74 random bits. It begins with the time, so that
// executions that begin together lie together in the database's index, which
// halves what storing one costs. What it tells is when the flow was started,
// to the client that started it; the rest is too much to guess for something
// that lives for minutes.
func newID(now time.Time) string {
	var id uuid.UUID
	rand.Read(id[:]) // never fails (crypto/rand since Go 1.24)
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
