package diff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
)

// tree is a definition taken apart into its steps and components.
type tree struct {
	nodes []*node // the definition itself, then each before its children
	byKey map[key]*node
}

// maxID is how long an id may be, in bytes, for its node to go by it: paths and
// keys repeat it.
const maxID = 255

// key finds a node in another definition: by its id, where it has one that no
// other of its kind has, and that is not too long; else by where it stands.
type key struct {
	thing Thing
	named bool
	id    string
}

// node is a definition, a step or a component.
type node struct {
	key
	parent   *node
	children []*node
	index    int
	// whole is its value, and value the same without its children.
	whole, value any
}

func (t *tree) find(k key) *node { return t.byKey[k] }

// read takes a definition apart.
func read(document []byte) (*tree, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var whole map[string]any
	if err := d.Decode(&whole); err != nil {
		return nil, err
	}
	if whole == nil {
		return nil, errors.New("null")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	root := &node{key: key{thing: Property}, whole: whole}
	t := &tree{nodes: []*node{root}, byKey: map[key]*node{}}
	uses := map[key]int{}
	t.split(root, uses)
	for _, n := range t.nodes {
		if n.named && uses[n.key] > 1 {
			n.named = false
		}
		if !n.named && n.parent != nil {
			// Its parent comes before it, and has its final key.
			n.id = n.parent.place() + strconv.Itoa(n.index)
		}
		t.byKey[n.key] = n
	}
	return t, nil
}

// place is a name for the node that no other of its tree has. It grows with
// the depth by a few characters only, however hostile the ids.
func (n *node) place() string {
	return fmt.Sprintf("%s %t %d:%s/", n.thing, n.named, len(n.id), n.id)
}

// split gives the node its children.
func (t *tree) split(n *node, uses map[key]int) {
	value, list := n.without()
	n.value = value
	thing := Component
	if n.parent == nil {
		thing = Step
	}
	for i, whole := range list {
		child := &node{key: key{thing: thing}, parent: n, index: i, whole: whole}
		if object, ok := whole.(map[string]any); ok {
			if id, _ := object["id"].(string); id != "" && len(id) <= maxID {
				child.id, child.named = id, true
				uses[child.key]++
			}
		}
		n.children = append(n.children, child)
		t.nodes = append(t.nodes, child)
		t.split(child, uses)
	}
}

// without returns the node's value without the list of its children, and the
// list.
func (n *node) without() (value any, list []any) {
	object, ok := n.whole.(map[string]any)
	if !ok {
		return n.whole, nil
	}
	switch {
	case n.parent == nil:
		return cut(object, "steps")
	case n.thing == Component:
		return cut(object, "components")
	}
	data, ok := object["data"].(map[string]any)
	if !ok {
		return object, nil
	}
	rest, list := cut(data, "components")
	if list == nil {
		return object, nil
	}
	object = maps.Clone(object)
	object["data"] = rest
	return object, list
}

// cut returns the object without its member, where that is a list.
func cut(object map[string]any, member string) (rest map[string]any, list []any) {
	list, ok := object[member].([]any)
	if !ok {
		return object, nil
	}
	rest = maps.Clone(object)
	delete(rest, member)
	return rest, list
}

// list names the members that lead from the node to its children.
func (n *node) list() []string {
	switch {
	case n.parent == nil:
		return []string{"steps"}
	case n.thing == Step:
		return []string{"data", "components"}
	}
	return []string{"components"}
}

// path is the JSON Pointer to the node.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	name := strconv.Itoa(n.index)
	if n.named {
		name = escape(n.id)
	}
	return n.parent.path() + "/" + strings.Join(n.parent.list(), "/") + "/" + name
}

// stepID is the id of the step that the node is, or stands on.
func (n *node) stepID() string {
	for ; n != nil; n = n.parent {
		if n.thing == Step && n.named {
			return n.id
		}
	}
	return ""
}

func (n *node) componentID() string {
	if n.thing == Component && n.named {
		return n.id
	}
	return ""
}

// encode writes a value that was read.
func encode(value any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // what was JSON is JSON
	}
	return bytes.TrimSpace(b.Bytes())
}
