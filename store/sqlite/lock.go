package sqlite

import "os"

// lockFile locks the database at path for one server. The lock ends when it is
// closed, or with the process. It returns ErrInUse when another one has it.
//
// It is a file of its own: opening and closing the database's would end the
// locks that SQLite has on it (fcntl(2)).
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
