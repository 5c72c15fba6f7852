//go:build unix

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// lockFile locks the file for this process until it is closed or the process
// ends. It returns ErrInUse when another one has it.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrInUse
	}
	return err
}
