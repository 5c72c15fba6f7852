package engine

import (
	"slices"

	"usher/flow"
)

// checkLinks finds the first step and reports steps that nothing leads to,
// that lead nowhere, or from which END cannot be reached.
func (b *builder) checkLinks() {
	g := b.graph
	entered := map[string]bool{}
	for i := range b.definition.Steps {
		id := b.definition.Steps[i].ID
		for _, a := range g.steps[id].actions {
			if a.next == "" {
				continue // reported where it stands, or an END
			}
			entered[a.next] = entered[a.next] || a.next != id
			if a.next != flow.EndID && g.steps[a.next] == nil {
				b.report("RFM-600009", id, a.id, "next %q is no step of the flow", a.next)
			}
		}
	}
	g.first = b.firstStep(entered)
	reached := g.reach(func(*action) bool { return true })
	for i := range b.definition.Steps {
		if id := b.definition.Steps[i].ID; !reached[id] && g.first != "" {
			b.report("RFM-60012", id, "", "no path leads from the first step %q to this one", g.first)
		}
	}
	if len(b.problems) == 0 {
		b.checkExit(reached)
		b.checkHops()
	}
}

// firstStep is the step no action leads to; where a loop leads back to every
// step, the first in the list. It is END only where there is no other.
func (b *builder) firstStep(entered map[string]bool) string {
	first := ""
	for i := range b.definition.Steps {
		switch id := b.definition.Steps[i].ID; {
		case id == flow.EndID:
		case !entered[id]:
			return id
		case first == "":
			first = id
		}
	}
	if first == "" && b.graph.steps[flow.EndID] != nil {
		return flow.EndID
	}
	return first
}

// reach returns the steps that can be reached from the first one over actions
// for which pass is true.
func (g *Graph) reach(pass func(*action) bool) map[string]bool {
	reached := map[string]bool{}
	todo := []string{g.first}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if reached[id] {
			continue
		}
		reached[id] = true
		if s := g.steps[id]; s != nil {
			for _, a := range s.actions {
				if a.next != "" && pass(a) {
					todo = append(todo, a.next)
				}
			}
		}
	}
	return reached
}

// checkExit reports steps from which no choice of actions leads to END.
func (b *builder) checkExit(reached map[string]bool) {
	ends := map[string]bool{flow.EndID: true}
	for grown := true; grown; {
		grown = false
		for id, s := range b.graph.steps {
			if !ends[id] && slices.ContainsFunc(s.actions, func(a *action) bool { return ends[a.next] }) {
				ends[id], grown = true, true
			}
		}
	}
	for i := range b.definition.Steps {
		if id := b.definition.Steps[i].ID; reached[id] && !ends[id] {
			b.report("RFM-60005", id, "", "no path leads from this step to END")
		}
	}
}

// checkHops reports a chain of steps without a page that one request could not
// pass through.
func (b *builder) checkHops() {
	for i := range b.definition.Steps {
		first := b.definition.Steps[i].ID
		id, hops := first, 1
		for s := b.graph.steps[id]; hops <= maxHops && s != nil && s.kind == flow.StepExecution; s = b.graph.steps[id] {
			id = s.actions[0].next
			hops++
		}
		if hops > maxHops {
			b.report("FM-10012", first, "", "more than %d steps follow each other without a page", maxHops)
			return
		}
	}
}

// checkPurpose reports what makes a flow of its type useless or unsafe.
func (b *builder) checkPurpose() {
	if b.definition.FlowType == flow.PasswordRecovery {
		b.checkRecovery()
	}
	if b.definition.FlowType == flow.Registration || b.graph.first == "" {
		return
	}
	// Over paths that never identify the person, nothing may be reached that
	// changes a user: else anybody could change anybody.
	unidentified := b.graph.reach(func(a *action) bool { return a.executor == nil || !a.executor.Identifies })
	for i := range b.definition.Steps {
		id := b.definition.Steps[i].ID
		if !unidentified[id] {
			continue
		}
		for _, a := range b.graph.steps[id].actions {
			if a.executor != nil && a.executor.NeedsIdentity {
				b.report("FM-10013", id, a.id, "%s can be reached without a step that proves who the person is", a.executor.Name)
			}
		}
	}
}

func (b *builder) checkRecovery() {
	identifies, resolves := false, false
	for _, s := range b.graph.steps {
		for _, a := range s.actions {
			identifies = identifies || a.executor != nil && a.executor.Identifies
		}
		for _, in := range s.inputs {
			resolves = resolves || b.names.canonical(in.identifier) == flow.ClaimUsername
		}
	}
	if !identifies {
		b.report("FM-10013", "", "", "a recovery flow needs an executor that proves who the person is, for example EmailOTPExecutor")
	}
	if !resolves {
		b.report("FM-10005", "", "", "a recovery flow needs an input %s", flow.ClaimUsername)
	}
}
