//go:build valkey

package valkey_test

import (
	"testing"

	"usher/store"
	"usher/store/sqlite/sqlitetest"
	"usher/store/storetest"
	"usher/store/valkey/valkeytest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Store { return valkeytest.Over(t, sqlitetest.Open(t)) })
}
