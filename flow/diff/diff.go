package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Kind says what happened to something.
type Kind string

const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
	// Moved is a component that has another parent; Old and New are the paths.
	Moved Kind = "moved"
	// Reordered is a list whose steps or components stand in another order; Old
	// and New are the ids of those that both have.
	Reordered Kind = "reordered"
)

// Thing is what something happened to.
type Thing string

const (
	Step      Thing = "step"
	Component Thing = "component"
	Action    Thing = "action"   // or a property of one
	Property  Thing = "property" // of a step, a component or the definition
)

// Change is one difference.
type Change struct {
	Kind  Kind  `json:"kind"`
	Thing Thing `json:"thing"`
	// Path is a JSON Pointer (RFC 6901) in which steps and components go by
	// their ids, where these tell them apart, and not by their indexes:
	// /steps/ask/data/components/name/config/label. Of what was removed or
	// moved from it is the path it had, else the path it has.
	Path string `json:"path"`
	// StepID and ComponentID name where to look, "" for the definition itself.
	StepID      string `json:"stepId,omitempty"`
	ComponentID string `json:"componentId,omitempty"`
	// Old and New are the values; nil where there was, or is, none.
	Old json.RawMessage `json:"old,omitempty"`
	New json.RawMessage `json:"new,omitempty"`
}

// Diff is all that differs. What it says depends on the two definitions alone,
// its order as well: first the definition, then step by step as they stand in
// the new one, then what was removed.
type Diff struct {
	// Logic is what people who go through the flow may notice.
	Logic []Change `json:"logic"`
	// Layout is where the steps stand on the designer's canvas, and in the
	// list, if the first one is the same.
	Layout []Change `json:"layout"`
}

// Compare returns how one definition becomes another. Definitions that say the
// same give an empty Diff: the order of members, white space and ways to write
// a number or a string do not count, nor does an empty list of steps or
// components against none. Definitions that differ in more than people could
// read, 8 MiB of changes, give one change: that of the whole, whose path is "".
// The error is for what is no JSON object; it need not be a definition that
// can run.
func Compare(from, to []byte) (*Diff, error) {
	before, err := read(from)
	if err != nil {
		return nil, fmt.Errorf("the old definition: %w", err)
	}
	after, err := read(to)
	if err != nil {
		return nil, fmt.Errorf("the new definition: %w", err)
	}
	c := &comparison{before: before, after: after, diff: Diff{Logic: []Change{}, Layout: []Change{}}, left: maxSize}
	c.run()
	if c.left < 0 {
		whole := Change{Kind: Changed, Thing: Property, Old: encode(before.nodes[0].whole), New: encode(after.nodes[0].whole)}
		return &Diff{Logic: []Change{whole}, Layout: []Change{}}, nil
	}
	return &c.diff, nil
}

// maxSize bounds what is reported, in bytes: paths repeat what members are
// called, so that two hostile definitions differ in a thousand times their
// size.
const maxSize = 8 << 20

type comparison struct {
	before, after *tree
	diff          Diff
	left          int // of maxSize; negative when there was more
}

func (c *comparison) run() {
	c.values(place{node: c.after.nodes[0]}, c.before.nodes[0].value, c.after.nodes[0].value)
	c.order(c.before.nodes[0], c.after.nodes[0])
	for _, n := range c.after.nodes[1:] {
		old := c.before.find(n.key)
		switch {
		case old == nil && c.before.find(n.parent.key) == nil: // shown with its parent
			continue
		case old == nil:
			c.report(Change{Kind: Added, New: encode(n.whole)}, place{node: n})
			continue
		case old.parent.key != n.parent.key:
			c.report(Change{Kind: Moved, Old: encode(old.path()), New: encode(n.path())}, place{node: n})
		}
		c.values(place{node: n}, old.value, n.value)
		c.order(old, n)
	}
	for _, n := range c.before.nodes[1:] {
		if c.after.find(n.key) == nil && c.after.find(n.parent.key) != nil {
			c.report(Change{Kind: Removed, Old: encode(n.whole)}, place{node: n})
		}
	}
}

