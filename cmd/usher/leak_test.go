package main

import (
	"fmt"
	"runtime"
	"testing"
)

// TestRefusalsLeaveNoGoroutine counts those of the process, so that no other
// test may run along with it.
func TestRefusalsLeaveNoGoroutine(t *testing.T) {
	j := newJourney(t)
	refuse := func() {
		id := j.execute(`{"flowType":"REGISTRATION"}`).FlowID
		if a := j.execute(fmt.Sprintf(`{"flowId":%q,"inputs":{"email":"ada@example.com","password":"short"}}`, id)); len(a.Data.Messages) == 0 {
			t.Fatalf("answer %+v", a)
		}
	}
	refuse() // what starts once has started
	before := runtime.NumGoroutine()
	for range 50 {
		refuse()
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines before 50 passwords were refused, %d after", before, after)
	}
}
