package engine

import "usher/flow"

// What a definition may have at most, so that a hostile one costs little.
const (
	maxSteps      = 256
	maxComponents = 4096 // of all pages
	maxNesting    = 16   // of components
)

// checkSize returns the one problem of a definition that is too large to look
// at any closer, nil when it is not.
func checkSize(d *flow.Definition) flow.Problems {
	b := &builder{}
	if len(d.Steps) > maxSteps {
		b.report("FM-10012", "", "", "the flow has %d steps; it may have %d", len(d.Steps), maxSteps)
		return b.problems
	}
	left := maxComponents
	for i := range d.Steps {
		s := &d.Steps[i]
		if s.Data == nil {
			continue
		}
		if left -= count(s.Data.Components, left, maxNesting); left < 0 {
			b.report("FM-10012", s.ID, "", "the flow has more than %d components, or they nest deeper than %d", maxComponents, maxNesting)
			return b.problems
		}
	}
	return nil
}

// count returns how many components there are, or a number above limit when
// there are more than that or they nest deeper than depth.
func count(components []flow.Component, limit, depth int) int {
	n := len(components)
	if n > 0 && depth == 0 {
		return limit + 1
	}
	for i := 0; i < len(components) && n <= limit; i++ {
		n += count(components[i].Components, limit-n, depth-1)
	}
	return n
}
