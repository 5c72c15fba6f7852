package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"usher/config"
	"usher/seal"
)

// secretKeys returns the keys that open what is sealed at rest; the first is
// secretKey's, and seals.
func secretKeys(c *config.Config) ([][]byte, error) {
	key, err := secretKey(c)
	if err != nil {
		return nil, err
	}
	secrets := append([][]byte{key}, c.Others()...)
	if err := seal.CheckKeys(secrets...); err != nil {
		return nil, fmt.Errorf("--other-secret-keys (USHER_OTHER_SECRET_KEYS): %w", err)
	}
	return secrets, nil
}

// newBox returns the box of a purpose under secretKeys.
func newBox(secrets [][]byte, purpose string) (*seal.Box, error) {
	return seal.New(secrets[0], purpose, secrets[1:]...)
}

// secretKey returns the key that seals what is secret at rest: the one in the
// settings, else the one in the data folder, which is made at first start and
// readable by its owner alone.
//
// A key that others can read, or that is not one, is refused; so is a missing
// one beside a database, because a new key would make everything that is
// sealed in it unreadable for good.
func secretKey(c *config.Config) ([]byte, error) {
	path := c.InData("secret.key")
	kept, err := readKey(path)
	given := c.Key()
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, dataDirError(err)
	case given != nil && kept != nil && !bytes.Equal(given, kept):
		return nil, fmt.Errorf("USHER_SECRET_KEY is not the key in %s; only one of them opens what the database holds sealed: remove the other", path)
	case given != nil:
		return given, nil
	case kept != nil:
		return kept, nil
	}
	if c.Postgres() {
		return nil, useError("USHER_SECRET_KEY must be given with postgres://") // Validate said so
	}
	if info, err := os.Stat(c.SQLitePath()); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		return nil, fmt.Errorf("the secret key %s is missing, but there is a database at %s: "+
			"what it holds sealed can be opened with that key alone; restore the file or set USHER_SECRET_KEY", path, c.SQLitePath())
	}
	key := make([]byte, seal.KeySize)
	rand.Read(key) // never fails (crypto/rand since Go 1.24)
	if err := keepKey(path, key); err != nil {
		return nil, dataDirError(err)
	}
	return key, nil
}

// dataDirError names the setting that a folder or file is where it is by.
func dataDirError(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("--data-dir (USHER_DATA_DIR): %w", err)
	}
	return err
}

// keepKey writes a fresh key. It never replaces one, so that of two servers
// that start at the same time one fails instead of losing its key.
func keepKey(path string, key []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncFolder(dir)
}

// readKey returns fs.ErrNotExist where there is no file.
func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// Windows keeps permissions elsewhere.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the secret key %s can be read by others than its owner (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != seal.KeySize {
		return nil, fmt.Errorf("the secret key %s is damaged: it should be %d bytes in base64", path, seal.KeySize)
	}
	return key, nil
}
