package openid

import (
	"testing"

	"usher/executor/executortest"
)

// BenchmarkDeparture is what the start of a step costs beside storing it.
func BenchmarkDeparture(b *testing.B) {
	k := newKit(b, "OpenIDConnectExecutor")
	k.depart()
	run, stage := executortest.MustBind(b, k.executor, nil), executortest.Stage{}
	for b.Loop() {
		if _, _, err := executortest.Do(b.Context(), run, stage, executortest.Request{Flow: k.flow}); err != nil {
			b.Fatal(err)
		}
	}
}
