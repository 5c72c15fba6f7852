package engine

import (
	"testing"

	"usher/flow"
)

// A claim may be deleted after a flow that asks for it was published. The flow
// still runs, and the input can be left empty.
func TestDeletedClaimDoesNotStopAVersion(t *testing.T) {
	t.Parallel()
	document := `{"flowType": "REGISTRATION", "steps": [{"id": "page", "type": "VIEW", "data": {"components": [
		{"id": "f", "category": "BLOCK", "type": "FORM", "components": [
			{"id": "e", "category": "FIELD", "type": "INPUT", "variant": "TEXT", "config": {"identifier": "` + flow.ClaimPrefix + `deleted"}},
			{"id": "go", "category": "ACTION", "type": "BUTTON", "action": {"type": "NEXT", "next": "END"}}
		]}]}}]}`
	k := newKit(t, document)
	d, err := flow.ParseDefinition([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Compiler.Compile(d, attributes{}.Canonical); err == nil {
		t.Fatal("an unknown claim may be published")
	}
	if resp := k.send(k.start().FlowID, "go", "e", ""); !resp.Complete {
		t.Errorf("the version does not run to its end: %+v", resp)
	}
}
