package engine

import (
	"context"
	"testing"

	"usher/flow"
)

// linkFlow is a page on which a link can be opened, beside a button that has
// nothing to do with it, and a page behind it.
const linkFlow = `{"flowType": "REGISTRATION", "steps": [
	{"id": "first", "type": "VIEW", "data": {"components": [{"id": "f", "category": "BLOCK", "type": "FORM", "components": [
		{"id": "mail", "category": "ACTION", "type": "BUTTON", "action": {"type": "EXECUTOR", "executor": {"name": "LinkExecutor"}, "next": "second"}},
		{"id": "skip", "category": "ACTION", "type": "BUTTON", "action": {"type": "NEXT", "next": "second"}}
	]}]}},
	{"id": "second", "type": "VIEW", "data": {"components": [
		{"id": "go", "category": "ACTION", "type": "BUTTON", "action": {"type": "NEXT", "next": "END"}}
	]}}]}`

// newLinkKit is a kit with an executor that tells the link's flow id and takes
// the token "right".
func newLinkKit(t *testing.T, link *string) *kit {
	t.Helper()
	k := newKit(t, linkFlow)
	k.Compiler.Executors["LinkExecutor"] = flow.Define(flow.Executor{
		Name: "LinkExecutor", Fields: []flow.Field{{Identifier: flow.MagicToken, Secret: true}},
	}, struct{}{}, func(_ context.Context, turn *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
		if turn.Values[flow.MagicToken] == "right" {
			return flow.Continue{}, nil
		}
		*link = turn.NewLink()
		return flow.Ask{Required: []string{flow.MagicToken}}, nil
	})
	return k
}

func TestLinkReachesOnlyItsOwnAction(t *testing.T) {
	t.Parallel()
	var link string
	k := newLinkKit(t, &link)
	id := k.start().FlowID
	k.send(id, "mail")

	k.refused(CodeUnknownExecution, Request{FlowID: link, Action: "skip"})
	k.refused(CodeUnknownExecution, Request{FlowID: link[:len(link)-2] + "AA", Action: "mail"})
	if resp := k.send(link, "", flow.MagicToken, "right"); resp.FlowID != link {
		t.Errorf("the answer calls the execution %s, not as the request did", resp.FlowID)
	}
	if resp := k.send(link, "go"); !resp.Complete {
		t.Errorf("the link that was let through does not go on: %+v", resp)
	}
}

func TestLinkDoesNotFollowTheFirstBrowser(t *testing.T) {
	t.Parallel()
	var link string
	k := newLinkKit(t, &link)
	id := k.start().FlowID
	k.send(id, "mail")
	k.send(id, "", flow.MagicToken, "right")
	k.refused(CodeUnknownExecution, Request{FlowID: link, Action: "go"})
	if resp := k.send(id, "go"); !resp.Complete {
		t.Errorf("the first browser does not go on: %+v", resp)
	}
}

// What other parties are told of an execution is the same at each of its steps,
// another for each execution, and good for nothing here.
func TestCorrelation(t *testing.T) {
	t.Parallel()
	var seen []string
	k := newKit(t, `{"flowType": "REGISTRATION", "steps": [
		{"id": "one", "type": "EXECUTION", "data": {"action": {"type": "EXECUTOR", "executor": {"name": "OneExecutor"}, "next": "page"}}},
		{"id": "page", "type": "VIEW", "data": {"components": [{"id": "f", "type": "FORM", "components": [
			{"id": "go", "type": "BUTTON", "action": {"type": "EXECUTOR", "executor": {"name": "TwoExecutor"}, "next": "page"}},
			{"id": "done", "type": "BUTTON", "action": {"type": "NEXT", "next": "END"}}]}]}}]}`)
	for _, name := range []string{"OneExecutor", "TwoExecutor"} {
		k.Compiler.Executors[name] = flow.Define(flow.Executor{Name: name}, struct{}{}, func(_ context.Context, turn *flow.Turn[struct{}, struct{}]) (flow.Result, error) {
			seen = append(seen, turn.Correlation())
			if got := turn.Header("X-Risk"); got != "low" {
				t.Errorf("the client's header is %q", got)
			}
			return flow.Continue{}, nil
		})
	}
	header := func(name string) string { return map[string]string{"X-Risk": "low"}[name] }
	for range 2 {
		id := k.must(Request{Type: flow.Registration, Header: header}).FlowID
		k.must(Request{FlowID: id, Action: "go", Header: header})
	}
	if len(seen) != 4 || seen[0] != seen[1] || seen[2] != seen[3] || seen[0] == seen[2] {
		t.Fatalf("told %q", seen)
	}
	k.refused(CodeUnknownExecution, Request{FlowID: seen[0], Action: "go"})
}
