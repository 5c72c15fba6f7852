package sqlite

import (
	"errors"
	"os"
)

// fileLock is the lock of a database, held for one server.
type fileLock struct{ file *os.File }

// lockFile locks the database at path until the lock is closed or the process
// ends. It returns ErrInUse when another one has it.
//
// The lock is a file of its own: opening and closing the database's would end
// the locks that SQLite has on it (fcntl(2)).
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return &fileLock{f}, nil
}

// Close ends the lock, also where a process that is just being started has a
// copy of the open file.
func (l *fileLock) Close() error { return errors.Join(unlock(l.file), l.file.Close()) }
