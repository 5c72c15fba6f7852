package main

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"

	"usher/config"
	"usher/seal"
)

// What is refused is in testdata/cli/serve.txtar.

func TestSecretKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	c := &config.Config{DataDir: filepath.Join(t.TempDir(), "data"), DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "usher.db")}
	made, err := secretKey(c)
	if err != nil || len(made) != seal.KeySize {
		t.Fatalf("%d bytes, %v", len(made), err)
	}
	again, err := secretKey(c)
	if err != nil || !bytes.Equal(made, again) {
		t.Errorf("another key the second time, %v", err)
	}
}

func TestSecretKeyOfTheSettingsIsNotKept(t *testing.T) {
	t.Parallel()
	c := &config.Config{DataDir: t.TempDir(), SecretKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	key, err := secretKey(c)
	if err != nil || !bytes.Equal(key, make([]byte, seal.KeySize)) {
		t.Fatalf("%x, %v", key, err)
	}
	if _, err := readKey(c.InData("secret.key")); err == nil {
		t.Error("it was written to the data folder")
	}
}

// TestSecretKeyOfTwoServers holds that servers that start at the same time
// never work with different keys.
func TestSecretKeyOfTwoServers(t *testing.T) {
	t.Parallel()
	for range 20 {
		c := &config.Config{DataDir: t.TempDir(), DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "usher.db")}
		var keys [8][]byte
		var all sync.WaitGroup
		for i := range keys {
			all.Go(func() {
				if key, err := secretKey(c); err == nil {
					keys[i] = key
				}
			})
		}
		all.Wait()
		kept, err := readKey(c.InData("secret.key"))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if key != nil && !bytes.Equal(key, kept) {
				t.Fatal("a server works with a key that was not kept")
			}
		}
	}
}
