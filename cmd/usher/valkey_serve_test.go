//go:build valkey && !postgres

package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"usher/config"
	"usher/flow"
	"usher/store/valkey/valkeytest"
	"usher/telemetry"
)

// TestServeWithValkey opens what the server keeps things in as the settings say:
// it is watched, and no server is ready without it.
func TestServeWithValkey(t *testing.T) {
	t.Parallel()
	server := valkeytest.Start(t, "--appendonly", "no", "--save", "")
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, nil))
	c := &config.Config{DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "usher.db"), ValkeyURL: server.Address()}
	watch := eyes{metrics: telemetry.NewMetrics("test"), log: log}
	database, st, err := serveStore(t.Context(), c, log, watch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(lines.String(), "append-only file") {
		t.Errorf("nobody is told that Valkey keeps nothing: %s", &lines)
	}
	x := &flow.Execution{Tenant: "t", ID: "x", Flow: flow.Registration, Expires: someTime.Add(time.Minute)}
	if err := st.CreateExecution(t.Context(), x, nil, false); err != nil {
		t.Fatal(err)
	}
	if _, err := database.LeaseExecution(t.Context(), "t", "x", someTime, someTime); err == nil {
		t.Error("the execution is in the database")
	}
	if _, err := st.LeaseExecution(t.Context(), "t", "x", someTime, someTime); err != nil {
		t.Error(err)
	}
	o := (&ops{ping: st.Ping, log: log}).handler(watch.metrics.Registry)
	look := func(path string) (int, string) {
		w := httptest.NewRecorder()
		o.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		return w.Code, w.Body.String()
	}
	if status, body := look("/readyz"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if _, body := look("/metrics"); !strings.Contains(body, `usher_valkey_seconds_count{outcome="ok",script="create"} 1`) {
		t.Errorf("no metrics in %s", body)
	}
	server.Kill(t)
	if status, _ := look("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready without Valkey: %d", status)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := serveStore(t.Context(), c, log, watch, nil); err == nil || !strings.Contains(err.Error(), "USHER_VALKEY_URL") {
		t.Errorf("started without Valkey: %v", err)
	}
}

// someTime is when an execution is begun; another than that of this machine.
var someTime = time.Date(2026, 3, 29, 1, 59, 59, 0, time.UTC)
