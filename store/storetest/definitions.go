package storetest

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"usher/flow"
	"usher/store"
)

var definitions = map[string]func(*testing.T, store.Store){
	"NoDefinition":              testNoDefinition,
	"PublishAndFind":            testPublishAndFind,
	"PublishTheSame":            testPublishTheSame,
	"PublishAnOldOne":           testPublishAnOldOne,
	"PublishTogether":           testPublishTogether,
	"VersionsStay":              testVersionsStay,
	"UpdateConfig":              testUpdateConfig,
	"UpdateConfigAtomic":        testUpdateConfigAtomic,
	"ConfigOutlivesPublication": testConfigOutlivesPublication,
}

func publish(t testing.TB, s store.Store, typ flow.Type, document string) int64 {
	t.Helper()
	n, err := s.PublishDefinition(t.Context(), &flow.Version{
		Tenant: tenant, Flow: typ, Document: []byte(document), Created: start,
	})
	must(t, err)
	return n
}

func live(t testing.TB, s store.Store, typ flow.Type) (int64, flow.Config) {
	t.Helper()
	n, config, err := s.LiveDefinition(t.Context(), tenant, typ)
	must(t, err)
	return n, config
}

func testNoDefinition(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "{}")
	for _, test := range []struct {
		tenant string
		typ    flow.Type
		number int64
	}{
		{tenant, flow.PasswordRecovery, 0},
		{tenant, flow.PasswordRecovery, 1},
		{tenant, flow.Registration, 2},
		{other, flow.Registration, 0},
		{other, flow.Registration, 1},
	} {
		_, err := s.FindDefinition(t.Context(), test.tenant, test.typ, test.number)
		wantError(t, err, flow.ErrNoDefinition)
		if test.number == 0 {
			_, _, err := s.LiveDefinition(t.Context(), test.tenant, test.typ)
			wantError(t, err, flow.ErrNoDefinition)
		}
	}
	// A config alone is no definition.
	_, err := s.UpdateConfig(t.Context(), tenant, flow.PasswordRecovery, func(c *flow.Config) { c.Enabled = true })
	must(t, err)
	_, _, err = s.LiveDefinition(t.Context(), tenant, flow.PasswordRecovery)
	wantError(t, err, flow.ErrNoDefinition)
}

func testPublishAndFind(t *testing.T, s store.Store) {
	document := " { \"a\": 1,\r\n\t\"ü\": \"\\u0000 \xf0\x9f\x99\x82\" } "
	n := publish(t, s, flow.Registration, document)
	want := &flow.Version{Tenant: tenant, Flow: flow.Registration, Number: n, Document: []byte(document), Created: start}
	for _, number := range []int64{n, 0} {
		got, err := s.FindDefinition(t.Context(), tenant, flow.Registration, number)
		must(t, err)
		equal(t, got, want)
	}
	number, config := live(t, s, flow.Registration)
	equal(t, number, n)
	equal(t, config, flow.Config{Tenant: tenant, Flow: flow.Registration})
}

func testPublishTheSame(t *testing.T, s store.Store) {
	first := publish(t, s, flow.Registration, "{}")
	equal(t, publish(t, s, flow.Registration, "{}"), first)
	second := publish(t, s, flow.Registration, "{ }")
	if second <= first {
		t.Errorf("version %d after %d", second, first)
	}
}

// testPublishAnOldOne: only the live document is recognised, so that going
// back to an earlier one is a publication like any other.
func testPublishAnOldOne(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "one")
	publish(t, s, flow.Registration, "two")
	third := publish(t, s, flow.Registration, "one")
	n, _ := live(t, s, flow.Registration)
	equal(t, n, third)
	v, err := s.FindDefinition(t.Context(), tenant, flow.Registration, 0)
	must(t, err)
	equal(t, string(v.Document), "one")
}

func testPublishTogether(t *testing.T, s store.Store) {
	numbers := make([]int64, 16)
	must(t, errors.Join(together(len(numbers), func(i int) (err error) {
		numbers[i], err = s.PublishDefinition(t.Context(), &flow.Version{
			Tenant: tenant, Flow: flow.Registration, Document: []byte(strconv.Itoa(i)), Created: start,
		})
		return err
	})...))
	for i, n := range numbers {
		v, err := s.FindDefinition(t.Context(), tenant, flow.Registration, n)
		must(t, err)
		equal(t, string(v.Document), strconv.Itoa(i))
	}
	n, _ := live(t, s, flow.Registration)
	equal(t, n, slices.Max(numbers))
}

func testVersionsStay(t *testing.T, s store.Store) {
	first := publish(t, s, flow.Registration, "one")
	publish(t, s, flow.Registration, "two")
	publish(t, s, flow.PasswordRecovery, "three")
	v, err := s.FindDefinition(t.Context(), tenant, flow.Registration, first)
	must(t, err)
	equal(t, string(v.Document), "one")
}

func testUpdateConfig(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "{}")
	want := flow.Config{
		Tenant: tenant, Flow: flow.Registration, Enabled: true, Life: 90 * time.Second,
		Settings: flow.Settings{VerifyEmail: true, LockOnCreation: true, AutoLogin: true, Notify: true, CompletionView: true},
	}
	got, err := s.UpdateConfig(t.Context(), tenant, flow.Registration, func(c *flow.Config) {
		equal(t, *c, flow.Config{Tenant: tenant, Flow: flow.Registration})
		c.Enabled, c.Settings, c.Life = want.Enabled, want.Settings, want.Life
		c.Tenant, c.Flow = other, flow.PasswordRecovery // not to be changed
	})
	must(t, err)
	equal(t, got, want)
	_, got = live(t, s, flow.Registration)
	equal(t, got, want)
}

func testUpdateConfigAtomic(t *testing.T, s store.Store) {
	publish(t, s, flow.Registration, "{}")
	must(t, errors.Join(together(30, func(int) error {
		_, err := s.UpdateConfig(t.Context(), tenant, flow.Registration, func(c *flow.Config) { c.Life += time.Second })
		return err
	})...))
	_, config := live(t, s, flow.Registration)
	equal(t, config.Life, 30*time.Second)
}

func testConfigOutlivesPublication(t *testing.T, s store.Store) {
	_, err := s.UpdateConfig(t.Context(), tenant, flow.Registration, func(c *flow.Config) { c.Enabled = true })
	must(t, err)
	publish(t, s, flow.Registration, "one")
	publish(t, s, flow.Registration, "two")
	_, config := live(t, s, flow.Registration)
	if !config.Enabled {
		t.Error("publishing switched the flow off")
	}
}
