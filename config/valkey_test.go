package config_test

import (
	"strings"
	"testing"

	"usher/config"
)

func TestCheckValkey(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"valkey://localhost", "redis://localhost:6379/0", "rediss://user:p%40ss@valkey.example.com:6380/15", "valkeys://:secret@[::1]:6379",
		"unix:///run/valkey/valkey.sock", "unix://user:secret@/run/valkey.sock?db=3",
	} {
		if problem := config.CheckValkey(address); problem != "" {
			t.Errorf("%s: %s", address, problem)
		}
	}
	for _, address := range []string{
		"localhost:6379", "http://localhost", "valkey://", "valkey:localhost", "valkey://localhost/x", "valkey://localhost/-1", "valkey://localhost/0/1",
		"valkey://localhost/70000", "redis://localhost?db=1", "valkey://a@b@localhost", "valkey://user:sec#ret@localhost", "valkey://:sec/ret@localhost",
		"unix://run/valkey.sock", "unix:///run/valkey.sock?db=x", "unix:///run/valkey.sock?password=secret", "valkey://local host",
	} {
		problem := config.CheckValkey(address)
		if problem == "" {
			t.Errorf("%s: no problem", address)
		}
		if strings.Contains(problem, "ret@") || strings.Contains(problem, "70000") {
			t.Errorf("%s: repeated in %q", address, problem)
		}
	}
}