// order reports the children that both nodes have, if in another order.
func (c *comparison) order(before, after *node) {
	old, now := shared(before, after), shared(after, before)
	if slices.Equal(old, now) {
		return
	}
	p := place{node: after, names: after.list()}
	// Of the order of steps the engine asks which is the first, and no more.
	p.layout = after.parent == nil && first(before) == first(after)
	c.report(Change{Kind: Reordered, Old: encode(old), New: encode(now)}, p)
}

// first is the step that a flow may begin with because it is the first.
func first(definition *node) key {
	i := slices.IndexFunc(definition.children, func(n *node) bool { return n.id != "END" })
	return definition.children[max(i, 0)].key
}

// shared returns the ids of n's children that are also children of other.
func shared(n, other *node) []string {
	theirs := map[key]bool{}
	for _, child := range other.children {
		theirs[child.key] = true
	}
	ids := []string{}
	for _, child := range n.children {
		if child.named && theirs[child.key] {
			ids = append(ids, child.id)
		}
	}
	return ids
}

// place is a property of a node, or the node itself.
type place struct {
	node   *node
	names  []string // of members, from the node on
	layout bool
}

// in returns the member's place.
func (p place) in(member string) place {
	isLayout := len(p.names) == 0 && (p.node.thing == Step && (member == "position" || member == "size") || p.node.parent == nil && member == "viewport")
	return place{node: p.node, names: append(slices.Clip(p.names), member), layout: p.layout || isLayout}
}

// thing is what a value at the place is.
func (p place) thing() Thing {
	switch {
	case len(p.names) == 0:
		return p.node.thing
	case p.node.thing == Step && len(p.names) > 1 && p.names[0] == "data" && p.names[1] == "action",
		p.node.thing == Component && p.names[0] == "action":
		return Action
	}
	return Property
}

// maxDepth is how deep values are taken apart; what lies deeper is compared as
// a whole.
const maxDepth = 64

// values reports how the value of a place differs, at the deepest members that
// do.
func (c *comparison) values(p place, before, after any) {
	old, wasObject := before.(map[string]any)
	now, isObject := after.(map[string]any)
	if !wasObject || !isObject || len(p.names) >= maxDepth {
		if !equal(before, after) {
			c.report(Change{Kind: Changed, Old: encode(before), New: encode(after)}, p)
		}
		return
	}
	names := slices.Collect(maps.Keys(now))
	for name := range old {
		if _, ok := now[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		was, had := old[name]
		is, has := now[name]
		switch {
		case !had:
			c.report(Change{Kind: Added, New: encode(is)}, p.in(name))
		case !has:
			c.report(Change{Kind: Removed, Old: encode(was)}, p.in(name))
		default:
			c.values(p.in(name), was, is)
		}
	}
}

func (c *comparison) report(change Change, p place) {
	if c.left < 0 {
		return
	}
	change.Thing = p.thing()
	path := []string{p.node.path()}
	for _, name := range p.names {
		path = append(path, escape(name))
	}
	change.Path, change.StepID, change.ComponentID = strings.Join(path, "/"), p.node.stepID(), p.node.componentID()
	if c.left -= change.size(); c.left < 0 {
		return
	}
	if p.layout {
		c.diff.Layout = append(c.diff.Layout, change)
		return
	}
	c.diff.Logic = append(c.diff.Logic, change)
}

// size is about what the change takes on the wire.
func (c *Change) size() int {
	const names = 64 // of its members
	return names + len(c.Path) + len(c.StepID) + len(c.ComponentID) + len(c.Old) + len(c.New)
}

// escape writes a member's name as a part of a JSON Pointer (RFC 6901, 3).
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// equal compares two values as JSON means them.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || decimal(string(a)) == decimal(string(b)))
	}
	return a == b
}

// decimal returns the one way to write a number that its value has: its digits
// without zeros at the ends, and an exponent. A number whose exponent nobody
// can mean stays as it is.
func decimal(number string) string {
	digits, negative := strings.CutPrefix(strings.ToLower(number), "-")
	digits, power, _ := strings.Cut(digits, "e")
	exponent := int64(0)
	if power != "" {
		var err error
		if exponent, err = strconv.ParseInt(power, 10, 32); err != nil {
			return number
		}
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= int64(len(fraction))
	digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return "0"
	}
	exponent += int64(len(digits) - len(trimmed))
	if negative {
		trimmed = "-" + trimmed
	}
	return trimmed + "e" + strconv.FormatInt(exponent, 10)
}
