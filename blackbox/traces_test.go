//go:build blackbox

package blackbox

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collected takes traces as a collector of OpenTelemetry does.
type collected struct {
	mu    sync.Mutex
	raw   bytes.Buffer
	spans []*trace.Span
}

func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	request := &collector.ExportTraceServiceRequest{}
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

// below returns the names of the spans under the one given, with their parents'.
func (c *collected) below(id []byte, path string) []string {
	var paths []string
	for _, s := range c.spans {
		if bytes.Equal(s.GetParentSpanId(), id) {
			name := path + " > " + s.GetName()
			paths = append(append(paths, name), c.below(s.GetSpanId(), name)...)
		}
	}
	return paths
}

// TestTraces: a request and a letter are followed down to the statements, none of a person's
// values are told, and what is left is delivered when the server stops.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := &collected{}
	server := httptest.NewServer(c)
	defer server.Close()
	s := launch(t, "USHER_TRACES_URL="+server.URL)
	const email, password = "traced.person@example.org", "Traced-Passw0rd-26"
	s.register(t, email, password).ok(t, "COMPLETE")
	s.execute(t, s.begin(t, "PASSWORD_RECOVERY").fill(t, email)).moved(t)
	s.awaitLetter(t, email, 1)
	s.stop(t)

	c.mu.Lock()
	defer c.mu.Unlock()
	const route, delivery = "POST /api/server/v1/flow/execute", "deliver"
	found := map[string]bool{}
	for _, span := range c.spans {
		if name := span.GetName(); (name == route || name == delivery) && len(span.GetParentSpanId()) == 0 {
			for _, path := range c.below(span.GetSpanId(), name) {
				found[path] = true
			}
		}
	}
	for _, path := range []string{
		route + " > PasswordProvisioningExecutor",
		route + " > UserProvisioningExecutor",
		route + " > UserProvisioningExecutor > write > INSERT",
		route + " > write > UPDATE",
		delivery + " > write > UPDATE",
	} {
		if !found[path] {
			t.Errorf("there is no %s", path)
		}
	}
	if t.Failed() {
		t.Logf("found %v", found)
	}
	for _, secret := range []string{email, strings.ToUpper(email), password, "traced.person", "127.0.0.1"} {
		if bytes.Contains(c.raw.Bytes(), []byte(secret)) {
			t.Errorf("the traces hold %q", secret)
		}
	}
}

// TestCollectorThatIsAway: traces are lost, and nothing else.
func TestCollectorThatIsAway(t *testing.T) {
	t.Parallel()
	s := launch(t, "USHER_TRACES_URL=http://127.0.0.1:1")
	s.register(t, "nobody@example.org", "Untraced-Passw0rd-26").ok(t, "COMPLETE")
	began := time.Now()
	code := s.stop(t)
	if took := time.Since(began); code != 0 || took > 15*time.Second {
		t.Errorf("stopping took %s and ended with %d", took, code)
	}
	if !strings.Contains(s.log(t), "traces cannot be delivered") {
		t.Error("the log does not say so")
	}
}
